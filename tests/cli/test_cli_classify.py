"""frontrow classify from its arguments to what it prints."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from frontrow import Shop
from frontrow.cli.application import build
from frontrow.cli.terminal import print_json
from frontrow.launch.backtest.scores import LAUNCH_MODEL
from frontrow.launch.classify.classify import classify
from frontrow.launch.life_cycle import compute_life_cycles
from frontrow.models.embeddings.svd import Embedder
from frontrow.storage.json_file import to_json_text

RUNNER = CliRunner()


def run(*arguments: str | Path | int) -> str:
    result = RUNNER.invoke(build(), [str(argument) for argument in arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.fixture(scope="module")
def product_id(shop_folder: Path) -> str:
    cycles = compute_life_cycles(Shop.read(shop_folder).as_of())
    return str(cycles.filter(pl.col("buyers_in_horizon") >= 15)["product_id"][-1])


def test_a_classified_launch_equals_one_call_of_the_library(shop_folder: Path, product_id: str) -> None:
    printed = run("classify", shop_folder, "--product", product_id, "--embedding", "svd", "--json")
    output = json.loads(printed, parse_constant=pytest.fail)
    classification = classify(Shop.read(shop_folder).as_of(), product_id, embedder=Embedder())
    assert output == json.loads(to_json_text(classification.to_dict()))
    assert output["models"][0]["model"] == LAUNCH_MODEL
    assert output["warning"] is None


def test_what_is_not_defined_is_null_to_a_program(capsys: pytest.CaptureFixture[str]) -> None:
    """A model that predicts nobody has no precision, and NaN is not valid JSON."""
    print_json({"models": [{"precision": float("nan"), "recall": 0.0}]})
    assert json.loads(capsys.readouterr().out, parse_constant=pytest.fail) == {
        "models": [{"precision": None, "recall": 0.0}]
    }


def test_the_screen_shows_what_the_notebook_printed(shop_folder: Path, product_id: str, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    options = ("--embedding", "svd", "--length", 30, "--length", 60, "--cohort", "both-periods", "--report", page)
    printed = run("classify", shop_folder, "--product", product_id, *options)
    for text in (
        "These figures flatter",
        "Confusion matrix",
        "Classification report",
        "predicted to buy",
        "base rate",
        "launch model",
        "logistic regression",
        "One launch proves little",
    ):
        assert text in printed
    assert "@" not in printed
    page_text = page.read_text("utf-8")
    assert "Who found the buyers of" in page_text
    assert "These figures flatter" in page_text
    assert "@example.com" not in page_text


def test_all_past_launches_give_one_table(shop_folder: Path, tmp_path: Path) -> None:
    options = ("--all-past-launches", "--min-buyers", 10, "--refit-days", 60, "--embedding", "svd", "--length", 30)
    page = tmp_path / "page.html"
    printed = run("classify", shop_folder, *options, "--report", page)
    assert "95 % interval" in printed
    assert "paired by launch" in printed.replace("\n", " ")
    assert "Who found the buyers of past launches?" in page.read_text("utf-8")


@pytest.mark.parametrize(
    "options",
    [
        (),
        ("--product", "x", "--all-past-launches"),
        ("--product", "x", "--cohort", "everyone"),
        ("--product", "x", "--embedding", "word2vec"),
    ],
)
def test_invalid_options_are_refused(shop_folder: Path, options: tuple[str, ...]) -> None:
    result = RUNNER.invoke(build(), ["classify", str(shop_folder), *options])
    assert result.exit_code == 2
