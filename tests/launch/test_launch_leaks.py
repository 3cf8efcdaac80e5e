"""The launch model uses nothing after the cutoff, in scoring and in the back-test."""

import datetime as dt
from functools import cache

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from frontrow.launch.audience.audience import score_audience
from frontrow.launch.backtest.backtest import BacktestSettings, backtest
from frontrow.launch.backtest.scores import LAUNCH_MODEL
from frontrow.launch.calibration.calibration import Calibration
from frontrow.launch.launch_files import NEW_PRODUCT_SCHEMA
from frontrow.launch.life_cycle import closed_launches, compute_life_cycles
from frontrow.launch.model.calibrated_model import fit_calibrated
from frontrow.launch.model.launch_model import LaunchModel
from frontrow.launch.settings import LaunchSettings
from frontrow.metrics import classification as metrics
from frontrow.models.gradient_boosting import BoostingSettings
from frontrow.schema import conform
from frontrow.shop.cutoff import EPOCH
from frontrow.shop.shop import Shop
from frontrow.synthetic import SyntheticShop
from future_signal import GIVEAWAY, NEW_PRODUCT, FutureOnlySignal, future_only_signal

SETTINGS = LaunchSettings(boosting=BoostingSettings(trees=40, seeds=1))


@cache
def planted() -> FutureOnlySignal:
    return future_only_signal(customers=3_000, seed=5)


def _score(shop: Shop, cutoff: dt.date, product_ids: list[str]) -> pl.DataFrame:
    """Fit and score at the cutoff."""
    history = shop.as_of(cutoff)
    model = LaunchModel.fit(history, SETTINGS, seed=3)
    products = conform(shop.products.filter(pl.col("product_id").is_in(product_ids)), NEW_PRODUCT_SCHEMA)
    new_products = products.with_columns(launch_day=pl.lit(history.cutoff_day, pl.Int32)).sort("product_id")
    return model.score(history, new_products, compute_life_cycles(history, SETTINGS))


def _shuffled_after(shop: Shop, cutoff: dt.date, seed: int) -> Shop:
    """The same shop, its later lines moved to other customers and products, in another order."""
    day = (cutoff - EPOCH).days
    orders = shop.orders.collect()
    before, after = orders.filter(pl.col("day") < day), orders.filter(pl.col("day") >= day)
    rng = np.random.default_rng(seed)
    shuffled = after.with_columns(
        *[pl.Series(name, after[name].gather(rng.permutation(after.height))) for name in ("customer_id", "product_id")],
        price=pl.col("price") * 3.0,
    )
    lines = pl.concat([shuffled.gather(rng.permutation(after.height)), before])
    return Shop.from_tables(lines, shop.products, shop.customers.collect(), settings=shop.settings, rules=shop.rules)


def test_shuffling_what_comes_after_the_cutoff_changes_no_score() -> None:
    garden = SyntheticShop(customers=600, seed=8, lines_a_year=4.0)
    shop, cutoff = garden.shop(), dt.date(2025, 7, 1)
    later = garden.launches().filter(pl.col("launch_date") >= cutoff)["product_id"].to_list()[:2]
    straight = _score(shop, cutoff, later)
    assert straight["probability"].n_unique() > 50
    for seed in (1, 2):
        assert_frame_equal(straight, _score(_shuffled_after(shop, cutoff, seed), cutoff, later), check_exact=True)


@pytest.fixture(scope="module")
def planted_scores() -> pl.DataFrame:
    scored = _score(planted().shop, planted().cutoff, [NEW_PRODUCT])
    return scored.join(planted().customers, on="customer_id", how="inner")


def _four_errors(labels: np.ndarray) -> float:
    """Four standard errors of the AUC of an uninformative ranking."""
    buyers, others = labels.sum(), (1 - labels).sum()
    return 4 * float(np.sqrt((buyers + others + 1) / (12 * buyers * others)))


def test_the_model_does_not_find_a_future_signal(planted_scores: pl.DataFrame) -> None:
    labels = planted_scores["will_buy"].cast(pl.Float64).to_numpy()
    assert labels.sum() > 200
    auc = metrics.auc(labels, planted_scores["probability"].to_numpy())
    assert abs(auc - 0.5) < _four_errors(labels) < 0.1


def test_one_later_line_would_reveal_the_signal(planted_scores: pl.DataFrame) -> None:
    later = planted().shop.orders.filter(pl.col("day") >= planted().cutoff_day).group_by("customer_id").len().collect()
    with_later_lines = planted_scores.join(later, on="customer_id", how="left").with_columns(pl.col("len").fill_null(0))
    assert metrics.auc(with_later_lines["will_buy"].cast(pl.Float64), with_later_lines["len"]) == 1.0


def test_the_backtest_does_not_find_a_future_signal() -> None:
    """The back-test is given the complete history, including the accessory that reveals the buyers."""
    result = backtest(planted().shop.as_of(), SETTINGS, BacktestSettings(test_days=60, refit_days=30), seed=1)
    of_launch = result.values.filter(pl.col("product_id").is_in([NEW_PRODUCT, GIVEAWAY]))
    assert of_launch["product_id"].n_unique() == 2
    customers, buyers = (
        of_launch.filter(pl.col("metric") == metric)["value"].min() for metric in ("customers", "actual_buyers")
    )
    labels = np.arange(customers) < buyers
    aucs = of_launch.filter(pl.col("metric") == "auc")
    assert aucs.filter(pl.col("model") == LAUNCH_MODEL).height == 2
    for model, value in aucs.select("model", "value").iter_rows():
        assert abs(value - 0.5) < _four_errors(labels), model


def test_the_backtest_equals_a_model_fitted_at_each_launch() -> None:
    """Its metrics for a launch equal those of a model fitted and scored on that day, without any later data."""
    shop = SyntheticShop(customers=800, seed=9, lines_a_year=6.0).shop()
    history = shop.as_of()
    days = closed_launches(compute_life_cycles(history, SETTINGS))["launch_day"]
    start = days.filter(days >= history.cutoff_day - 90).min()
    result = backtest(history, SETTINGS, BacktestSettings(history.cutoff_day - start, 60, 1), seed=3)
    model = fit_calibrated(shop.as_of(shop.midnight(start)), SETTINGS, seed=3)
    of_model = result.values.filter(pl.col("model") == LAUNCH_MODEL)
    compared = 0
    for (product_id, launch_date), of_launch in of_model.group_by("product_id", "launch_date", maintain_order=True):
        if (launch_date - EPOCH).days >= start + 60:
            continue
        launch_history = shop.as_of(launch_date)
        new_products = conform(shop.products.filter(pl.col("product_id") == product_id), NEW_PRODUCT_SCHEMA)
        new_products = new_products.with_columns(launch_day=pl.lit(launch_history.cutoff_day, pl.Int32))
        scored = model.score(launch_history, new_products, compute_life_cycles(launch_history, SETTINGS))
        window = (pl.col("day") >= launch_history.cutoff_day) & (
            pl.col("day") < launch_history.cutoff_day + SETTINGS.horizon_days
        )
        buyers = shop.orders.filter(window & (pl.col("product_id") == product_id)).collect()["customer_id"].unique()
        labels = scored["customer_id"].is_in(buyers.drop_nulls().implode()).cast(pl.Float64)
        values = dict(of_launch.select("metric", "value").iter_rows())
        assert values["customers"] == scored.height
        assert values["actual_buyers"] == labels.sum()
        assert values["auc"] == metrics.auc(labels, scored["probability"])
        compared += 1
        if launch_history.cutoff_day == start:
            rows = score_audience(launch_history, new_products, model).rows
            labels = rows["customer_id"].is_in(buyers.drop_nulls().implode()).cast(pl.Float64)
            assert values["log_loss"] == pytest.approx(metrics.log_loss(labels, rows["probability"]), rel=1e-9)
            expected = score_audience(launch_history, new_products, model).expected_buyers().row(0, named=True)
            for name, value in (("buyers", "expected_buyers"), ("low", "low"), ("high", "high")):
                assert values[f"predicted_{name}"] == pytest.approx(expected[value], rel=1e-9)
    assert compared >= 2


def test_shuffling_what_comes_after_the_cutoff_changes_no_calibration() -> None:
    shop, cutoff = SyntheticShop(customers=600, seed=8, lines_a_year=4.0).shop(), dt.date(2025, 7, 1)
    straight = fit_calibrated(shop.as_of(cutoff), SETTINGS, seed=3).calibration
    assert isinstance(straight, Calibration)
    for seed in (1, 2):
        shuffled = _shuffled_after(shop, cutoff, seed)
        assert fit_calibrated(shuffled.as_of(cutoff), SETTINGS, seed=3).calibration == straight


def test_a_launch_does_not_calibrate_itself() -> None:
    """All its buyers are removed: forecasts of it, and of launches before its window closed, do not change."""
    shop = SyntheticShop(customers=800, seed=9, lines_a_year=6.0).shop()
    history, tested = shop.as_of(), BacktestSettings(90, 30, 1)
    forecasts = backtest(history, SETTINGS, tested, seed=3).forecasts.launches
    largest = forecasts.sort("actual_buyers").row(-1, named=True)
    day = (largest["launch_date"] - EPOCH).days
    lines = shop.orders.collect()
    window = (pl.col("product_id") == largest["product_id"]) & (pl.col("day") > day)
    without_buyers = (
        pl.when(window).then(None).otherwise("customer_id").cast(lines.schema["customer_id"]).alias("customer_id")
    )
    changed_shop = Shop.from_tables(
        lines.with_columns(without_buyers),
        shop.products,
        shop.customers.collect(),
        settings=shop.settings,
        rules=shop.rules,
    )
    changed = backtest(changed_shop.as_of(), SETTINGS, tested, seed=3).forecasts.launches
    columns = ["product_id", "raw_buyers", "predicted_buyers", "low", "high"]
    until = pl.col("launch_date") <= largest["launch_date"]
    assert (
        changed.filter(pl.col("product_id") == largest["product_id"])["actual_buyers"].sum() < largest["actual_buyers"]
    )
    assert_frame_equal(forecasts.filter(until).select(columns), changed.filter(until).select(columns), rel_tol=1e-12)
