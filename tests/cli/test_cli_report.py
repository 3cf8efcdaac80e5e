"""The page of a campaign and the page before one, from the command line; reasons on screen, in files, as JSON."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from frontrow.cli.application import build
from frontrow.storage.pointer import CUSTOMERS
from frontrow.testing.shops import read_table

RUNNER = CliRunner()


def run(*arguments: object) -> str:
    result = RUNNER.invoke(build(), [str(argument) for argument in arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.fixture
def shop(shop_folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(shop_folder, tmp_path / "shop"))


def test_a_campaign_writes_a_page_without_personal_data(shop: Path, new_products: Path, tmp_path: Path) -> None:
    page, folder = tmp_path / "spring.html", tmp_path / "spring"
    options = ("--products", new_products, "--output", folder, "--report", page, "--export", "generic_csv")
    output = json.loads(run("campaign", shop, *options, "--length", 90, "--margin", 12, "--holdout", 0.2, "--json"))
    assert output["report"] == str(page)
    text = page.read_text("utf-8")
    customers = read_table(shop, CUSTOMERS)
    personal = {value for name in ("email", "phone", "source_id") for value in customers[name].drop_nulls()}
    assert not [value for value in personal if value in text]
    for heading in ("Who may be contacted", "Who is held out", "How good the numbers were", "Examples from the list"):
        assert f"<h2>{heading}" in text
    assert f"frontrow contacted {shop} {folder}" in text
    assert "90" in text


def test_the_back_test_may_be_left_out(shop: Path, new_products: Path, tmp_path: Path) -> None:
    page = tmp_path / "launch.html"
    printed = run("report", shop, "--products", new_products, "--output", page, "--margin", 12, "--no-backtest")
    assert f"Report: {page}" in printed.replace("\n", "")
    text = page.read_text("utf-8")
    assert "The back-test over past launches was left out." in text
    assert "How many to contact, if everyone may be" in text
    assert "How good the numbers were" not in text


@pytest.mark.parametrize("options", [("--margin", 12), ("--no-backtest",)])
def test_money_and_no_back_test_need_new_products(shop_folder: Path, tmp_path: Path, options: tuple[object]) -> None:
    arguments = ["report", shop_folder, "--output", tmp_path / "one.html", *options]
    result = RUNNER.invoke(build(), [str(argument) for argument in arguments])
    assert result.exit_code == 2
    assert "--products" in result.output


def test_reasons_are_shown_for_the_first_of_each_product(shop_folder: Path, new_products: Path, tmp_path: Path) -> None:
    file, command = tmp_path / "audience.csv", ("audience", shop_folder, "--products", new_products)
    output = json.loads(run(*command, "--top", 2, "--reasons", 5, "--output", file, "--json"))
    assert all(isinstance(row["reasons"], list) for row in output["top"])
    rows = pl.read_csv(file)
    reasons = rows.filter(pl.col("reasons").is_not_null())
    assert reasons["rank"].max() == 5
    printed = run(*command, "--top", 2)
    first = output["top"][0]["reasons"][0]
    assert first in printed
    figures = run(*command, "--top", 2, "--reasons", 0)
    assert first not in figures
    assert "similar lines" in figures
