"""What the routes of one server share."""

from __future__ import annotations

from dataclasses import dataclass, field

from fastapi import Request

from frontrow.web.api.metrics import Metrics
from frontrow.web.jobs.runner import JobRunner
from frontrow.web.security.attempts import Attempts
from frontrow.web.serving.recommenders import Recommenders
from frontrow.web.settings import ServeSettings
from frontrow.web.store.audit import AuditLog
from frontrow.web.store.database import Database
from frontrow.web.store.idempotency import IdempotencyStore
from frontrow.web.store.jobs import JobStore
from frontrow.web.store.sessions import SessionStore
from frontrow.web.store.tokens import TokenStore, digest_secret


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
        idempotency: Answers to requests that are sent again.
        opening_digest: Of the token in the address that lets in whoever opens it; empty where there is none.
        attempts: Failed logins.
        metrics: What was counted since the start.
        recommenders: Those in memory.
    """

    settings: ServeSettings
    database: Database
    jobs: JobStore
    runner: JobRunner
    tokens: TokenStore
    sessions: SessionStore
    audit: AuditLog
    idempotency: IdempotencyStore
    opening_digest: str = ""
    attempts: Attempts = field(default_factory=Attempts)
    metrics: Metrics = field(default_factory=Metrics)
    recommenders: Recommenders = field(default_factory=Recommenders)

    @classmethod
    def open(cls, settings: ServeSettings, *, opening_token: str | None = None) -> Server:
        """Open or make what a server keeps.

        Args:
            settings: What it is started with.
            opening_token: Lets in whoever opens the address that has it.
        """
        database = Database(settings.state)
        jobs = JobStore(database, settings.waiting_jobs)
        tokens, sessions = TokenStore(database), SessionStore(database)
        if settings.tokens_only:
            sessions.end_owners()
        return cls(
            settings=settings,
            database=database,
            jobs=jobs,
            runner=JobRunner(settings, jobs),
            tokens=tokens,
            sessions=sessions,
            audit=AuditLog(database),
            idempotency=IdempotencyStore(database),
            opening_digest="" if opening_token is None else digest_secret(opening_token),
        )


async def get_server(request: Request) -> Server:
    """The server that a request was sent to: for `Annotated[Server, Depends(get_server)]`.

    Args:
        request: The request.
    """
    # asynchronous, so that no request waits for a thread to hand it what is there already
    server: Server = request.app.state.server
    return server
