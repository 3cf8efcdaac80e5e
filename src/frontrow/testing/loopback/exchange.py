"""Requests, replies and faults of a loopback server."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import parse_qs


@dataclass(frozen=True)
class Request:
    """A request as it came.

    Attributes:
        method: Such as GET.
        path: Without what follows a question mark.
        query: What follows it, as text.
        headers: By name in lower case.
        body: What was sent.
        parts: What stands in the places of `{name}` in the route's path.
    """

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    parts: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def params(self) -> dict[str, str]:
        """The query's values by name; of a name that comes twice the last.

        Example:
            >>> Request("GET", "/orders", "page=2&status=any").params
            {'page': '2', 'status': 'any'}
        """
        return {name: values[-1] for name, values in parse_qs(self.query, keep_blank_values=True).items()}

    def json(self) -> Any:
        """The value that the body holds."""
        return json.loads(self.body)


@dataclass(frozen=True)
class Reply:
    """What a server answers.

    Attributes:
        body: Bytes as they are, or a value to be sent as JSON.
        status: Such as 200.
        headers: Beside length and type.
    """

    body: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)

    def content(self) -> bytes:
        """The bytes of the body."""
        if self.body is None:
            return b""
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()

    def all_headers(self) -> dict[str, str]:
        """The headers with the type of the body, unless they state one."""
        kind = "application/octet-stream" if isinstance(self.body, bytes) else "application/json"
        return {"Content-Type": kind, **self.headers}


Handler = Callable[[Request], Reply]
"""Answers the requests of one route."""


@dataclass
class Fault:
    """Something that goes wrong with the next requests that it fits.

    Attributes:
        status: Answer with this status instead of asking the route; None to let the route answer.
        body: Of that answer.
        headers: Of that answer, such as {"Retry-After": "2"}.
        cut_after: Cut the connection after so many bytes of the body; -1 before the first byte of the answer, once the
            route has done its work; None not at all.
        seconds: Wait so long before the answer.
        method: Only requests of this method; empty for all.
        path: Only requests to this path, as in a route; empty for all.
        skip: Let so many of them pass first.
        times: How many of them it strikes.
    """

    status: int | None = None
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    cut_after: int | None = None
    seconds: float = 0.0
    method: str = ""
    path: str = ""
    skip: int = 0
    times: int = 1

    def strikes(self, request: Request) -> bool:
        """Whether it strikes a request; counts those that it fits.

        Example:
            >>> fault = throttle(method="GET", skip=1)
            >>> [fault.strikes(Request("GET", "/orders")) for _ in range(3)]
            [False, True, False]
        """
        fits = self.method in ("", request.method) and (
            not self.path or match_path(self.path, request.path) is not None
        )
        if not fits or self.times <= 0:
            return False
        if self.skip > 0:
            self.skip -= 1
            return False
        self.times -= 1
        return True


def throttle(retry_after: str | None = "0", **where: Any) -> Fault:
    """Too many requests.

    Args:
        retry_after: What the server asks to wait; None to say nothing.
        **where: `method`, `path`, `skip` and `times` of the fault.
    """
    headers = {} if retry_after is None else {"Retry-After": retry_after}
    return Fault(status=429, body={"error": "too many requests"}, headers=headers, **where)


def match_path(route: str, path: str) -> dict[str, str] | None:
    """What stands in the places of `{name}`; None where a path is another one.

    Example:
        >>> match_path("/orders/{id}/refunds", "/orders/7/refunds"), match_path("/orders", "/products")
        ({'id': '7'}, None)
    """
    pieces = re.split(r"(\{\w+\})", route)
    pattern = "".join(f"(?P<{piece[1:-1]}>[^/]+)" if piece.startswith("{") else re.escape(piece) for piece in pieces)
    match = re.fullmatch(pattern, path)
    return None if match is None else match.groupdict()


def serve_bytes(request: Request, content: bytes, etag: str) -> Reply:
    """Answer with a file, or the rest of it where the request asks for a range of the same state.

    Args:
        request: What came.
        content: The whole file.
        etag: Of its state, with its quotation marks.

    Example:
        >>> request = Request("GET", "/file", headers={"range": "bytes=2-", "if-range": '"a"'})
        >>> reply = serve_bytes(request, b"12345", '"a"')
        >>> reply.status, reply.body, reply.headers["Content-Range"]
        (206, b'345', 'bytes 2-4/5')
    """
    headers = {"ETag": etag, "Accept-Ranges": "bytes"}
    match = re.fullmatch(r"bytes=(\d+)-", request.headers.get("range", ""))
    if match is None or request.headers.get("if-range", etag) != etag:
        return Reply(content, headers=headers)
    start = int(match[1])
    if start >= len(content):
        return Reply(b"", 416, headers | {"Content-Range": f"bytes */{len(content)}"})
    return Reply(content[start:], 206, headers | {"Content-Range": f"bytes {start}-{len(content) - 1}/{len(content)}"})
