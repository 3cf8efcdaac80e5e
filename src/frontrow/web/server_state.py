"""What the routes of one server share."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from fastapi import Request

from frontrow.web.security.attempts import Attempts
from frontrow.web.settings import ServeSettings
from frontrow.web.store.audit import AuditLog
from frontrow.web.store.database import Database
from frontrow.web.store.sessions import SessionStore
from frontrow.web.store.tokens import TokenStore


@dataclass(frozen=True)
class Server:
    """One server.

    Attributes:
        settings: What it was started with.
        database: What it keeps.
        jobs: Work that takes longer than an answer may.
        runner: Starts the jobs, and finds them again.
        tokens: Of people and programs.
        sessions: Of browsers.
        audit: Who took which addresses.
        attempts: Failed logins.
    """

    settings: ServeSettings
    database: Database
    jobs: Any
    runner: Any
    tokens: TokenStore
    sessions: SessionStore
    audit: AuditLog
    attempts: Attempts = field(default_factory=Attempts)

    @classmethod
    def open(cls, settings: ServeSettings) -> Server:
        """Open or make what a server keeps.

        Args:
            settings: What it is started with.
        """
        database = Database(settings.state)
        tokens = TokenStore(database)
        return cls(
            settings=settings,
            database=database,
            jobs=None,
            runner=None,
            tokens=tokens,
            sessions=SessionStore(database),
            audit=AuditLog(database),
        )


def get_server(request: Request) -> Server:
    """The server that a request was sent to: for `Annotated[Server, Depends(get_server)]`.

    Args:
        request: The request.
    """
    server: Server = request.app.state.server
    return server
