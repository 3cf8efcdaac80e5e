"""The base that every page is drawn on: escaping, the menu, sections, fields, notes, and the files beside it."""

from __future__ import annotations

import re

import jinja2
import pytest

pytest.importorskip("fastapi", reason="the pages need frontrow[web]")

from fastapi import FastAPI, Request
from fastapi.testclient import TestClient

from frontrow.present.section import Cell, Section, Sentence, Table
from frontrow.web.pages import drawing
from frontrow.web.pages.road import STEPS, build_road
from frontrow.web.pages.routes import static

HOSTILE = "<script>alert(1)</script>"


def draw_text(source: str, **values: object) -> str:
    """A template that is not a file, drawn in the environment of the pages."""
    return drawing._environment().from_string(source).render(**values)


def error_page(**values: object) -> str:
    return drawing.draw("error.html", **{"heading": "No such page", "sentence": "Choose another.", **values})


def test_everything_is_escaped() -> None:
    page = error_page(heading=HOSTILE, shop=HOSTILE, crumbs=[(HOSTILE, '"><b>')], road=build_road(HOSTILE, "Who"))
    assert "<script>alert" not in page
    assert '"><b>' not in page


def test_a_value_that_is_not_given_is_an_error() -> None:
    with pytest.raises(jinja2.UndefinedError):
        drawing.draw("error.html", heading="x")


def test_pages_hold_no_inline_style_and_no_inline_script() -> None:
    page = error_page(shop="garden", going_to=(2, "/jobs"))
    assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:", page)
    assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", page))


def test_the_menu_says_where_the_reader_is() -> None:
    page = error_page(shop="garden", at="launches")
    assert re.findall(r'href="([^"]+)" aria-current="page"', page) == ["/shops/garden/launches"]


def test_the_road_has_one_current_step() -> None:
    road = build_road("garden", "How many", audience="j1")
    assert [step.title for step in road] == list(STEPS)
    assert [step.title for step in road if step.state == "current"] == ["How many"]
    assert [step.href for step in road if step.title in ("Campaign", "Earned")] == [None, None]


def test_sections_are_drawn_with_their_figures_and_marks() -> None:
    table = Table(
        "Sold", ("product", "buyers"), [("Pot <b>", Cell("21", "5 to 60")), ("  of these", None)], ("buyers",)
    )
    section = Section("sold", "What was sold", (Sentence("**About 21**; `x`", "good"), table))
    page = draw_text('{% from "sections.html" import draw_section %}{{ draw_section(section) }}', section=section)
    assert "<h2>What was sold</h2>" in page
    assert '<p class="sentence good"><strong>About 21</strong>; <code>x</code></p>' in page
    assert "Pot &lt;b&gt;" in page
    assert '<td class="number" data-column="buyers">21<small>5 to 60</small>' in page
    assert '<span class="inner">of these</span>' in page


def test_a_field_is_read_with_its_error() -> None:
    template = '{% from "fields.html" import field %}{{ field("price", "Price", "-1", errors, "In pounds.") }}'
    page = draw_text(template, errors={"price": "Give 0 or more."})
    assert 'aria-invalid="true" aria-describedby="error-price hint-price"' in page
    assert '<p class="error" id="error-price">Give 0 or more.</p>' in page


def test_money_is_in_the_currency_of_the_shop() -> None:
    assert draw_text("{{ 1234.5 | money }}", currency="GBP") == "1,234\u202fGBP"
    assert draw_text("{{ 1234.5 | money('EUR') }}") == "1,234\u202fEUR"


@pytest.fixture(scope="module")
def client() -> TestClient:
    app = FastAPI()
    app.include_router(static.router)

    @app.get("/")
    def read_page(request: Request) -> object:
        return drawing.render(request, "error.html", status=404, heading="x", sentence="y")

    return TestClient(app)


def test_a_note_is_chosen_by_its_code_alone(client: TestClient) -> None:
    assert "The job was cancelled." in client.get("/?note=cancelled").text
    assert 'role="status"' not in client.get("/?note=Send+money").text
    assert client.get("/").status_code == 404


def test_static_files_may_be_kept_for_ever_and_nothing_else_is_given(client: TestClient) -> None:
    answer = client.get(drawing.static_address("style.css"))
    assert answer.headers["content-type"].startswith("text/css")
    assert "immutable" in answer.headers["cache-control"]
    assert client.get("/static/..%2fdrawing.py").status_code == 404
    assert client.get("/static/drawing.py").status_code == 404
