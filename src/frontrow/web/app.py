"""The application: every route of `api/routes` and `pages/routes`, and what every request must keep to."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from fastapi import FastAPI, Request
from starlette.middleware import Middleware
from starlette.responses import Response
from starlette.staticfiles import StaticFiles

import frontrow.web.api.routes
import frontrow.web.pages.routes
from frontrow.discovery import load_plugins
from frontrow.web.security.cross_site import OwnPagesOnly
from frontrow.web.security.headers import SafeHeaders
from frontrow.web.security.hosts import HostList, allowed_names
from frontrow.web.security.identify import Identify
from frontrow.web.security.limits import Limits
from frontrow.web.security.stranger import answer_stranger
from frontrow.web.security.visitor import LoginRequired
from frontrow.web.server_state import Server
from frontrow.web.settings import ServeSettings

STATIC: Final = Path(__file__).parent / "pages" / "static"
MEGABYTE: Final = 1_000_000


def create_app(settings: ServeSettings) -> FastAPI:
    """Make the application of one server; its runner of jobs lives as long as the application runs.

    Args:
        settings: What the server is started with.
    """
    server = Server.open(settings)
    app = FastAPI(
        title="frontrow",
        lifespan=_run_jobs,
        middleware=_layers(server),
        # the pages of the framework load their scripts from the network
        docs_url=None,
        redoc_url=None,
    )
    app.state.server = server
    app.add_exception_handler(LoginRequired, _answer_stranger)
    for folder in (frontrow.web.api.routes, frontrow.web.pages.routes):
        for router in load_plugins(folder, "router").values():
            app.include_router(router)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    return app


def _layers(server: Server) -> list[Middleware]:
    """What a request passes before a route sees it, the outermost first."""
    settings = server.settings
    return [
        Middleware(SafeHeaders),
        Middleware(HostList, names=allowed_names(settings.host, settings.allowed_hosts)),
        Middleware(OwnPagesOnly),
        Middleware(Identify, state=settings.state, tokens=server.tokens, sessions=server.sessions),
        Middleware(Limits, upload_bytes=settings.upload_megabytes * MEGABYTE),
    ]


@asynccontextmanager
async def _run_jobs(app: FastAPI) -> AsyncIterator[None]:
    server: Server = app.state.server
    try:
        yield
    finally:
        server.database.close()


async def _answer_stranger(request: Request, error: Exception) -> Response:
    del error
    return answer_stranger(request.scope)
