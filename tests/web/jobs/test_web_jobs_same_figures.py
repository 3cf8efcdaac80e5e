"""A job gives the figures that the command line gives for the same question."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from job_bench import Bench
from typer.testing import CliRunner

from frontrow.cli.application import build
from frontrow.launch.life_cycle import compute_life_cycles
from frontrow.service.saved_audience import read_saved_audience
from frontrow.shop.cutoff import EPOCH
from frontrow.shop.shop import Shop
from frontrow.web.jobs.results import read_result, read_table

RUNNER = CliRunner()
COLUMNS = ("title", "product_type", "vendor", "price", "tags")
HORIZON = 30


def print_json(*arguments: object) -> Any:
    result = RUNNER.invoke(build(), [str(argument) for argument in (*arguments, "--json")], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


@pytest.fixture(scope="module")
def launch(garden_bench: Bench) -> dict[str, Any]:
    """The last launch of the shop whose window is over, and the midnight before it."""
    history = Shop.read(garden_bench.shop).as_of()
    closed = pl.col("launch_day") < history.cutoff_day - HORIZON
    cycles = compute_life_cycles(history).filter(closed & pl.col("launch_day").is_not_null())
    product = cycles.sort("launch_day", "buyers").row(-1, named=True)
    values = {name: product[name] for name in COLUMNS if product[name] is not None}
    as_of = EPOCH + dt.timedelta(days=product["launch_day"])
    return {"product": values, "product_id": product["product_id"], "as_of": str(as_of)}


@pytest.fixture(scope="module")
def products_file(launch: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("new") / "new.csv"
    pl.DataFrame([launch["product"]]).write_csv(file)
    return file


@pytest.fixture(scope="module")
def audience(garden_bench: Bench, launch: dict[str, Any]) -> Path:
    return garden_bench.done("audience", products=[launch["product"]], as_of=launch["as_of"])


def test_audience(
    garden_bench: Bench, audience: Path, launch: dict[str, Any], products_file: Path, tmp_path: Path
) -> None:
    file = tmp_path / "audience.parquet"
    options = ("--products", products_file, "--as-of", launch["as_of"], "--output", file)
    printed = print_json("audience", garden_bench.shop, *options)
    written = read_result(audience)
    assert printed["products"][0]["expected_buyers"] is not None
    assert written == {**printed, "output": None}
    rows = pl.read_parquet(file)
    table = read_table(audience)
    assert table is not None
    assert table.equals(rows.drop("source_id"))
    assert read_saved_audience(audience, garden_bench.shop).audience.rows.equals(rows)


def test_campaign_and_measurement(
    garden_bench: Bench, audience: Path, launch: dict[str, Any], products_file: Path, tmp_path: Path
) -> None:
    shop, spring = garden_bench.shop, tmp_path / "spring"
    who = ("--not-tagged", "trade", "--length", 60, "--holdout", 0.3, "--margin", 4, "--name", "Spring", "--seed", 0)
    options = ("--products", products_file, "--as-of", launch["as_of"], "--export", "klaviyo", "--output", spring)
    printed = print_json("campaign", shop, *options, *who)
    written = read_result(
        garden_bench.done(
            "campaign",
            audience=audience.name,
            name="Spring",
            length=60,
            holdout_share=0.3,
            margin=4,
            not_tagged=["trade"],
            exports=["klaviyo"],
        )
    )
    campaign_id = written["campaign"]["campaign_id"]
    assert campaign_id != printed["campaign"]["campaign_id"]
    assert _without_places(written) == _without_places(printed)
    exported = [Path(values["files"][0]["path"]).read_bytes() for values in (written, printed)]
    assert exported[0] == exported[1]

    sold_as = launch["product_id"]
    measured = print_json("measure", shop, spring, "--sold-as", sold_as, "--cost", 1)
    job = garden_bench.done("measure", campaign=campaign_id, sold_as=[sold_as], cost=1)
    assert measured["products"]
    assert _without_campaign(read_result(job)) == _without_campaign(measured)


def _without_places(values: dict[str, Any]) -> dict[str, Any]:
    """A campaign's JSON without the id, the instant and the folders, which are those of each campaign."""
    campaign = {name: value for name, value in values["campaign"].items() if name not in ("campaign_id", "created")}
    files = [{name: value for name, value in file.items() if name != "path"} for file in values["files"]]
    return {**values, "campaign": campaign, "files": files, "folder": None}


def _without_campaign(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name not in ("campaign_id", "measured")}


def test_lists(garden_bench: Bench, tmp_path: Path) -> None:
    file = tmp_path / "lists.parquet"
    printed = print_json("recommend", garden_bench.shop, "--model", "popular", "--top", 4, "--output", file)
    job = garden_bench.done("recommend", model="popular", k=4)
    assert read_result(job) == {**printed, "output": None}
    table = read_table(job)
    assert table is not None
    assert table.equals(pl.read_parquet(file).drop("source_id", strict=False))


def test_an_import(bench: Bench, exports: list[Path], tmp_path: Path) -> None:
    printed = print_json("import", tmp_path / "by-command", *exports, "--time-zone", "Europe/London")
    uploads = [bench.upload(file.name, file.read_bytes()) for file in exports]
    job = bench.done("import_exports", uploads=uploads, time_zone="Europe/London")
    assert _without_instants(read_result(job)) == _without_instants(printed)


def _without_instants(values: Any) -> Any:
    """The same values without the instants of each import."""
    if isinstance(values, dict):
        return {name: _without_instants(part) for name, part in values.items() if name not in ("time", "imported_at")}
    return [_without_instants(part) for part in values] if isinstance(values, list) else values
