"""Connections that send nothing, or hardly anything, do not hold a place for ever."""

from __future__ import annotations

import asyncio
from typing import Any, Final

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD_SECONDS: Final = 10.0
"""So long the head of a request may take to arrive: its address and headers, a few hundred bytes."""

TAKE_SECONDS: Final = 120.0
"""So long a client may take for what waits to be sent, a piece of an answer at most."""


class PatientProtocol(H11Protocol):
    """uvicorn's HTTP, which also closes a connection whose next request does not begin in time, or who takes no answer.

    While a request is answered, `security.limits` watches over its body.
    """

    head_seconds = HEAD_SECONDS
    take_seconds = TAKE_SECONDS

    def __init__(self, *arguments: Any, **options: Any) -> None:
        """Begin as uvicorn does."""
        super().__init__(*arguments, **options)
        self._deadline: asyncio.TimerHandle | None = None
        self._taking: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for the first request."""
        super().connection_made(transport)
        self._set_deadline()

    def data_received(self, data: bytes) -> None:
        """Take what arrived; a byte now and then does not move the deadline."""
        super().data_received(data)
        self._set_deadline()

    def on_response_complete(self) -> None:
        """Wait for the next request, or for the rest of one that was answered before it was read."""
        super().on_response_complete()
        if self.conn.their_state is not h11.IDLE:
            self._set_deadline()

    def pause_writing(self) -> None:
        """Give up after a while: closing alone would wait until everything was taken."""
        super().pause_writing()
        self._taking = self._taking or self.loop.call_later(self.take_seconds, self.transport.abort)

    def resume_writing(self) -> None:
        """Go on with the answer."""
        super().resume_writing()
        self._forget_taking()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the deadlines."""
        self._forget_deadline()
        self._forget_taking()
        super().connection_lost(exc)

    def _set_deadline(self) -> None:
        if self.cycle is not None and not self.cycle.response_complete:
            self._forget_deadline()
        elif self._deadline is None:
            self._deadline = self.loop.call_later(self.head_seconds, self._give_up)

    def _forget_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _forget_taking(self) -> None:
        if self._taking is not None:
            self._taking.cancel()
            self._taking = None

    def _give_up(self) -> None:
        self._deadline = None
        if not self.transport.is_closing():
            self.transport.abort()
