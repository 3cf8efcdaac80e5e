"""A way to a server that passes so many bytes of its answers on, and then cuts the connection or keeps silent."""

from __future__ import annotations

import socket
import threading
from types import TracebackType
from typing import Literal


class CutConnection:
    """Listens on 127.0.0.1 while its block lasts.

    Args:
        port: Of the server.
        after: Bytes of answers that pass.
        then: What happens after them.

    Attributes:
        port: Where to connect.
        is_reached: Set when the bytes have passed.
    """

    def __init__(self, port: int, after: int, then: Literal["cut", "silence"]) -> None:
        self._target, self._after, self._then = port, after, then
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.is_reached = threading.Event()
        self._sockets: list[socket.socket] = []

    def __enter__(self) -> CutConnection:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for opened in (self._listener, *self._sockets):
            opened.close()

    def _accept(self) -> None:
        try:
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(("127.0.0.1", self._target))
                self._sockets += [client, server]
                threading.Thread(target=self._pass, args=(client, server, None), daemon=True).start()
                threading.Thread(target=self._pass, args=(server, client, self._after), daemon=True).start()
        except OSError:
            return

    def _pass(self, source: socket.socket, target: socket.socket, left: int | None) -> None:
        try:
            while content := source.recv(65_536):
                if left is not None:
                    content, left = content[:left], left - len(content)
                target.sendall(content)
                if left is not None and left <= 0:
                    self.is_reached.set()
                    if self._then == "cut":
                        for end in (source, target):
                            end.shutdown(socket.SHUT_RDWR)
                    return
        except OSError:
            return
