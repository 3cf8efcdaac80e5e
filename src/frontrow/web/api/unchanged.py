"""Entity tags: an answer that a client has already is not sent again."""

from __future__ import annotations

import hashlib

from starlette.requests import Request
from starlette.responses import Response


def make_etag(*state: object) -> str:
    """The tag of an answer.

    Args:
        state: Everything that the answer depends on: the resource, its state, the format, the filters.

    Example:
        >>> make_etag("audience", "a1", 0) == make_etag("audience", "a1", 0)
        True
    """
    return f'"{hashlib.sha256(repr(state).encode()).hexdigest()[:32]}"'


def is_current(request: Request, etag: str) -> bool:
    """Whether the client has the answer with this tag, by the header `If-None-Match`.

    Args:
        request: The request.
        etag: Of the answer as it would be now.
    """
    header = request.headers.get("if-none-match")
    if header is None:
        return False
    tags = [tag.strip().removeprefix("W/") for tag in header.split(",")]
    return "*" in tags or etag in tags


def answer_unchanged(etag: str) -> Response:
    """The answer that says so, 304, without a body."""
    return Response(status_code=304, headers=cache_headers(etag))


def cache_headers(etag: str) -> dict[str, str]:
    """The headers of an answer with a tag: a program that has kept the answer asks by it whether it still holds."""
    return {"ETag": etag}
