"""Each command from its arguments to what it prints, as a person or a program calls it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from frontrow import LaunchModel, Shop, audience, read_new_products
from frontrow.cli import build, command_names

RUNNER = CliRunner()


def run(*arguments: str | Path) -> str:
    result = RUNNER.invoke(build(), [str(one) for one in arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.mark.parametrize("name", command_names())
def test_every_command_explains_itself(name: str) -> None:
    assert "Usage" in run(name.rstrip("_"), "--help")


def test_an_audience_holds_every_active_customer_of_each_product(
    shop_folder: Path, new_products: Path, tmp_path: Path
) -> None:
    file = tmp_path / "audience.parquet"
    told = json.loads(run("audience", shop_folder, "--products", new_products, "--output", file, "--json", "--top", 3))
    rows = pl.read_parquet(file)
    assert told["customers_scored"] == rows["customer_id"].n_unique()
    assert len(told["top"]) == 3 * len(told["products"])
    for _, product in rows.group_by("product_id"):
        assert product["rank"].to_list() == list(range(1, product.height + 1))
        assert product["probability"].is_sorted(descending=True)
    assert rows["source_id"].null_count() == 0


def test_the_screen_and_json_show_no_personal_data(shop_folder: Path, new_products: Path) -> None:
    for options in ((), ("--json",)):
        assert "@" not in run("audience", shop_folder, "--products", new_products, *options)


def test_csv_and_parquet_say_the_same(shop_folder: Path, new_products: Path, tmp_path: Path) -> None:
    for suffix in ("csv", "parquet"):
        run("audience", shop_folder, "--products", new_products, "--output", tmp_path / f"audience.{suffix}")
    comma, parquet = pl.read_csv(tmp_path / "audience.csv"), pl.read_parquet(tmp_path / "audience.parquet")
    assert comma.columns == parquet.columns
    assert comma["customer_id"].to_list() == parquet["customer_id"].to_list()
    assert comma["probability"].to_list() == pytest.approx(parquet["probability"].to_list(), abs=1e-6)


def test_the_command_is_one_call_of_the_library(shop_folder: Path, new_products: Path, tmp_path: Path) -> None:
    file = tmp_path / "audience.parquet"
    run("audience", shop_folder, "--products", new_products, "--output", file)
    history = Shop.read(shop_folder).as_of()
    model = LaunchModel.fit(history)
    found = audience(history, read_new_products(new_products, launch_day=history.day), model)
    assert pl.read_parquet(file).equals(found.rows)


def test_as_of_uses_only_what_came_before(shop_folder: Path, new_products: Path, tmp_path: Path) -> None:
    """A shop cut at the date gives the audience that the whole shop gives as of that date."""
    shop = Shop.read(shop_folder)
    cutoff = shop.midnight(shop.as_of().day - 60)
    earlier = Shop(
        shop.orders.filter(pl.col("ordered_at") < cutoff), shop.products, shop.customers, shop.settings, shop.rules
    )
    earlier.write(tmp_path / "earlier")
    files = tmp_path / "whole.parquet", tmp_path / "cut.parquet"
    for folder, file in zip((shop_folder, tmp_path / "earlier"), files, strict=True):
        options = ("--as-of", str(cutoff.date()), "--output", file)
        run("audience", folder, "--products", new_products, *options)
    assert pl.read_parquet(files[0]).equals(pl.read_parquet(files[1]))


def test_launches_say_why_the_others_do_not_count(shop_folder: Path) -> None:
    rows = json.loads(run("launches", shop_folder, "--json"))
    verdicts = {row["verdict"] for row in rows}
    assert {"launch", "catalogue start"} <= verdicts
    assert "What the first sales were" in run("launches", shop_folder, "--all")


def test_a_backtest_prints_every_model_and_keeps_every_figure(shop_folder: Path, tmp_path: Path) -> None:
    options = ("--min-buyers", 1, "--test-days", 200, "--refit-days", 200)
    file = tmp_path / "values.parquet"
    told = json.loads(run("backtest", shop_folder, *options, "--output", file, "--json"))
    models = {row["model"] for row in told["summary"]}
    assert {"launch model", "random", "text similarity", "item-to-item", "lines in the category"} <= models
    values = pl.read_parquet(file)
    assert values["product_id"].n_unique() == told["launches"]
    shown = run("backtest", shop_folder, *options, "--report", tmp_path / "report.html")
    assert "times that of the best baseline" in shown
    assert (tmp_path / "report.html").stat().st_size > 10_000


def test_errors_are_one_message_and_exit_code_one(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "frontrow.cli", "launches", str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "holds no shop" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_date_that_is_none_is_refused(shop_folder: Path) -> None:
    result = RUNNER.invoke(build(), ["launches", str(shop_folder), "--as-of", "yesterday"])
    assert result.exit_code == 2


def test_the_demo_runs_the_main_job(tmp_path: Path) -> None:
    shown = run("demo", "--output", tmp_path / "demo", "--customers", 1500)
    assert "times that of the best baseline" in shown
    for name in ("audience.csv", "report.html", "new.csv", "shop/shop.json"):
        assert (tmp_path / "demo" / name).is_file()
    report = (tmp_path / "demo" / "report.html").read_text("utf-8")
    assert "@example.com" not in report


def test_a_report_tells_who_will_buy_and_why_to_believe_it(
    shop_folder: Path, new_products: Path, tmp_path: Path
) -> None:
    page = tmp_path / "report.html"
    assert str(page.name) in run("report", shop_folder, "--products", new_products, "--output", page).replace("\n", "")
    text = page.read_text("utf-8")
    assert "Why believe it" in text
    assert pl.read_csv(new_products)["title"][0] in text
    assert "@example.com" not in text


def test_a_date_after_the_orders_is_taken_back_to_their_end(shop_folder: Path) -> None:
    now, later = (
        run("launches", shop_folder, "--json"),
        RUNNER.invoke(build(), ["launches", str(shop_folder), "--json", "--as-of", "2031-01-01"]),
    )
    assert later.stdout == now
    assert "The orders end before" in later.stderr


def test_a_title_is_text_not_markup(shop_folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "new.csv"
    file.write_text("title\nPot [sale] [/b] x\n")
    assert "Pot [sale] [/b] x" in run("audience", shop_folder, "--products", file, "--top", 1)
