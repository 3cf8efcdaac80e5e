"""Launches in lists: purchase probabilities of customers, and purchase rates by rank."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontrow.errors import RecommendationError
from frontrow.launch.launch_files import NEW_PRODUCT_SCHEMA
from frontrow.launch.model.launch_model import LaunchModel
from frontrow.launch.model.walk_forward import WalkForward, run_walk_forward
from frontrow.launch.settings import LaunchSettings
from frontrow.models.gradient_boosting import BoostingSettings
from frontrow.recommend.launches import launches
from frontrow.recommend.launches.launches import RANKS, measure_purchase_rate_by_rank, predict_launch_purchases
from frontrow.recommend.launches.order_propensity import estimate_order_propensity
from frontrow.recommend.launches.purchase_propensity import (
    TRAINING_ROW_SCHEMA,
    PurchasePropensity,
    build_training_rows,
    load_or_fit_purchase_propensity,
)
from frontrow.schema import conform
from frontrow.synthetic import SyntheticShop
from frontrow.testing.shops import DAY_ZERO, hand_made_shop

SHOP = SyntheticShop(customers=600, seed=2, lines_a_year=8.0, days=500)
QUICK = LaunchSettings(boosting=BoostingSettings(trees=20, seeds=1))


def new_products(*ids: str, day: int) -> pl.DataFrame:
    table = pl.DataFrame({"product_id": list(ids), "title": list(ids)})
    return conform(table, NEW_PRODUCT_SCHEMA).with_columns(launch_day=pl.lit(day, pl.Int32))


def test_active_customers_have_probabilities_and_others_none(tmp_path: Path) -> None:
    history = SHOP.shop().as_of()
    last = history.lines.group_by("customer_id").agg(pl.col("day").max()).drop_nulls().collect()
    customer_ids = np.array([10**6, *last["customer_id"].sort(descending=True)])
    products = new_products("Willow Bird Feeder", "Copper Rain Gauge", day=history.cutoff_day)
    probabilities = predict_launch_purchases(history, products, customer_ids, folder=tmp_path, settings=QUICK)
    assert probabilities.shape == (len(customer_ids), 2)
    active = dict(zip(last["customer_id"], last["day"] >= history.cutoff_day - 365, strict=True))
    np.testing.assert_array_equal(
        np.isfinite(probabilities[:, 0]), [active.get(int(customer), False) for customer in customer_ids]
    )
    assert (probabilities[np.isfinite(probabilities)] > 0).all()
    # on sale for a third of the horizon, and not at all
    later = products.with_columns(
        launch_day=pl.Series([history.cutoff_day + 20, history.cutoff_day + 30], dtype=pl.Int32)
    )
    late = predict_launch_purchases(history, later, customer_ids, folder=tmp_path, settings=QUICK)
    assert np.isnan(late[:, 1]).all()
    is_scored = np.isfinite(probabilities[:, 0])
    share = late[is_scored, 0] / probabilities[is_scored, 0]
    # the season of a launch is a feature, so the day changes its raw probability slightly too
    assert 0.1 < np.median(share) < 0.7


def test_a_product_already_sold_is_refused_as_a_launch(tmp_path: Path) -> None:
    history = hand_made_shop([(7, "pot", 0)]).as_of()
    with pytest.raises(RecommendationError, match='"pot" has been sold'):
        predict_launch_purchases(
            history,
            new_products("pot", day=history.cutoff_day),
            np.array([7]),
            folder=tmp_path,
            settings=LaunchSettings(),
        )


def test_a_fitted_propensity_is_cached_and_refitted_if_damaged(tmp_path: Path) -> None:
    history, walks = SHOP.shop().as_of(), []
    model = LaunchModel.fit(history, QUICK)
    empty = replace(run_walk_forward(history, QUICK), fitted=[])

    def learned(seed: int = 0) -> PurchasePropensity:
        return load_or_fit_purchase_propensity(
            history, model, folder=tmp_path, walk_forward=lambda: [empty, walks.append(seed)][0], seed=seed
        )

    assert learned() == learned() == PurchasePropensity()
    (cached,) = (tmp_path / "models").iterdir()
    for damaged in ("{", "[1, 2]", '["a", 1, 1, 1]', "[null, 1, 1, 1]", "7"):
        cached.write_text(damaged, "utf-8")
        assert learned() == PurchasePropensity()
    assert learned(seed=1) == PurchasePropensity()
    assert walks == [0] * 6 + [1]


def test_walk_forward_runs_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    history, walks = SHOP.shop().as_of(), []

    def counting_walk(*arguments: Any, **options: Any) -> WalkForward:
        walks.append(options)
        return run_walk_forward(*arguments, **options)

    monkeypatch.setattr(launches, "run_walk_forward", counting_walk)
    customer_ids = (
        history.lines.select("customer_id").drop_nulls().unique().sort("customer_id").collect().to_series().to_numpy()
    )
    products = new_products("Willow Bird Feeder", day=history.cutoff_day)
    first = predict_launch_purchases(history, products, customer_ids, folder=tmp_path, settings=QUICK)
    np.testing.assert_array_equal(
        predict_launch_purchases(history, products, customer_ids, folder=tmp_path, settings=QUICK), first
    )
    assert walks == [{"seed": 0}]
    # the launch model may be cached without the purchase propensity of lists
    next((tmp_path / "models").glob("*.json")).unlink()
    np.testing.assert_array_equal(
        predict_launch_purchases(history, products, customer_ids, folder=tmp_path, settings=QUICK), first
    )
    assert walks == [{"seed": 0}] * 2


def test_training_rows_are_of_ordering_customers_and_closed_windows() -> None:
    history, settings = SHOP.shop().as_of(), QUICK
    training_rows = build_training_rows(history, run_walk_forward(history, settings))
    assert dict(training_rows.schema) == TRAINING_ROW_SCHEMA
    assert training_rows["cutoff_day"].max() + settings.horizon_days <= history.closed_day
    assert 0 < training_rows["bought"].sum() < training_rows.height
    days = history.lines.select("customer_id", "day").drop_nulls().unique().collect()
    since = pl.col("day") - pl.col("cutoff_day")
    within = training_rows.join(days, on="customer_id").filter((since >= 0) & (since < settings.horizon_days))
    assert within.select("launch", "customer_id").n_unique() == training_rows.height


def test_without_past_launches_the_default_weights_are_used() -> None:
    assert PurchasePropensity.fit(pl.DataFrame(schema=TRAINING_ROW_SCHEMA)) == PurchasePropensity()


def test_the_weights_of_planted_probabilities_are_recovered() -> None:
    rng, planted = np.random.default_rng(3), PurchasePropensity((-1.0, 0.5, 1.2, -0.4))
    raw = 1 / (1 + np.exp(-rng.normal(-4.0, 1.0, (4_000, 40)) - rng.normal(0.0, 1.0, 40)))
    ordering = rng.uniform(0.05, 0.9, 4_000)
    is_bought = rng.random(raw.shape) < planted.predict(raw, ordering)
    training_rows = pl.DataFrame(
        {
            "raw": raw.ravel(),
            "mean_raw": np.tile(raw.mean(axis=0), 4_000),
            "order_propensity": np.repeat(ordering, 40),
            "bought": is_bought.ravel().astype(np.float64),
            "weight": np.ones(raw.size),
        }
    )
    np.testing.assert_allclose(PurchasePropensity.fit(training_rows).weights, planted.weights, atol=0.2)


def test_the_fitted_propensity_equals_scikit_learn() -> None:
    linear_model = pytest.importorskip("sklearn.linear_model", reason="scikit-learn is not installed")
    rng = np.random.default_rng(4)
    raw, ordering, bought = rng.uniform(0.001, 0.3, 3_000), rng.uniform(0.05, 0.9, 3_000), rng.random(3_000) < 0.2
    training_rows = pl.DataFrame(
        {
            "raw": raw,
            "mean_raw": raw[::-1],
            "order_propensity": ordering,
            "bought": bought,
            "weight": np.full(3_000, 1e4),
        }
    ).cast({"bought": pl.Float64})
    size = np.log(raw[::-1])
    features = np.column_stack([size, np.log(raw / (1 - raw)) - size, np.log(ordering / (1 - ordering))])
    reference = linear_model.LogisticRegression(C=1e8, tol=1e-8, max_iter=1_000).fit(features, bought)
    weights = PurchasePropensity.fit(training_rows).weights
    np.testing.assert_allclose(weights, [*reference.intercept_, *reference.coef_[0]], rtol=0.02, atol=0.005)


@given(st.lists(st.floats(0.0, 1.0), min_size=2, max_size=8), st.floats(0.0, 1.0))
def test_purchase_propensity_keeps_the_ranks_of_similar_customers(raw: list[float], ordering: float) -> None:
    probabilities = PurchasePropensity().predict(
        np.array(raw)[:, None], np.array([ordering, *[np.nan] * (len(raw) - 1)])
    )[:, 0]
    assert ((probabilities >= 0) & (probabilities <= 1)).all()
    assert (np.diff(probabilities[np.argsort(raw, kind="stable")]) >= -1e-12).all()


def test_purchase_rates_by_rank_by_hand() -> None:
    # popular lists a (3 buyers), b (2), c (1); in the window 1 and 2 buy a, 3 buys c, 4 does not order
    before = [(1, "a", 0), (2, "a", 0), (3, "a", 0), (1, "b", 1), (4, "b", 1), (3, "c", 2)]
    history = hand_made_shop([*before, (1, "a", 10), (2, "a", 11), (3, "c", 12), (9, "a", 12)]).as_of()
    rates = measure_purchase_rate_by_rank(history, "popular", horizon_days=5, never_bought=False)
    assert len(rates) == RANKS
    # of three customers: 2 at rank 1; 0 and 1 at ranks 2 and 3, which are averaged because rates may not rise
    np.testing.assert_allclose(rates[:4], [2 / 3, 1 / 6, 1 / 6, 0.0])
    assert measure_purchase_rate_by_rank(history, "popular", horizon_days=5, never_bought=True).sum() == 0.0


def test_order_propensity_follows_similar_customers() -> None:
    # eighty order every ten days, eighty did once, long ago, and half of those came back in the last window
    lines = [(customer, "pot", day) for customer in range(80) for day in range(0, 140, 10)]
    lines += [(customer, "pot", 60) for customer in range(100, 180)] + [
        (customer, "pot", 135) for customer in range(100, 140)
    ]
    history = hand_made_shop(lines).as_of(hand_made_shop(lines).midnight(DAY_ZERO + 140))
    propensities = estimate_order_propensity(history, np.array([0, 100, 150, 999]), horizon_days=10)
    assert propensities[0] > 0.98
    # sixty to ninety days ago, as for all eighty before the last window
    assert propensities[2] == pytest.approx(0.5)
    assert np.isnan(propensities[3])


def test_order_propensity_predicts_orders() -> None:
    shop = SyntheticShop(customers=3_000, seed=6).shop()
    history = shop.as_of(shop.as_of().cutoff - dt.timedelta(days=30))
    ids = history.lines.select("customer_id").unique().drop_nulls().collect()["customer_id"].to_numpy()
    ordered = np.isin(
        ids, shop.orders.filter(pl.col("day") >= history.cutoff_day).collect()["customer_id"].drop_nulls()
    )
    propensity = estimate_order_propensity(history, ids, horizon_days=30)
    likely = propensity > np.quantile(propensity, 0.8)
    assert 0.6 < propensity.sum() / ordered.sum() < 1.6
    assert ordered[likely].mean() > 3 * ordered[~likely].mean()
