"""Lists under rules that are typed on the page, similar products, and the back-test."""

from __future__ import annotations

import tomllib

import pytest

pytest.importorskip("fastapi", reason="the pages need frontrow[web]")

from hypothesis import given
from hypothesis import strategies as st
from page_site import SHOP, Site

from frontrow.shop.shop import Shop
from frontrow.web.pages.rules_form import FIELDS, write_rules


def test_lists_are_made_under_the_rules_of_the_page(site: Site) -> None:
    fields = {"customers": "all", "numbers": "1, 2", "k": "4", "already_bought": "hide", "exclude_types": "Bulbs"}
    _, location = site.post(f"/shops/{SHOP}/next", **fields)
    job = site.run(location.removeprefix("/jobs/"))
    assert job.state == "done", job.error
    page_path = site.client.get(location).headers["location"]
    page = site.get(page_path)
    assert "What the rules did" in page
    assert "Bulbs" in page or "product_types" in page or "excluded" in page
    lists = site.get(f"{page_path}/lists.csv").splitlines()
    assert len(lists) == 1 + 2 * 4
    assert "@" not in "".join(lists)


def test_a_rule_that_cannot_be_is_said(site: Site) -> None:
    assert "with commas between them" in site.post(f"/shops/{SHOP}/next", 422, numbers="five")[0]
    _, location = site.post(f"/shops/{SHOP}/next", diversity="lots")
    job = site.run(location.removeprefix("/jobs/"))
    assert job.state == "failed"
    assert "diversity" in job.error


def test_products_like_another_one(site: Site) -> None:
    product = Shop.read(site.shop_folder).products["title"][0]
    _, location = site.post(f"/shops/{SHOP}/similar", product=product)
    job = site.run(location.removeprefix("/jobs/"))
    assert job.state == "done", job.error
    assert product in site.get(site.client.get(location).headers["location"]).replace("&#39;", "'")


def test_the_evidence_is_asked_for_once_and_then_shown(site: Site) -> None:
    path = f"/shops/{SHOP}/evidence"
    assert "Test past launches" in site.get(path)
    _, location = site.post(path)
    assert "A test is under way" in site.get(path)
    # too small a shop for the page's own bound: it says so
    assert "buyers or more" in site.run(location.removeprefix("/jobs/")).error
    values = {"shop": SHOP, "min_buyers": 1, "test_days": 120}
    job = site.run(site.server.jobs.add("backtest", SHOP, values, created_by="test").job_id)
    assert job.state == "done", job.error
    page = site.get(path)
    assert "Test it again" in page
    assert "text similarity" in page


@given(st.fixed_dictionaries({}, optional=dict.fromkeys(FIELDS, st.text(max_size=20))))
def test_whatever_is_typed_becomes_toml(values: dict[str, str]) -> None:
    rules = tomllib.loads(write_rules({name: value.strip() for name, value in values.items()}))
    assert rules.keys() <= {"already_bought", "diversity", "include", "exclude", "at_most"}
    if values.get("already_bought", "").strip():
        assert rules["already_bought"] == values["already_bought"].strip()
