"""Options that every command has, facts of the shop, and advice about options of older versions."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from frontrow.cli.application import build, command_names
from frontrow.cli.command import load_command
from frontrow.cli.reference import list_parameters
from frontrow.errors import ShopError
from frontrow.testing.shops import read_table

RUNNER = CliRunner()


@pytest.fixture
def shop(shop_folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(shop_folder, tmp_path / "shop"))


def run(*arguments: object) -> str:
    result = RUNNER.invoke(build(), [str(argument) for argument in arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.mark.parametrize("name", command_names())
def test_every_command_can_be_quiet_or_verbose(name: str) -> None:
    options = {parameter.name for parameter in list_parameters(load_command(name))}
    assert {"--quiet", "--verbose"} <= options


@pytest.mark.parametrize("name", sorted(set(command_names()) - {"demo", "serve", "token"}))
def test_the_shop_is_the_first_argument_of_every_command(name: str) -> None:
    """After the action, where a command has several, as in frontrow source add SHOP."""
    names = [parameter.name for parameter in list_parameters(load_command(name))]
    assert next(argument for argument in names if argument != "ACTION") in ("SHOP", "[SHOP]")
    assert "ACTION" not in names or name in ("destination", "source")


@pytest.mark.parametrize(
    ("arguments", "advice"),
    [
        (("launches", "SHOP", "--limit", "3"), "--top"),
        (("import", "orders.csv", "--shop", "SHOP"), "frontrow import SHOP FILE"),
        (("import", "SHOP", "orders.csv", "--format=shopify_orders"), "--file-format"),
        (("contacted", "spring", "--shop", "SHOP"), "frontrow contacted SHOP CAMPAIGN"),
        (("measure", "spring", "--shop", "SHOP"), "frontrow measure SHOP CAMPAIGN"),
        (("forget", "C17", "--shop", "SHOP"), "frontrow forget SHOP WHO"),
        (("evaluate", "SHOP", "--model", "popular"), "--models"),
        (("evaluate", "SHOP", "--cutoff", "2025-01-01"), "--as-of"),
        (("recommend", "SHOP", "--k", "5"), "--top"),
        (("campaign", "SHOP", "--standing-control", "0.1"), "--global-control-share"),
    ],
)
def test_an_option_of_an_older_version_names_the_new_one(arguments: tuple[str, ...], advice: str) -> None:
    result = RUNNER.invoke(build(), arguments)
    assert result.exit_code == 2
    assert advice in " ".join(result.output.split())


def test_quiet_prints_nothing_and_writes_all_the_same(shop: Path, tmp_path: Path) -> None:
    file = tmp_path / "launches.jsonl"
    assert run("launches", shop, "--quiet", "--output", file) == ""
    assert json.loads(run("launches", shop, "--quiet", "--json"))[0]["product_id"]
    rows = pl.read_ndjson(file)
    assert rows.height == len(json.loads(run("launches", shop, "--json")))
    assert "What the first sales were" in run("launches", shop)


def test_verbose_prints_the_duration(shop: Path) -> None:
    result = RUNNER.invoke(build(), ["launches", str(shop), "--verbose"])
    assert "Took" in result.stderr
    assert "Took" not in result.stdout


def test_a_given_format_takes_precedence_over_the_suffix(shop: Path, tmp_path: Path) -> None:
    file = tmp_path / "launches.txt"
    run("launches", shop, "--output", file, "--format", "csv")
    assert pl.read_csv(file).columns[0] == "product_id"
    refused = RUNNER.invoke(build(), ["launches", str(shop), "--format", "csv"])
    assert refused.exit_code == 2


def test_a_fact_of_the_shop_holds_until_an_option_replaces_it(shop: Path) -> None:
    by_default = json.loads(run("launches", shop, "--json"))
    assert json.loads(run("config", shop, "horizon_days", 7, "--json")) == {"horizon_days": 7}
    stated = json.loads(run("launches", shop, "--json"))
    assert sum(row["buyers_in_horizon"] for row in stated) < sum(row["buyers_in_horizon"] for row in by_default)
    result = RUNNER.invoke(build(), ["launches", str(shop), "--horizon", "30", "--json"])
    assert json.loads(result.stdout) == by_default
    assert "For this run horizon_days is 30; the shop states 7" in result.stderr
    run("config", shop, "horizon_days", "--unset")
    assert json.loads(run("launches", shop, "--json")) == by_default


def test_launch_dates_are_a_fact_of_the_shop(shop: Path, tmp_path: Path) -> None:
    rows = json.loads(run("launches", shop, "--json"))
    product_id = next(row["product_id"] for row in rows if row["verdict"] == "launch")
    dates = tmp_path / "dates.csv"
    dates.write_text(f"product_id,launch_date\n{product_id},2025-03-01\n")
    assert json.loads(run("config", shop, "launch_dates", dates, "--json"))["launch_dates"] == {
        product_id: "2025-03-01"
    }
    stated = {row["product_id"]: row["launch_date"] for row in json.loads(run("launches", shop, "--json"))}
    assert stated[product_id] == "2025-03-01"
    dates.write_text("product_id,launch_date\nnothing,2025-03-01\n")
    with pytest.raises(ShopError, match="not a product of this shop"):
        run("config", shop, "launch_dates", dates)


@pytest.mark.parametrize(
    ("key", "value", "problem"),
    [
        ("horizon", "30", "Available"),
        ("horizon_days", "soon", "whole number"),
        ("margin", "-1", "0 or more"),
        ("contact_cost", "-0.5", "0 or more"),
        ("channel", "post", "email or sms"),
        ("phone_region", "Britain", "two letters"),
        ("time_zone", "UTC", "fixed"),
    ],
)
def test_a_fact_is_checked(shop: Path, key: str, value: str, problem: str) -> None:
    with pytest.raises(ShopError, match=problem):
        run("config", shop, key, value)
    assert not (shop / "config.json").exists()


def test_config_shows_every_fact_with_where_it_comes_from(shop: Path) -> None:
    run("config", shop, "margin", "12.5")
    printed = " ".join(run("config", shop).split())
    for text in ("margin │ 12.5 │ config.json", "active_days │ 365 │ default", "time_zone"):
        assert text in printed
    (shop / "config.json").write_text('{"margn": 3}')
    with pytest.raises(ShopError, match="margn"):
        run("launches", shop)


def test_a_baseline_may_be_the_model(shop: Path, new_products: Path, tmp_path: Path) -> None:
    ranked = json.loads(
        run("audience", shop, "--products", new_products, "--model", "order_lines", "--top", 3, "--json")
    )
    assert "order lines, 180 days (RFM)" in ranked["message"]
    assert {row["probability"] for row in ranked["top"]} == {None}
    assert {product["expected_buyers"] for product in ranked["products"]} == {None}
    page = tmp_path / "page.html"
    run("report", shop, "--products", new_products, "--model", "text_similarity", "--no-backtest", "--output", page)
    assert "A simple rule: text similarity." in page.read_text("utf-8")
    folder = tmp_path / "spring"
    run("campaign", shop, "--products", new_products, "--model", "order_lines", "--length", 40, "--output", folder)
    assert (folder / "assignment.parquet").is_file()
    refused = RUNNER.invoke(build(), ["audience", str(shop), "--products", str(new_products), "--model", "oracle"])
    assert refused.exit_code == 2
    assert "text_similarity" in refused.output


def test_the_version_is_printed_without_a_command() -> None:
    assert run("--version").startswith("frontrow ")


def test_unset_needs_a_key(shop: Path) -> None:
    refused = RUNNER.invoke(build(), ["config", str(shop), "--unset"])
    assert refused.exit_code == 2
    assert "Name the key" in refused.output


def test_a_contact_cost_without_a_margin_is_said_to_be_unused(shop: Path, new_products: Path, tmp_path: Path) -> None:
    run("config", shop, "contact_cost", "0.05")
    options = ("--products", new_products, "--model", "order_lines", "--length", 40, "--output", tmp_path / "spring")
    result = RUNNER.invoke(build(), ["campaign", str(shop), *map(str, options)])
    assert result.exit_code == 0
    assert "used only beside a margin" in result.stderr


def test_a_forgotten_customer_is_not_recorded_again(shop: Path, new_products: Path, tmp_path: Path) -> None:
    options = ("--products", new_products, "--model", "order_lines", "--length", 40, "--holdout", 0)
    run("campaign", shop, "--output", tmp_path / "spring", *options, "--contacted")
    contacted = pl.read_parquet(tmp_path / "spring" / "assignment.parquet")["customer_id"]
    customers = read_table(shop, "customers").filter(pl.col("customer_id").is_in(contacted.implode()))
    number, source_id = customers.select("customer_id", "source_id").row(0)
    run("forget", shop, source_id)
    run("contacted", shop, tmp_path / "spring")
    assert number not in read_table(shop, "contact_log")["customer_id"]
