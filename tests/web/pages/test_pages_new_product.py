"""New products: the form, what is said beside its fields, pasted tables."""

from __future__ import annotations

import re
from html import unescape

import pytest

pytest.importorskip("fastapi", reason="the pages need frontrow[web]")

from page_site import SHOP, Site

from frontrow.service.cached_shop import open_cached_shop
from frontrow.service.launch_history import read_launch_history

PAGE = f"/shops/{SHOP}/new"


def said(page: str, number: int, column: str) -> str:
    """What stands beside a field."""
    match = re.search(rf'id="hints-{number}-{column}"[^>]*>(.*?)</div>', page, re.DOTALL)
    assert match is not None
    return unescape(match[1])


def check(site: Site, number: int = 0, **columns: str) -> str:
    fields = {f"products.0.{column}": text for column, text in columns.items()}
    return site.client.post(f"{PAGE}/check?number={number}", data=fields).text


def test_the_form_offers_the_types_of_the_shop(site: Site) -> None:
    page = site.get(PAGE)
    assert '<datalist id="product-types"><option value="' in page
    assert 'name="products.0.title"' in page


def test_a_slip_is_said_beside_its_field_while_one_types(site: Site) -> None:
    page = check(site, title="Terracotta Lantern", price="99999", product_type="Wreathes")
    assert "above everything the shop has sold" in said(page, 0, "price")
    assert "Wreaths" in said(page, 0, "product_type")
    assert said(page, 0, "title") == ""
    assert "hx-swap-oob" in page


def test_similar_launches_are_shown_with_what_they_sold(site: Site) -> None:
    launch = read_launch_history(open_cached_shop(site.shop_folder)).launches[0]
    page = check(site, title=f"{launch.title} Deluxe")
    assert "Most like it, and what they sold" in page
    assert launch.similar[0].text in unescape(page) or launch.title in unescape(page)


def test_a_product_on_sale_already_is_recognised(site: Site) -> None:
    launch = read_launch_history(open_cached_shop(site.shop_folder)).launches[0]
    page = check(site, title=launch.title)
    assert "has been on sale since" in said(page, 0, "title")
    assert "--" not in said(page, 0, "title")


def test_what_makes_a_product_useless_is_an_error(site: Site) -> None:
    assert '<p class="error">' in said(check(site, title="Lantern", price="dear"), 0, "price")
    assert '<p class="error">' in said(check(site, title="Lantern", launch_date="soon"), 0, "launch_date")
    assert check(site, 7, title="Lantern") == ""


def test_a_form_with_an_error_starts_no_job(site: Site) -> None:
    before = len(site.server.jobs.list(kind="audience"))
    page, _ = site.post(PAGE, 422, **{"products.0.title": "Lantern", "products.0.price": "dear"}, action="rank")
    assert '<p class="error">' in said(page, 0, "price")
    assert 'value="dear"' in page
    page, _ = site.post(PAGE, 422, action="rank")
    assert "Give the product a title." in page
    assert len(site.server.jobs.list(kind="audience")) == before


def test_products_are_added_and_taken_out_without_a_script(site: Site) -> None:
    page, _ = site.post(PAGE, 200, **{"products.0.title": "Lantern"}, action="add")
    assert 'value="Lantern"' in page
    assert 'name="products.1.title"' in page
    page, _ = site.post(PAGE, 200, **{"products.0.title": "Lantern", "products.1.title": "Pot"}, action="remove-0")
    assert 'value="Pot"' in page
    assert "Lantern" not in page


def test_a_pasted_table_fills_the_form(site: Site) -> None:
    pasted = "Title;Type;Price;Notes\nTin Lantern;Outdoor Lighting;24,90;x\nTin Pot;Planters;9,50;y"
    page, _ = site.post(PAGE, 200, **{"products.0.title": "Lantern"}, action="paste", pasted=pasted)
    assert re.findall(r'name="products.\d.title" type="text" value="([^"]*)"', page) == [
        "Lantern",
        "Tin Lantern",
        "Tin Pot",
    ]
    page, _ = site.post(PAGE, 422, action="paste", pasted="")
    assert 'id="error-pasted"' in page


def test_titles_full_of_html_stay_text(site: Site) -> None:
    hostile = "<script>alert(1)</script>"
    page, _ = site.post(PAGE, 200, **{"products.0.title": hostile}, action="add")
    assert hostile not in page
    assert hostile not in check(site, title=hostile, product_type=hostile)
