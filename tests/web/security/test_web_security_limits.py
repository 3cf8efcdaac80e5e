"""How much and how slowly a request may send, on a server that listens."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("fastapi", reason="the pages need frontrow[web]")

import uvicorn
from fastapi import FastAPI
from fastapi.testclient import TestClient

from frontrow.web.security.limits import BODY_BYTES, Limits
from frontrow.web.security.patience import PatientProtocol
from frontrow.web.server_state import Server

PATIENCE = 0.4
OWN_PAGE = {"Sec-Fetch-Site": "same-origin"}
MEGABYTE = 1_000_000


def list_uploads(server: Server) -> list[Path]:
    folder = server.runner.places.uploads
    return [file for file in folder.rglob("*") if file.is_file()] if folder.exists() else []


def test_a_body_that_says_it_is_too_large_is_not_read(owner: TestClient, server: Server) -> None:
    before = list_uploads(server)
    headers = {**OWN_PAGE, "Content-Length": str(10_000_000_000)}
    answer = owner.put("/v1/uploads", params={"name": "a.csv"}, content=iter([b"x"]), headers=headers)
    assert answer.status_code == 413
    assert answer.json()["detail"] == "More than 2 MB were sent, which is the most that is taken here."
    assert answer.headers["connection"] == "close"
    assert list_uploads(server) == before


def test_a_body_that_says_nothing_of_its_size_is_cut_at_the_limit(owner: TestClient, server: Server) -> None:
    """Ten gigabytes are offered; what was written of them is gone."""
    before, sent = list_uploads(server), 0

    def endless() -> Iterator[bytes]:
        nonlocal sent
        while sent < 10_000_000_000:
            sent += 100_000
            yield bytes(100_000)

    client_side = iter_until(endless(), most=40)
    answer = owner.put("/v1/uploads", params={"name": "a.csv"}, content=client_side, headers=OWN_PAGE)
    assert answer.status_code == 413
    assert sent <= 4 * MEGABYTE
    assert list_uploads(server) == before


def iter_until(chunks: Iterator[bytes], *, most: int) -> Iterator[bytes]:
    """The test client sends a whole body before it looks at the answer, so that an endless one has to end."""
    for _, chunk in zip(range(most), chunks, strict=False):
        yield chunk


@pytest.mark.parametrize("address", ["/login", "/v1/imports", "/v1/audiences", "/shops/garden/new", "/import"])
def test_forms_and_json_are_a_megabyte_at_most(owner: TestClient, address: str) -> None:
    kind = "application/json" if address.startswith("/v1/") else "application/x-www-form-urlencoded"
    headers = {**OWN_PAGE, "Content-Type": kind}
    assert owner.post(address, content=b"a" * (BODY_BYTES + 1), headers=headers).status_code == 413
    chunks = iter([b"a" * 600_000] * 2)
    assert owner.post(address, content=chunks, headers=headers).status_code == 413


def test_a_deep_json_is_an_answer_and_no_defect(owner: TestClient) -> None:
    headers = {**OWN_PAGE, "Content-Type": "application/json"}
    answer = owner.post("/v1/imports", content=b"[" * 400_000, headers=headers)
    assert 400 <= answer.status_code < 500


@dataclass
class Listening:
    """A server that listens, and what arrived at its route."""

    port: int
    bodies: list[bytes]
    connections: set[Any]

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=10)


@pytest.fixture(scope="module")
def listening() -> Iterator[Listening]:
    """A route behind the limits and the protocol of the real server, with less patience."""
    state = Listening(0, [], set())

    async def take(scope, receive, send) -> None:  # type: ignore[no-untyped-def]
        body, more = b"", scope["path"] != "/unread"
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        state.bodies.append(body)
        size = 50 * MEGABYTE if scope["path"] == "/large" else 2
        headers = [(b"content-length", str(size).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        for _ in range(size // MEGABYTE):
            await send({"type": "http.response.body", "body": bytes(MEGABYTE), "more_body": True})
        await send({"type": "http.response.body", "body": b"ok" if size == 2 else b""})

    class Impatient(PatientProtocol):
        head_seconds = PATIENCE
        take_seconds = PATIENCE

    app = FastAPI()
    app.mount("/", take)
    app.add_middleware(Limits, upload_bytes=10 * MEGABYTE, patience=PATIENCE)
    config = uvicorn.Config(app, http=Impatient, lifespan="off", log_config=None, access_log=False)
    server = uvicorn.Server(config)
    state.connections = server.server_state.connections
    listener = socket.create_server(("127.0.0.1", 0))
    state.port = listener.getsockname()[1]
    thread = threading.Thread(target=lambda: asyncio.run(server.serve([listener])))
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield state
    server.should_exit = True
    thread.join()


def drip(connection: socket.socket, content: bytes, *, seconds: float) -> bytes:
    """Send a byte at a time until the other side answers or closes, and return what it said."""
    connection.settimeout(0.02)
    end = time.monotonic() + seconds
    for byte in content or bytes(250):
        try:
            if content:
                connection.sendall(bytes([byte]))
            answer = connection.recv(65_536)
        except TimeoutError:
            answer = None
        except ConnectionError:
            return b""
        if answer is not None:
            return answer
        assert time.monotonic() < end, "the server still listens"
    raise AssertionError("the server took everything")


def test_a_head_that_drips_in_is_cut_off(listening: Listening) -> None:
    with closing(listening.connect()) as connection:
        assert drip(connection, b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"a" * 10_000, seconds=5) == b""


def test_a_second_head_that_drips_in_is_cut_off(listening: Listening) -> None:
    with closing(listening.connect()) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert b"200 OK" in connection.recv(65_536)
        assert drip(connection, b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"a" * 10_000, seconds=5) in (b"", b"ok")


def test_a_connection_that_says_nothing_is_cut_off(listening: Listening) -> None:
    with closing(listening.connect()) as connection:
        assert drip(connection, b"", seconds=5) == b""


def test_a_body_that_drips_in_is_cut_off(listening: Listening) -> None:
    with closing(listening.connect()) as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10000\r\n\r\n")
        assert b" 408 " in drip(connection, b"a" * 10_000, seconds=10)


def test_the_rest_of_a_body_that_nobody_reads_is_cut_off(listening: Listening) -> None:
    with closing(listening.connect()) as connection:
        connection.sendall(b"POST /unread HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10000\r\n\r\n")
        connection.settimeout(5)
        assert b"200 OK" in connection.recv(65_536)
        connection.settimeout(0.02)
        for _ in range(250):
            try:
                connection.sendall(b"a")
                if connection.recv(65_536) == b"":
                    return
            except TimeoutError:
                continue
            except ConnectionError:
                return
        raise AssertionError("the server still listens")


def test_an_answer_that_nobody_takes_is_given_up(listening: Listening) -> None:
    with closing(listening.connect()) as connection:
        connection.sendall(b"GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert connection.recv(1)
        assert listening.connections
        end = time.monotonic() + 10
        while listening.connections:
            assert time.monotonic() < end, "the server still waits"
            time.sleep(0.02)


def test_a_body_in_time_is_taken(listening: Listening) -> None:
    with closing(listening.connect()) as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\n")
        for byte in b"body":
            time.sleep(0.05)
            connection.sendall(bytes([byte]))
        connection.settimeout(5)
        assert b"200 OK" in connection.recv(65_536)
        assert listening.bodies[-1] == b"body"
