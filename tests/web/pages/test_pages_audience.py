"""Who is likely to buy: the answer, the list with its filters, and addresses only on request."""

from __future__ import annotations

import csv
import io
import re

import polars as pl
import pytest

pytest.importorskip("fastapi", reason="the pages need frontrow[web]")

from page_site import SHOP, Site

from frontrow.service.saved_audience import SavedAudience, read_saved_audience
from frontrow.shop.shop import Shop


@pytest.fixture(scope="module")
def page_path(audience: str) -> str:
    return f"/shops/{SHOP}/audiences/{audience}"


@pytest.fixture(scope="module")
def saved(site: Site, audience: str) -> SavedAudience:
    return read_saved_audience(site.server.runner.folder_of(audience))


@pytest.fixture(scope="module")
def first(saved: SavedAudience) -> pl.DataFrame:
    """The list of the first product."""
    rows = saved.audience.rows
    return rows.filter(pl.col("product_id") == rows["product_id"][0]).sort("rank")


def customers(page: str) -> list[int]:
    table = page.partition('class="ranked"')[2].partition("</table>")[0]
    return [int(number) for number in re.findall(r'<th scope="row">(\d+)</th>', table)]


def emails(site: Site) -> set[str]:
    return set(Shop.read(site.shop_folder).customers.collect()["email"].drop_nulls())


def test_the_answer_comes_before_the_list(site: Site, page_path: str, saved: SavedAudience) -> None:
    page = site.get(page_path)
    expected = saved.audience.expected_buyers().row(0, named=True)
    assert f"About <strong>{expected['expected_buyers']:,.1f}</strong> of {expected['customers']:,} customers" in page
    places = [page.index(text) for text in ("are expected to buy", 'class="button primary"', 'class="ranked"')]
    assert places == sorted(places)


def test_the_list_is_paged_in_order(site: Site, page_path: str, first: pl.DataFrame) -> None:
    ranked = first["customer_id"].to_list()
    assert customers(site.get(page_path)) == ranked[:25]
    assert customers(site.get(f"{page_path}?page=2")) == ranked[25:50]
    last = -(-len(ranked) // 25)
    assert customers(site.get(f"{page_path}?page=999")) == ranked[(last - 1) * 25 :]


def test_each_product_has_its_own_list(site: Site, page_path: str, saved: SavedAudience) -> None:
    rows = saved.audience.rows
    second = rows["product_id"].unique(maintain_order=True)[1]
    expected = rows.filter(pl.col("product_id") == second).sort("rank")["customer_id"].head(25).to_list()
    assert customers(site.client.get(page_path, params={"product": second}).text) == expected


def test_filters_keep_the_customers_of_whom_they_hold(site: Site, page_path: str, first: pl.DataFrame) -> None:
    shop = Shop.read(site.shop_folder)
    lines = shop.lines().collect()
    country = lines.drop_nulls("customer_id").sort("ordered_at").group_by("customer_id").agg(pl.col("country").last())
    some = country["country"].drop_nulls().value_counts(sort=True)["country"][-1]
    there = set(country.filter(pl.col("country") == some)["customer_id"])
    expected = [number for number in first["customer_id"] if number in there][:25]
    assert customers(site.client.get(page_path, params={"country": some}).text) == expected
    types = shop.products.select("product_id", "product_type")
    bought = lines.join(types, on="product_id").drop_nulls(["customer_id", "product_type"])
    kind = bought["product_type"].value_counts(sort=True)["product_type"][-1]
    buyers = set(bought.filter(pl.col("product_type") == kind)["customer_id"])
    expected = [number for number in first["customer_id"] if number in buyers][:25]
    assert customers(site.client.get(page_path, params={"bought": kind}).text) == expected


def test_a_customer_is_found_by_number(site: Site, page_path: str, first: pl.DataFrame) -> None:
    number = first["customer_id"][40]
    assert customers(site.get(f"{page_path}?customer={number}")) == [number]
    assert "No customer of the list is like that" in site.get(f"{page_path}?customer=x")


def test_the_csv_has_everyone_and_no_address(site: Site, page_path: str, first: pl.DataFrame) -> None:
    text = site.get(f"{page_path}/list.csv")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [int(row["customer_id"]) for row in rows] == first["customer_id"].to_list()
    assert "source_id" not in rows[0]
    assert not any(email in text for email in emails(site))


def test_addresses_appear_only_where_asked_for_and_that_is_written_down(site: Site, page_path: str) -> None:
    known = emails(site)
    page = site.get(page_path)
    assert not any(email in page for email in known)
    answer = site.client.post(page_path, data={"page": "2"})
    shown = {email for email in known if email in answer.text}
    assert len(shown) > 5
    assert answer.headers["cache-control"] == "no-store"
    entry = site.server.audit.list(limit=1)[0]
    assert (entry.who, entry.action, entry.shop, entry.rows) == ("owner", "took addresses", SHOP, 25)
    assert not any(email in str(entry.to_dict()) for email in known)


def test_addresses_need_their_own_scope(site: Site, page_path: str) -> None:
    secret = site.server.tokens.add("till", ["read", "plan"])
    headers = {"Authorization": f"Bearer {secret}"}
    assert site.client.post(page_path, headers=headers).status_code == 403
    page = site.client.get(page_path, headers=headers).text
    assert "Show the addresses" not in page


def test_the_shop_lists_its_audiences(site: Site, audience: str) -> None:
    assert f"/shops/{SHOP}/audiences/{audience}" in site.get(f"/shops/{SHOP}")
