"""The shops, what comes in, and how far jobs are."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

pytest.importorskip("fastapi", reason="the pages need frontrow[web]")

from page_site import SHOP, Site, open_site

from frontrow.synthetic import SyntheticShop
from frontrow.web.store.uploads import new_upload


def upload(site: Site, file: Path) -> str:
    with new_upload(site.server.runner.places.uploads, file.name) as (upload_id, written):
        written.write(file.read_bytes())
    return upload_id


def test_without_a_shop_the_page_asks_for_exports(tmp_path: Path) -> None:
    page = open_site(tmp_path).get("/")
    assert "Drop your export files here" in page
    assert 'name="shop"' in page


def test_each_shop_is_a_card_with_its_next_step(site: Site) -> None:
    page = site.get("/")
    assert f'href="/shops/{SHOP}"' in page
    assert f'href="/shops/{SHOP}/new">Describe a new product' in page or "How many to contact" in page


def test_a_shop_shows_what_to_do_and_what_it_has(site: Site) -> None:
    page = site.get(f"/shops/{SHOP}")
    assert page.count('class="button primary"') == 1
    assert re.search(r'<dt>Customers</dt><dd class="big">\d', page)
    assert "No order since" in page


def test_a_shop_that_is_not_there_is_not_found(site: Site) -> None:
    for path in ("/shops/nobody", "/shops/..%2f..%2fetc", "/shops/nobody/new", "/shops/nobody/launches"):
        assert "<h1" in site.get(path, 404)


def test_an_import_goes_from_files_to_the_data_report(tmp_path: Path) -> None:
    site = open_site(tmp_path / "shops")
    garden = SyntheticShop(customers=60, seed=1)
    files = garden.write_shopify(tmp_path / "exports")
    uploads = [upload(site, file) for file in files]
    _, location = site.post("/import", shop="new-shop", time_zone=garden.time_zone, upload=uploads)
    page = site.get(location)
    assert "Import exports" in page
    assert 'hx-trigger="every 1s"' in page
    assert '<meta http-equiv="refresh"' in page
    job = site.run(location.removeprefix("/jobs/"))
    assert job.state == "done", job.error
    report = site.client.get(location).headers["location"]
    assert report == f"/shops/new-shop/imports/{job.job_id}"
    state = site.client.get(f"{location}/state")
    assert state.headers["hx-redirect"] == report
    page = site.get(report)
    assert "What became of every row" in page
    assert "orders_export_1.csv" in page
    assert str(tmp_path) not in page


def test_an_import_without_files_or_with_a_bad_name_says_so_beside_the_field(site: Site) -> None:
    page, _ = site.post("/import", 422, shop="new-shop")
    assert "Choose at least one export file first." in page
    page, _ = site.post("/import", 422, shop="../up", upload="0" * 24)
    assert 'id="error-shop"' in page


def test_a_file_in_no_known_format_is_imported_once_its_columns_are_named(tmp_path: Path) -> None:
    site = open_site(tmp_path / "shops")
    file = tmp_path / "sales.csv"
    rows = [f"{number},a{number}@example.com,Pot,2025-01-{number % 28 + 1:02},1,12.50" for number in range(1, 40)]
    file.write_text("\n".join(["Invoice,Client mail,Thing,When,Pieces,Each", *rows]))
    _, location = site.post("/import", shop="pots", currency="GBP", upload=upload(site, file))
    assert site.run(location.removeprefix("/jobs/")).state == "failed"
    page = site.get(location)
    assert "sales.csv is in no format that frontrow knows" in page
    assert f'href="{location}/columns"' in page
    page = site.get(f"{location}/columns")
    assert '<option value="0" selected>Invoice</option>' in page
    page, _ = site.post(f"{location}/columns", 422, order_id="0")
    assert 'id="error-price"' in page
    named = {"order_id": "0", "email": "1", "title": "2", "ordered_at": "3", "quantity": "4", "price": "5"}
    _, again = site.post(f"{location}/columns", **named)
    job = site.run(again.removeprefix("/jobs/"))
    assert job.state == "done", job.error
    assert "39 orders" in site.get(site.client.get(again).headers["location"])


def test_a_job_may_be_cancelled_and_is_found_among_the_jobs(site: Site) -> None:
    _, location = site.post(f"/shops/{SHOP}/new", **{"products.0.title": "Tin Lantern"}, action="rank")
    assert "Tin Lantern" in site.get("/jobs")
    site.post(f"{location}/cancel")
    assert "It was cancelled. Nothing was changed." in site.get(location)


def test_a_job_that_failed_leads_back_to_its_form(site: Site) -> None:
    values = {"shop": SHOP, "products": [{"title": "Tin Lantern", "price": "dear"}]}
    job = site.server.jobs.add("audience", SHOP, values, created_by="test")
    assert site.run(job.job_id).state == "failed"
    page = site.get(f"/jobs/{job.job_id}")
    assert f"/shops/{SHOP}/new?again={job.job_id}" in page
    form = site.get(f"/shops/{SHOP}/new?again={job.job_id}")
    assert 'value="dear"' in form
    assert re.search(r'id="hints-0-price"[^>]*><p class="error">', form)


def test_a_job_that_is_not_there_is_not_found(site: Site) -> None:
    for path in ("/jobs/none", "/jobs/none/state", f"/shops/{SHOP}/imports/none", f"/shops/{SHOP}/audiences/none"):
        assert "<h1" in site.get(path, 404)
