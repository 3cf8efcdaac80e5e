"""A baseline as the model of an audience: ranks, no probabilities, and a message that explains it."""

from functools import cache

import polars as pl
import pytest

from frontrow.errors import LaunchError
from frontrow.launch.audience.audience import score_audience
from frontrow.launch.backtest.backtest import BacktestSettings, backtest
from frontrow.launch.launch_files import NEW_PRODUCT_SCHEMA
from frontrow.launch.life_cycle import closed_launches, compute_life_cycles
from frontrow.launch.model.baseline_model import BaselineModel
from frontrow.launch.settings import LaunchSettings
from frontrow.metrics import classification as metrics
from frontrow.models.baseline import baselines
from frontrow.models.gradient_boosting import BoostingSettings
from frontrow.schema import conform
from frontrow.shop.shop import Shop
from frontrow.synthetic import SyntheticShop
from frontrow.testing.models import ALL_FEATURES

SETTINGS = LaunchSettings(boosting=BoostingSettings(trees=5, seeds=1))


@cache
def _shop() -> Shop:
    return SyntheticShop(customers=500, seed=6, lines_a_year=6.0, days=500).shop()


@cache
def _launch() -> dict:
    launches = closed_launches(compute_life_cycles(_shop().as_of(), SETTINGS))
    return launches.sort("buyers_in_horizon").row(-1, named=True)


def _product() -> pl.DataFrame:
    return conform(pl.DataFrame({name: [_launch().get(name)] for name in NEW_PRODUCT_SCHEMA}), NEW_PRODUCT_SCHEMA)


@pytest.mark.parametrize("name", sorted(baselines()))
def test_every_baseline_ranks_an_audience(name: str) -> None:
    history = _shop().as_of(_shop().midnight(_launch()["launch_day"]))
    model = BaselineModel.from_name(name, history, SETTINGS, seed=3)
    audience = score_audience(history, _product(), model)
    assert audience.rows["probability"].null_count() == audience.rows.height > 100
    assert audience.message == f"Ranked by a simple rule: {model.baseline.name}. Ranks only, no probabilities."
    assert audience.expected_buyers()["expected_buyers"].to_list() == [None]
    assert score_audience(history, _product(), model).rows.equals(audience.rows)


@pytest.mark.parametrize("name", ["order_lines", "text_similarity"])
def test_its_ranks_are_those_of_the_back_test(name: str) -> None:
    history = _shop().as_of(_shop().midnight(_launch()["launch_day"]))
    model = BaselineModel.from_name(name, history, SETTINGS)
    cycles = compute_life_cycles(history, SETTINGS)
    scored = model.score(history, _product(), cycles, ALL_FEATURES)
    days = _shop().as_of().cutoff_day - _launch()["launch_day"]
    result = backtest(_shop().as_of(), SETTINGS, BacktestSettings(days, days, 1))
    lines = _shop().lines().collect()
    window = pl.col("day").is_between(_launch()["launch_day"], _launch()["launch_day"] + SETTINGS.horizon_days - 1)
    buyers = lines.filter((pl.col("product_id") == _launch()["product_id"]) & window)["customer_id"].drop_nulls()
    labels = scored["customer_id"].is_in(buyers.implode()).cast(pl.Float64).to_numpy()
    tested = result.values.filter(
        product_id=_launch()["product_id"], model=model.baseline.name, metric="average_precision"
    )
    assert metrics.average_precision(labels, scored["probability"].to_numpy()) == tested["value"].item()


def test_after_days_of_sales_the_buyers_leave_and_the_order_stays() -> None:
    launch_day = _launch()["launch_day"]
    history = _shop().as_of(_shop().midnight(launch_day + 7))
    model = BaselineModel.from_name("order_lines", history, SETTINGS)
    before = score_audience(history.as_of(launch_day), _product(), model_at(launch_day)).rows
    after = score_audience(history, _product(), model, sales_so_far=True)
    remaining = before.filter(pl.col("customer_id").is_in(after.rows["customer_id"].implode()))
    assert after.rows["customer_id"].to_list() == remaining["customer_id"].to_list()
    assert after.sales_so_far["buyers_so_far"].item() == before.height - after.rows.height > 0


def model_at(day: int) -> BaselineModel:
    return BaselineModel.from_name("order_lines", _shop().as_of(_shop().midnight(day)), SETTINGS)


def test_an_unknown_name_lists_the_available_ones() -> None:
    with pytest.raises(LaunchError, match="order_lines"):
        BaselineModel.from_name("magic", _shop().as_of(), SETTINGS)
