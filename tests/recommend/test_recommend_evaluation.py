"""The evaluation: its customers and targets, what is left out, and that it uses nothing of the future."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from frontrow import errors
from frontrow.errors import InputError, MissingExtraError, RecommendationError
from frontrow.models.interactions.interactions import CONTEXT
from frontrow.recommend.evaluate.evaluation import evaluate
from frontrow.recommend.evaluate.results import Evaluation, EvaluationSettings
from frontrow.recommend.evaluate.window import build_evaluation_window
from frontrow.shop.cutoff import EPOCH
from frontrow.shop.shop import Shop
from frontrow.testing.recommenders import planted
from frontrow.testing.shops import DAY_ZERO, hand_made_shop

CUTOFF = EPOCH + dt.timedelta(days=DAY_ZERO + 10)
SMALL = [
    *((1, "a", 0), (1, "b", 5), (2, "a", 9), (2, "c", 9), (3, "b", 9)),
    # customer 1 buys an old product again, one new to them, and one first sold since; 2 only repeats; 4 is new
    *((1, "a", 10), (1, "c", 11), (1, "later", 12), (2, "a", 12), (4, "b", 14), (4, "b", 15), (None, "c", 12)),
    # after the window
    *((1, "b", 16), (3, "a", 16), (5, "a", 17)),
]


def small() -> Evaluation:
    settings = EvaluationSettings(horizon_days=6, k=(2, 1), draws=50)
    return evaluate(hand_made_shop(SMALL), CUTOFF, models=["popular"], only=True, settings=settings)


def value(evaluation: Evaluation, metric: str, k: int, customers: str = "returning", products: str = "all") -> float:
    rows = evaluation.values.filter(metric=metric, k=k, customers=customers, products=products)
    return float(rows["value"].item())


def test_which_customers_and_targets_are_evaluated() -> None:
    cut = build_evaluation_window(hand_made_shop(SMALL).as_of(), CUTOFF, horizon_days=6)
    returning, never_bought, new_customers = cut.groups
    assert cut.train.products["product_id"].to_list() == ["a", "b", "c"]
    # rows of customers 1 and 2; customer 3 buys too late
    assert returning.queries.rows.tolist() == [0, 1]
    assert returning.target_counts.tolist() == [3, 1]
    assert returning.targets.toarray().tolist() == [[True, False, True], [True, False, False]]
    assert returning.hidden is None
    # customer 2 buys nothing new to them
    assert never_bought.queries.rows.tolist() == [0]
    assert never_bought.target_counts.tolist() == [2]
    assert never_bought.targets.toarray().tolist() == [[False, False, True]]
    assert never_bought.hidden is not None
    assert (never_bought.hidden.toarray() > 0).tolist() == [[True, True, False]]
    # only customer 4: customer 5 comes after the window
    assert new_customers.queries.rows.tolist() == [-1]
    assert new_customers.target_counts.tolist() == [1]


def test_figures_by_hand() -> None:
    evaluation = small()
    # everyone's list is a (2 customers), b (2), c (1): ties by column
    assert value(evaluation, "hit_rate", 2) == 1.0
    assert value(evaluation, "recall", 2) == pytest.approx((1 / 3 + 1) / 2)
    assert value(evaluation, "ndcg", 2) == pytest.approx((1 / (1 + 1 / np.log2(3)) + 1) / 2)
    assert value(evaluation, "mrr", 2, "new") == 0.5
    assert value(evaluation, "map", 1, "new") == 0.0
    # of what customer 1 never bought, only c is a candidate, and 'later' is not
    assert value(evaluation, "recall", 2, products="never bought") == 0.5
    # pairs: a and a of four targets at rank 1
    assert value(evaluation, "accuracy", 1) == pytest.approx(2 / 4)
    assert value(evaluation, "accuracy", 100) == pytest.approx(3 / 4)
    assert value(evaluation, "coverage", 2) == pytest.approx(2 / 3)
    # of three customers, 2, 2 and 1 bought a, b and c
    bits = np.log2(3 / 2)
    assert value(evaluation, "novelty", 2) == pytest.approx(bits)
    assert value(evaluation, "novelty", 2, products="never bought") == pytest.approx(np.log2(3))
    counts = evaluation.counts.select("tested", "targets", "reachable").rows()
    assert counts == [(2, 4, 3), (1, 2, 1), (1, 1, 1)]
    assert evaluation.candidates == 3


def test_context_is_that_of_the_last_order_and_the_month_of_the_cutoff() -> None:
    planted_shop, interactions = planted()
    cut = build_evaluation_window(planted_shop.shop.as_of(), planted_shop.cutoff(), horizon_days=20)
    returning = cut.groups[0].queries
    assert returning.context.columns == list(CONTEXT)
    countries = [planted_shop.country[int(customer)] for customer in interactions.customer_ids[returning.rows]]
    assert returning.context["country"].to_list() == countries
    assert set(returning.context["hour"].to_list()) == {12}
    assert set(returning.context["month"].to_list()) == {planted_shop.cutoff().month}


def test_a_new_customer_has_the_context_of_the_first_order() -> None:
    shop = hand_made_shop([(1, "a", 0), (4, "b", 14), (4, "a", 45)])
    orders = shop.orders.collect().with_columns(country=pl.Series(["DE", "FR", "NL"]))
    shop = Shop.from_tables(orders, shop.products, shop.customers.collect(), settings=shop.settings)
    (context,) = (
        build_evaluation_window(shop.as_of(), CUTOFF, horizon_days=36).groups[2].queries.context.rows(named=True)
    )
    assert context["country"] == "FR"
    assert context["month"] == (EPOCH + dt.timedelta(days=DAY_ZERO + 14)).month


def test_the_same_seed_gives_the_same_figures() -> None:
    assert small().values.equals(small().values)


def test_what_comes_after_the_window_changes_nothing() -> None:
    planted_shop, _ = planted()
    settings = EvaluationSettings(horizon_days=10, draws=20)
    end = DAY_ZERO + 110
    orders = planted_shop.shop.orders.collect()
    changed = orders.with_columns(
        customer_id=pl.when(pl.col("day") < end).then("customer_id").otherwise(7), price=pl.col("price") + 1
    )
    changed_shop = Shop.from_tables(
        changed, planted_shop.shop.products, planted_shop.shop.customers.collect(), settings=planted_shop.shop.settings
    )
    values = [
        evaluate(shop, planted_shop.cutoff(), models=["item_to_item"], only=True, settings=settings).values
        for shop in (planted_shop.shop, changed_shop)
    ]
    assert values[0].equals(values[1])


def test_models_compared_customer_by_customer() -> None:
    planted_shop, _ = planted()
    names = ["own_repeats", "popular", "popular_in_country"]
    settings = EvaluationSettings(horizon_days=20, draws=200)
    evaluation = evaluate(planted_shop.shop, planted_shop.cutoff(), models=names, only=True, settings=settings)
    assert evaluation.costs["model"].to_list() == names
    gain = (
        evaluation.compare_with("popular")
        .filter(customers="returning", products="all")
        .rows_by_key("model", named=True)
    )
    repeats_gain = gain["own_repeats"][0]
    by_hand = [
        evaluation.values.filter(model=model, metric="ndcg", customers="returning", products="all")["value"].item()
        for model in names
    ]
    assert repeats_gain["difference"] == pytest.approx(by_hand[0] - by_hand[1])
    assert 0 < repeats_gain["low"] < repeats_gain["difference"] < repeats_gain["high"]
    with pytest.raises(RecommendationError, match='"als" was not tested; these were: own_repeats'):
        evaluation.compare_with("als")


def test_a_history_that_ends_too_early_is_refused() -> None:
    with pytest.raises(RecommendationError, match=r"what customers bought until .* is not known"):
        evaluate(hand_made_shop(SMALL), CUTOFF, models=["popular"], only=True)
    with pytest.raises(RecommendationError, match="nothing to learn from"):
        evaluate(hand_made_shop(SMALL), models=["popular"], only=True)


def test_without_a_cutoff_the_latest_closed_window_is_tested() -> None:
    settings = EvaluationSettings(horizon_days=8, draws=10)
    evaluation = evaluate(hand_made_shop(SMALL), models=["popular"], only=True, settings=settings)
    assert evaluation.cutoff.date() == CUTOFF


def test_an_unknown_model_is_refused() -> None:
    with pytest.raises(RecommendationError, match=r'no recommender named "oracle"\. Available: als'):
        evaluate(hand_made_shop(SMALL), CUTOFF, models=["oracle"])


def test_a_model_whose_extra_is_missing_is_named_or_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(errors, "find_spec", lambda _: None)
    settings = EvaluationSettings(horizon_days=6, draws=10)
    evaluation = evaluate(hand_made_shop(SMALL), CUTOFF, models=["popular"], settings=settings)
    assert "frontrow[als]" in evaluation.skipped["als"]
    assert "als" not in evaluation.costs["model"]
    with pytest.raises(MissingExtraError):
        evaluate(hand_made_shop(SMALL), CUTOFF, models=["als"], only=True, settings=settings)


def test_progress_rises_to_the_number_of_models() -> None:
    steps: list[tuple[float, float]] = []
    settings = EvaluationSettings(horizon_days=6, draws=10)
    models = ["popular", "own_repeats"]
    evaluate(
        hand_made_shop(SMALL),
        CUTOFF,
        models=models,
        only=True,
        settings=settings,
        progress=lambda *step: steps.append(step),
    )
    assert steps == sorted(steps)
    assert steps[-1] == (2, 2)


def test_all_values_are_written(tmp_path: Path) -> None:
    evaluation = small()
    evaluation.write(tmp_path / "values.parquet")
    assert pl.read_parquet(tmp_path / "values.parquet").equals(evaluation.values)
    with pytest.raises(InputError, match="suffix is not that of a table"):
        evaluation.write(tmp_path / "values.txt")
