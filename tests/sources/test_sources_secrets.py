"""Secrets: in no file of the shop, no log, no output, no error and no traceback, whatever happens to a sync."""

import logging
import sys
import traceback

import pytest
from paged_shop import TOKEN, PagedShop, add_connectors_of_tests

from frontrow.cli.application import main
from frontrow.remote.secrets import SecretReference
from frontrow.service.sources import add_source
from frontrow.service.sync import sync_shop
from frontrow.sources.source import Source
from frontrow.testing.loopback.exchange import Fault, Reply, throttle
from frontrow.testing.loopback.server import LoopbackServer


@pytest.fixture(autouse=True)
def _environment(monkeypatch):
    add_connectors_of_tests()
    monkeypatch.setenv("FRONTROW_TEST_TOKEN", TOKEN)


@pytest.fixture
def garden():
    return PagedShop()


@pytest.fixture
def server(garden):
    with LoopbackServer() as server:
        garden.add_routes(server)
        yield server


@pytest.fixture
def run(monkeypatch, capfd, caplog):
    """Run a command line; return its exit code and everything that it printed and logged."""

    def run_command(*arguments):
        monkeypatch.setattr(sys, "argv", ["frontrow", *map(str, arguments)])
        with caplog.at_level(logging.DEBUG), pytest.raises(SystemExit) as ended:
            main()
        printed = capfd.readouterr()
        return ended.value.code or 0, printed.out + printed.err + caplog.text

    return run_command


def bytes_below(folder):
    return b"".join(str(path).encode() + (path.read_bytes() if path.is_file() else b"") for path in folder.rglob("*"))


# made anew for each test: a fault counts what it struck
FAULTS = {
    "nothing": lambda: None,
    "throttled": lambda: throttle("7200"),
    "expired": lambda: Fault(status=401, body={"error": f"bad token {TOKEN}"}),
    "echoed": lambda: Fault(status=400, body={"headers": {"Authorization": f"Bearer {TOKEN}"}}),
    "redirected": lambda: Fault(status=302, headers={"Location": f"https://other.example/?token={TOKEN}"}),
    "no json": lambda: Fault(status=200, body=f"<html>{TOKEN}".encode(), skip=1),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_no_secret_is_left_anywhere(run, server, tmp_path, fault):
    secret = tmp_path / "secret"
    secret.write_text(TOKEN)
    secret.chmod(0o600)
    place = f"file:{secret}" if fault in ("nothing", "expired") else "env:FRONTROW_TEST_TOKEN"
    folder = tmp_path / "shops" / "garden"
    add_source(folder, Source("main", "paged_orders", {"url": server.url}, {"token": SecretReference.parse(place)}))
    if fault != "nothing":
        server.add_fault(FAULTS[fault]())
    code, text = run("sync", folder, "--verbose", "--log-format", "json" if fault == "expired" else "text")
    assert code == (0 if fault == "nothing" else 1)
    if fault == "nothing":
        text += run("source", "list", folder, "--json")[1] + run("config", folder, "--json")[1]
        assert place in text
    assert any(TOKEN in str(request.headers) for request in server.requests)
    assert TOKEN not in text
    assert TOKEN.encode() not in bytes_below(folder)


@pytest.mark.parametrize(
    "arguments",
    [
        ("--secret", f"token={TOKEN}"),
        ("--secret", TOKEN),
        ("--secret", f"{TOKEN}=env:A"),
        ("--set", f"token={TOKEN}"),
        ("--set", TOKEN),
        ("--set", f"{TOKEN}=1"),
        (f"--set=url=https://me:{TOKEN}@shop.example",),
        ("--secret", f"token=file:{TOKEN}"),
    ],
)
def test_a_secret_that_is_typed_is_refused_and_not_repeated(run, tmp_path, arguments):
    folder = tmp_path / "garden"
    code, text = run(
        "source", "add", folder, "paged_orders", "--set", "url=https://shop.example", *arguments, "--verbose"
    )
    assert code == 2
    assert TOKEN not in text
    assert not folder.exists()


def test_no_traceback_of_a_defect_has_a_secret(server, tmp_path, run, monkeypatch):
    run("source", "add", tmp_path / "garden", "paged_orders", "--set", f"url={server.url}", "--secret", "token=env:T")
    monkeypatch.setenv("T", TOKEN)
    server.add_route("GET", "/orders", lambda _: Reply([{"order_id": 1, "surprise": True}]))
    server.add_fault(Fault(status=200, body=[], skip=1))
    with pytest.raises(Exception, match="surprise") as caught:
        sync_shop(tmp_path / "garden")
    shown = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    assert TOKEN not in "".join(traceback.format_exception(caught.value))
    # even the local variables of every frame show three stars, but for those of the library that sends them
    assert TOKEN not in "".join(f"{frame.name} {frame.locals}" for frame in shown.stack)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("add", "SHOP", "pigeon"), "Invalid value for KIND: There is no kind of source named"),
        (("add", "SHOP", "Pigeon"), "Invalid value for KIND: There is no such kind"),
        (("add", "SHOP", "paged_orders", "--source", "A B"), "Invalid value for --source: A name has small letters"),
        (("add", "SHOP"), "Invalid value for KIND: Write the kind"),
        (("remove", "SHOP"), "Invalid value for NAME: Write the name"),
        (("list",), "Invalid value for SHOP: Name the shop's folder"),
    ],
)
def test_an_error_names_what_was_typed(run, tmp_path, arguments, words):
    code, text = run("source", *(tmp_path / "shop" if part == "SHOP" else part for part in arguments))
    assert code == 2
    assert words in text
