"""Reasons: the largest contributions of the row, with the values of the row, without personal data."""

import re
from functools import cache

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontrow.errors import LaunchError
from frontrow.features.launch import FEATURES, FEATURES_WITH_VECTORS
from frontrow.launch.audience.audience import Audience, score_audience
from frontrow.launch.audience.reason_sentences import (
    ACTIVITY,
    CATEGORY,
    CLOSE,
    GROUPS,
    LAUNCH,
    NEW_PRODUCTS,
    PRICE,
    QUANTITY,
    RHYTHM,
    SEASON,
    SIMILAR,
    SPEND,
    TENURE,
    VARIETY,
    VENDOR,
    write_sentence,
)
from frontrow.launch.audience.reasons import MIN_CONTRIBUTION, contributions, explain_rows, reasons_for
from frontrow.launch.launch_files import NEW_PRODUCT_SCHEMA
from frontrow.launch.life_cycle import compute_life_cycles
from frontrow.launch.model.episodes import feature_matrix
from frontrow.launch.model.launch_model import LaunchModel
from frontrow.launch.settings import LaunchSettings
from frontrow.models.gradient_boosting import BoostingSettings
from frontrow.schema import conform
from frontrow.shop.history import History
from frontrow.synthetic import SyntheticShop
from frontrow.testing.models import ALL_FEATURES

NOTHING = dict.fromkeys(FEATURES, 0.0) | {"days_since_similar": None, "log_price": None, "log_price_above_usual": None}


@cache
def _garden() -> SyntheticShop:
    return SyntheticShop(customers=600, seed=6, lines_a_year=4.0)


@cache
def _history() -> History:
    return _garden().shop().as_of()


@cache
def _model() -> LaunchModel:
    return LaunchModel.fit(_history(), LaunchSettings(boosting=BoostingSettings(trees=40, seeds=2)), seed=1)


@cache
def _products() -> pl.DataFrame:
    new_products = conform(_garden().upcoming(), NEW_PRODUCT_SCHEMA).with_columns(
        launch_day=pl.lit(_history().cutoff_day, pl.Int32)
    )
    return new_products[:3]


@cache
def _scored() -> pl.DataFrame:
    """The likeliest buyers of each product and everyone else, with their features."""
    scored = _model().score(_history(), _products(), compute_life_cycles(_history(), _model().settings), ALL_FEATURES)
    return scored.sort("probability", "launch", "customer_id", descending=[True, False, False])


@cache
def _audience() -> Audience:
    return score_audience(_history(), _products(), _model())


def _group_of(text: str, row: dict) -> str:
    return next(group for group in GROUPS if write_sentence(group, row) == text)


def test_every_feature_belongs_to_one_group() -> None:
    assert sorted(feature for group in GROUPS.values() for feature in group) == sorted(FEATURES_WITH_VECTORS)


def test_contributions_add_up_to_the_log_odds() -> None:
    rows = _scored()
    matrix = feature_matrix(rows, _model().features)
    by_feature = _model().boosting.contributions(matrix)
    np.testing.assert_allclose(
        contributions(rows, _model()).sum_horizontal(), by_feature[:, :-1].sum(axis=1), atol=1e-9
    )
    assert np.abs(by_feature.sum(axis=1) - _model().boosting.log_odds(matrix)).max() < 1e-6


def test_reasons_are_the_weightiest_contributions_of_their_row() -> None:
    top = _scored()[:200]
    added = contributions(top, _model()).drop(LAUNCH)
    reasons = explain_rows(top, _model())
    for row, groups, sentences in zip(top.iter_rows(named=True), added.iter_rows(named=True), reasons, strict=True):
        largest = sorted(groups.values(), reverse=True)[:3]
        weights = [groups[_group_of(text, row)] for text in sentences]
        assert weights == sorted(weights, reverse=True)
        assert all(value in largest and value >= MIN_CONTRIBUTION for value in weights)
    assert reasons.list.len().mean() > 2.5
    assert reasons.list.len().max() == 3


def test_numbers_in_reasons_are_those_of_the_row() -> None:
    """Every number in a sentence is a feature of the row, rounded as it is shown."""
    top = _scored()[:200]
    for row, sentences in zip(top.iter_rows(named=True), explain_rows(top, _model()), strict=True):
        for text in sentences:
            features = [row[name] for name in GROUPS[_group_of(text, row)]]
            features += [row["products"], row["order_days_365d"], row["lines_365d"]]
            present = [value for value in features if value is not None]
            printed = {str(round(value)) for value in present} | {f"{value:.0%}"[:-1] for value in present}
            printed |= {f"{np.exp(row[name]) - 0.01:.2f}" for name in ("log_price", "log_price_mean") if row[name]}
            fixed = {"30", "90"} if "first sale" in text else set()
            assert set(re.findall(r"[\d.]*\d", text.replace(",", ""))) <= printed | fixed, text


def test_a_planted_taste_is_the_reason() -> None:
    """In this shop, buyers of similar products buy the new one: most of the likeliest buyers get that reason."""
    reasons = explain_rows(_scored()[:100], _model())
    assert reasons.list.eval(pl.element().str.contains("similar product|same type")).list.any().mean() > 0.5


def test_an_audience_gets_its_reasons_without_scoring_everyone() -> None:
    top = _audience().top(5)
    with_reasons = reasons_for(_history(), _products(), _model(), top)
    assert with_reasons.drop("reasons").equals(top)
    expected = (
        _scored().with_columns(explain_rows(_scored(), _model())).select("launch", "customer_id", expected="reasons")
    )
    positions = _products().select("product_id", launch=pl.int_range(pl.len(), dtype=pl.Int32))
    joined = with_reasons.join(positions, on="product_id").join(expected, on=["launch", "customer_id"])
    assert joined.height == with_reasons.height
    assert joined["reasons"].equals(joined["expected"], check_names=False)


def test_reasons_contain_no_personal_data() -> None:
    with_reasons = reasons_for(_history(), _products(), _model(), _audience().top(50))
    text = " ".join(with_reasons["reasons"].explode().drop_nulls())
    customers = _history().customers.select("source_id", "email", "phone").collect()
    assert not any(value in text for column in customers for value in column.drop_nulls().to_list())


def test_unknown_customers_and_empty_lists_have_no_reason() -> None:
    nobody = pl.DataFrame({"product_id": [_products()["product_id"][0]], "customer_id": [10**9]})
    assert reasons_for(_history(), _products(), _model(), nobody)["reasons"].to_list() == [[]]
    assert reasons_for(_history(), _products(), _model(), nobody[:0])["reasons"].to_list() == []
    assert explain_rows(_scored()[:0], _model()).to_list() == []


def test_an_unscored_product_is_refused() -> None:
    unknown = pl.DataFrame({"product_id": ["elsewhere"], "customer_id": [1]})
    with pytest.raises(LaunchError, match="not among the products scored"):
        reasons_for(_history(), _products(), _model(), unknown)


@pytest.mark.parametrize(
    ("group", "figures", "expected"),
    [
        (
            SIMILAR,
            {"similar_lines": 4, "days_since_similar": 12},
            "bought similar products 4 times, the last time 12 days ago",
        ),
        (SIMILAR, {"similar_lines": 1, "days_since_similar": 1}, "bought a similar product once, 1 day ago"),
        (
            CLOSE,
            {"vector_closest": 0.834},
            "bought a product that resembles it by its vector (similarity 0.83)",
        ),
        (CATEGORY, {"category_lines": 1}, "bought products of the same type once"),
        (CATEGORY, {"category_lines": 2}, "bought products of the same type twice"),
        (VENDOR, {"vendor_lines": 1_200}, "bought from the same vendor 1,200 times"),
        (
            RHYTHM,
            {"order_days": 9, "days_between_orders": 20.3, "days_since_last_order": 18},
            "orders every 20 days, last order 18 days ago",
        ),
        (
            RHYTHM,
            {"order_days": 9, "days_between_orders": 1, "days_since_last_order": 1},
            "orders every day, last order 1 day ago",
        ),
        (RHYTHM, {"order_days": 1, "days_since_last_order": 18}, "ordered for the first time 18 days ago"),
        (ACTIVITY, {"order_days_365d": 1, "lines_365d": 1}, "ordered on 1 day in the last year, 1 order line"),
        (SPEND, {"spend_365d": 1234.4}, "spent 1,234 in the last year"),
        (
            NEW_PRODUCTS,
            {"adoptions": 6, "products": 45, "adoptions_90d": 2},
            "bought 6 of 45 products within 30 days of their first sale, 2 in the last 90 days",
        ),
        (NEW_PRODUCTS, {"adoptions": 6, "products": 45}, "bought 6 of 45 products within 30 days of their first sale"),
        (
            VARIETY,
            {"products": 45, "share_of_firsts": 0.62},
            "bought 45 different products; 62% of order lines were a product new to them",
        ),
        (SEASON, {"lines_same_season": 1}, "ordered 1 line in this season a year ago"),
        (TENURE, {"days_since_first_order": 400}, "first ordered 400 days ago"),
        (QUANTITY, {"units_per_line": 6.2}, "takes 6 units of a product at a time"),
        (
            PRICE,
            {"log_price": np.log(2.96), "log_price_mean": np.log(3.21)},
            "usually buys at about 3.20, this one costs 2.95",
        ),
    ],
)
def test_sentences(group: str, figures: dict, expected: str) -> None:
    assert write_sentence(group, {**NOTHING, **figures}) == expected


@pytest.mark.parametrize("group", GROUPS)
def test_uninformative_values_give_no_reason(group: str) -> None:
    assert write_sentence(group, NOTHING) is None
    assert write_sentence(group, dict.fromkeys(FEATURES, None)) is None
    assert write_sentence(group, dict.fromkeys(FEATURES, float("nan"))) is None


@given(st.sampled_from(list(GROUPS)), st.fixed_dictionaries({name: st.floats(0, 10_000) for name in FEATURES}))
def test_sentences_count_in_good_grammar(group: str, row: dict) -> None:
    prices = {name: row[name] % 10 for name in ("log_price", "log_price_mean")}
    text = write_sentence(group, {**row, **prices}) or ""
    assert not re.search(r"(?<![\d,])1 (days|lines|units|times|order lines)\b", text)
    assert not re.search(r"(?<![\d,.])(?!1 )[\d,]*\d (day|line|unit|order line)\b", text)
    assert not re.search(r"(?<![\d,.])0 (times|days ago)", text)
