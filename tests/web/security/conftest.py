"""A server over a folder with one small shop, in which every text is full of HTML; nothing here starts a job."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

pytest.importorskip("fastapi", reason="the pages need frontrow[web]")

from fastapi import FastAPI
from fastapi.testclient import TestClient

from frontrow.testing.shops import hand_made_shop
from frontrow.web.app import create_app
from frontrow.web.server_state import Server
from frontrow.web.settings import ServeSettings

ADDRESS = "http://127.0.0.1:8480"
OPENING_TOKEN = "the opening token"
HOSTILE = "\"'><script>alert(1)</script><img src=x onerror=alert(2)>{{7*7}}"
NUMBERS = count()


@pytest.fixture(scope="session")
def shops(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("attacked")
    lines = [(customer, f"pot {launch}", 120 * launch + customer) for launch in range(4) for customer in range(12)]
    texts = {"vendor": HOSTILE, "product_type": HOSTILE, "tags": HOSTILE}
    words = ("round", "square", "oval", "tall")
    products = {f"pot {launch}": {"title": f"{words[launch]} {HOSTILE}", **texts} for launch in range(4)}
    hand_made_shop(lines, products).write(folder / "garden")
    return folder


@pytest.fixture(scope="module")
def app(shops: Path) -> FastAPI:
    """One for a module: each counts the attempts to sign in."""
    return create_app(ServeSettings(shops, upload_megabytes=2), opening_token=OPENING_TOKEN)


@pytest.fixture(scope="module")
def server(app: FastAPI) -> Server:
    server: Server = app.state.server
    return server


@pytest.fixture
def stranger(app: FastAPI, server: Server) -> Iterator[TestClient]:
    """A browser that has not signed in, from an address of its own; the runner of jobs does not run."""
    address = str(ipaddress.ip_address("10.0.0.1") + next(NUMBERS))
    client = TestClient(app, base_url=ADDRESS, follow_redirects=False, client=(address, 50_000))
    yield client
    client.close()
    server.database.close()


@pytest.fixture
def owner(stranger: TestClient) -> TestClient:
    """A browser that opened the printed address."""
    assert stranger.get("/enter", params={"token": OPENING_TOKEN}).status_code == 303
    return stranger
