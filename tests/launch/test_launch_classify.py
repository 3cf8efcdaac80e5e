"""Classifiers of one launch: which models are compared, what data each may use, and the scores of the launch model."""

import datetime as dt
from functools import cache

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from frontrow import errors
from frontrow.errors import LaunchError, MissingExtraError
from frontrow.launch.backtest.backtest import BacktestSettings
from frontrow.launch.backtest.scores import LAUNCH_MODEL
from frontrow.launch.classify.classification import Classification, ClassifySettings, list_lengths
from frontrow.launch.classify.classify import EARLIER_LAUNCHES, OWN_SALES, CustomerVectors, classify
from frontrow.launch.classify.cohort import BOTH_PERIODS
from frontrow.launch.classify.past_launches import PastClassification, classify_past
from frontrow.launch.launch_files import NEW_PRODUCT_SCHEMA
from frontrow.launch.life_cycle import LAUNCH, compute_life_cycles
from frontrow.launch.model.launch_model import LaunchModel
from frontrow.launch.settings import LaunchSettings
from frontrow.models.classifiers import classifiers
from frontrow.models.embeddings.svd import Embedder
from frontrow.models.gradient_boosting import BoostingSettings
from frontrow.schema import conform
from frontrow.shop.history import History
from frontrow.shop.shop import Shop
from frontrow.synthetic import SyntheticShop
from frontrow.testing.models import ALL_FEATURES
from frontrow.testing.shops import hand_made_shop

SETTINGS = LaunchSettings(boosting=BoostingSettings(trees=40, seeds=1))
SVD = Embedder()


@cache
def shop() -> Shop:
    return SyntheticShop(customers=700, seed=6, lines_a_year=8.0, days=500).shop()


@cache
def launch() -> tuple[str, int]:
    """The latest launch with twenty buyers or more, and its day."""
    cycles = compute_life_cycles(shop().as_of(), SETTINGS).filter(pl.col("verdict") == LAUNCH)
    return cycles.filter(pl.col("buyers_in_horizon") >= 20).select("product_id", "launch_day").row(-1)


@cache
def classification() -> Classification:
    return classify(shop().as_of(), launch()[0], SETTINGS, ClassifySettings(lengths=(20, 9_999)), embedder=SVD)


def before_launch() -> History:
    return shop().as_of(shop().midnight(launch()[1]))


def with_orders(orders: pl.DataFrame) -> Shop:
    return Shop.from_tables(
        orders, shop().products, shop().customers.collect(), settings=shop().settings, rules=shop().rules
    )


def test_the_launch_model_scores_as_before_the_first_sale() -> None:
    product_id, _ = launch()
    history = before_launch()
    model = LaunchModel.fit(history, SETTINGS, seed=0)
    past = compute_life_cycles(shop().as_of(), SETTINGS).filter(pl.col("product_id") == product_id)
    new_products = conform(past, NEW_PRODUCT_SCHEMA)
    scored = model.score(history, new_products, compute_life_cycles(history, SETTINGS), ALL_FEATURES).select(
        "customer_id", "probability"
    )
    compared = classification().scores.join(scored, on="customer_id", how="left")
    assert compared["probability"].null_count() == 0
    assert compared[LAUNCH_MODEL].to_list() == compared["probability"].to_list()
    assert sum(classification().parts["customers"]) == scored.height


def test_labels_are_first_purchases_in_the_window() -> None:
    product_id, day = launch()
    window = pl.col("day").is_between(day, day + SETTINGS.horizon_days - 1) & (pl.col("product_id") == product_id)
    buyers = set(shop().lines().filter(window).collect()["customer_id"].drop_nulls())
    tested = classification().scores
    assert tested["bought"].to_list() == [float(customer in buyers) for customer in tested["customer_id"]]
    assert classification().launch.known_until - classification().launch.launch_date == dt.timedelta(
        days=SETTINGS.horizon_days
    )


def test_what_is_ordered_after_the_launch_changes_no_score_but_as_a_label() -> None:
    """All later lines except those of the product move to other customers and products, at three times the price."""
    product_id, day = launch()
    orders = shop().orders.collect()
    later = (pl.col("day") >= day) & (pl.col("product_id") != product_id)
    unchanged, after = orders.filter(~later), orders.filter(later)
    rng = np.random.default_rng(1)
    shuffled = after.with_columns(
        *[pl.Series(name, after[name].gather(rng.permutation(after.height))) for name in ("customer_id", "product_id")],
        price=pl.col("price") * 3.0,
    ).filter(pl.col("product_id") != product_id)
    history = with_orders(pl.concat([shuffled, unchanged])).as_of()
    again = classify(history, product_id, SETTINGS, ClassifySettings(lengths=(20, 9_999)), embedder=SVD)
    assert_frame_equal(again.scores, classification().scores, check_exact=True)


def test_half_a_window_knows_half_of_the_buyers() -> None:
    product_id, day = launch()
    half_window = classify(shop().as_of(shop().midnight(day + 20)), product_id, SETTINGS, embedder=SVD)
    assert sum(half_window.parts["buyers"]) < sum(classification().parts["buyers"])
    assert sum(half_window.parts["customers"]) == sum(classification().parts["customers"])
    assert half_window.launch.known_until - half_window.launch.launch_date == dt.timedelta(days=20)
    assert half_window.launch.verdict == "window still open"


def test_repeats_exactly_and_another_seed_splits_anew() -> None:
    again, another_seed = (classify(shop().as_of(), launch()[0], SETTINGS, embedder=SVD, seed=seed) for seed in (0, 1))
    assert_frame_equal(again.scores, classification().scores, check_exact=True)
    assert again.scores["customer_id"].to_list() != another_seed.scores["customer_id"].to_list()


def test_the_split_equals_that_of_the_notebook() -> None:
    parts = {row["part"]: row for row in classification().parts.iter_rows(named=True)}
    customers, buyers = sum(classification().parts["customers"]), sum(classification().parts["buyers"])
    assert parts["test"]["customers"] / customers == pytest.approx(0.45, abs=0.01)
    assert parts["test"]["buyers"] == round(0.45 * buyers)
    assert parts["validation"]["buyers"] >= 1


def test_every_model_is_in_every_table() -> None:
    names = [LAUNCH_MODEL, *(classifier.name for classifier in classifiers().values()), "order lines, 180 days (RFM)"]
    result = classification()
    assert result.models["model"].to_list() == names
    assert result.report["model"].unique(maintain_order=True).to_list() == names
    assert result.lists["model"].unique(maintain_order=True).to_list() == names
    taught = dict(result.models.select("model", "taught_by").iter_rows())
    assert taught[LAUNCH_MODEL] == EARLIER_LAUNCHES
    assert sum(feature == OWN_SALES for feature in taught.values()) == len(classifiers())


def test_metrics_equal_those_of_the_scores() -> None:
    tested, size = classification().scores, classification().scores.height
    labels = tested["bought"].to_numpy()
    for row in classification().models.iter_rows(named=True):
        chosen = tested[row["model"]].to_numpy() >= row["threshold"]
        assert row["predicted"] == chosen.sum()
        assert row["true_positives"] == labels[chosen].sum()
        assert row["base_rate"] == pytest.approx(labels.mean())
        cells = ("true_positives", "false_positives", "false_negatives", "true_negatives")
        assert sum(row[cell] for cell in cells) == size
    lists = classification().lists.filter(pl.col("length") == size)
    assert lists["lift"].to_list() == pytest.approx([1.0] * lists.height)
    assert set(classification().lists["length"]) == {20, size}


def test_the_cohort_of_both_periods_overstates_the_metrics() -> None:
    product_id, day = launch()
    both_periods = classify(shop().as_of(), product_id, SETTINGS, ClassifySettings(cohort=BOTH_PERIODS), embedder=SVD)
    window = pl.col("day").is_between(day, day + SETTINGS.horizon_days - 1)
    ordered = set(shop().lines().filter(window).collect()["customer_id"].drop_nulls())
    assert set(both_periods.scores["customer_id"]) <= ordered
    assert sum(both_periods.parts["buyers"]) == sum(classification().parts["buyers"])
    assert sum(both_periods.parts["customers"]) < sum(classification().parts["customers"])
    assert both_periods.models["base_rate"][0] > 1.5 * classification().models["base_rate"][0]
    assert "flatter" not in str(classification().to_dict()["warning"])
    assert "after the launch" in both_periods.to_dict()["warning"]


def test_no_customer_is_in_the_output() -> None:
    output = classification().to_dict()
    assert "customer_id" not in str(output)
    assert "scores" not in output


def test_an_impossible_classification_is_refused() -> None:
    product_id, day = launch()
    with pytest.raises(LaunchError, match="has no sale before"):
        classify(shop().as_of(), "no such product", SETTINGS, embedder=SVD)
    with pytest.raises(LaunchError, match="has no sale before"):
        classify(shop().as_of(shop().midnight(day)), product_id, SETTINGS, embedder=SVD)
    with pytest.raises(LaunchError, match=r"buyers among .* customers compared"):
        classify(shop().as_of(shop().midnight(day + 1)), product_id, SETTINGS, embedder=SVD)


def test_a_missing_extra_is_reported_before_anything_is_fitted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(errors, "find_spec", lambda _: None)
    monkeypatch.setattr(LaunchModel, "fit", pytest.fail)
    monkeypatch.setattr(LaunchModel, "fit_rows", pytest.fail)
    with pytest.raises(MissingExtraError, match=r"frontrow\[neural\]"):
        classify(shop().as_of(), launch()[0], SETTINGS, embedder=SVD)
    with pytest.raises(MissingExtraError, match=r"frontrow\[neural\]"):
        classify_past(shop().as_of(), SETTINGS, embedder=SVD)


def test_vectors_learned_after_the_launch_are_refused() -> None:
    history = hand_made_shop([(1, "pot", 0), (2, "bulb", 3)]).as_of()
    vectors = CustomerVectors.fit(history, SVD, seed=0)
    assert np.isfinite(vectors.of(history, np.array([2, 5, 1]))).all()
    assert not vectors.of(history, np.array([5])).any()
    with pytest.raises(ValueError, match="after the launch"):
        vectors.of(history.as_of(history.cutoff_day - 1), np.array([1]))


def test_lengths_are_the_given_ones_or_shares() -> None:
    assert list_lengths((), 1_000) == [10, 50, 100]
    assert list_lengths((5, 5, 2_000), 1_000) == [5, 1_000]


@cache
def past() -> PastClassification:
    tested = BacktestSettings(test_days=120, refit_days=60, min_buyers=10)
    return classify_past(shop().as_of(), SETTINGS, ClassifySettings(lengths=(20,)), tested, embedder=SVD)


def test_every_past_launch_is_in_one_tidy_table() -> None:
    values = past().values
    assert past().launches >= 2
    assert values.select("product_id", "model", "metric").is_unique().all()
    assert {"precision_at_20", "lift_at_20", "lift_1", "average_precision", "f1"} <= set(values["metric"])
    days = values["launch_date"].unique()
    assert min(days) >= shop().as_of().cutoff.date() - dt.timedelta(days=120)
    assert set(values["model"]) == set(classification().models["model"])


def test_the_launch_model_is_compared_with_the_best_classifier() -> None:
    assert past().summary()["model"][0] == LAUNCH_MODEL
    best = past().best_classifier()
    assert best in {classifier.name for classifier in classifiers().values()}
    row = past().against(best).row(by_predicate=pl.col("metric") == "average_precision", named=True)
    assert row["low"] <= row["difference"] <= row["high"]
    output = past().to_dict()
    assert output["best_classifier"] == best
    assert output["launches"] == past().launches


def test_a_launch_of_the_table_is_the_launch_classified_alone() -> None:
    """Refitted each day, the walk-forward gives each launch the same metrics as a classification of that launch."""
    every_day = BacktestSettings(test_days=60, refit_days=1, min_buyers=15)
    past_values = classify_past(shop().as_of(), SETTINGS, backtest_settings=every_day, embedder=SVD).values
    product_id = past_values["product_id"][-1]
    single = classify(shop().as_of(), product_id, SETTINGS, embedder=SVD).models
    for metric in ("auc", "average_precision", "predicted", "true_positives", "f1"):
        of_launch = past_values.filter((pl.col("product_id") == product_id) & (pl.col("metric") == metric))
        assert dict(of_launch.select("model", "value").iter_rows()) == dict(single.select("model", metric).iter_rows())


def test_no_launch_with_so_many_buyers_is_refused() -> None:
    with pytest.raises(LaunchError, match=r"Lower --min-buyers"):
        classify_past(shop().as_of(), SETTINGS, backtest_settings=BacktestSettings(60, 60, 10_000), embedder=SVD)
