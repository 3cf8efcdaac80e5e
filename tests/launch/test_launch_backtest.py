"""The back-test: the training data of each fold, the tested launches, and the resulting tables."""

import datetime as dt
import math
from dataclasses import replace
from functools import cache

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from frontrow.errors import LaunchError
from frontrow.launch.backtest.backtest import METRICS, Backtest, BacktestSettings, backtest
from frontrow.launch.backtest.forecasts import summarize_sales_days
from frontrow.launch.backtest.scores import LAUNCH_MODEL
from frontrow.launch.calibration.calibration import CalibrationSettings
from frontrow.launch.life_cycle import LAUNCH, TOO_FEW_BUYERS, closed_launches, compute_life_cycles
from frontrow.launch.model.launch_model import LaunchModel
from frontrow.launch.settings import LaunchSettings
from frontrow.metrics.bootstrap import bootstrap_mean
from frontrow.models.baseline import baselines
from frontrow.models.gradient_boosting import BoostingSettings
from frontrow.shop.cutoff import EPOCH
from frontrow.shop.history import History
from frontrow.synthetic import SyntheticShop
from frontrow.testing.shops import DAY_ZERO, hand_made_shop

SETTINGS = LaunchSettings(boosting=BoostingSettings(trees=15, seeds=1))
TESTED = BacktestSettings(test_days=150, refit_days=50, min_buyers=5)


@cache
def _history() -> History:
    return SyntheticShop(customers=700, seed=6, lines_a_year=5.0, days=500).shop().as_of()


@cache
def _result() -> Backtest:
    return backtest(_history(), SETTINGS, TESTED, seed=1)


@cache
def _result_with_sales() -> Backtest:
    return backtest(_history(), SETTINGS, replace(TESTED, sales_days=(7,)), seed=1)


def test_every_launch_is_scored_by_a_model_of_launches_closed_before_its_fold(monkeypatch: pytest.MonkeyPatch) -> None:
    fitted, scored = {}, []
    fit_rows, begin = LaunchModel.fit_rows.__func__, LaunchModel.begin

    def fit(cls, rows: pl.DataFrame, settings: LaunchSettings, **others) -> LaunchModel:
        model = fit_rows(cls, rows, settings, **others)
        training = pl.concat([rows["cutoff_day"], others["pseudo_rows"]["cutoff_day"]])
        fitted[id(model.boosting)] = (model, training.max() + settings.horizon_days)
        return model

    def score(self: LaunchModel, rows: pl.DataFrame) -> list[pl.Series]:
        scored.append((id(self.boosting), rows["cutoff_day"].min(), rows["cutoff_day"].max()))
        return begin(self, rows)

    monkeypatch.setattr(LaunchModel, "fit_rows", classmethod(fit))
    monkeypatch.setattr(LaunchModel, "begin", score)
    result = backtest(_history(), SETTINGS, TESTED, seed=1)
    calibration_models = [
        model for model, _ in fitted.values() if (model.cutoff.date() - EPOCH).days < _history().cutoff_day - 150
    ]
    assert len(fitted) == 3 + len(calibration_models)
    assert len(scored) >= result.launches
    assert len(calibration_models) >= 5
    for model, first, last in scored:
        of_fold, closed = fitted[model]
        start = (of_fold.cutoff.date() - EPOCH).days
        assert closed <= start <= first <= last < start + TESTED.refit_days


def test_the_closed_launches_of_the_last_days_are_tested() -> None:
    result, history = _result(), _history()
    past_launches = closed_launches(compute_life_cycles(history, SETTINGS))
    recent = past_launches.filter(pl.col("launch_day") >= history.cutoff_day - TESTED.test_days)
    tested = result.values.select("product_id", "launch_date").unique()
    assert 0 < tested.height <= recent.height
    days = dict(recent.select("product_id", "launch_day").iter_rows())
    for product_id, launch_date in tested.iter_rows():
        assert days[product_id] == (launch_date - EPOCH).days
    buyers = result.values.filter(pl.col("metric") == "actual_buyers")
    assert buyers["value"].min() >= TESTED.min_buyers
    untested = recent.filter(~pl.col("product_id").is_in(tested["product_id"].implode()))
    assert untested["buyers_in_horizon"].max() < TESTED.min_buyers + 5


def test_min_buyers_leaves_launches_out() -> None:
    unfiltered = backtest(_history(), SETTINGS, BacktestSettings(150, 50, 1), seed=1)
    filtered = _result()
    assert filtered.launches < unfiltered.launches
    large_launches = unfiltered.values.filter(pl.col("metric") == "actual_buyers").filter(pl.col("value") >= 5)[
        "product_id"
    ]
    assert set(large_launches) == set(filtered.values["product_id"])
    with pytest.raises(LaunchError, match="No launch has 10000 buyers or more among the customers scored"):
        backtest(_history(), SETTINGS, BacktestSettings(150, 50, 10_000))


def test_another_seed_draws_another_random_order() -> None:
    def random_aucs(result: Backtest) -> list[float]:
        return result.values.filter((pl.col("model") == "random") & (pl.col("metric") == "auc"))["value"].to_list()

    assert random_aucs(backtest(_history(), SETTINGS, TESTED, seed=2)) != random_aucs(_result())


@pytest.mark.parametrize("rows", [2_500, 1_000])
def test_repeats_with_customers_in_blocks_to_the_same_bits(rows: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("frontrow.engines.blocks.BLOCK_ROWS", rows)
    blocks = backtest(replace(_history()), SETTINGS, replace(TESTED, sales_days=(7,)), seed=1)
    assert_frame_equal(blocks.values, _result().values, check_exact=True)
    assert_frame_equal(blocks.forecasts.launches, _result().forecasts.launches, check_exact=True)
    assert_frame_equal(blocks.forecasts.deciles, _result().forecasts.deciles, check_exact=True)
    assert_frame_equal(blocks.sales, _result_with_sales().sales, check_exact=True)


def test_the_table_is_tidy() -> None:
    values = _result().values
    assert values.columns == ["product_id", "title", "launch_date", "model", "metric", "value"]
    assert values.select("product_id", "model", "metric").is_unique().all()
    assert set(values["model"]) == {LAUNCH_MODEL, *(baseline.name for baseline in baselines().values())}
    of_model = set(values.filter(pl.col("model") == LAUNCH_MODEL)["metric"])
    counted = {"customers", "predicted_buyers", "predicted_low", "predicted_high", "actual_buyers"}
    assert of_model == {*METRICS, *counted}
    assert set(values.filter(pl.col("model") == "random")["metric"]) == set(METRICS) - {"log_loss"}
    assert values["value"].is_finite().all()


def test_progress_reaches_its_end() -> None:
    steps = []
    backtest(_history(), SETTINGS, TESTED, seed=1, progress=lambda steps_done, total: steps.append(steps_done / total))
    assert steps == sorted(steps)
    assert steps[-1] == 1.0


def test_too_short_a_history_is_refused() -> None:
    lines = [
        (customer, product, day) for customer in range(9) for product, day in (("old", 0), ("new", 100), ("x", 300))
    ]
    shop = hand_made_shop(lines)
    with pytest.raises(LaunchError, match="No launch of the last 150 days with anything before it to learn from"):
        backtest(shop.as_of(shop.midnight(DAY_ZERO + 400)))
    with pytest.raises(LaunchError, match="Import a longer history, or test more days"):
        backtest(shop.as_of(shop.midnight(DAY_ZERO)))


def test_stated_launch_days_are_followed() -> None:
    history = _history()
    product_id = _result().values["product_id"][0]
    day = closed_launches(compute_life_cycles(history, SETTINGS)).filter(pl.col("product_id") == product_id)[
        "launch_day"
    ][0]
    stated = replace(history, launch_days={product_id: day + 3})
    moved = backtest(stated, SETTINGS, BacktestSettings(150, 50, 1), seed=1)
    dates = moved.values.filter(pl.col("product_id") == product_id)["launch_date"].unique().to_list()
    assert dates == [EPOCH + dt.timedelta(days=day + 3)]


MONDAY = dt.date(2025, 3, 3)


def _by_hand() -> Backtest:
    """Three launches in two weeks."""
    figures = {
        # model: metric: values of a, b (week one), c (week two)
        LAUNCH_MODEL: {"average_precision": (0.4, 0.2, 0.3), "auc": (0.8, 0.8, 0.5), "customers": (9.0, 9.0, 9.0)},
        "good": {"average_precision": (0.2, 0.2, 0.3), "auc": (0.7, 0.7, 0.5)},
        "bad": {"average_precision": (0.1, 0.1, 0.1), "auc": (0.5, 0.6, 0.4)},
    }
    days = {"a": MONDAY, "b": MONDAY + dt.timedelta(days=6), "c": MONDAY + dt.timedelta(days=7)}
    rows = [
        (product, product.upper(), day, model, metric, values[i])
        for i, (product, day) in enumerate(days.items())
        for model in ("bad", LAUNCH_MODEL, "good")
        for metric, values in figures[model].items()
    ]
    schema = ["product_id", "title", "launch_date", "model", "metric", "value"]
    return Backtest(pl.DataFrame(rows, schema=schema, orient="row"), SETTINGS, TESTED)


def test_summary_by_hand() -> None:
    table = _by_hand().summary()
    assert list(dict.fromkeys(table["model"])) == [LAUNCH_MODEL, "good", "bad"]
    row = table.row(
        by_predicate=(pl.col("model") == LAUNCH_MODEL) & (pl.col("metric") == "average_precision"), named=True
    )
    assert row["mean"] == pytest.approx(0.3)
    # weeks (.4, .2) and (.3): every resample's mean is .3 too
    assert (row["low"], row["high"]) == (pytest.approx(0.3), pytest.approx(0.3))
    auc = table.row(by_predicate=(pl.col("model") == "good") & (pl.col("metric") == "auc"), named=True)
    assert auc["mean"] == pytest.approx(1.9 / 3)
    assert (auc["low"], auc["high"]) == (pytest.approx(0.5), pytest.approx(0.7))


def test_best_baseline_by_hand() -> None:
    assert _by_hand().best_baseline() == "good"
    assert _by_hand().launches == 3


def test_against_by_hand() -> None:
    table = {row["metric"]: row for row in _by_hand().against("good").iter_rows(named=True)}
    assert set(table) == {"average_precision", "auc"}
    assert table["average_precision"]["ratio"] == pytest.approx(0.9 / 0.7)
    assert table["average_precision"]["difference"] == pytest.approx(0.2 / 3)
    assert (table["auc"]["low"], table["auc"]["high"]) == (pytest.approx(0.0), pytest.approx(0.1))


def test_intervals_are_those_of_whole_weeks() -> None:
    result = _result()
    values = result.values.filter((pl.col("model") == LAUNCH_MODEL) & (pl.col("metric") == "auc"))
    weeks = np.array([day - dt.timedelta(days=day.weekday()) for day in values["launch_date"]])
    mean, low, high = bootstrap_mean(values["value"], weeks, seed=0)
    row = result.summary().row(by_predicate=(pl.col("model") == LAUNCH_MODEL) & (pl.col("metric") == "auc"), named=True)
    assert (row["mean"], row["low"], row["high"]) == (mean, low, high)


def test_metrics_equal_those_of_the_labels() -> None:
    """Predicted and actual buyers and their number, compared with the order lines of the shop."""
    history, result = _history(), _result()
    for product_id, day in result.values.select("product_id", "launch_date").unique().iter_rows():
        launch = (day - EPOCH).days
        lines = history.lines.filter(pl.col("customer_id").is_not_null()).collect()
        before = lines.filter((pl.col("day") < launch) & (pl.col("day") >= launch - 365))["customer_id"].unique()
        window = (pl.col("product_id") == product_id) & pl.col("day").is_between(launch, launch + 29)
        buyers = lines.filter(window)["customer_id"].unique()
        of_model = result.values.filter((pl.col("product_id") == product_id) & (pl.col("model") == LAUNCH_MODEL))
        values = dict(of_model.select("metric", "value").iter_rows())
        assert values["customers"] == len(before)
        assert values["actual_buyers"] == len(set(buyers) & set(before))
        assert 0 < values["predicted_buyers"] < len(before) / 2


def test_there_is_no_ratio_to_a_baseline_that_found_nobody() -> None:
    day = dt.date(2025, 1, 6)
    values = [("a", "A", day, LAUNCH_MODEL, "lift_1", 2.0), ("a", "A", day, "random", "lift_1", 0.0)]
    names = ["product_id", "title", "launch_date", "model", "metric", "value"]
    result = Backtest(pl.DataFrame(values, schema=names, orient="row"), LaunchSettings(), BacktestSettings())
    row = result.against("random").row(0, named=True)
    assert math.isnan(row["ratio"])
    assert row["difference"] == 2.0


def test_every_closed_launch_is_forecast_including_small_ones() -> None:
    forecasts, history = _result().forecasts, _history()
    cycles = compute_life_cycles(history, SETTINGS)
    closed = cycles.filter(
        pl.col("verdict").is_in([LAUNCH, TOO_FEW_BUYERS])
        & (pl.col("launch_day") >= history.cutoff_day - TESTED.test_days)
    )
    assert set(forecasts.launches["product_id"]) == set(closed["product_id"])
    assert forecasts.launches.height > _result().launches
    assert forecasts.too_few == 0
    ranked = _result().values.filter(pl.col("metric") == "predicted_buyers").select("product_id", "value")
    joined = ranked.join(forecasts.launches, on="product_id")
    assert joined["value"].to_list() == joined["predicted_buyers"].to_list()


def test_forecasts_are_summed_up() -> None:
    forecasts = _result().forecasts
    summary, launches = forecasts.summary(), forecasts.launches
    assert summary["launches"] == launches.height
    assert summary["predicted_over_actual"] == launches["predicted_buyers"].sum() / launches["actual_buyers"].sum()
    is_covered = launches["actual_buyers"].is_between(launches["low"], launches["high"])
    assert summary["coverage"] == pytest.approx(is_covered.mean())
    assert (launches["low"] <= launches["predicted_buyers"]).all()
    assert forecasts.deciles["customers"].sum() == launches["customers"].sum()
    off = (forecasts.deciles["predicted"] - forecasts.deciles["actual"]).abs() * forecasts.deciles["customers"]
    assert summary["expected_calibration_error"] == pytest.approx(off.sum() / forecasts.deciles["customers"].sum())
    predicted = (forecasts.deciles["predicted"] * forecasts.deciles["customers"]).sum()
    assert predicted == pytest.approx(launches["predicted_buyers"].sum())
    assert _result().buyers() == (launches["predicted_buyers"].sum(), launches["actual_buyers"].sum())
    assert summary["log_loss"] < summary["constant_log_loss"]


def test_too_few_earlier_launches_are_counted() -> None:
    tested = replace(TESTED, calibration=CalibrationSettings(fewest_launches=10_000))
    result = backtest(_history(), SETTINGS, tested, seed=1)
    assert result.forecasts.summary() == {
        "launches": 0,
        "too_few_earlier_launches": _result().forecasts.launches.height,
    }
    assert not {"log_loss", "predicted_buyers"} & set(result.values["metric"])
    assert result.launches == _result().launches
    assert result.buyers() == (0.0, 0.0)


def test_days_of_sales() -> None:
    result = _result_with_sales()
    assert_frame_equal(result.values, _result().values)
    assert result.sales["days"].unique().sort().to_list() == [0, 7]
    launches = result.forecasts.launches
    start = result.sales.filter(pl.col("days") == 0)
    assert start["predicted"].to_list() == pytest.approx(launches["predicted_buyers"].to_list())
    assert start["average_precision"].equals(start["average_precision_before"])
    later = result.sales.filter(pl.col("days") == 7)
    assert (later["buyers_so_far"] + later["actual"]).to_list() == launches["actual_buyers"].to_list()
    assert (later["customers"] + later["buyers_so_far"]).to_list() == launches["customers"].to_list()
    for product_id, date in later.select("product_id", "launch_date").iter_rows():
        day = (date - EPOCH).days
        lines = _history().lines.filter(pl.col("product_id") == product_id, pl.col("day") < day + 7).collect()
        row = later.row(by_predicate=pl.col("product_id") == product_id, named=True)
        assert row["buyers_so_far"] <= lines["customer_id"].n_unique()
    summary = summarize_sales_days(result.sales)
    assert summary["days"].to_list() == [0, 7]
    assert summary["gain"][0] == 0.0
    errors = np.abs(np.log((later["predicted"] + 0.5) / (later["actual"] + 0.5)))
    assert summary["count_error"][1] == pytest.approx(errors.mean())


def test_the_first_launches_of_a_shop_are_tested_without_recent_ones() -> None:
    history = _history()
    eleventh = int(closed_launches(compute_life_cycles(history, SETTINGS))["launch_day"].sort()[10])
    early = history.as_of(eleventh + SETTINGS.horizon_days + 3)
    result = backtest(early, SETTINGS, replace(TESTED, test_days=40, min_buyers=1), seed=1)
    launches = result.forecasts.launches.sort("launch_date")
    assert launches["recent_low"][0] is None
    assert launches["low"].null_count() == 0
    summary = result.forecasts.summary()
    assert 0.0 <= summary["coverage"] <= 1.0
    assert (summary["log_loss_difference"] is None) == (launches["recent_low"].null_count() == launches.height)
