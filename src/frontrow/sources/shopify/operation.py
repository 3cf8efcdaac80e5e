"""Bulk operations: a query that Shopify runs by itself, and whose answers come as one file."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from frontrow.errors import RemoteError
from frontrow.sources.shopify.admin import AdminApi
from frontrow.sources.shopify.file_check import FileCheck
from frontrow.sources.shopify.queries import OPERATION, RUN, UNFINISHED

RUNNING: Final = ("CREATED", "RUNNING", "CANCELING")
COMPLETED: Final = "COMPLETED"
FAILED: Final = "FAILED"
BUSY: Final = ("OPERATION_IN_PROGRESS", "LIMIT_REACHED")
"""Why no operation can start now: so many run already (December 2026: five of an app in a shop)."""


@dataclass(frozen=True)
class Started:
    """An operation that runs.

    Attributes:
        id: Shopify's.
        created_at: By Shopify's clock; what is changed later may not be in it.
    """

    id: str
    created_at: dt.datetime


@dataclass(frozen=True)
class Operation:
    """An operation as Shopify describes it.

    Attributes:
        status: Such as RUNNING or COMPLETED.
        error: Why it failed; empty where it did not.
        check: What its file must hold.
        url: Where the file is; None where it holds nothing.
    """

    status: str
    error: str
    check: FileCheck
    url: str | None


def start(api: AdminApi, query: str) -> Started | None:
    """Start an operation; None where too many run already.

    Args:
        api: The shop's.
        query: The bulk query.

    Raises:
        RemoteError: Shopify refuses the query.
    """
    payload = api.ask(RUN, {"query": query}).get("bulkOperationRunQuery") or {}
    errors = payload.get("userErrors") or []
    if any(error.get("code") in BUSY for error in errors):
        return None
    if errors or not payload.get("bulkOperation"):
        message = str(errors[0].get("message"))[:200] if errors else "it gives no reason"
        raise RemoteError(f"Shopify does not start a bulk operation: {message.rstrip('.')}. Run the command later.")
    return _read_started(payload["bulkOperation"])


def find_unfinished(api: AdminApi) -> dict[str, Started]:
    """The app's operations that run, by the text of their query: one may be of a sync that was killed."""
    nodes = (api.ask(UNFINISHED).get("bulkOperations") or {}).get("nodes") or []
    # Shopify names the newest first, which stays of equal ones
    return {node["query"]: _read_started(node) for node in reversed(nodes) if node.get("status") in RUNNING[:2]}


def look_up(api: AdminApi, operation_id: str) -> Operation | None:
    """Ask how far an operation is; None where Shopify does not know it any more."""
    node = api.ask(OPERATION, {"id": operation_id}).get("bulkOperation")
    if not node:
        return None
    size = node.get("fileSize")
    check = FileCheck(
        int(node.get("objectCount") or 0), int(node.get("rootObjectCount") or 0), None if size is None else int(size)
    )
    return Operation(str(node.get("status")), str(node.get("errorCode") or ""), check, node.get("url"))


def _read_started(node: Mapping[str, Any]) -> Started:
    try:
        return Started(str(node["id"]), dt.datetime.fromisoformat(str(node["createdAt"])))
    except (KeyError, ValueError):
        raise RemoteError("Shopify started a bulk operation and does not say which. Run the command later.") from None
