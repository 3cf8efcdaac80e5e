"""Every request counted by the pattern of its address, for the metrics."""

from __future__ import annotations

import time
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from frontrow.web.api.metrics import Metrics

OTHER: Final = "other"
"""The route of a request that none answers, such as one that was refused before."""

FAILED: Final = 500
CLIENT_LEFT: Final = 499
"""Counted where nobody waited for the answer; the number that proxies use for it."""


class Count:
    """ASGI middleware that counts requests and how long they took."""

    def __init__(self, app: ASGIApp, *, metrics: Metrics) -> None:
        """Put it around an application.

        Args:
            app: Answers the requests.
            metrics: Counts them.
        """
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begin, status, has_begun = time.perf_counter(), FAILED, False

        async def send_and_note(message: Message) -> None:
            nonlocal status, has_begun
            if message["type"] == "http.response.start":
                status, has_begun = int(message["status"]), True
            await send(message)

        try:
            await self._app(scope, receive, send_and_note)
            if not has_begun:
                status = CLIENT_LEFT
        finally:
            route = str(getattr(scope.get("route"), "path", OTHER))
            self._metrics.count(scope["method"], route, status, time.perf_counter() - begin)
