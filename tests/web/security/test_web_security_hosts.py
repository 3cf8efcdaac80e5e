"""A server answers only to the names it knows: no page of a foreign name can reach it (DNS rebinding)."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from frontrow.web.security.hosts import allowed_names, is_loopback, strip_port


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:8480",
        "127.0.0.1.evil.example",
        "localhost.evil.example:8480",
        "localhost@evil.example",
        "evil.example#localhost",
        "[::1]evil.example",
        "[::2]:8480",
        "127.0.0.1:8480:80",
        "127.0.0.1:x",
        "0.0.0.0",
        "2130706433",
        "localhost.",
        "",
    ],
)
@pytest.mark.parametrize("address", ["/", "/v1/shops", "/login", "/static/style.css", "/healthz"])
def test_a_foreign_name_gets_no_answer(owner: TestClient, host: str, address: str) -> None:
    answer = owner.get(address, headers={"Host": host})
    assert answer.status_code == 421
    assert "set-cookie" not in answer.headers
    assert "evil" not in answer.text


@pytest.mark.parametrize("host", ["127.0.0.1", "LOCALHOST:8480", "localhost:1", "[::1]:8480", "[::1]"])
def test_the_machine_itself_is_answered_on_any_port(owner: TestClient, host: str) -> None:
    assert owner.get("/", headers={"Host": host}).status_code == 200


def test_two_names_are_refused(stranger: TestClient) -> None:
    headers = [("Host", "127.0.0.1"), ("Host", "evil.example")]
    assert stranger.get("/", headers=headers).status_code == 421


def test_a_name_that_was_allowed_is_answered() -> None:
    names = allowed_names("192.168.1.5", ["Shop.Example", "[fe80::1]"])
    assert {"192.168.1.5", "shop.example", "fe80::1", "localhost"} <= names
    assert "0.0.0.0" not in allowed_names("0.0.0.0", [])
    assert strip_port("SHOP.example:443") in names


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "shop.example", "127.0.0.1.evil.example"])
def test_other_machines_reach_what_is_no_loopback(host: str) -> None:
    assert not is_loopback(host)
