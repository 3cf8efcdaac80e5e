"""Signing in: missing and wrong tokens, scopes, fixed and stolen sessions, tokens that were removed, guessing."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from frontrow.errors import SettingError
from frontrow.web.accounts import add_token, list_audit, remove_token
from frontrow.web.security.attempts import ATTEMPTS_OF_ADDRESS, ATTEMPTS_OF_ALL, WINDOW_SECONDS, Attempts
from frontrow.web.security.stranger import own_address
from frontrow.web.server_state import Server
from frontrow.web.settings import STATE
from frontrow.web.store.database import FILE

OWN_PAGE = {"Sec-Fetch-Site": "same-origin"}
OPENING_TOKEN = "the opening token"


def cookie_of(client: TestClient) -> str:
    """The value of the session's cookie."""
    (value,) = [cookie.value for cookie in client.cookies.jar if cookie.name.startswith("frontrow-")]
    assert value
    return value


@pytest.fixture
def token(server: Server) -> str:
    server.tokens.remove("Anna")
    return server.tokens.add("Anna", ["read"])


def test_a_stranger_is_sent_to_the_login_and_back(stranger: TestClient, token: str) -> None:
    sent = stranger.get("/shops/garden?note=cancelled")
    assert sent.status_code == 303
    assert sent.headers["location"] == "/login?next=%2Fshops%2Fgarden%3Fnote%3Dcancelled"
    page = stranger.get(sent.headers["location"])
    assert 'value="/shops/garden?note=cancelled"' in page.text
    answer = stranger.post("/login", data={"token": f" {token} ", "next": "/shops/garden"}, headers=OWN_PAGE)
    assert (answer.status_code, answer.headers["location"]) == (303, "/shops/garden")
    assert stranger.get("/shops/garden").status_code == 200


def test_a_cookie_is_for_this_server_alone_and_no_script_reads_it(stranger: TestClient) -> None:
    header = stranger.get("/enter", params={"token": OPENING_TOKEN}).headers["set-cookie"]
    assert {"HttpOnly", "SameSite=strict", "Path=/"} <= set(header.split("; "))
    assert "Domain" not in header


def test_behind_https_the_cookie_never_leaves_it(server: Server) -> None:
    from frontrow.web.app import create_app

    app = create_app(server.settings, opening_token=OPENING_TOKEN)
    with TestClient(app, base_url="https://localhost", follow_redirects=False) as client:
        header = client.get("/enter", params={"token": OPENING_TOKEN}).headers["set-cookie"]
        assert header.startswith("__Host-frontrow-")
        assert "Secure" in header.split("; ")
        assert client.get("/").status_code == 200


@pytest.mark.parametrize(
    "wrong", ["", "x", "frontrow_", "frontrow_000000000000_" + "a" * 43, "\u00e9" * 50, "a" * 5_000]
)
def test_a_wrong_token_lets_nobody_in(stranger: TestClient, wrong: str) -> None:
    answer = stranger.post("/login", data={"token": wrong}, headers=OWN_PAGE)
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers
    assert stranger.get("/enter", params={"token": wrong}).status_code == 403
    program = stranger.get("/v1/shops", headers={"Authorization": f"Bearer {wrong}".encode()})
    assert program.status_code == 401
    assert program.headers["www-authenticate"] == "Bearer"
    assert program.json()["status"] == 401


def test_a_token_with_another_secret_is_wrong(stranger: TestClient, token: str) -> None:
    other = token[:-1] + ("a" if token[-1] != "a" else "b")
    assert stranger.get("/v1/shops", headers={"Authorization": f"Bearer {token}"}).status_code == 200
    assert stranger.get("/v1/shops", headers={"Authorization": f"Bearer {other}"}).status_code == 401
    assert stranger.get("/v1/shops", headers={"Authorization": f"Basic {token}"}).status_code == 401
    assert stranger.get("/v1/shops", params={"token": token}).status_code == 401


def test_a_wrong_token_is_not_made_good_by_a_cookie(owner: TestClient) -> None:
    assert owner.get("/v1/shops").status_code == 200
    assert owner.get("/v1/shops", headers={"Authorization": "Bearer wrong"}).status_code == 401


def test_a_scope_that_is_too_small_is_refused_with_its_name(stranger: TestClient, token: str) -> None:
    bearer = {"Authorization": f"Bearer {token}"}
    answer = stranger.post("/v1/imports", json={"shop": "garden", "uploads": []}, headers=bearer)
    assert answer.status_code == 403
    assert 'scope "plan"' in answer.json()["detail"]
    assert 'scope="plan"' in answer.headers["www-authenticate"]


def test_a_session_that_somebody_else_chose_is_worth_nothing(stranger: TestClient, server: Server, token: str) -> None:
    stranger.get("/enter", params={"token": OPENING_TOKEN})
    chosen = cookie_of(stranger)
    stranger.post("/login", data={"token": token}, headers=OWN_PAGE)
    own = cookie_of(stranger)
    assert own != chosen
    assert server.sessions.check(chosen) is None, "the session of before has ended"
    session = server.sessions.check(own)
    assert session is not None
    assert session.token is not None
    assert session.token.name == "Anna"


def test_a_stolen_cookie_ends_with_the_session(owner: TestClient, server: Server) -> None:
    stolen = cookie_of(owner)
    assert owner.post("/logout", headers=OWN_PAGE).status_code == 303
    assert server.sessions.check(stolen) is None


def test_a_session_expires(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    session = server.sessions.start(None)
    monkeypatch.setattr("frontrow.web.store.sessions._now", lambda: 10**11)
    assert server.sessions.check(session) is None


def test_a_removed_token_is_worth_nothing_nor_are_its_sessions(
    stranger: TestClient, server: Server, token: str
) -> None:
    stranger.post("/login", data={"token": token}, headers=OWN_PAGE)
    bearer = {"Authorization": f"Bearer {token}"}
    assert stranger.get("/", headers={}).status_code == 200
    # by another process, as `frontrow token` does while the server runs
    remove_token(server.settings.folder, "Anna")
    assert stranger.get("/").status_code == 303
    assert stranger.get("/v1/shops", headers=bearer).status_code == 401
    assert stranger.post("/login", data={"token": token}, headers=OWN_PAGE).status_code == 403
    again = add_token(server.settings.folder, "Anna", ["read"]).token
    assert stranger.get("/").status_code == 303, "a new token of the same name does not wake old sessions"
    assert stranger.get("/v1/shops", headers={"Authorization": f"Bearer {again}"}).status_code == 200


def test_no_token_and_no_cookie_is_in_the_database(owner: TestClient, server: Server, token: str) -> None:
    session = cookie_of(owner)
    with sqlite3.connect(server.database.path) as connection:
        text = "\n".join(connection.iterdump())
    connection.close()
    _, _, secret = token.split("_", 2)  # a secret may hold underscores itself
    assert "Anna" in text
    assert not [hidden for hidden in (secret, session, OPENING_TOKEN) if hidden in text]


@pytest.mark.usefixtures("owner")
def test_the_state_is_its_owners_alone(shops: Path) -> None:
    state = shops / STATE
    assert state.stat().st_mode & 0o777 == 0o700
    assert (state / FILE).stat().st_mode & 0o777 == 0o600


def test_guessing_is_stopped_and_may_go_on_later(stranger: TestClient, token: str) -> None:
    for _ in range(ATTEMPTS_OF_ADDRESS):
        assert stranger.post("/login", data={"token": "guess"}, headers=OWN_PAGE).status_code == 403
    for answer in (
        stranger.post("/login", data={"token": token}, headers=OWN_PAGE),
        stranger.get("/enter", params={"token": OPENING_TOKEN}),
    ):
        assert answer.status_code == 429
        assert 0 < int(answer.headers["retry-after"]) <= WINDOW_SECONDS
    bearer = {"Authorization": f"Bearer {token}"}
    assert stranger.get("/v1/shops", headers=bearer).status_code == 200, "a program that works is not shut out"


def test_attempts_are_counted_by_address_and_of_all() -> None:
    now = 0.0
    attempts = Attempts(lambda: now)
    for number in range(ATTEMPTS_OF_ADDRESS):
        attempts.record_failure(f"2001:db8::{number}")
    assert attempts.seconds_to_wait("2001:db8::ffff") == WINDOW_SECONDS, "one customer of a provider has 64 bits"
    assert attempts.seconds_to_wait("192.0.2.1") == 0
    for number in range(ATTEMPTS_OF_ALL):
        attempts.record_failure(f"192.0.2.{number}")
    assert attempts.seconds_to_wait("198.51.100.1") > 0
    now = WINDOW_SECONDS + 1
    assert attempts.seconds_to_wait("2001:db8::ffff") == 0


@pytest.mark.parametrize(
    "address",
    ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)", "", "/a\r\nX: y", "\t//x"],
)
def test_nobody_is_sent_elsewhere_after_signing_in(stranger: TestClient, token: str, address: str) -> None:
    assert own_address(address) == "/"
    answer = stranger.post("/login", data={"token": token, "next": address}, headers=OWN_PAGE)
    assert answer.headers["location"] == "/"


def test_a_link_on_a_foreign_page_leads_on_in_two_steps(owner: TestClient, stranger: TestClient) -> None:
    owner.cookies.clear()
    headers = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    assert 'http-equiv="refresh"' in stranger.get("/shops/garden", headers=headers).text


def test_a_part_of_a_page_does_not_become_the_login(stranger: TestClient) -> None:
    answer = stranger.get("/jobs/x/state", headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["hx-redirect"]) == (401, "/login")


@pytest.mark.parametrize("name", ["", "owner", "Owner", "a\nb", "<b>", "x" * 65, "../x", "a;b"])
def test_a_token_has_a_name_that_can_be_shown(server: Server, name: str) -> None:
    with pytest.raises(SettingError) as refusal:
        server.tokens.add(name, ["read"])
    assert refusal.value.setting == "name"


@pytest.mark.usefixtures("owner")
def test_the_audit_log_says_who_signed_in_and_who_made_tokens(server: Server) -> None:
    add_token(server.settings.folder, "till", ["addresses"])
    remove_token(server.settings.folder, "till")
    entries = [(entry.who, entry.action, entry.what) for entry in list_audit(server.settings.folder, 3).entries]
    assert entries == [
        ("command line", "removed a token", "till"),
        ("command line", "made a token", "till: addresses"),
        ("owner", "signed in", ""),
    ]
