"""frontrow serve: what it prints, what it refuses, how it ends, and what its log never holds."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

pytest.importorskip("fastapi", reason="the pages need frontrow[web]")

import httpx2
from fastapi import FastAPI
from fastapi.testclient import TestClient
from typer.testing import CliRunner

import frontrow.errors
from frontrow.cli.application import build
from frontrow.errors import FrontrowError, MissingExtraError, ServerError
from frontrow.web import opening
from frontrow.web.accounts import add_token
from frontrow.web.app import create_app
from frontrow.web.server import serve
from frontrow.web.settings import ServeSettings
from frontrow.web.shops import make_shops

SECRET = "ann@example.com"


def run(*arguments: object) -> None:
    CliRunner().invoke(build(), ["serve", *map(str, arguments)], catch_exceptions=False, standalone_mode=False)


@dataclass
class Running:
    """A server in a process of its own."""

    process: subprocess.Popen[str]
    address: str
    opening: str

    def end(self, number: int) -> tuple[int, str, str]:
        """End it by a signal; its exit code, and what it printed since."""
        self.process.send_signal(number)
        output, log = self.process.communicate(timeout=60)
        return self.process.returncode, output, log


@contextmanager
def started(folder: Path, *arguments: str) -> Iterator[Running]:
    command = [sys.executable, "-m", "frontrow.cli", "serve", str(folder), "--port", "0", "--no-browser", "--json"]
    process = subprocess.Popen([*command, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    text = ""
    try:
        while not text.endswith("}\n"):
            line = process.stdout.readline()
            assert line, process.communicate()[1]
            text += line
        values = json.loads(text)
        yield Running(process, values["address"], values["opening"])
    finally:
        if process.poll() is None:
            process.kill()
            process.communicate()


def test_a_browser_is_let_in_by_the_printed_address_and_the_log_keeps_it_secret(tmp_path: Path) -> None:
    with started(tmp_path / "shops", "--verbose") as running:
        with httpx2.Client(follow_redirects=True) as browser:
            page = browser.get(running.opening)
            assert (page.status_code, str(page.url)) == (200, running.address)
            assert "server" not in page.headers
            assert browser.get(f"{running.address}shops/{SECRET}").status_code == 404
            assert browser.get(f"{running.address}enter?token=wrong").status_code == 403
        with pytest.raises(ServerError, match="Another frontrow serve works on"):
            serve(ServeSettings(tmp_path / "shops", port=0), when_ready=lambda *_: None)
        code, output, log = running.end(signal.SIGTERM)
    assert (code, output) == (0, "")
    token = running.opening.partition("token=")[2]
    assert len(token) > 40
    assert not [hidden for hidden in (token, SECRET, "wrong", "GET") if hidden in log]


def test_other_machines_sign_in_with_tokens(tmp_path: Path) -> None:
    token = add_token(tmp_path, "Anna", ["read"]).token
    with started(tmp_path, "--host", "0.0.0.0", "--allowed-host", "shop.example") as running:
        port = running.address.rpartition(":")[2].strip("/")
        address = f"http://127.0.0.1:{port}/v1/shops"
        assert running.opening is None
        headers = {"Authorization": f"Bearer {token}", "Host": "shop.example"}
        assert httpx2.get(address, headers=headers).status_code == 200
        assert httpx2.get(address, headers={**headers, "Host": "evil.example"}).status_code == 421
        assert httpx2.get(address, headers={"Host": "shop.example"}).status_code == 401
        code, _, log = running.end(signal.SIGINT)
    assert code == 0
    assert "Put a proxy with https before it" in log


@pytest.mark.parametrize("settings", [{"host": "0.0.0.0"}, {"tokens_only": True}])
def test_nobody_to_let_in_is_an_error(tmp_path: Path, settings: dict[str, object]) -> None:
    with pytest.raises(ServerError, match=r"Nobody could sign in: .* frontrow token .* add NAME"):
        serve(ServeSettings(tmp_path, port=0, **settings), when_ready=lambda *_: None)  # type: ignore[arg-type]


def test_a_taken_port_is_an_error_of_a_sentence(tmp_path: Path) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as other:
        with pytest.raises(ServerError, match=r"Another program listens there.*--port 0") as refusal:
            run(tmp_path, "--port", other.getsockname()[1], "--no-browser")
        assert isinstance(refusal.value, FrontrowError), "exit code 1"


def test_an_address_of_another_machine_is_an_error_of_a_sentence(tmp_path: Path) -> None:
    add_token(tmp_path, "Anna", ["read"])
    with pytest.raises(ServerError, match="no such address"):
        run(tmp_path, "--host", "192.0.2.1", "--no-browser")


def test_a_shop_is_no_folder_of_shops(tmp_path: Path) -> None:
    (tmp_path / "shop.json").write_text("{}", "utf-8")
    with pytest.raises(ServerError, match=r"is a shop itself\. Give the folder that holds it"):
        run(tmp_path, "--no-browser")
    with pytest.raises(ServerError, match="There is no folder"):
        make_shops(tmp_path / "no" / "shops")
    make_shops(tmp_path / "shops")
    assert (tmp_path / "shops").stat().st_mode & 0o777 == 0o700


def test_without_the_extra_the_command_says_how_to_install_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frontrow.errors, "find_spec", lambda _: None)
    with pytest.raises(MissingExtraError, match=r"pip install 'frontrow\[web\]'"):
        run(tmp_path, "--no-browser")


def test_the_browser_is_started_without_the_token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every user of a machine can read what programs are started with."""
    addresses: list[str] = []
    monkeypatch.setattr(opening.webbrowser, "open", lambda address: bool(addresses.append(address)) or True)
    with opening.opening_page(tmp_path) as page:
        assert opening.open_browser("http://127.0.0.1:1/enter?token=abc", page)
        assert addresses == [page.as_uri()]
        assert page.stat().st_mode & 0o777 == 0o600
        assert "url=http://127.0.0.1:1/enter?token=abc" in page.read_text("utf-8")
    assert not page.exists()


def test_a_page_of_somebody_else_is_not_written_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening.webbrowser, "open", lambda _: True)
    (tmp_path / "target").write_text("before", "utf-8")
    with opening.opening_page(tmp_path) as page:
        page.symlink_to(tmp_path / "target")
        opening.open_browser("http://127.0.0.1:1/", page)
        assert not page.is_symlink()
    assert (tmp_path / "target").read_text("utf-8") == "before"


@pytest.fixture
def broken(tmp_path: Path) -> FastAPI:
    """An application with a route that fails."""
    app = create_app(ServeSettings(tmp_path), opening_token="a")

    def fail() -> None:
        raise ValueError(SECRET)

    app.add_api_route("/v1/broken", fail)
    app.add_api_route("/broken", fail)
    return app


@pytest.mark.parametrize("address", ["/v1/broken", "/broken"])
def test_a_defect_is_a_sentence_and_its_text_stays_out(
    broken: FastAPI, address: str, caplog: pytest.LogCaptureFixture
) -> None:
    with TestClient(broken, base_url="http://127.0.0.1") as client:
        client.get("/enter", params={"token": "a"})
        answer = client.get(address)
    assert answer.status_code == 500
    assert "frontrow has a defect" in answer.text
    assert SECRET not in answer.text + caplog.text
    assert "ValueError" in caplog.text
    assert answer.headers["x-content-type-options"] == "nosniff"
