"""A server on this machine with routes, and faults on demand.

A service's server is a subclass or a function that adds its routes:

    >>> from frontrow.testing.loopback.exchange import Reply, throttle
    >>> with LoopbackServer() as server:
    ...     server.add_route("GET", "/orders/{id}", lambda request: Reply({"id": request.parts["id"]}))
    ...     server.add_fault(throttle())
    ...     server.url.startswith("http://127.0.0.1:"), len(server.requests)
    (True, 0)
"""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from frontrow.testing.loopback.exchange import Fault, Handler, Reply, Request, match_path


class LoopbackServer:
    """Answers requests on 127.0.0.1 until its block ends.

    Args:
        requests_per_second: More are answered with 429 and Retry-After; None for no limit.
        burst: So many may come at once before that.

    Attributes:
        requests: Every request that came, in order; faulty ones included.
        refused: How many were answered with 429 because of the limit.
    """

    def __init__(self, *, requests_per_second: float | None = None, burst: int = 1) -> None:
        self.requests: list[Request] = []
        self.refused = 0
        self._routes: list[tuple[str, str, Handler]] = []
        self._faults: list[Fault] = []
        self._rate = requests_per_second
        self._burst = self._tokens = float(burst)
        self._refilled = time.monotonic()
        self._lock = threading.RLock()
        self._server = _Server(("127.0.0.1", 0), _RequestHandler)
        self._server.loopback = self
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    @property
    def url(self) -> str:
        """Its address, with no slash at the end."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def add_route(self, method: str, path: str, handler: Handler) -> None:
        """Answer requests to a path.

        Args:
            method: Such as GET.
            path: `{name}` in it stands for one part; a later route comes before an earlier one.
            handler: Is called by one request at a time.
        """
        self._routes.insert(0, (method, path, handler))

    def add_fault(self, fault: Fault) -> None:
        """Let something go wrong with the next requests that it fits."""
        with self._lock:
            self._faults.append(fault)

    def answer(self, request: Request) -> tuple[Reply, int | None]:
        """The reply to a request, and after how many bytes the connection is cut."""
        with self._lock:
            self.requests.append(request)
            if self._is_too_fast():
                self.refused += 1
                wait = 1.0 / (self._rate or 1.0)
                return Reply({"error": "too many requests"}, 429, {"Retry-After": f"{wait:.3f}"}), None
            fault = next((fault for fault in self._faults if fault.strikes(request)), None)
        if fault is None:
            return self._route(request), None
        time.sleep(fault.seconds)
        if fault.status is not None:
            return Reply(fault.body, fault.status, fault.headers), fault.cut_after
        return self._route(request), fault.cut_after

    def _route(self, request: Request) -> Reply:
        for method, path, handler in self._routes:
            parts = match_path(path, request.path)
            if method == request.method and parts is not None:
                with self._lock:
                    return handler(replace(request, parts=parts))
        return Reply({"error": "no such path"}, 404)

    def _is_too_fast(self) -> bool:
        if self._rate is None:
            return False
        now = time.monotonic()
        self._tokens = min(self._burst, self._tokens + (now - self._refilled) * self._rate)
        self._refilled = now
        if self._tokens < 1.0:
            return True
        self._tokens -= 1.0
        return False

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    loopback: LoopbackServer
    daemon_threads = True
    # a thread of a connection that a client keeps open does not hold the end up
    block_on_close = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that was killed is no error."""


class _RequestHandler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path, _, query = self.path.partition("?")
        headers = {name.lower(): value for name, value in self.headers.items()}
        reply, cut_after = self.server.loopback.answer(Request(self.command, path, query, headers, body))
        content = reply.content()
        self.close_connection = cut_after is not None
        if cut_after is not None and cut_after < 0:
            return
        self.send_response(reply.status)
        for name, value in reply.all_headers().items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content if cut_after is None else content[:cut_after])
        self.wfile.flush()

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = _answer  # noqa: N815

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing is logged: the requests are in `LoopbackServer.requests`."""
