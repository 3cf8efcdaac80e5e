"""frontrow customers, from its arguments to its file."""

from __future__ import annotations

import json
import re
import stat
import sys
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from frontrow.cli.application import build
from frontrow.orders.order_model import CUSTOMER_FORECAST_SCHEMA
from frontrow.present.section import Sentence
from frontrow.service.customers import forecast_customers
from frontrow.service.opening import RunSettings

RUNNER = CliRunner()


def run(*arguments: str | Path) -> str:
    result = RUNNER.invoke(build(), [str(argument) for argument in arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_the_file_has_every_customer_and_is_its_owners_alone(shop_folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "customers.csv"
    output = json.loads(run("customers", shop_folder, "--output", file, "--json"))
    rows = pl.read_csv(file)
    assert rows.columns == list(CUSTOMER_FORECAST_SCHEMA)
    assert rows.height == output["customers"] == sum(group["customers"] for group in output["groups"])
    assert rows["chance_to_order"].sum() == pytest.approx(output["expected_customers"], abs=0.01)
    if sys.platform != "win32":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_the_screen_says_what_to_do_and_names_nobody(shop_folder: Path) -> None:
    for options in ((), ("--json",)):
        assert "@" not in run("customers", shop_folder, *options)
    screen = run("customers", shop_folder, "--horizon", "14", "--as-of", "2025-06-01")
    assert "will order within 14 days of 2025-06-01 (80 % interval: " in screen
    assert "Write to them first." in screen
    assert screen.index("Write to them first.") < screen.index("champions") < screen.index("Learned from")


def test_the_back_test_stands_below_the_forecast(shop_folder: Path) -> None:
    result = forecast_customers(shop_folder, RunSettings(horizon_days=90), backtest=True)
    output = json.loads(json.dumps(result.to_dict()))["backtest"]
    assert [row["model"] for row in output["pooled"]] == ["frontrow", "BG/NBD", "recency"]
    assert len(output["cutoffs"]) == 3 * len({row["cutoff"] for row in output["cutoffs"]})
    forecast, tested = result.sections()
    assert (forecast.name, tested.name) == ("customers", "customers-backtest")
    assert isinstance(tested.blocks[0], Sentence)
    assert re.search(
        r"At \d past cutoffs, [\d,]+ customers were expected to order within 90 days", tested.blocks[0].plain
    )


def test_a_horizon_that_is_too_long_to_test_is_refused(shop_folder: Path) -> None:
    result = RUNNER.invoke(build(), ["customers", str(shop_folder), "--backtest", "--horizon", "400"])
    assert result.exit_code == 2
    assert "at least 1200 days" in " ".join(result.output.replace("│", " ").split())
