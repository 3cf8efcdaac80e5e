"""What changes something must come from our own pages; a cookie alone is not enough."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient
from starlette.datastructures import Headers

from frontrow.web.security.cross_site import comes_from_outside
from frontrow.web.server_state import Server

ADDRESS = "http://127.0.0.1:8480"
FORM = {"token": "x"}


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}, id="a form elsewhere"),
        pytest.param({"Sec-Fetch-Site": "same-site", "Origin": "http://127.0.0.1:3000"}, id="another port"),
        pytest.param({"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors"}, id="fetch elsewhere"),
        pytest.param({"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}, id="fetch without cors"),
        pytest.param({"Sec-Fetch-Site": ""}, id="an empty header"),
        pytest.param({"Origin": "https://evil.example"}, id="an old browser"),
        pytest.param({"Origin": "null"}, id="a sandbox"),
        pytest.param({"Origin": "http://127.0.0.1:8480.evil.example"}, id="a name that begins like ours"),
        pytest.param({"Origin": "https://127.0.0.1:8480"}, id="another scheme"),
        pytest.param({}, id="neither"),
    ],
)
@pytest.mark.parametrize("address", ["/logout", "/login", "/shops/garden/launches", "/v1/audiences", "/import"])
def test_a_foreign_page_changes_nothing(owner: TestClient, headers: dict[str, str], address: str) -> None:
    assert owner.post(address, data=FORM, headers=headers).status_code == 403
    assert owner.get("/").status_code == 200, "still signed in"


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "PROPFIND"])
def test_no_method_slips_through(owner: TestClient, method: str) -> None:
    assert owner.request(method, "/shops/garden/launches", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403


@pytest.mark.parametrize(
    "headers", [{"Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "none"}, {"Origin": ADDRESS}]
)
def test_our_own_pages_may(owner: TestClient, headers: dict[str, str]) -> None:
    assert owner.post("/logout", headers=headers).status_code == 303


def test_a_program_needs_no_origin_and_a_cookie_does(stranger: TestClient, server: Server) -> None:
    token = server.tokens.add("a program", ["read", "plan"])
    bearer = {"Authorization": f"Bearer {token}"}
    try:
        assert stranger.post("/v1/imports", json={}, headers=bearer).status_code == 422
        refused = stranger.post("/v1/imports", json={}, headers={**bearer, "Cookie": "a=b"})
        assert refused.status_code == 403
        foreign = stranger.post("/v1/imports", json={}, headers={**bearer, "Sec-Fetch-Site": "cross-site"})
        assert foreign.status_code == 403
    finally:
        server.tokens.remove("a program")


def test_a_foreign_page_may_not_even_read(owner: TestClient) -> None:
    answer = owner.get("/v1/shops", headers={"Origin": "https://evil.example"})
    assert "access-control-allow-origin" not in answer.headers
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"


def test_looking_is_never_refused() -> None:
    headers = Headers({"sec-fetch-site": "cross-site"})
    assert not [method for method in ("GET", "HEAD", "OPTIONS") if comes_from_outside(method, "http", headers)]
