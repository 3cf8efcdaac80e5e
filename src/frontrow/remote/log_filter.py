"""What httpx logs of frontrow's requests is dropped: it holds whole addresses, and headers with their secrets."""

from __future__ import annotations

import contextvars
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Final

_IN_REQUEST: Final[contextvars.ContextVar[bool]] = contextvars.ContextVar("in_request", default=False)


@contextmanager
def unlogged() -> Iterator[None]:
    """While a request of ours is sent, httpx logs nothing."""
    token = _IN_REQUEST.set(True)
    try:
        yield
    finally:
        _IN_REQUEST.reset(token)


class _SecretsStayOut(logging.Filter):
    """Drops what httpx logs of our requests: whole addresses, and headers with their secrets."""

    def filter(self, _record: logging.LogRecord) -> bool:
        return not _IN_REQUEST.get()


@cache
def hide_logs() -> None:
    """Once for the process; requests that others make with httpx are logged as before."""
    names = ("connection", "http11", "http2", "proxy", "socks")
    for name in ("httpx", "httpcore", *(f"httpcore.{part}" for part in names)):
        logging.getLogger(name).addFilter(_SecretsStayOut())
