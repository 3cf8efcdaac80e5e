"""A client that hands its requests to a loopback server in the same process, without a connection: for long tests.

What may be called, and which statuses are errors, is decided as by the real client; waits take no time.
"""

from __future__ import annotations

import json as json_text
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlencode, urlsplit

from frontrow.errors import CredentialError, RemoteError
from frontrow.remote.client import Answer, ClientSettings
from frontrow.remote.secrets import Secret
from frontrow.testing.loopback.exchange import Request
from frontrow.testing.loopback.server import LoopbackServer

REFUSED = (401, 403)


class DirectClient:
    """Speaks to one server.

    Args:
        server: Answers.
        settings: How to speak to the service.
    """

    def __init__(self, server: LoopbackServer, settings: ClientSettings) -> None:
        self._server = server
        self._settings = settings
        self._base = urlsplit(settings.base_url).path.rstrip("/")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing is open."""

    def request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str | int] | None = None,
        json: Any = None,
        content: bytes | None = None,
        headers: Mapping[str, str | Secret] | None = None,
        expect: tuple[int, ...] = (200,),
        repeatable: bool | None = None,  # noqa: ARG002
    ) -> Answer:
        """See `ApiClient.request`; nothing is sent again."""
        self._settings.allowed.match(method, path, json if isinstance(json, Mapping) else None)
        given = {**self._settings.headers, **(headers or {})}
        plain = {name.lower(): _reveal(value) for name, value in given.items()}
        body = content if content is not None else b"" if json is None else json_text.dumps(json).encode()
        query = urlencode({**self._settings.params, **(params or {})})
        reply, _ = self._server.answer(Request(method, f"{self._base}{path}", query, plain, body))
        if reply.status not in expect:
            error = CredentialError if reply.status in REFUSED else RemoteError
            raise error(f"{self._settings.service} answered with status {reply.status}.")
        return Answer(reply.status, reply.all_headers(), reply.content())

    def download(self, url: str, file: Path) -> None:
        """See `ApiClient.download`."""
        reply, _ = self._server.answer(Request("GET", urlsplit(url).path))
        file.write_bytes(reply.content())

    def pause(self, seconds: float) -> None:
        """No time passes."""


def _reveal(value: str | Secret) -> str:
    return value.reveal() if isinstance(value, Secret) else value
