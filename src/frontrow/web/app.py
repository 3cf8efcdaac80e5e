"""The application: every route of `api/routes` and `pages/routes`, and what every request must keep to."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from fastapi import FastAPI
from starlette.middleware import Middleware

import frontrow.web.api.routes
import frontrow.web.pages.routes
from frontrow.discovery import load_plugins
from frontrow.web.api.counting import Count
from frontrow.web.api.document import install_document
from frontrow.web.failures import Defects, add_failures
from frontrow.web.security.cross_site import OwnPagesOnly
from frontrow.web.security.headers import SafeHeaders
from frontrow.web.security.hosts import HostList, allowed_names
from frontrow.web.security.identify import Identify
from frontrow.web.security.limits import Limits
from frontrow.web.server_state import Server
from frontrow.web.settings import ServeSettings

MEGABYTE: Final = 1_000_000


def create_app(settings: ServeSettings, *, opening_token: str | None = None) -> FastAPI:
    """Make the application of one server; its runner of jobs lives as long as the application runs.

    Args:
        settings: What the server is started with.
        opening_token: Lets in whoever opens `/enter?token=` with it; None where people sign in with tokens alone.
    """
    server = Server.open(settings, opening_token=opening_token)
    app = FastAPI(
        title="frontrow",
        lifespan=_run_jobs,
        middleware=_layers(server),
        # the framework's own pages load their scripts from the network
        docs_url=None,
        redoc_url=None,
        # its own route of the document is open to anybody
        openapi_url=None,
    )
    app.state.server = server
    add_failures(app)
    for folder in (frontrow.web.api.routes, frontrow.web.pages.routes):
        for router in load_plugins(folder, "router").values():
            app.include_router(router)
    install_document(app)
    return app


def _layers(server: Server) -> list[Middleware]:
    """What a request passes before a route sees it, the outermost first."""
    settings = server.settings
    return [
        Middleware(Count, metrics=server.metrics),
        Middleware(SafeHeaders),
        Middleware(Defects),
        Middleware(HostList, names=allowed_names(settings.host, settings.allowed_hosts)),
        Middleware(OwnPagesOnly),
        Middleware(Identify, state=settings.state, tokens=server.tokens, sessions=server.sessions),
        Middleware(Limits, upload_bytes=settings.upload_megabytes * MEGABYTE),
    ]


@asynccontextmanager
async def _run_jobs(app: FastAPI) -> AsyncIterator[None]:
    server: Server = app.state.server
    server.runner.start()
    try:
        yield
    finally:
        server.runner.stop()
        server.database.close()
