"""How a request is refused before any route sees it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus

from starlette.responses import PlainTextResponse, Response
from starlette.types import Scope

PROGRAMS = "/v1/"
"""Paths that begin with it are for programs: they are answered with a problem document, all others with a sentence."""


def is_for_programs(scope: Scope) -> bool:
    """Whether a request is one of the HTTP interface, not of a page."""
    return str(scope["path"]).startswith(PROGRAMS)


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
