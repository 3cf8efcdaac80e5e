"""Images from a server on this machine: each once, with pauses, and nothing that is no image."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from frontrow.embed.images import download
from frontrow.embed.images.decoding import UnusableImageError
from frontrow.embed.images.download import PATIENCE, Downloads


class Server(ThreadingHTTPServer):
    """Counts requests by path; `/busy` is busy the first time, `/moved` leads to `/a`, `/file` to a file."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.requests: Counter[str] = Counter()
        self.agents: set[str] = set()
        self.times: list[float] = []

    def address(self, path: str) -> str:
        return f"http://127.0.0.1:{self.server_port}{path}"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        self.server.requests[self.path] += 1
        self.server.agents.add(self.headers["User-Agent"])
        self.server.times.append(time.monotonic())
        if self.path == "/busy" and self.server.requests["/busy"] == 1:
            self._answer(429, b"", ("Retry-After", "0"))
        elif self.path == "/moved":
            self._answer(302, b"", ("Location", "/a"))
        elif self.path == "/file":
            self._answer(302, b"", ("Location", "file:///etc/hostname"))
        elif self.path.startswith("/missing"):
            self._answer(404, b"")
        else:
            self._answer(200, self.path.encode() * 10)

    def _answer(self, status: int, content: bytes, *headers: tuple[str, str]) -> None:
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Print nothing."""


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_an_image_is_downloaded_once(server: Server, tmp_path: Path) -> None:
    first = Downloads(tmp_path / "images", pause=0.0)
    assert first.fetch(server.address("/a")) == b"/a" * 10
    assert first.fetch(server.address("/a")) == b"/a" * 10
    again = Downloads(tmp_path / "images", pause=0.0)
    assert again.fetch(server.address("/a")) == b"/a" * 10
    assert server.requests == {"/a": 1}
    assert (first.downloaded, first.read_back, again.downloaded, again.read_back) == (1, 1, 0, 1)
    assert {path.stat().st_mode & 0o077 for path in (tmp_path / "images").iterdir()} == {0}
    (agent,) = server.agents
    assert agent.startswith("frontrow/")


def test_there_is_a_pause_between_two_requests(server: Server, tmp_path: Path) -> None:
    downloads = Downloads(tmp_path, pause=0.05)
    for path in ("/a", "/b", "/c"):
        downloads.fetch(server.address(path))
    assert all(later - earlier >= 0.045 for earlier, later in zip(server.times, server.times[1:], strict=False))


def test_a_busy_server_is_asked_once_more_and_a_redirection_is_followed(server: Server, tmp_path: Path) -> None:
    downloads = Downloads(tmp_path, pause=0.0)
    assert downloads.fetch(server.address("/busy")) == b"/busy" * 10
    assert downloads.fetch(server.address("/moved")) == b"/a" * 10
    assert server.requests["/busy"] == 2


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("/missing", "the server said 404"),
        ("/file", "the server said 302"),
        ("ftp://127.0.0.1/a.png", "no web address"),
        ("file:///etc/hostname", "no web address"),
        ("http://127.0.0.1:1/a.png", "no answer"),
        ("http://[broken/a.png", "no web address"),
        ("http:///a.png", "no web address"),
    ],
)
def test_what_is_not_downloaded_says_why(server: Server, tmp_path: Path, address: str, reason: str) -> None:
    place = server.address(address) if address.startswith("/") else address
    with pytest.raises(UnusableImageError, match=reason):
        Downloads(tmp_path, pause=0.0).fetch(place)
    assert not list(tmp_path.iterdir())


def test_a_server_that_fails_again_and_again_is_left_alone(server: Server, tmp_path: Path) -> None:
    downloads = Downloads(tmp_path, pause=0.0)
    for number in range(PATIENCE + 3):
        with pytest.raises(UnusableImageError):
            downloads.fetch(server.address(f"/missing{number}"))
    assert sum(server.requests.values()) == PATIENCE
    with pytest.raises(UnusableImageError, match="server not answering"):
        downloads.fetch(server.address("/a"))


def test_a_file_without_end_is_cut_off(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download, "MOST_BYTES", 12)
    with pytest.raises(UnusableImageError, match="too large"):
        Downloads(tmp_path, pause=0.0).fetch(server.address("/a"))
