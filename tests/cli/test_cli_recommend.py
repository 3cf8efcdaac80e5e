"""The commands that test recommenders and show neighbours, as a person or a program calls them."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from frontrow import Shop
from frontrow.cli import build
from frontrow.errors import InputError, RecommendationError
from frontrow.recommend.evaluation import evaluate
from frontrow.testing.shops import hand_made_shop

RUNNER = CliRunner()
MODELS = ("--model", "own_repeats", "--model", "popular", "--only")


def run(*arguments: str | Path | int) -> str:
    result = RUNNER.invoke(build(), [str(one) for one in arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_an_evaluation_is_one_call_of_the_library(shop_folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "values.parquet"
    told = json.loads(run("evaluate", shop_folder, *MODELS, "--output", file, "--json"))
    found = evaluate(Shop.read(shop_folder), models=["own_repeats", "popular"], only=True)
    assert pl.read_parquet(file).equals(found.values)
    assert told["counts"] == found.counts.to_dicts()
    assert [row["model"] for row in told["seconds"]] == ["own_repeats", "popular"]


def test_the_tables_have_every_part_and_model(shop_folder: Path) -> None:
    printed = run("evaluate", shop_folder, *MODELS, "--k", 5, "--k", 10, "--k", 5)
    for heading in ("Returning customers, all", "Returning customers, products they never bought", "New customers"):
        assert printed.count(heading) == 2
    assert printed.count("own_repeats") == 7
    assert "top 100" in printed
    assert "@" not in printed


def test_a_horizon_and_a_cutoff_are_heeded(shop_folder: Path) -> None:
    day = Shop.read(shop_folder).as_of().cutoff.date().replace(day=1)
    told = json.loads(
        run("evaluate", shop_folder, *MODELS, "--cutoff", day.replace(year=day.year - 1), "--horizon", 7, "--json")
    )
    assert told["cutoff"].startswith(str(day.replace(year=day.year - 1)))
    assert told["settings"]["horizon_days"] == 7


def test_an_evaluation_past_the_end_is_refused(shop_folder: Path) -> None:
    end = Shop.read(shop_folder).as_of().cutoff.date()
    with pytest.raises(RecommendationError, match="is not known"):
        run("evaluate", shop_folder, *MODELS, "--cutoff", end)


def test_what_cannot_be_written_or_tested_is_refused_before_anything_is_fitted(
    shop_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("frontrow.recommend.evaluation.evaluate", pytest.fail)
    with pytest.raises(InputError, match=r"is not \.parquet"):
        run("evaluate", shop_folder, *MODELS, "--output", tmp_path / "values.csv")
    refused = RUNNER.invoke(build(), ["evaluate", str(shop_folder), "--only"])
    assert refused.exit_code == 2
    assert "--model" in refused.output


def test_similar_products_by_title_and_id(shop_folder: Path) -> None:
    product_id, title = Shop.read(shop_folder).products.select("product_id", "title").row(0)
    by_id = json.loads(run("similar", shop_folder, "--product", product_id, "--k", 3, "--json"))
    assert by_id == json.loads(run("similar", shop_folder, "--product", title.upper(), "--k", 3, "--json"))
    assert len(by_id["similar"]) == 3
    assert product_id not in [row["product_id"] for row in by_id["similar"]]
    printed = run("similar", shop_folder, "--product", product_id, "--k", 3)
    assert f"{by_id['similar'][0]['similarity']:.3f}" in printed


def test_nothing_alike_is_said_and_not_made_up(tmp_path: Path) -> None:
    hand_made_shop([(1, "pot", 0), (2, "bulb", 1)]).write(tmp_path / "shop")
    printed = run("similar", tmp_path / "shop", "--product", "pot")
    assert "finds no product for sale like pot" in printed
    assert json.loads(run("similar", tmp_path / "shop", "--product", "pot", "--json"))["similar"] == []
