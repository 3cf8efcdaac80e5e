"""Signing in and out: an address or a token is swapped for a cookie that no script can read."""

from __future__ import annotations

import hmac
from typing import Annotated, Final

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from frontrow.web.pages.access import AtServer
from frontrow.web.pages.drawing import render
from frontrow.web.security.identify import name_cookie
from frontrow.web.security.stranger import own_address
from frontrow.web.security.visitor import OWNER, get_visitor
from frontrow.web.server_state import Server
from frontrow.web.store.sessions import SESSION_DAYS
from frontrow.web.store.tokens import Token, digest_secret

WRONG_TOKEN: Final = "This is no token of this server. Copy the whole token, without spaces before or after it."
WRONG_ADDRESS: Final = "This address lets nobody in any more. Open the one that frontrow serve printed last."
TOO_MANY: Final = "There were too many attempts to sign in. Wait {minutes} and try again."

router = APIRouter(include_in_schema=False)


@router.get("/login")
def show_login(request: Request, next: str = "/") -> Response:
    """The page where a person pastes a token."""
    if get_visitor(request) is not None:
        return RedirectResponse(own_address(next), 303)
    return _ask(request, next=next)


@router.post("/login")
def sign_in(
    request: Request, server: AtServer, token: Annotated[str, Form()] = "", next: Annotated[str, Form()] = "/"
) -> Response:
    """Let in whoever has a token."""
    wait = server.attempts.seconds_to_wait(_client(request))
    if wait:
        return _ask_later(request, wait, next=next)
    holder = server.tokens.check(token.strip())
    if holder is None:
        server.attempts.record_failure(_client(request))
        return _ask(request, next=next, sentence=WRONG_TOKEN, status=403)
    return _let_in(request, server, holder, own_address(next))


@router.get("/enter")
def enter(request: Request, server: AtServer, token: str = "") -> Response:
    """Let in whoever opens the address that the server printed."""
    wait = server.attempts.seconds_to_wait(_client(request))
    if wait:
        return _ask_later(request, wait, next="/")
    if not server.opening_digest or not hmac.compare_digest(server.opening_digest, digest_secret(token)):
        server.attempts.record_failure(_client(request))
        return _ask(request, next="/", sentence=WRONG_ADDRESS, status=403)
    return _let_in(request, server, None, "/")


@router.post("/logout")
def sign_out(request: Request, server: AtServer) -> Response:
    """End the session, so that its cookie is worth nothing."""
    name = _cookie_name(request, server)
    session = request.cookies.get(name)
    if session:
        server.sessions.end(session)
    response = RedirectResponse("/login?note=signed_out", 303)
    response.delete_cookie(name, httponly=True, samesite="strict", secure=request.url.scheme == "https")
    return response


def _let_in(request: Request, server: Server, token: Token | None, address: str) -> Response:
    """Begin a session under a new id, whatever cookie the browser had before."""
    name = _cookie_name(request, server)
    earlier = request.cookies.get(name)
    if earlier:
        server.sessions.end(earlier)
    server.audit.record(OWNER.name if token is None else token.name, "signed in")
    response = RedirectResponse(address, 303)
    response.set_cookie(
        name,
        server.sessions.start(token),
        max_age=SESSION_DAYS * 24 * 3600,
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )
    return response


def _ask(request: Request, *, next: str, sentence: str = "", status: int = 200) -> Response:
    return render(request, "login.html", status=status, sentence=sentence, next=own_address(next), at="login")


def _ask_later(request: Request, wait: int, *, next: str) -> Response:
    minutes = -(-wait // 60)
    sentence = TOO_MANY.format(minutes="a minute" if minutes == 1 else f"{minutes} minutes")
    response = _ask(request, next=next, sentence=sentence, status=429)
    response.headers["Retry-After"] = str(wait)
    return response


def _client(request: Request) -> str:
    return request.client.host if request.client else ""


def _cookie_name(request: Request, server: Server) -> str:
    return name_cookie(server.settings.state, request.url.scheme)
