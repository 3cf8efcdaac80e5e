"""The commands that evaluate recommenders and show neighbours, as a user or a program calls them."""

from __future__ import annotations

import json
import re
import shutil
from importlib import import_module
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from typer.testing import CliRunner

from frontrow import Shop
from frontrow.cli.application import build
from frontrow.cli.reference import list_parameters
from frontrow.errors import InputError, RecommendationError
from frontrow.recommend.evaluate.evaluation import evaluate
from frontrow.recommend.registry import DEFAULT_MODEL
from frontrow.recommend.trained import TrainedRecommender
from frontrow.storage.folder import RECOMMENDERS
from frontrow.storage.pointer import CUSTOMERS
from frontrow.testing.shops import hand_made_shop, read_table, table_file

RUNNER = CliRunner()
QUICK = ("--model", "own_repeats")
MODELS = ("--models", "own_repeats,popular")


def run(*arguments: str | Path | int) -> str:
    result = RUNNER.invoke(build(), [str(argument) for argument in arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_an_evaluation_equals_one_call_of_the_library(shop_folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "values.parquet"
    output = json.loads(run("evaluate", shop_folder, *MODELS, "--output", file, "--json"))
    evaluation = evaluate(Shop.read(shop_folder), models=["own_repeats", "popular"], only=True)
    assert pl.read_parquet(file).equals(evaluation.values)
    assert output["counts"] == evaluation.counts.to_dicts()
    assert [row["model"] for row in output["costs"]] == ["own_repeats", "popular"]


def test_the_tables_have_every_part_and_model(shop_folder: Path) -> None:
    printed = run("evaluate", shop_folder, *MODELS, "--top", 5, "--top", 10, "--top", 5)
    for heading in ("Returning customers, all", "Returning customers, products they never bought", "New customers"):
        assert printed.count(heading) == 2
    for table in printed.split("┏")[1:7]:
        assert [table.count(f"│ {name} ") for name in ("own_repeats", "popular")] == [1, 1]
    # only the first list length is compared
    assert printed.count("against") == 6
    assert len(re.findall(r"[+-]0\.\d{3} \[[+-]0\.\d{3}, [+-]0\.\d{3}\]", printed)) == 3
    assert "What they cost" in printed
    assert "novelty" in printed
    assert "top 100" in printed
    assert "@" not in printed


def test_a_horizon_and_a_cutoff_are_used(shop_folder: Path) -> None:
    day = Shop.read(shop_folder).as_of().cutoff.date().replace(day=1)
    output = json.loads(
        run("evaluate", shop_folder, *MODELS, "--as-of", day.replace(year=day.year - 1), "--horizon", 7, "--json")
    )
    assert output["cutoff"].startswith(str(day.replace(year=day.year - 1)))
    assert output["settings"]["horizon_days"] == 7


def test_an_evaluation_past_the_end_is_refused(shop_folder: Path) -> None:
    end = Shop.read(shop_folder).as_of().cutoff.date()
    with pytest.raises(RecommendationError, match="is not known"):
        run("evaluate", shop_folder, *MODELS, "--as-of", end)


def test_what_cannot_be_written_or_tested_is_refused_before_anything_is_fitted(
    shop_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("frontrow.recommend.evaluate.evaluation.evaluate", pytest.fail)
    with pytest.raises(InputError, match="suffix is not that of a table"):
        run("evaluate", shop_folder, *MODELS, "--output", tmp_path / "values.txt")
    (tmp_path / "values.parquet").mkdir()
    with pytest.raises(InputError, match="is a folder"):
        run("evaluate", shop_folder, *MODELS, "--output", tmp_path / "values.parquet")
    for no_models in (("--models", ""), ("--models", ",")):
        refused = RUNNER.invoke(build(), ["evaluate", str(shop_folder), *no_models])
        assert refused.exit_code == 2
        assert "--model" in refused.output


def test_similar_products_by_title_and_id(shop_folder: Path) -> None:
    product_id, title = Shop.read(shop_folder).products.select("product_id", "title").row(0)
    by_id = json.loads(run("similar", shop_folder, "--product", product_id, "--top", 3, "--json"))
    assert by_id == json.loads(run("similar", shop_folder, "--product", title.upper(), "--top", 3, "--json"))
    assert len(by_id["similar"]) == 3
    assert product_id not in [row["product_id"] for row in by_id["similar"]]
    printed = run("similar", shop_folder, "--product", product_id, "--top", 3)
    assert f"{by_id['similar'][0]['similarity']:.3f}" in printed


def test_a_product_without_similar_ones_is_reported(tmp_path: Path) -> None:
    hand_made_shop([(1, "pot", 0), (2, "bulb", 1)]).write(tmp_path / "shop")
    printed = run("similar", tmp_path / "shop", "--product", "pot")
    assert "finds no product for sale that is like pot" in printed
    assert json.loads(run("similar", tmp_path / "shop", "--product", "pot", "--json"))["similar"] == []


def test_models_are_separated_by_commas(shop_folder: Path) -> None:
    output = json.loads(run("evaluate", shop_folder, "--models", "popular, own_repeats", "--json"))
    assert [row["model"] for row in output["costs"]] == ["popular", "own_repeats"]
    # the default model was not evaluated, so the first one is the reference
    assert output["reference"] == "popular"
    assert {row["model"] for row in output["differences"]} == {"own_repeats"}


def test_lists_equal_one_call_of_the_library(shop_folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "lists.parquet"
    output = json.loads(
        run("recommend", shop_folder, "--model", "item_to_item", "--top", 4, "--output", file, "--json")
    )
    trained = TrainedRecommender.fit(Shop.read(shop_folder).as_of(), "item_to_item")
    customers = trained.active(365)
    lists = trained.recommend(trained.queries(customers), k=4)
    saved = pl.read_parquet(file)
    assert saved.columns == ["customer_id", "source_id", "rank", "product_id", "score", "source"]
    assert saved["customer_id"].to_list() == np.repeat(customers, 4).tolist()
    assert saved["product_id"].to_list() == trained.items["product_id"].gather(lists.columns.ravel()).to_list()
    assert saved["source_id"].str.contains("@").all()
    assert output["customers"] == len(customers)
    assert output["effects"] == lists.effects.to_dicts()
    assert "@" not in json.dumps(output)


def test_the_screen_shows_no_personal_data(shop_folder: Path, tmp_path: Path) -> None:
    printed = run("recommend", shop_folder, *QUICK, "--top", 3, "--examples", 2, "--output", tmp_path / "lists.csv")
    assert "@" not in printed
    assert "What the rules did" in printed
    assert printed.count("│    1 │") == 2
    with (tmp_path / "lists.csv").open(encoding="utf-8") as file:
        assert file.readline() == "customer_id,source_id,rank,product_id,score,source\n"


def test_rules_and_mode_and_a_file_of_customers(shop_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "who.csv").write_text("customer_id\n3\n5\n99999999\n", "utf-8")
    (tmp_path / "rules.toml").write_text('[at_most]\nper_vendor = 1\n[exclude]\nvendors = ["Nobody"]\n', "utf-8")
    arguments = ("--customers", tmp_path / "who.csv", "--rules", tmp_path / "rules.toml")
    output = json.loads(run("recommend", shop_folder, *QUICK, *arguments, "--mode", "new", "--json"))
    assert output["customers"] == 2
    assert output["unknown_customers"] == 1
    assert output["warnings"] == ['rules.toml: exclude.vendors: no product has "Nobody".']
    assert {"already bought", "at most 1 per vendor", "excluded"} <= {row["rule"] for row in output["effects"]}
    printed = run("recommend", shop_folder, *QUICK, *arguments)
    assert "1 row names a customer that this shop does not know." in printed
    assert "rules.toml: exclude.vendors" in printed


def test_everyone_gets_a_list_where_everyone_is_asked_for(tmp_path: Path) -> None:
    hand_made_shop([(1, "pot", 0), (2, "bulb", 500), (2, "pot", 501)]).write(tmp_path / "shop")
    active, everyone = (
        json.loads(run("recommend", tmp_path / "shop", *QUICK, "--customers", customers, "--json"))
        for customers in ("returning", "all")
    )
    counts = ("customers", "customers_left_out", "inactive_customers", "customers_without_order")
    assert [active[name] for name in counts] == [1, 1, 0, 0]
    assert [everyone[name] for name in counts] == [2, 0, 1, 0]
    printed = " ".join(run("recommend", tmp_path / "shop", *QUICK).split())
    assert "1 customer has not ordered in the last 365 days and gets no list; --customers all makes theirs" in printed
    printed = " ".join(run("recommend", tmp_path / "shop", *QUICK, "--customers", "all").split())
    assert "Of these, 1 last ordered more than 365 days ago" in printed
    (tmp_path / "who.csv").write_text("customer_id\n1\n", "utf-8")
    named = json.loads(run("recommend", tmp_path / "shop", *QUICK, "--customers", tmp_path / "who.csv", "--json"))
    assert [named[name] for name in counts] == [1, 0, 1, 0]
    assert {row["product_id"] for row in named["examples"]} == {"pot", "bulb"}


def test_launches_are_listed_among_the_other_products(shop_folder: Path, new_products: Path, tmp_path: Path) -> None:
    file = tmp_path / "lists.csv"
    run("recommend", shop_folder, *QUICK, "--launches", new_products, "--top", 50, "--output", file)
    saved = pl.read_csv(file)
    launched = saved.filter(source="launch")
    titles = set(pl.read_csv(new_products)["title"])
    assert launched.height > 0
    assert launched["product_id"].n_unique() <= len(titles)
    assert launched["score"].is_null().all()


def test_new_customers_have_a_list_for_each_first_order(shop_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "first.csv").write_text("country,hour\nUS,9\n,\n", "utf-8")
    file = tmp_path / "lists.csv"
    arguments = ("--customers", "new", "--contexts", tmp_path / "first.csv", "--top", 2, "--output", file)
    run("recommend", shop_folder, "--model", "popular_in_country", *arguments)
    saved = pl.read_csv(file)
    names = ["first_order", "country", "province", "city", "hour", "month", "rank", "product_id", "score", "source"]
    assert saved.columns == names
    assert saved["first_order"].to_list() == [1, 1, 2, 2]
    (tmp_path / "first.csv").write_text("country,hour\nus,9\nPeru,\n", "utf-8")
    output = json.loads(run("recommend", shop_folder, "--model", "popular_in_country", *arguments, "--json"))
    assert pl.read_csv(file)["product_id"].equals(saved["product_id"])
    assert output["warnings"] == ['first.csv: no past order went to the country "Peru"; most went to "US", "CA".']
    sold = saved["product_id"][0]
    printed = run("recommend", shop_folder, *QUICK, "--customers", "new", "--basket", sold, "--top", 2)
    assert "basket" in printed


def test_a_trained_model_serves_without_orders(shop_folder: Path, tmp_path: Path) -> None:
    without_orders = tmp_path / "bare"
    shutil.copytree(shop_folder, without_orders)
    table_file(without_orders, "orders").unlink()
    assert "customer numbers" in run("train", shop_folder, "--model", "item_to_item", "--output", tmp_path / "model")
    run("recommend", shop_folder, "--model", "item_to_item", "--output", tmp_path / "first.csv")
    run("recommend", without_orders, "--model", tmp_path / "model", "--output", tmp_path / "second.csv")
    assert (tmp_path / "first.csv").read_bytes() == (tmp_path / "second.csv").read_bytes()
    product = pl.read_csv(tmp_path / "first.csv")["product_id"][0]
    similar = json.loads(run("similar", without_orders, "--model", tmp_path / "model", "--product", product, "--json"))
    assert similar["model"] == "item_to_item"
    trained = json.loads(run("train", shop_folder, "--model", "popular", "--output", tmp_path / "other", "--json"))
    assert trained["customers"] > 0


@pytest.mark.parametrize("model", ["item_to_item", DEFAULT_MODEL])
def test_a_trained_model_contains_no_personal_data(shop_folder: Path, tmp_path: Path, model: str) -> None:
    run("train", shop_folder, "--model", model, "--output", tmp_path / "model")
    customers = read_table(shop_folder, CUSTOMERS)
    personal = [value.encode() for name in ("email", "phone", "source_id") for value in customers[name].drop_nulls()]
    files = [path for path in (tmp_path / "model").rglob("*") if path.is_file()]
    assert "manifest.json" in {path.name for path in files}
    assert not [value for path in files for value in personal if value in path.read_bytes()]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--mode", "some"), "--mode"),
        (("--basket", "pot"), "--basket"),
        (("--contexts", "x.csv"), "--contexts"),
        (("--customers", "new", "--launches", "x.csv"), "--launches"),
    ],
)
def test_options_that_do_not_fit_are_refused_before_anything_is_read(
    shop_folder: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], message: str
) -> None:
    monkeypatch.setattr("frontrow.recommend.trained.TrainedRecommender.fit", pytest.fail)
    refused = RUNNER.invoke(build(), ["recommend", str(shop_folder), *arguments])
    assert refused.exit_code == 2
    assert message in refused.output


def test_a_model_that_is_none_is_refused(shop_folder: Path, tmp_path: Path) -> None:
    with pytest.raises(RecommendationError, match="neither a recommender nor the folder"):
        run("recommend", shop_folder, "--model", "oracle")
    with pytest.raises(InputError, match="suffix is not that of a table"):
        run("recommend", shop_folder, "--output", tmp_path / "lists.xlsx")
    (tmp_path / "lists.csv").mkdir()
    with pytest.raises(InputError, match="is a folder"):
        run("recommend", shop_folder, "--output", tmp_path / "lists.csv")


def test_the_default_that_help_names_is_the_default() -> None:
    for name in ("recommend", "train"):
        command = import_module(f"frontrow.cli.commands.{name}").command
        defaults = [option.default for option in list_parameters(command) if option.name == "--model"]
        assert defaults == [f"`{DEFAULT_MODEL}`"]


@pytest.mark.parametrize(
    ("option", "text", "problem"),
    [
        ("--rules", "divresity = 0.2\n", 'Did you mean "diversity"'),
        ("--rules", '[include]\nproduct_ids = ["nothing of ours"]\n', "nothing of ours"),
        ("--launches", "name\nRose Pot\n", "title"),
        ("--customers", "number\n7\n", "customer_id or source_id"),
    ],
)
def test_an_unusable_file_is_reported_before_the_fit(
    shop_folder: Path, tmp_path: Path, option: str, text: str, problem: str
) -> None:
    shop = tmp_path / "shop"
    shutil.copytree(shop_folder, shop, ignore=shutil.ignore_patterns(RECOMMENDERS))
    file = tmp_path / "asked"
    file.write_text(text, "utf-8")
    with pytest.raises(InputError, match=problem):
        RUNNER.invoke(
            build(), ["recommend", str(shop), *QUICK, option, str(file)], catch_exceptions=False, standalone_mode=False
        )
    assert not (shop / RECOMMENDERS).exists()
