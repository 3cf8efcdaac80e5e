"""The first days of sales: by hand, and from a shop to its audience."""

import datetime as dt
from dataclasses import replace
from functools import cache

import numpy as np
import polars as pl
import pytest
from scipy import sparse

from frontrow.errors import LaunchError
from frontrow.launch.audience.audience import Audience, score_audience
from frontrow.launch.calibration.calibration import Calibration, SalesProgress, TooFewLaunches
from frontrow.launch.calibration.early_sales import (
    ORDERED_PENALTY,
    SIMILARITY_WEIGHT,
    EarlySales,
    compute_inverse_frequency,
    similarity_to_buyers,
    update_forecast,
    update_scores,
)
from frontrow.launch.calibration.parameters import CalibrationInTheLarge, logits
from frontrow.launch.launch_files import NEW_PRODUCT_SCHEMA
from frontrow.launch.life_cycle import closed_launches, compute_life_cycles
from frontrow.launch.model.calibrated_model import fit_calibrated
from frontrow.launch.model.launch_model import LaunchModel
from frontrow.launch.settings import LaunchSettings
from frontrow.models.gradient_boosting import BoostingSettings
from frontrow.schema import conform
from frontrow.shop.cutoff import EPOCH
from frontrow.shop.history import History
from frontrow.shop.shop import Shop
from frontrow.synthetic import SyntheticShop

SETTINGS = LaunchSettings(boosting=BoostingSettings(trees=15, seeds=1))
CALIBRATION = Calibration(
    20,
    1.0,
    CalibrationInTheLarge(mean_forecast=1.0, exponent=1.0, factor=1.0),
    {0: SalesProgress(0.0, 2.0, -1.0, 1.0), 7: SalesProgress(0.25, 2.0, -0.5, 0.5)},
)
# products a, b; customers 0 and 1 like a, 2 and 3 like b; 4 and 5 have both
PURCHASES = sparse.csr_matrix(np.array([[1.0, 0], [2, 0], [0, 1], [0, 3], [1, 1], [5, 1]]))
RAW = np.array([0.3, 0.3, 0.3, 0.3, 0.1, 0.2])
NO_CUSTOMERS = np.zeros(6, dtype=bool)


def _similarity(raw: np.ndarray, bought: np.ndarray, purchases, all_purchases=None) -> np.ndarray:
    """What a shop with these customers, or with all of these, says."""
    everyone = purchases if all_purchases is None else all_purchases
    buyers, customers = np.asarray((everyone > 0).sum(axis=0)).ravel(), int((np.diff(everyone.indptr) > 0).sum())
    return similarity_to_buyers(raw, bought, purchases, compute_inverse_frequency(buyers, customers))


def _sales(bought: np.ndarray, ordered: np.ndarray, purchases=PURCHASES, raw: np.ndarray = RAW) -> EarlySales:
    return EarlySales(7, bought, ordered, _similarity(raw, bought, purchases))


def _first(buyers: list[int], ordered: list[int] | None = None, raw: np.ndarray = RAW) -> EarlySales:
    def mask(rows: list[int]) -> np.ndarray:
        return np.isin(np.arange(6), rows)

    return _sales(mask(buyers), mask(ordered or buyers), raw=raw)


def test_similarity_by_hand() -> None:
    similarity = _first([0], raw=np.full(6, 0.2)).similarity
    # both products are held by four of six, so equally rare; vectors (1,0), (0,1), (1,1)/sqrt 2
    mean = (2 + 2 / np.sqrt(2)) / 6
    early = np.array([1 - mean, -mean])
    np.testing.assert_allclose(similarity[[0, 1]], early[0])
    np.testing.assert_allclose(similarity[[2, 3]], early[1])
    np.testing.assert_allclose(similarity[[4, 5]], early.sum() / np.sqrt(2))


def test_rare_products_count_more() -> None:
    # the early buyer shares one product with each of the other two; only the other customers show which one is rare
    before = np.array([[1.0, 1, 0], [1, 0, 1], [0, 1, 1]])
    shop = np.vstack([before, np.tile([1.0, 0, 0], (20, 1))])
    bought = np.array([True, False, False])
    similarity = _similarity(np.full(3, 0.2), bought, sparse.csr_matrix(before), sparse.csr_matrix(shop))
    # products are held by 22, 2 and 2 of 23 customers: their weights are log(24 / 23), log(24 / 3) and log(24 / 3)
    vectors = before * np.log(24 / np.array([23, 3, 3]))
    vectors /= np.linalg.norm(vectors, axis=1)[:, None]
    np.testing.assert_allclose(similarity, vectors @ (vectors[0] - vectors.mean(axis=0)))
    assert similarity[2] > similarity[1] + 0.4


def test_customers_similar_to_early_buyers_move_up() -> None:
    scores = update_scores(RAW, _first([0]))
    assert len(scores) == 5
    assert scores[0] > scores[1] == scores[2]


def test_no_early_sales_change_no_score() -> None:
    np.testing.assert_array_equal(update_scores(RAW, _sales(NO_CUSTOMERS, NO_CUSTOMERS)), logits(RAW))
    assert len(update_scores(RAW, _first([0, 1, 2, 3, 4, 5]))) == 0
    equal_scores = np.full(6, 0.3)
    np.testing.assert_array_equal(update_scores(equal_scores, _first([0])), logits(equal_scores)[1:])


def test_an_order_without_the_product_lowers_the_score_by_hand() -> None:
    first = _sales(NO_CUSTOMERS, np.arange(6) == 2)
    moved = update_scores(RAW, first) - logits(RAW)
    np.testing.assert_allclose(moved, -ORDERED_PENALTY * logits(RAW).std() * (np.arange(6) == 2))


def test_one_early_buyer_has_a_quarter_of_the_weight() -> None:
    first = _first([0], ordered=[])
    scores = logits(RAW)[1:]
    moved = (update_scores(RAW, first) - scores) / scores.std()
    assert moved.std() == pytest.approx(SIMILARITY_WEIGHT / 4)
    standardized = (scores - scores.mean()) / scores.std()
    assert abs((moved * standardized).mean()) < 1e-9


def test_probabilities_add_up_to_the_buyers_still_to_come() -> None:
    forecast = update_forecast(RAW, _first([0, 4]), CALIBRATION)
    # mean 1.5, shape 2: (2 + 2) / (2 + 1.5 / 4) * .75 * 1.5
    assert forecast.remaining_buyers == pytest.approx(1.5 * 4 / 2.375 * 0.75)
    assert forecast.probabilities.sum() == pytest.approx(forecast.remaining_buyers)
    assert np.array_equal(np.argsort(forecast.scores), np.argsort(forecast.probabilities))


def test_when_all_have_bought_no_buyer_remains() -> None:
    forecast = update_forecast(RAW, _first([0, 1, 2, 3, 4, 5]), CALIBRATION)
    assert (len(forecast.scores), forecast.remaining_buyers) == (0, 0.0)


@cache
def _shop() -> Shop:
    return SyntheticShop(customers=800, seed=9, lines_a_year=6.0).shop()


@cache
def _launch() -> dict[str, object]:
    """A past launch with buyers in its first week."""
    shop = _shop()
    past = closed_launches(compute_life_cycles(shop.as_of(), SETTINGS)).filter(pl.col("product_type").is_not_null())
    return past.sort("buyers_in_horizon").row(-1, named=True)


def _history(days: int) -> History:
    return _shop().as_of(_shop().midnight(_launch()["launch_day"] + days))


@cache
def _model(days: int) -> LaunchModel:
    return fit_calibrated(_history(days), SETTINGS, seed=1)


def _new_products(**changes: object) -> pl.DataFrame:
    columns = {name: [changes.get(name, _launch().get(name))] for name in NEW_PRODUCT_SCHEMA}
    return conform(pl.DataFrame(columns), NEW_PRODUCT_SCHEMA)


def _since(days: int = 7, **changes: object) -> Audience:
    return score_audience(_history(days), _new_products(**changes), _model(0), sales_so_far=True)


def test_those_who_bought_are_off_the_list_and_counted() -> None:
    audience, day, product_id = _since(), _launch()["launch_day"], _launch()["product_id"]
    before = score_audience(_history(0), _new_products(), _model(0))
    lines = _shop().orders.filter(pl.col("customer_id").is_not_null()).collect()
    window = (pl.col("product_id") == product_id) & pl.col("day").is_between(day, day + 6)
    buyers = set(lines.filter(window)["customer_id"]) & set(before.rows["customer_id"])
    assert len(buyers) > 0
    assert set(audience.rows["customer_id"]) == set(before.rows["customer_id"]) - buyers
    row = audience.expected_buyers().row(0, named=True)
    assert (row["days_on_sale"], row["buyers_so_far"]) == (7, len(buyers))
    assert row["low"] <= row["expected_buyers"] <= row["high"]
    assert audience.rows["probability"].is_sorted(descending=True)
    assert audience.rows["rank"].to_list() == list(range(1, audience.rows.height + 1))


def test_features_are_those_of_the_launch_midnight() -> None:
    rows = _since().rows.sort("customer_id")
    before = score_audience(_history(0), _new_products(), _model(0)).rows.join(rows, on="customer_id", how="semi")
    columns = ["customer_id", "days_since_last_order", "orders_365d", "spend_365d", "similar_lines"]
    assert before.sort("customer_id").select(columns).equals(rows.select(columns))


def test_sales_after_the_cutoff_change_nothing() -> None:
    """Later lines are moved to other customers: the audience of day 7 does not change."""
    shop, cutoff = _shop(), _history(7).cutoff
    orders = shop.orders.collect()
    before, after = orders.filter(pl.col("ordered_at") < cutoff), orders.filter(pl.col("ordered_at") >= cutoff)
    shuffled = after.with_columns(pl.Series("customer_id", after["customer_id"].shuffle(seed=1)))
    changed = Shop.from_tables(
        pl.concat([shuffled, before]), shop.products, shop.customers.collect(), settings=shop.settings, rules=shop.rules
    )
    assert score_audience(changed.as_of(cutoff), _new_products(), _model(0), sales_so_far=True).rows.equals(
        _since().rows
    )


def test_the_product_is_found_by_its_title_alone() -> None:
    without_metadata = {"product_id": "new:x", "product_type": None, "vendor": None, "tags": None, "price": None}
    audience = _since(**without_metadata, title=_launch()["title"].upper())
    assert audience.expected_buyers()["product_id"].to_list() == [_launch()["product_id"]]
    assert audience.rows["probability"].to_list() == pytest.approx(_since().rows["probability"].to_list())


def test_a_product_without_sales_is_refused() -> None:
    with pytest.raises(LaunchError, match="has no sale before"):
        _since(product_id="new:x", title="Nothing of the sort")


def test_a_closed_window_is_refused() -> None:
    date = EPOCH + dt.timedelta(days=_launch()["launch_day"])
    with pytest.raises(LaunchError, match=f"was launched on {date}; on .* its first 30 days were not under way"):
        _since(days=30)


def test_without_a_calibration_there_are_ranks_only() -> None:
    model = replace(_model(0), calibration=TooFewLaunches(3, 10))
    audience = score_audience(_history(7), _new_products(), model, sales_so_far=True)
    assert audience.rows["probability"].null_count() == audience.rows.height
    assert audience.rows["customer_id"].to_list() == _since().rows["customer_id"].to_list()
    row = audience.expected_buyers().row(0, named=True)
    assert (row["expected_buyers"], row["low"], row["high"], row["days_on_sale"]) == (None, None, None, 7)
    assert audience.message is not None
    assert "3 past launches" in audience.message


def test_similarity_moves_what_the_scores_do_not_say_by_hand() -> None:
    rng = np.random.default_rng(3)
    purchases = sparse.csr_matrix((rng.random((12, 5)) < 0.4).astype(float))
    raw, bought = rng.uniform(0.01, 0.6, 12), np.arange(12) < 3
    ordered = bought | (np.arange(12) >= 10)
    sales = _sales(bought, ordered, purchases, raw)
    scores = logits(raw)[3:]
    similarity = sales.similarity[3:]
    residual = similarity - np.polyval(np.polyfit(scores, similarity, 2), scores)
    # three early buyers have half of the weight of very many
    moved = SIMILARITY_WEIGHT / 2 * residual / residual.std() - ORDERED_PENALTY * ordered[3:]
    np.testing.assert_allclose(update_scores(raw, sales), scores + scores.std() * moved)


def test_similarity_weighs_everyone_by_the_raw_probability() -> None:
    raw = np.array([0.5, 0.1, 0.1, 0.1, 0.1, 0.1])
    similarity = _first([2, 4], raw=raw).similarity
    vectors = np.array([[1, 0], [1, 0], [0, 1], [0, 1], [1, 1], [1, 1]]) / np.sqrt([[1], [1], [1], [1], [2], [2]])
    direction = vectors[[2, 4]].mean(axis=0) - raw @ vectors / raw.sum()
    np.testing.assert_allclose(similarity, vectors @ direction)


def test_customers_of_equal_purchases_are_equally_similar() -> None:
    purchases = sparse.csr_matrix(np.ones((6, 1)))
    raw = np.array([0.3, 0.25, 0.2, 0.15, 0.1, 0.05])
    sales = _sales(np.arange(6) == 0, np.arange(6) == 0, purchases, raw)
    np.testing.assert_array_equal(update_scores(raw, sales), logits(raw)[1:])


def test_without_purchases_nobody_is_similar() -> None:
    no_purchases = sparse.csr_matrix((6, 2))
    np.testing.assert_array_equal(_similarity(RAW, np.arange(6) == 0, no_purchases), np.zeros(6))


def test_an_updated_forecast_by_hand() -> None:
    sales = _first([0, 1])
    forecast = update_forecast(RAW, sales, replace(CALIBRATION, slope=1.3))
    # 1.5 expected in all, 2 sold, a quarter of the window gone, shape 2: 1.5 * (2 + 2) / (2 + 1.5 / 4) * 3 / 4
    assert forecast.remaining_buyers == pytest.approx(1.5 * 4 / 2.375 * 0.75)
    assert forecast.probabilities.sum() == pytest.approx(forecast.remaining_buyers)
    np.testing.assert_array_equal(forecast.scores, update_scores(RAW, sales))
    shift = logits(forecast.probabilities) - 1.3 * forecast.scores
    np.testing.assert_allclose(shift, shift[0])


def test_when_everyone_has_bought_nobody_is_expected() -> None:
    forecast = update_forecast(RAW, _first(list(range(6))), CALIBRATION)
    assert (len(forecast.scores), len(forecast.probabilities), forecast.remaining_buyers) == (0, 0, 0.0)
