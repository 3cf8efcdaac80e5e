"""From settings to a server that answers, until a signal ends it."""

from __future__ import annotations

import asyncio
import errno
import logging
import secrets
import signal
import socket
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import replace
from typing import Final

import uvicorn
from fastapi import FastAPI

from frontrow.errors import ServerError
from frontrow.web.app import create_app
from frontrow.web.security.hosts import is_loopback
from frontrow.web.security.patience import PatientProtocol
from frontrow.web.server_state import Server
from frontrow.web.settings import ServeSettings
from frontrow.web.shops import make_shops

CONNECTIONS: Final = 256
"""Most connections at one time; another one is told to come back later."""

WAITING_CONNECTIONS: Final = 128
HEAD_BYTES: Final = 16_384
"""Most bytes of a request's address and headers."""

KEEP_ALIVE_SECONDS: Final = 5
GOODBYE_SECONDS: Final = 5
"""How long answers that are on their way may take once the server was told to end."""

OPENING_BYTES: Final = 32
ADVICE: Final = {
    errno.EADDRINUSE: "Another program listens there, perhaps another frontrow serve. Choose another port with "
    "--port, or --port 0 for any that is free.",
    errno.EACCES: "This user may not listen there. Choose a port above 1023 with --port.",
    errno.EADDRNOTAVAIL: "This machine has no such address. Choose one that it has with --host.",
}


def serve(settings: ServeSettings, *, when_ready: Callable[[str, str], None]) -> None:
    """Answer until SIGINT or SIGTERM; jobs that run go on, and the next server finds them.

    Args:
        settings: What the server is started with.
        when_ready: Called with the server's address, and with the one that lets in whoever opens it; the second is
            empty where people sign in with tokens alone.

    Raises:
        ServerError: The folder cannot hold shops, the port is taken, or nobody could sign in.
    """
    make_shops(settings.folder)
    opening_token = None if settings.tokens_only else secrets.token_urlsafe(OPENING_BYTES)
    listener = _listen(settings)
    with listener:
        bound = replace(settings, port=listener.getsockname()[1])
        app = create_app(bound, opening_token=opening_token)
        _check_doors(app.state.server)
        logging.getLogger("uvicorn").setLevel(logging.ERROR)
        address = write_address(bound)
        opening = "" if opening_token is None else f"{address}enter?token={opening_token}"
        asyncio.run(_answer(app, listener, bound, lambda: when_ready(address, opening)))


def write_address(settings: ServeSettings) -> str:
    """The address of a server's first page.

    Example:
        >>> from pathlib import Path
        >>> write_address(ServeSettings(Path("shops"), host="::1", port=80))
        'http://[::1]:80/'
    """
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"http://{host}:{settings.port}/"


def _check_doors(server: Server) -> None:
    """Refuse to listen to other machines where nobody has a token."""
    settings = server.settings
    if not server.tokens.list() and (settings.tokens_only or not is_loopback(settings.host)):
        raise ServerError(
            f"Nobody could sign in: {settings.folder} has no tokens yet. Make one first: "
            f"frontrow token {settings.folder} add NAME --scope read --scope plan."
        )


def _listen(settings: ServeSettings) -> socket.socket:
    """Take the port before anything else, so that a taken one is an error of a sentence."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        # a port that was left a moment ago can be taken again; on Windows the option means something else
        if hasattr(socket, "AF_UNIX"):
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((settings.host, settings.port))
    except (OSError, OverflowError) as error:
        listener.close()
        advice = ADVICE.get(getattr(error, "errno", None) or 0, "Choose another --host or --port.")
        raise ServerError(f"Nothing can listen on {settings.host}, port {settings.port}. {advice}") from error
    return listener


async def _answer(
    app: FastAPI, listener: socket.socket, settings: ServeSettings, when_ready: Callable[[], None]
) -> None:
    config = uvicorn.Config(
        app,
        http=PatientProtocol,
        ws="none",
        # run here, so that what it raises is an error of the command and not a line of a log
        lifespan="off",
        log_config=None,
        # addresses of pages hold names of products and numbers of customers, and one the opening token
        access_log=False,
        server_header=False,
        backlog=WAITING_CONNECTIONS,
        limit_concurrency=CONNECTIONS,
        h11_max_incomplete_event_size=HEAD_BYTES,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=GOODBYE_SECONDS,
        forwarded_allow_ips=list(settings.trusted_proxies),
    )
    async with app.router.lifespan_context(app):
        await _QuietServer(config, when_ready).serve([listener])


class _QuietServer(uvicorn.Server):
    """uvicorn, which says when it is ready, and for which a signal is the usual way to end."""

    def __init__(self, config: uvicorn.Config, when_ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._when_ready = when_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to answer."""
        await super().startup(sockets)
        self._when_ready()

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        """End at SIGINT and SIGTERM, and let nobody else hear of them."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, self.handle_exit) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
