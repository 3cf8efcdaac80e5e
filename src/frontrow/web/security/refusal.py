"""How a request is refused before any route sees it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from starlette.responses import PlainTextResponse, Response
from starlette.types import Scope

PROGRAMS: Final = "/v1/"
OTHERS: Final = frozenset({"/v1", "/openapi.json", "/healthz", "/readyz", "/metrics"})
"""Paths for programs, all below `PROGRAMS` and these: they get a problem document, others a sentence."""


def is_for_programs(scope: Scope) -> bool:
    """Whether a request is one of the HTTP interface, not of a page."""
    path = str(scope["path"])
    return path.startswith(PROGRAMS) or path in OTHERS


def refuse(scope: Scope, status: int, name: str, detail: str, headers: Mapping[str, str] | None = None) -> Response:
    """The answer to a request that goes no further.

    Args:
        scope: Of the request.
        status: HTTP status.
        name: The kind of problem, in small letters with hyphens.
        detail: What is wrong and what to do; it holds nothing of the request.
        headers: Further headers.
    """
    if not is_for_programs(scope):
        return PlainTextResponse(detail, status, headers)
    document = {
        "type": f"urn:frontrow:problem:{name}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
    }
    return Response(json.dumps(document), status, headers, "application/problem+json")
