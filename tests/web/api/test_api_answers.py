"""Problems, pages of tables, formats, files with addresses, health and metrics."""

from __future__ import annotations

import io
import sqlite3
import zipfile

import polars as pl
import pytest
from api_site import SHOP, ApiSite

from frontrow.errors import (
    ArtifactError,
    DiskFullError,
    FrontrowError,
    InputError,
    SettingError,
    ShopError,
    ShopLockedError,
)
from frontrow.service.launches import list_launches
from frontrow.service.opening import RunSettings
from frontrow.web.api.cursors import make_cursor
from frontrow.web.api.metrics import Metrics
from frontrow.web.api.negotiation import CSV, PARQUET, TABLE_TYPES, choose_type
from frontrow.web.api.problems import MEDIA_TYPE, ProblemError, describe_problem


@pytest.mark.parametrize(
    ("error", "status", "name", "field"),
    [
        (SettingError("horizon_days", "Give a day."), 422, "setting", "horizon_days"),
        (InputError("is no date", file="a.csv", column="day"), 422, "input", "day"),
        (ShopLockedError("Another command works on it."), 409, "shop-locked", ""),
        (ShopError("The shop is damaged."), 409, "shop", ""),
        (DiskFullError("There is no space."), 507, "disk-full", ""),
        (ArtifactError("The model is damaged. Train it again."), 409, "artifact", ""),
        (FrontrowError("It cannot be done."), 422, "frontrow", ""),
    ],
)
def test_errors_of_frontrow_are_problems_with_their_sentence(
    error: FrontrowError, status: int, name: str, field: str
) -> None:
    problem = describe_problem(error)
    assert (problem.status, problem.name, problem.field) == (status, name, field)
    assert problem.detail == str(error)


def test_a_defect_says_nothing_of_what_happened() -> None:
    document = describe_problem(KeyError("ann@example.com")).to_dict()
    assert document["status"] == 500
    assert "example.com" not in str(document)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/v1/nothing", 404),
        ("/v1/shops/..%2f..%2fetc", 404),
        ("/v1/jobs/..", 404),
        (f"/v1/launches?shop={SHOP}&limit=0", 422),
        ("/v1/launches?shop=%00", 404),
        ("/v1/launches", 422),
    ],
)
def test_every_refusal_is_a_problem_document(site: ApiSite, path: str, status: int) -> None:
    answer = site.client.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (status, MEDIA_TYPE)
    assert answer.json()["detail"].endswith(".")


def test_a_method_that_is_not_taken_says_which_are(site: ApiSite) -> None:
    answer = site.client.delete("/v1/shops")
    assert (answer.status_code, answer.headers["content-type"]) == (405, MEDIA_TYPE)
    assert answer.headers["allow"] == "GET"


def test_each_field_at_fault_has_a_sentence_that_does_not_repeat_it(site: ApiSite) -> None:
    body = {"shop": SHOP, "products": [{"title": "", "secret": "ann@example.com"}], "seed": "x"}
    answer = site.client.post("/v1/audiences", json=body)
    assert [error["field"] for error in answer.json()["errors"]] == ["seed", "products.0.title", "products.0.secret"]
    assert "example.com" not in answer.text


def test_pages_put_together_are_the_whole_table(site: ApiSite) -> None:
    rows, cursor, address = [], None, f"/v1/launches?shop={SHOP}&limit=7"
    while True:
        page = site.client.get(address + (f"&cursor={cursor}" if cursor else "")).json()
        rows += page["items"]
        cursor = page["next"]
        if cursor is None:
            break
    table = list_launches(site.shop_folder, RunSettings()).table
    assert [row["product_id"] for row in rows] == table["product_id"].to_list()
    assert page["total"] == table.height


def test_a_foreign_cursor_is_refused(site: ApiSite) -> None:
    first = site.client.get(f"/v1/launches?shop={SHOP}&limit=1").json()["next"]
    for address in (
        f"/v1/launches?shop={SHOP}&verdict=launch&cursor={first}",
        f"/v1/launches?shop={SHOP}&cursor={make_cursor(5, 'launches', SHOP)}",
        f"/v1/launches?shop={SHOP}&cursor=%C3%A4",
        f"/v1/launches?shop={SHOP}&cursor=AAAA",
    ):
        answer = site.client.get(address)
        assert (answer.status_code, answer.json()["field"]) == (422, "cursor")


def test_a_table_comes_in_the_format_that_is_asked_for(site: ApiSite) -> None:
    address = f"/v1/launches?shop={SHOP}&limit=5"
    items = site.client.get(address).json()["items"]
    csv = site.client.get(address, headers={"Accept": CSV})
    parquet = site.client.get(address, headers={"Accept": PARQUET})
    assert pl.read_csv(io.BytesIO(csv.content))["product_id"].to_list() == [item["product_id"] for item in items]
    assert pl.read_parquet(io.BytesIO(parquet.content))["units"].to_list() == [item["units"] for item in items]
    assert csv.headers["link"] == parquet.headers["link"]
    assert len({answer.headers["etag"] for answer in (csv, parquet)}) == 2
    following = csv.headers["link"].removeprefix("<").partition(">")[0]
    assert site.client.get(following).json()["items"][0] not in items
    assert site.client.get(address, headers={"Accept": "image/png"}).status_code == 406


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        (None, "application/json"),
        ("*/*", "application/json"),
        ("text/html, */*;q=0.1", "application/json"),
        ("application/json;q=0, */*", "text/csv"),
        ("text/csv;q=0.5, application/vnd.apache.parquet", "application/vnd.apache.parquet"),
        ("text/csv;q=x", None),
    ],
)
def test_the_header_accept_is_read_as_the_standard_says(accept: str | None, media_type: str | None) -> None:
    if media_type is None:
        with pytest.raises(ProblemError):
            choose_type(accept, TABLE_TYPES)
    else:
        assert choose_type(accept, TABLE_TYPES) == media_type


def test_customers_of_an_audience_are_filtered(site: ApiSite, audience: str) -> None:
    address = f"/v1/audiences/{audience}/customers?limit=10000"
    everyone = site.client.get(address).json()
    likely = site.client.get(f"{address}&min_probability=0.05").json()
    assert [row["rank"] for row in everyone["items"]] == sorted(row["rank"] for row in everyone["items"])
    assert likely["items"] == [row for row in everyone["items"] if row["probability"] >= 0.05]
    country = everyone["items"][0]["country"]
    there = site.client.get(address, params={"limit": 10_000, "country": country}).json()["items"]
    assert there == [row for row in everyone["items"] if row["country"] == country]
    assert site.client.get(f"{address}&product_id=nothing").json()["field"] == "product_id"
    assert "@" not in str(everyone)


def test_the_profit_curve_is_worked_out_with_what_is_given(site: ApiSite, audience: str) -> None:
    address = f"/v1/audiences/{audience}/profit-curve"
    without = site.client.get(address).json()
    earning = site.client.get(f"{address}?margin=9.5&contact_cost=0.05").json()
    assert {point["profit"] for point in without["points"]} == {None}
    assert None not in {point["profit"] for point in earning["points"]}
    assert site.client.get(f"{address}?budget=5").json()["field"] == "margin"


def test_files_with_addresses_need_their_scope_and_are_recorded(site: ApiSite, campaign: str) -> None:
    address = f"/v1/campaigns/{campaign}/files/klaviyo?shop={SHOP}"
    refused = site.client_with("read", "plan").get(address)
    assert (refused.status_code, "@" in refused.text) == (403, False)
    before = len(site.server.audit.list())
    answer = site.client.get(address)
    assert answer.status_code == 200
    held_out = site.client.get(f"{address}&held_out=true")
    assert held_out.status_code == 200
    taken = site.server.audit.list()[: len(site.server.audit.list()) - before]
    counts = site.client.get(f"/v1/campaigns/{campaign}?shop={SHOP}").json()["counts"]
    assert [entry.rows for entry in taken] == [counts["held_out"], counts["contacted"]]
    assert {(entry.who, entry.shop) for entry in taken} == {("test", SHOP)}
    assert "@" not in str(taken)
    missing = site.client.get(f"/v1/campaigns/{campaign}/files/mailchimp?shop={SHOP}")
    assert missing.status_code == 404


def test_several_files_leave_in_one_archive_of_which_nothing_stays(site: ApiSite, campaign: str) -> None:
    files = site.client.get(f"/v1/campaigns/{campaign}?shop={SHOP}").json()["files"]
    names = {file["name"] for file in files if not file["held_out"]}
    assert len(names) == 2
    state = site.server.settings.state
    before = {path.name for path in state.iterdir()}
    answer = site.client.get(f"/v1/campaigns/{campaign}/files/klaviyo?shop={SHOP}")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert set(archive.namelist()) == names
        assert archive.testzip() is None
    assert {path.name for path in state.iterdir()} == before


def test_what_cannot_be_recorded_does_not_leave(site: ApiSite, campaign: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise sqlite3.OperationalError("database is locked")

    monkeypatch.setattr(site.server.audit, "record", fail)
    for held_out in ("true", "false"):
        answer = site.client.get(f"/v1/campaigns/{campaign}/files/klaviyo?shop={SHOP}&held_out={held_out}")
        assert (answer.status_code, answer.headers["content-type"]) == (500, "application/problem+json")


def test_a_shop_that_cannot_be_named_is_not_made(site: ApiSite) -> None:
    upload = site.client.put("/v1/uploads?name=a.csv", content=b"a\n1\n").json()["upload_id"]
    for name in ("../up", "A B", "campaigns"):
        answer = site.client.post("/v1/imports", json={"shop": name, "uploads": [upload]})
        assert (answer.status_code, answer.json()["field"]) == (422, "shop"), answer.text


def test_a_launch_day_is_stated_and_taken_back(site: ApiSite) -> None:
    product = site.client.get(f"/v1/launches?shop={SHOP}&limit=1").json()["items"][0]["product_id"]
    address = f"/v1/launches/{product}?shop={SHOP}"
    stated = site.client.put(address, json={"launch_date": "2024-03-01"})
    assert stated.json() == {"launch_dates": {product: "2024-03-01"}}
    assert site.client.put(address, json={"launch_date": None}).json() == {"launch_dates": {}}


def test_a_job_that_is_not_done_is_a_conflict(site: ApiSite) -> None:
    job = site.client.post("/v1/backtests", json={"shop": SHOP}).json()
    answer = site.client.get(f"/v1/backtests/{job['job_id']}")
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:frontrow:problem:not-done")
    cancelled = site.client.post(f"/v1/jobs/{job['job_id']}/cancel").json()
    assert cancelled["state"] == "cancelled"
    assert site.client.get(f"/v1/audiences/{job['job_id']}").status_code == 404


def test_health_is_open_and_the_rest_is_not(site: ApiSite) -> None:
    stranger = {"Authorization": "Bearer nothing"}
    assert site.client.get("/healthz", headers=stranger).json() == {"status": "ok"}
    assert site.client.get("/readyz", headers=stranger).json() == {"status": "ok"}
    for path in ("/openapi.json", "/metrics", "/v1/shops"):
        assert site.client.get(path, headers=stranger).status_code == 401


def test_made_up_methods_are_counted_as_one() -> None:
    metrics = Metrics()
    for number in range(50):
        metrics.count(f"MADE{number}", "other", 405, 0.001)
    assert 'frontrow_requests_total{method="other",route="other",status="405"} 50' in metrics.write({})


def test_metrics_count_by_the_pattern_of_an_address(site: ApiSite, trained: str) -> None:
    site.client.get(f"/v1/customers/7/recommendations?shop={SHOP}&model={trained}")
    text = site.client.get("/metrics").text
    assert 'route="/v1/customers/{customer_id}/recommendations",status="200"' in text
    assert "/customers/7/" not in text
    assert "# TYPE frontrow_request_seconds histogram" in text
