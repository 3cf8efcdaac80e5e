"""What changes something must come from our own pages, or from a program with a token."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from frontrow.web.security.refusal import refuse

SAFE_METHODS: Final = ("GET", "HEAD", "OPTIONS")
OWN_SITES: Final = ("same-origin", "none")
"""What a browser says of a request from the same server's pages, and of one that a person typed."""


def comes_from_outside(method: str, scheme: str, headers: Headers) -> bool:
    """Whether a request would change something and may have been sent by somebody else's page.

    Args:
        method: Of the request.
        scheme: http or https.
        headers: Of the request.

    Example:
        >>> comes_from_outside("POST", "http", Headers({"sec-fetch-site": "cross-site"}))
        True
        >>> comes_from_outside("POST", "http", Headers({"authorization": "Bearer x"}))
        False
    """
    if method in SAFE_METHODS:
        return False
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site not in OWN_SITES
    origin = headers.get("origin")
    if origin is not None:
        parts = urlsplit(origin)
        return (parts.scheme, parts.netloc.lower()) != (scheme, headers.get("host", "").lower())
    # no browser sends neither; a program has a token, which no foreign page can add
    return "cookie" in headers or not headers.get("authorization", "").lower().startswith("bearer ")


class OwnPagesOnly:
    """ASGI middleware that refuses changes which a foreign page may have sent with a person's cookie."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "http" and comes_from_outside(scope["method"], scope["scheme"], Headers(scope=scope)):
            detail = (
                "This request did not come from a page of this server, so nothing was changed. Open the page again and "
                "repeat what you did there. A program sends its token as the header Authorization: Bearer TOKEN."
            )
            await refuse(scope, 403, "cross-site", detail)(scope, receive, send)
            return
        await self._app(scope, receive, send)
