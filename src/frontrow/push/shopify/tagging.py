"""Change tags of many customers by one bulk mutation: its variables are uploaded, and its answers come as a file."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

from frontrow.errors import RemoteError
from frontrow.push.platform import Client, JobLostError
from frontrow.push.shopify.documents import REMOVE_TAGS, RUN, STAGE, STAGED_FILE
from frontrow.sources.shopify.admin import AdminApi
from frontrow.sources.shopify.operation import BUSY, COMPLETED, RUNNING, look_up

WAIT: Final = 2.0
LONGEST_BUSY: Final = 3600.0


def start_tagging(api: AdminApi, client: Client, mutation: str, customers: Iterable[str], tags: Sequence[str]) -> str:
    """Start a bulk mutation; Shopify's id of the operation. Started again, it changes nothing further.

    Args:
        api: The shop's.
        client: Uploads the variables.
        mutation: Text of the mutation, which takes `id` and `tags`.
        customers: Shopify's ids.
        tags: Those to add or remove.

    Raises:
        RemoteError: Shopify refuses, or runs other operations for too long.
    """
    lines = [json.dumps({"id": customer, "tags": list(tags)}) for customer in customers]
    path = _upload(api, client, "".join(f"{line}\n" for line in lines).encode())
    waited = 0.0
    while True:
        payload = api.ask(RUN, {"mutation": mutation, "path": path}).get("bulkOperationRunMutation") or {}
        errors = payload.get("userErrors") or []
        if not any(error.get("code") in BUSY for error in errors):
            break
        if waited > LONGEST_BUSY:
            raise RemoteError(
                "Shopify runs other bulk operations of this app, and no further one can start. Run the command again "
                "when they have ended; it goes on where it was."
            )
        client.pause(WAIT)
        waited += WAIT
    if errors or not payload.get("bulkOperation"):
        raise RemoteError(
            "Shopify does not start the bulk mutation that sets tags. Has the token the scope write_customers? Run the "
            "command again; it goes on where it was."
        )
    return str(payload["bulkOperation"]["id"])


def read_tagged(api: AdminApi, operation_id: str) -> set[str] | None:
    """Shopify's ids of the customers whose tags a bulk mutation changed; None while it runs.

    Args:
        api: The shop's.
        operation_id: What `start_tagging` returned.

    Raises:
        JobLostError: The operation failed, or Shopify does not know it any more: it has to be started again.
    """
    operation = look_up(api, operation_id)
    if operation is None:
        raise JobLostError
    if operation.status in RUNNING:
        return None
    if operation.status != COMPLETED or operation.url is None:
        raise JobLostError
    with tempfile.TemporaryDirectory(prefix="frontrow-") as folder:
        file = Path(folder) / "answers.jsonl"
        api.client.download(operation.url, file)
        lines = file.read_bytes().splitlines()
    if len(lines) < operation.check.objects:
        raise JobLostError
    return {customer for line in lines if (customer := _read_line(line)) is not None}


def remove_tag(api: AdminApi, client: Client, customers: Iterable[str], tag: str) -> set[str]:
    """Remove a tag from customers, and wait until it is done; Shopify's ids of those who lost it.

    Args:
        api: The shop's.
        client: Uploads the variables.
        customers: Shopify's ids.
        tag: The tag.

    Raises:
        RemoteError: Shopify refuses, or the operation fails.
    """
    operation = start_tagging(api, client, REMOVE_TAGS, customers, [tag])
    try:
        while (changed := read_tagged(api, operation)) is None:
            client.pause(WAIT)
    except JobLostError:
        raise RemoteError("Shopify did not remove the tag from everybody. Run the command again.") from None
    return changed


def _upload(api: AdminApi, client: Client, content: bytes) -> str:
    """Bring the variables to the place that Shopify names; the path by which the mutation finds them."""
    payload = api.ask(STAGE, {"input": [STAGED_FILE]}).get("stagedUploadsCreate") or {}
    targets = payload.get("stagedTargets") or []
    if payload.get("userErrors") or not targets:
        raise RemoteError(
            "Shopify names no place for the tags of a batch. Has the token the scope write_customers? Run the command "
            "again; it goes on where it was."
        )
    fields = {str(item["name"]): str(item["value"]) for item in targets[0]["parameters"]}
    client.upload(str(targets[0]["url"]), fields, content)
    return fields["key"]


def _read_line(line: bytes) -> str | None:
    """The customer of a line of answers whose tags were changed."""
    try:
        data: dict[str, Any] = json.loads(line).get("data") or {}
    except (ValueError, AttributeError):
        return None
    for payload in data.values():
        if isinstance(payload, dict) and not payload.get("userErrors") and payload.get("node"):
            return str(payload["node"]["id"])
    return None
