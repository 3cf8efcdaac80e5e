"""Who sends a request: by the token of a program, or by the cookie of a browser."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

from starlette.datastructures import Headers
from starlette.requests import cookie_parser
from starlette.types import ASGIApp, Receive, Scope, Send

from frontrow.web.security.stranger import answer_stranger
from frontrow.web.security.visitor import OWNER, STATE, VISITOR, Visitor
from frontrow.web.store.sessions import SessionStore
from frontrow.web.store.tokens import Token, TokenStore

OPEN_PATHS: Final = frozenset({"/login", "/enter", "/healthz", "/readyz", "/metrics", "/favicon.ico"})
"""What anybody may ask for; `/metrics` looks itself at who asks."""

OPEN_FOLDER: Final = "/static/"


def name_cookie(state: Path, scheme: str) -> str:
    """The name of the session's cookie: a browser sends cookies to every port of a host, so each server has its own.

    Args:
        state: Folder of what the server keeps.
        scheme: With https, the name makes sure that the cookie was set over https, by this very host.
    """
    name = f"frontrow-{hashlib.sha256(str(state.resolve()).encode()).hexdigest()[:8]}"
    return f"__Host-{name}" if scheme == "https" else name


def read_bearer(headers: Headers) -> str | None:
    """The token that a program sent; None where it sent none."""
    kind, _, token = headers.get("authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" else None


def to_visitor(token: Token | None) -> Visitor:
    """The visitor who came in with a token; None is whoever opened the printed address."""
    return OWNER if token is None else Visitor(token.name, token.scopes)


class Identify:
    """ASGI middleware that finds out who sends a request, and answers nobody else but on the few open paths.

    What a visitor may do is for the routes to say (`require`); a route that forgot it still lets no stranger in.
    """

    def __init__(self, app: ASGIApp, *, state: Path, tokens: TokenStore, sessions: SessionStore) -> None:
        """Put it around an application.

        Args:
            app: Answers what is let through.
            state: Folder of what the server keeps.
            tokens: Of programs and people.
            sessions: Of browsers.
        """
        self._app = app
        self._cookies = {scheme: name_cookie(state, scheme) for scheme in ("http", "https")}
        self._tokens = tokens
        self._sessions = sessions

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "http":
            visitor = self._identify(scope)
            scope.setdefault(STATE, {})[VISITOR] = visitor
            if visitor is None and not _is_open(scope["path"]):
                await answer_stranger(scope)(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _identify(self, scope: Scope) -> Visitor | None:
        headers = Headers(scope=scope)
        bearer = read_bearer(headers)
        if bearer is not None:
            # a token that is wrong is never made good by a cookie
            token = self._tokens.check(bearer)
            return None if token is None else to_visitor(token)
        cookie = cookie_parser(headers.get("cookie", "")).get(self._cookies[scope["scheme"]])
        session = self._sessions.check(cookie) if cookie else None
        return None if session is None else to_visitor(session.token)


def _is_open(path: str) -> bool:
    return path in OPEN_PATHS or path.startswith(OPEN_FOLDER)
