"""Groups, intervals, gaps and dates of the forecast, by hand and on shops made up."""

from __future__ import annotations

import datetime as dt
import re

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from frontrow.errors import SettingError, ShopError
from frontrow.metrics.classification import auc
from frontrow.orders.backtest import BG_NBD, ORDER_MODEL, RECENCY, OrderBacktest, backtest_orders
from frontrow.orders.customers_at_cutoff import count_outcomes, describe_customers, read_order_days, sample_customers
from frontrow.orders.group_summary import summarize_groups
from frontrow.orders.intervals import OutcomeIntervals
from frontrow.orders.next_order import estimate_usual_gaps
from frontrow.orders.order_model import CUSTOMER_FORECAST_SCHEMA, OrderModel
from frontrow.orders.rfm import GRID, GROUPS, add_rfm_groups
from frontrow.orders.settings import OrderSettings
from frontrow.present.sections.customers import build_sections
from frontrow.shop.history import History
from frontrow.shop.shop import Shop
from frontrow.synthetic import SyntheticShop
from frontrow.testing.shops import DAY_ZERO, hand_made_shop


@pytest.fixture(scope="module")
def shop() -> Shop:
    return SyntheticShop(customers=2_000, seed=4, days=800).shop()


@pytest.fixture(scope="module")
def fitted(shop: Shop) -> tuple[History, OrderModel, pl.DataFrame]:
    history = shop.as_of(shop.midnight(shop.as_of().cutoff_day - 365))
    model = OrderModel.fit(history)
    return history, model, model.forecast(history.customers.select("customer_id", "source_id").collect())


@pytest.fixture(scope="module")
def backtest(shop: Shop) -> OrderBacktest:
    return backtest_orders(shop.as_of())


def test_order_days_are_counted_by_hand() -> None:
    lines = [(1, "pot", 0), (1, "cup", 0), (1, "pot", 10), (1, "pot", 40), (2, "pot", 5), (None, "pot", 6)]
    order_days = read_order_days(hand_made_shop(lines).as_of())
    customers = describe_customers(order_days, DAY_ZERO + 50, 30)
    first = customers.frame.row(0, named=True)
    assert customers.frame["customer_id"].to_list() == [1, 2]
    assert (first["orders"], first["recency_days"], first["tenure_days"]) == (3, 10, 50)
    assert (first["mean_gap_days"], first["median_gap_days"], first["gap_spread_days"]) == (20, 20, 10)
    assert (first["orders_30d"], first["spend_30d"], first["spend_per_order"]) == (1, 10.0, pytest.approx(40 / 3))
    assert customers.frame.row(1, named=True)["mean_gap_days"] is None
    outcomes = count_outcomes(order_days, describe_customers(order_days, DAY_ZERO + 6, 30), 5)
    assert outcomes.orders.tolist() == [1.0, 0.0]


def test_the_usual_gap_leans_on_the_shop_where_orders_are_few() -> None:
    lines = [(1, "pot", day) for day in (0, 10, 20, 30)] + [(2, "pot", day) for day in (0, 30)] + [(3, "pot", 1)]
    customers = describe_customers(read_order_days(hand_made_shop(lines).as_of()), DAY_ZERO + 31, 30)
    assert estimate_usual_gaps(customers).tolist() == [(30 + 20) / 4, (30 + 20) / 2, 20.0]


def test_each_cell_of_the_grid_has_a_group_and_each_group_a_cell() -> None:
    assert {group for row in GRID for group in row} == set(GROUPS)
    assert [len(row) for row in GRID] == [5] * 5


def test_scores_are_fifths_and_equal_customers_score_the_same() -> None:
    frame = pl.DataFrame(
        {
            "days_since_last_order": range(1, 11),
            "orders": [9, 8, *[1] * 8],
            "spend": [float(n) for n in range(10, 0, -1)],
        }
    )
    scored = add_rfm_groups(frame)
    assert scored["recency_score"].to_list() == [5, 5, 4, 4, 3, 3, 2, 2, 1, 1]
    assert scored["monetary_score"].to_list() == scored["recency_score"].to_list()
    assert scored["frequency_score"].to_list() == [5, 5, *[3] * 8]
    assert scored["rfm_group"][0] == "champions"
    assert scored["rfm_group"][9] == "hibernating"


def test_intervals_hold_on_other_customers() -> None:
    rng = np.random.default_rng(0)
    expected = rng.gamma(2.0, 2.0, 20_000) + 0.1
    outcomes = rng.poisson(expected).astype(float)
    past = OutcomeIntervals.fit(expected[:10_000], outcomes[:10_000])
    assert past is not None
    low, high = past.ends(expected[10_000:])
    held = (np.rint(low) <= outcomes[10_000:]) & (outcomes[10_000:] <= np.rint(high))
    assert 0.8 <= held.mean() < 0.92
    assert OutcomeIntervals.fit(expected[:10], outcomes[:10]) is None


def test_everyone_with_an_order_has_a_row_in_the_schema(fitted: tuple[History, OrderModel, pl.DataFrame]) -> None:
    history, _, forecast = fitted
    assert dict(forecast.schema) == CUSTOMER_FORECAST_SCHEMA
    with_orders = history.lines.select("customer_id").drop_nulls().unique().collect()["customer_id"]
    assert sorted(forecast["customer_id"]) == sorted(with_orders)
    assert forecast["chance_to_order"].is_sorted(descending=True)
    assert forecast.drop("expected_next_order_on").null_count().sum_horizontal().item() == 0
    assert forecast["chance_to_order"].is_between(0, 1).all()
    for name in ("expected_orders_365d", "expected_spend_365d"):
        assert (forecast[f"{name}_low"] <= forecast[f"{name}_high"]).all()


def test_the_forecast_finds_who_orders(shop: Shop, fitted: tuple[History, OrderModel, pl.DataFrame]) -> None:
    _, model, forecast = fitted
    order_days = read_order_days(shop.as_of())
    within, year = (count_outcomes(order_days, model.customers, days) for days in (30, 365))
    by_number = forecast.sort("customer_id")
    assert auc(within.ordered, by_number["chance_to_order"].to_numpy()) > 0.7
    assert by_number["chance_to_order"].sum() == pytest.approx(within.ordered.sum(), rel=0.35)
    assert by_number["expected_orders_365d"].sum() == pytest.approx(year.orders.sum(), rel=0.25)
    held = by_number["expected_orders_365d_low"].to_numpy() <= year.orders
    held &= year.orders <= by_number["expected_orders_365d_high"].to_numpy()
    assert held.mean() > 0.78
    low, high = model.interval(float(forecast["chance_to_order"].sum()), forecast.height)
    assert low < within.ordered.sum() < high


def test_half_of_the_customers_have_ordered_by_their_expected_day(
    shop: Shop, fitted: tuple[History, OrderModel, pl.DataFrame]
) -> None:
    history, _, forecast = fitted
    soon = forecast.filter(
        pl.col("expected_next_order_on") < dt.date(1970, 1, 1) + dt.timedelta(days=history.cutoff_day + 200)
    )
    later = read_order_days(shop.as_of()).filter(pl.col("day") >= history.cutoff_day)
    first = later.group_by("customer_id").agg(pl.col("day").min().cast(pl.Date))
    by_then = soon.join(first, on="customer_id", how="left").select(
        (pl.col("day") <= pl.col("expected_next_order_on")).fill_null(False)
    )
    assert soon.height > 100
    assert 0.35 < by_then.to_series().mean() < 0.65
    assert (forecast["expected_next_order_on"].drop_nulls() >= history.cutoff.date()).all()


def test_the_same_seed_gives_the_same_forecast(fitted: tuple[History, OrderModel, pl.DataFrame]) -> None:
    history, _, forecast = fitted
    again = OrderModel.fit(history).forecast(history.customers.select("customer_id", "source_id").collect())
    assert_frame_equal(forecast, again, check_exact=True)


def test_groups_add_up_to_everyone(fitted: tuple[History, OrderModel, pl.DataFrame]) -> None:
    _, model, forecast = fitted
    groups = summarize_groups(forecast, model)
    assert groups["customers"].sum() == forecast.height
    assert groups["expected_customers"].sum() == pytest.approx(forecast["chance_to_order"].sum())
    assert [group for group in GROUPS if group in groups["rfm_group"]] == groups["rfm_group"].to_list()
    assert (groups["expected_customers_low"] <= groups["expected_customers"]).all()


def test_a_large_shop_is_learned_from_a_part_of_its_customers(shop: Shop) -> None:
    order_days = read_order_days(shop.as_of())
    part = sample_customers(order_days, 500)
    assert 400 < part["customer_id"].n_unique() <= 500
    whole = part["customer_id"].unique().implode()
    assert part.height == order_days.filter(pl.col("customer_id").is_in(whole)).height


def test_a_short_history_gives_a_first_guess() -> None:
    history = hand_made_shop([(customer, "pot", customer % 9) for customer in range(30)]).as_of()
    model = OrderModel.fit(history)
    forecast = model.forecast(history.customers.select("customer_id", "source_id").collect())
    assert (model.chance.windows, model.year.length_days) == (0, 0)
    assert forecast["chance_to_order"].is_between(0, 1).all()
    assert forecast["expected_orders_365d_low"].is_null().all()


def test_without_a_customer_there_is_nothing_to_forecast() -> None:
    history = hand_made_shop([(None, "pot", 1), (None, "pot", 9)]).as_of()
    with pytest.raises(ShopError, match="No customer has an order before 2024-10-1"):
        OrderModel.fit(history)
    with pytest.raises(SettingError, match="at least 90 days"):
        backtest_orders(history)


def test_a_free_product_earns_nothing() -> None:
    history = hand_made_shop([(customer, "pot", day) for customer in range(80) for day in range(0, 260, 20)]).as_of()
    free = OrderModel.fit(_without_prices(history))
    assert (free.year.forecast(free.customers).spend == 0).all()


def _without_prices(history: History) -> History:
    from dataclasses import replace

    return replace(history, lines=history.lines.with_columns(price=pl.lit(0.0)))


def test_the_back_test_compares_three_models_at_six_cutoffs(backtest: OrderBacktest) -> None:
    pooled = {row["model"]: row for row in backtest.pooled.iter_rows(named=True)}
    assert set(pooled) == {ORDER_MODEL, BG_NBD, RECENCY}
    assert backtest.scores["cutoff_day"].n_unique() == 6
    assert backtest.scores["cutoff_day"].unique().sort().diff().drop_nulls().unique().to_list() == [30]
    assert backtest.pooled["customers"].unique().to_list() == [
        backtest.scores.filter(model=ORDER_MODEL)["customers"].sum()
    ]
    assert pooled[ORDER_MODEL]["auc"] > pooled[RECENCY]["auc"]
    assert pooled[ORDER_MODEL]["log_loss"] < pooled[RECENCY]["log_loss"]
    assert backtest.year is not None
    assert backtest.year.order_coverage > 0.75


def test_the_back_test_of_a_cutoff_is_the_forecast_as_it_was_made_then(shop: Shop, backtest: OrderBacktest) -> None:
    first = backtest.scores.filter(model=ORDER_MODEL).row(0, named=True)
    chances = OrderModel.fit(shop.as_of(shop.midnight(first["cutoff_day"]))).chances()
    assert first["predicted"] == pytest.approx(chances.sum(), rel=1e-12)


def test_another_horizon_changes_the_question(shop: Shop) -> None:
    history = shop.as_of()
    week, quarter = (OrderModel.fit(history, OrderSettings(horizon_days=days)).chances().sum() for days in (7, 90))
    assert 2 * week < quarter


def test_the_interval_of_a_small_group_starts_at_nobody(fitted: tuple[History, OrderModel, pl.DataFrame]) -> None:
    _, model, _ = fitted
    low, high = model.interval(0.4, 30)
    assert low == 0
    assert 1 <= high <= 2
    assert model.interval(0.4, 1)[1] <= 1
    wide = model.interval(400.0, 3_000)
    assert wide[0] < 400 < wide[1]
    assert wide[1] - wide[0] > 2 * 1.28 * np.sqrt(400)


@pytest.mark.parametrize(
    "lines",
    [
        [(1, "pot", 0)],
        [(1, "pot", 0), (1, "pot", 400)],
        [(customer, "pot", customer % 5) for customer in range(60)] + [(None, "pot", 900)],
        [(customer, "pot", day) for customer in range(3) for day in range(customer, 200, 17)],
    ],
    ids=["a single order", "a single customer", "a shop that everyone left", "three customers"],
)
def test_a_shop_with_little_in_it_has_a_forecast(lines: list[tuple[int | None, str, int]]) -> None:
    history = hand_made_shop(lines).as_of()
    model = OrderModel.fit(history)
    forecast = model.forecast(history.customers.select("customer_id", "source_id").collect())
    assert forecast["chance_to_order"].is_between(0, 1).all()
    assert forecast["expected_orders_365d"].is_finite().all()
    groups = summarize_groups(forecast, model)
    sentences = [block.plain for block in build_sections(forecast, groups, model, history.cutoff, "")[0].blocks[:1]]
    assert re.match(r"About \d+ of \d+ customers? will order within 30 days of \d{4}-", sentences[0])
