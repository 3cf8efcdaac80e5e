"""Every request counted by the pattern of its address, for the metrics."""

from __future__ import annotations

import time
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from frontrow.web.api.metrics import Metrics

OTHER: Final = "other"
"""The route of a request that none answers, such as one that was refused before."""


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
        begin, status = time.perf_counter(), 500

        async def send_and_note(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = int(message["status"])
            await send(message)

        try:
            await self._app(scope, receive, send_and_note)
        finally:
            route = str(getattr(scope.get("route"), "path", OTHER))
            self._metrics.count(scope["method"], route, status, time.perf_counter() - begin)
