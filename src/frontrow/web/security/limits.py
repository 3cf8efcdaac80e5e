"""How much a request may send, and how slowly."""

from __future__ import annotations

import asyncio
import time
from typing import Final

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from frontrow.web.security.refusal import refuse

BODY_BYTES: Final = 1_000_000
"""Most bytes of a request, except of an upload."""

UPLOADS: Final = "/v1/uploads"
PATIENCE_SECONDS: Final = 20.0
"""So long nothing need arrive."""

BYTES_A_SECOND: Final = 1_000
"""Slower than this, after `PATIENCE_SECONDS`, a request is ended: somebody holds the line."""


class BodyTooLarge(HTTPException):
    """More was sent than is taken."""

    def __init__(self, limit: int) -> None:
        super().__init__(413, f"More than {limit / 1e6:,.0f} MB were sent, which is the most that is taken here.")


class TooSlow(HTTPException):
    """The request did not arrive in time."""

    def __init__(self) -> None:
        super().__init__(
            408, "The request arrived too slowly. Send it again over a better line.", {"Connection": "close"}
        )


class Limits:
    """ASGI middleware that ends requests which send too much, or too slowly."""

    def __init__(
        self, app: ASGIApp, *, upload_bytes: int, body_bytes: int = BODY_BYTES, patience: float = PATIENCE_SECONDS
    ) -> None:
        """Put it around an application.

        Args:
            app: Answers what is let through.
            upload_bytes: Most bytes of an upload.
            body_bytes: Most bytes of any other request.
            patience: Seconds in which nothing need arrive.
        """
        self._app = app
        self._upload_bytes = upload_bytes
        self._body_bytes = body_bytes
        self._patience = patience

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        is_upload = scope["method"] == "PUT" and scope["path"] == UPLOADS
        limit = self._upload_bytes if is_upload else self._body_bytes
        length = Headers(scope=scope).get("content-length", "0")
        if length.isascii() and length.isdigit() and int(length) > limit:
            # the client would go on sending, so the line is closed
            detail = BodyTooLarge(limit).detail
            await refuse(scope, 413, "content-too-large", detail, {"Connection": "close"})(scope, receive, send)
            return
        await self._app(scope, _Body(receive, limit, self._patience).receive, send)


class _Body:
    """The body of one request as it arrives."""

    def __init__(self, receive: Receive, limit: int, patience: float) -> None:
        self._receive = receive
        self._limit = limit
        self._patience = patience
        self._begin = time.monotonic()
        self._bytes = 0
        self._is_complete = False

    async def receive(self) -> Message:
        if self._is_complete:
            # what comes now is the end of the connection, which may take any time
            return await self._receive()
        waited = time.monotonic() - self._begin
        left = self._patience + self._bytes / BYTES_A_SECOND - waited
        try:
            async with asyncio.timeout(max(0.0, min(left, self._patience))):
                message = await self._receive()
        except TimeoutError as error:
            raise TooSlow from error
        if message["type"] == "http.request":
            self._bytes += len(message.get("body", b""))
            self._is_complete = not message.get("more_body", False)
            if self._bytes > self._limit:
                raise BodyTooLarge(self._limit)
        return message
