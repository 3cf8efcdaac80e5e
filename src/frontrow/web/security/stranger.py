"""What somebody is answered who is not signed in."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

from starlette.datastructures import Headers
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.types import Scope

from frontrow.web.security.refusal import is_for_programs, refuse
from frontrow.web.security.visitor import LoginRequired

LOGIN: Final = "/login"

ASK_AGAIN: Final = """<!doctype html>
<html lang="en"><title>frontrow</title><meta http-equiv="refresh" content="0"><p>Opening frontrow ...</p></html>
"""
"""A browser sends no cookie where a link of another site leads here; it does when the page asks for itself again."""


def answer_stranger(scope: Scope) -> Response:
    """Send a program a 401, and a browser to the login and from there back.

    Args:
        scope: Of the request.
    """
    headers = Headers(scope=scope)
    if is_for_programs(scope):
        error = LoginRequired()
        return refuse(scope, error.status_code, "unauthorized", error.detail, error.headers)
    if headers.get("sec-fetch-site") == "cross-site" and headers.get("sec-fetch-mode") == "navigate":
        return HTMLResponse(ASK_AGAIN)
    if "hx-request" in headers:
        # a part of a page must not become the login
        return Response(status_code=401, headers={"HX-Redirect": LOGIN})
    if scope["method"] not in ("GET", "HEAD"):
        return RedirectResponse(LOGIN, 303)
    query = scope["query_string"].decode("ascii", "replace")
    address = scope["path"] + (f"?{query}" if query else "")
    return RedirectResponse(f"{LOGIN}?next={quote(address, safe='')}", 303)


def own_address(address: str) -> str:
    r"""An address of this server to go on to after the login; "/" for everything else.

    Example:
        >>> own_address("/shops/garden?page=2"), own_address("//evil.example"), own_address("https://evil.example")
        ('/shops/garden?page=2', '/', '/')
        >>> own_address("/\\evil.example")
        '/'
    """
    plain = address.isascii() and address.isprintable() and "\\" not in address
    return address if plain and address.startswith("/") and not address.startswith("//") else "/"
