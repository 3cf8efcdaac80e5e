"""What each kind of job leaves, and what its errors say."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from job_bench import Bench
from pydantic import ValidationError

from frontrow.campaign.record.register import read_register
from frontrow.errors import SettingError
from frontrow.launch.launch_files import open_new_products
from frontrow.service.config import configure
from frontrow.storage.pointer import Pointer
from frontrow.web.jobs import child
from frontrow.web.jobs.kind import get_kind, kinds
from frontrow.web.jobs.requests import PRODUCTS, NewProduct, write_products
from frontrow.web.jobs.results import read_notices, read_result, read_sections, read_table

POT = {"title": "Blue Pot"}
RULE = {"products": [POT], "model": "order_lines"}


def test_every_kind_says_what_it_is() -> None:
    assert {"audience", "backtest", "campaign", "import_exports", "measure", "recommend", "train"} <= set(kinds())
    for name, kind in kinds().items():
        schema = kind.request.model_json_schema()
        assert kind.title
        assert schema["additionalProperties"] is False, name
        assert all(values.get("description") for values in schema["properties"].values()), name
    with pytest.raises(SettingError, match="no kind of job named"):
        get_kind("nothing")


def test_exports_are_imported_under_the_names_that_a_person_knows(bench: Bench, exports: list[Path]) -> None:
    uploads = [bench.upload(f"my {file.name}", file.read_bytes()) for file in exports]
    folder = bench.done("import_exports", uploads=uploads, time_zone="Europe/London")
    files = [file["file"] for file in read_result(folder)["files"]]
    assert files == [f"my {file.name}" for file in exports]
    assert read_sections(folder)
    before = Pointer.read(bench.shop)
    bench.done("import_exports", uploads=uploads, time_zone="Europe/London")
    tables = [
        {name: table.sha256 for name, table in shop.tables.items()} for shop in (before, Pointer.read(bench.shop))
    ]
    assert tables[0] == tables[1]


def test_a_dry_run_makes_no_shop(bench: Bench, exports: list[Path]) -> None:
    uploads = [bench.upload(file.name, file.read_bytes()) for file in exports]
    assert read_result(bench.done("import_exports", uploads=uploads, dry_run=True))["files"]
    assert not bench.shop.exists()


def test_an_error_of_an_upload_has_the_name_that_a_person_knows(bench: Bench) -> None:
    job = bench.run("import_exports", uploads=[bench.upload("../../jane.csv", b"a,b\n1,2\n")])
    assert job.state == "failed"
    assert job.error.startswith("jane.csv")
    missing = bench.run("import_exports", uploads=["0" * 24])
    assert (missing.state, missing.field) == ("failed", "uploads")


def test_an_error_of_a_product_names_its_field_and_no_row(garden_bench: Bench) -> None:
    job = garden_bench.run("audience", products=[POT, {"title": "Red Cup", "price": "abc"}], model="order_lines")
    assert (job.state, job.field) == ("failed", "products.1.price")
    assert job.error == 'Red Cup, price: text like "aaa" is not a price. Write 24.90, say.'
    strict = garden_bench.run("audience", products=[{**POT, "product_type": "Nothing such"}], strict=True)
    assert strict.field == "products.0.product_type"
    assert ".csv" not in strict.error
    assert "--" not in strict.error


def test_a_notice_of_a_product_names_it(garden_bench: Bench) -> None:
    folder = garden_bench.done("audience", products=[{**POT, "product_type": "Nothing such"}], model="order_lines")
    (notice,) = [notice for notice in read_notices(folder) if "Nothing such" in notice]
    assert notice.startswith("Blue Pot, product_type: ")


def test_a_table_has_no_ids_of_another_system(garden_bench: Bench) -> None:
    table = read_table(garden_bench.done("audience", **RULE))
    assert table is not None
    assert "source_id" not in table.columns
    assert "customer_id" in table.columns


def test_a_shop_that_is_not_there_is_an_error(garden_bench: Bench) -> None:
    for name in ("nothing", "../garden", ""):
        job = garden_bench.run("audience", name, **RULE)
        assert job.state == "failed", name


def test_a_campaign_has_its_name_alone(garden_bench: Bench) -> None:
    audience = garden_bench.done("audience", **RULE).name
    request = {"audience": audience, "name": "Märchen: No. 1!", "length": 20, "exports": ["generic_csv"]}
    campaign = read_result(garden_bench.done("campaign", **request))
    assert campaign["folder"] == str(garden_bench.places.campaigns("garden") / "märchen-no-1")
    assert campaign["campaign"]["campaign_id"] in read_register(garden_bench.shop)
    again = garden_bench.run("campaign", **request)
    assert (again.state, again.field) == ("failed", "name")


def test_a_campaign_that_is_run_again_is_the_same(garden_bench: Bench) -> None:
    audience = garden_bench.done("audience", **RULE).name
    job = garden_bench.run("campaign", audience=audience, name="Twice", length=20, contacted=True)
    first = read_result(garden_bench.folder_of(job))
    _set_running(garden_bench, job.job_id)
    child.run_job(garden_bench.places, job.job_id)
    assert read_result(garden_bench.folder_of(job)) == {
        **first,
        "campaign": {**first["campaign"], "created": read_result(garden_bench.folder_of(job))["campaign"]["created"]},
    }
    named = [campaign for campaign in read_register(garden_bench.shop).values() if campaign.name == "Twice"]
    assert len(named) == 1


def test_a_campaign_that_was_written_before_the_shop_changed_stays(garden_bench: Bench) -> None:
    audience = garden_bench.done("audience", **RULE).name
    job = garden_bench.run("campaign", audience=audience, name="Late", length=20)
    configure(garden_bench.shop, "margin", "3")
    _set_running(garden_bench, job.job_id)
    child.run_job(garden_bench.places, job.job_id)
    configure(garden_bench.shop, "margin", unset=True)
    again = garden_bench.store.get(job.job_id)
    assert again is not None
    assert again.error.startswith("The campaign was written, and then this job was interrupted.")


def _set_running(bench: Bench, job_id: str) -> None:
    with sqlite3.connect(bench.places.state / "server.sqlite3") as connection:
        connection.execute("UPDATE jobs SET state = 'running', ended_at = NULL WHERE job_id = ?", (job_id,))


def test_an_audience_that_is_not_there_or_of_another_shop_is_an_error(garden_bench: Bench) -> None:
    audience = garden_bench.done("audience", **RULE).name
    shutil.copytree(garden_bench.shop, garden_bench.places.shops / "books", dirs_exist_ok=True)
    for shop, job_id in (("garden", "0" * 32), ("books", audience)):
        job = garden_bench.run("campaign", shop, audience=job_id, name="Nobody", length=20)
        assert (job.state, job.field) == ("failed", "audience")


def test_lists_are_made_by_a_trained_recommender(garden_bench: Bench) -> None:
    trained = read_result(garden_bench.done("train", model="popular"))
    assert trained["output"] == str(garden_bench.places.trained("garden") / "popular")
    request = {"model": "popular", "k": 3, "customers": [1, 2], "rules": 'already_bought = "hide"\n'}
    by_trained = garden_bench.done("recommend", trained=True, **request)
    assert read_result(by_trained)["customers"] == 2
    tables = [read_table(folder) for folder in (by_trained, garden_bench.done("recommend", **request))]
    assert tables[0] is not None
    assert tables[0].equals(tables[1])


@pytest.mark.parametrize(
    ("kind", "request_values"),
    [
        ("audience", {"products": []}),
        ("audience", {"products": [{"title": " "}]}),
        ("audience", {"products": [POT], "model": "../../etc"}),
        ("audience", {"products": [{**POT, "colour": "blue"}]}),
        ("train", {"model": "../two_stage"}),
        ("recommend", {"rules": 'stock = "/etc/passwd"'}),
        ("recommend", {"rules": "["}),
        ("recommend", {"customers": "/etc/passwd"}),
        ("import_exports", {"uploads": ["../x"]}),
        ("import_exports", {"uploads": ["0" * 24], "exchange_rates": {"/etc/passwd": 1}}),
        ("campaign", {"audience": "../garden", "name": "Spring"}),
    ],
)
def test_what_could_name_a_file_of_the_server_is_refused_at_the_door(kind: str, request_values: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        get_kind(kind).request.model_validate({"shop": "garden", **request_values})


def test_products_are_read_as_they_were_written(tmp_path: Path) -> None:
    texts = ("=1+1", '"quoted", with; both', "two\nlines", "'already", "Ünïcode | bar")
    products = [
        NewProduct(title=f"Pot {number}", description=text, price=0.000012) for number, text in enumerate(texts)
    ]
    rewording = write_products(products, tmp_path / PRODUCTS)
    table = open_new_products(tmp_path / PRODUCTS, launch_day=7).products
    assert tuple(table["description"]) == texts
    assert set(table["price"]) == {0.000012}
    assert rewording.titles == tuple(product.title for product in products)


def test_a_defect_says_where_and_nothing_of_what_was_read(garden_bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError("jane@example.com")

    monkeypatch.setattr(type(get_kind("audience")), "run", fail)
    job = garden_bench.run("audience", **RULE)
    log = (garden_bench.folder_of(job) / "log").read_text("utf-8")
    assert job.state == "failed"
    assert "defect of frontrow" in job.error
    assert "ZeroDivisionError" in job.error
    for text in (job.error, log):
        assert "jane" not in text
    assert "frontrow.web.jobs.child, line" in log
