"""Every route: who may use it, what it answers, names that are paths, and texts full of HTML."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

pytest.importorskip("fastapi", reason="the pages need frontrow[web]")

from fastapi.routing import APIRoute
from fastapi.testclient import TestClient

import frontrow.web.api.routes
import frontrow.web.pages.routes
from frontrow.discovery import load_plugins
from frontrow.web.security.headers import CONTENT_SECURITY_POLICY
from frontrow.web.security.identify import OPEN_FOLDER, OPEN_PATHS
from frontrow.web.security.visitor import SCOPES, require
from frontrow.web.server_state import Server

OPEN = {*OPEN_PATHS, "/static/{name}", "/logout"}
READING_POSTS = {"/v1/recommendations", "/shops/{shop}/new/check"}
"""What is sent by POST since it is long, and changes nothing."""

SENDING_ADDRESSES = {
    ("POST", "/shops/{shop}/campaigns/{campaign_id}/push/{destination}"),
    ("POST", "/shops/{shop}/campaigns/{campaign_id}/push/{destination}/held-out"),
    ("POST", "/v1/campaigns/{campaign_id}/pushes/{destination}"),
}
"""What sends addresses to a platform; it needs the scope to plan as well."""

GIVING_ADDRESSES = {
    ("GET", "/v1/campaigns/{campaign_id}/files/{platform}"),
    ("GET", "/shops/{shop}/campaigns/{campaign_id}/files/{name}"),
    ("POST", "/shops/{shop}/audiences/{audience}"),
}
"""Every way by which an address leaves the server."""

PATHS = [
    "..",
    "../..",
    "..\\..",
    "/etc/passwd",
    ".frontrow",
    "%2e%2e",
    "garden/../garden",
    "garden\0",
    "a" * 5_000,
    "*",
]
SCOPE_OF = {require(scope): scope for scope in SCOPES}


def all_routes() -> list[APIRoute]:
    folders = (frontrow.web.api.routes, frontrow.web.pages.routes)
    routers = [router for folder in folders for router in load_plugins(folder, "router").values()]
    return [route for router in routers for route in router.routes]


ROUTES = all_routes()
LOOKING = sorted({route.path for route in ROUTES if "GET" in route.methods})
CHANGING = [(next(iter(route.methods)), route.path) for route in ROUTES if "GET" not in route.methods]


def write_whole(name: str) -> str:
    """A name as one part of an address; a client would follow dots itself."""
    return quote(name, safe="").replace(".", "%2E")


def dependencies(dependant: Any) -> Iterator[Any]:
    for dependency in dependant.dependencies:
        yield dependency.call
        yield from dependencies(dependency)


def test_every_route_says_which_scope_it_needs() -> None:
    assert len(ROUTES) > 30
    without = [route.path for route in ROUTES if not SCOPE_OF.keys() & set(dependencies(route.dependant))]
    assert set(without) <= OPEN


def scopes_of(route: APIRoute) -> set[str]:
    return {SCOPE_OF[call] for call in dependencies(route.dependant) if call in SCOPE_OF}


def test_what_changes_something_needs_to_plan() -> None:
    for route in ROUTES:
        is_changing = "GET" not in route.methods and route.path not in OPEN | READING_POSTS
        if is_changing and (next(iter(route.methods)), route.path) not in GIVING_ADDRESSES:
            assert "plan" in scopes_of(route), route.path


def test_what_gives_addresses_needs_that_scope_and_nothing_else_does() -> None:
    needing = {(method, route.path) for route in ROUTES if "addresses" in scopes_of(route) for method in route.methods}
    assert needing == GIVING_ADDRESSES | SENDING_ADDRESSES


@pytest.mark.parametrize("path", sorted(set(LOOKING) - OPEN))
def test_a_stranger_sees_nothing(stranger: TestClient, path: str) -> None:
    answer = stranger.get(re.sub(r"\{\w+\}", "garden", path))
    assert answer.status_code in (303, 401)
    assert "garden" not in answer.text


@pytest.mark.parametrize(("method", "path"), [item for item in CHANGING if item[1] not in ("/login", "/logout")])
def test_a_stranger_changes_nothing(stranger: TestClient, method: str, path: str) -> None:
    headers = {"Sec-Fetch-Site": "same-origin"}
    answer = stranger.request(method, re.sub(r"\{\w+\}", "garden", path), headers=headers)
    assert answer.status_code in (303, 401)
    assert answer.headers.get("location", "/login") == "/login"


@pytest.mark.parametrize("path", LOOKING)
def test_every_answer_has_the_headers(owner: TestClient, path: str) -> None:
    answer = owner.get(re.sub(r"\{\w+\}", "nothing", path))
    assert answer.status_code < 500
    assert answer.headers["content-security-policy"] == CONTENT_SECURITY_POLICY
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["x-frame-options"] == "DENY"
    assert answer.headers["cross-origin-opener-policy"] == "same-origin"
    if not path.startswith(OPEN_FOLDER):
        assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("path", [path for path in LOOKING if "{" in path])
def test_a_name_is_never_a_path(owner: TestClient, path: str) -> None:
    """Each name of an address in turn is hostile, the others are right where there is a right one."""
    for name in re.findall(r"\{(\w+)\}", path):
        for hostile in PATHS:
            address = path.replace(f"{{{name}}}", write_whole(hostile)).replace("{shop}", "garden")
            answer = owner.get(re.sub(r"\{\w+\}", "0" * 24, address))
            assert 300 <= answer.status_code < 500, (address, answer.status_code)
            assert "root:" not in answer.text


@pytest.mark.parametrize(("method", "path"), [item for item in CHANGING if "{shop}" in item[1]])
def test_a_shop_that_is_not_there_is_never_made(owner: TestClient, shops: Path, method: str, path: str) -> None:
    before = sorted(shops.parent.iterdir()), sorted(shops.iterdir())
    for hostile in PATHS:
        address = re.sub(r"\{\w+\}", "0" * 24, path.replace("{shop}", write_whole(hostile)))
        answer = owner.request(method, address, headers={"Sec-Fetch-Site": "same-origin"}, data={"name": hostile})
        assert 300 <= answer.status_code < 500, (address, answer.status_code)
    assert (sorted(shops.parent.iterdir()), sorted(shops.iterdir())) == before


@pytest.mark.parametrize("hostile", [*PATHS, "", "Garden", "CAMPAIGNS", "campaigns"])
def test_a_job_is_for_a_shop_and_uploads_of_this_server(owner: TestClient, server: Server, hostile: str) -> None:
    headers = {"Sec-Fetch-Site": "same-origin"}
    jobs = len(server.jobs.list())
    for request in ({"shop": hostile, "uploads": ["0" * 24]}, {"shop": "garden", "uploads": [hostile]}):
        answer = owner.post("/v1/imports", json=request, headers=headers)
        assert 400 <= answer.status_code < 500, answer.text
    audience = {"shop": "garden", "products": [{"title": "Pot"}], "model": hostile}
    for request in ({**audience, "shop": hostile}, audience):
        assert 400 <= owner.post("/v1/audiences", json=request, headers=headers).status_code < 500
    assert len(server.jobs.list()) == jobs


@pytest.mark.parametrize("name", [path for path in PATHS if len(path) < 500])
def test_an_upload_is_never_written_under_its_name(owner: TestClient, server: Server, name: str) -> None:
    headers = {"Sec-Fetch-Site": "same-origin"}
    answer = owner.put("/v1/uploads", params={"name": name}, content=b"order_id\n1\n", headers=headers)
    assert answer.status_code == 201
    upload = server.runner.places.uploads / answer.json()["upload_id"]
    assert re.fullmatch(r"[0-9a-f]{24}", upload.name)
    assert all(file.name in ("upload.json", f"{upload.name}.csv") for file in upload.iterdir()), list(upload.iterdir())


class Tags(HTMLParser):
    """Every tag with its attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def find_dangers(page: str) -> list[object]:
    """What a hostile title could have become, and what the policy of our own pages forbids."""
    dangers: list[object] = ["49"] if "{{7*7}}" not in page and "alert(1)" in page else []
    for tag, attributes in Tags(page).tags:
        is_inline = (tag == "script" and not attributes.get("src")) or tag in ("style", "iframe", "object", "base")
        handlers = [name for name in attributes if name.startswith("on") or name == "style"]
        is_foreign = any(
            (attributes.get(name) or "").lower().startswith("javascript:") for name in ("href", "action", "src")
        )
        if is_inline or handlers or is_foreign or attributes.get("src") == "x":
            dangers.append((tag, attributes))
    return dangers


def test_dangers_are_seen() -> None:
    assert find_dangers("<script>alert(1)</script><img src=x onerror=alert(2)><p style='a'><a href='javascript:b'>")
    assert not find_dangers("<p>&lt;script&gt;alert(1)</p>{{7*7}}<script src='/static/a.js'></script>")


@pytest.mark.parametrize("path", [path for path in LOOKING if "{" not in path.replace("{shop}", "")])
def test_no_title_becomes_html(owner: TestClient, path: str) -> None:
    answer = owner.get(path.replace("{shop}", "garden"), params={"shop": "garden"})
    assert answer.status_code < 400 or path == "/enter"
    if answer.headers.get("content-type", "").startswith("text/html"):
        assert not find_dangers(answer.text)


def test_the_hostile_titles_are_on_a_page(owner: TestClient) -> None:
    """So that the test before it tests something."""
    assert "&lt;script&gt;alert(1)" in owner.get("/shops/garden/launches").text
    assert "&lt;script&gt;alert(1)" in owner.get("/shops/garden/new").text


@pytest.mark.parametrize("path", ["/login", "/jobs", "/shops/garden", "/shops/garden/launches", "/shops/garden/new"])
def test_no_part_of_an_address_becomes_html(owner: TestClient, path: str) -> None:
    hostile = "\"'><script>alert(1)</script>"
    for name in ("next", "note", "state", "q", "search", "page", "product", "title"):
        assert not find_dangers(owner.get(path, params={name: hostile}, follow_redirects=True).text)
    assert not find_dangers(owner.get(f"/{quote(hostile, safe='')}").text)
