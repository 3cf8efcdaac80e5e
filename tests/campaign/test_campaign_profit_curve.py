"""The profit curve against brute force; its band, its random list, its summary; fast on a large shop."""

import time
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontrow.campaign.economics.economics import Economics, IncrementalShare
from frontrow.campaign.economics.profit_curve import (
    BEST,
    CHOSEN,
    EVERYONE,
    RANDOM,
    TOP_TENTH,
    list_profit_curve,
    profit_curve,
)
from frontrow.errors import CampaignError

SHARE = IncrementalShare(0.2, 0.4, 0.6)
probabilities = st.lists(st.floats(0, 1), min_size=1, max_size=40)
any_economics = st.builds(
    Economics,
    margin=st.floats(0, 50),
    contact_cost=st.floats(0, 5),
    discount=st.floats(0, 5),
    capacity=st.none() | st.integers(0, 40),
    budget=st.none() | st.floats(0, 100),
    stock=st.none() | st.floats(0, 10),
    units_per_buyer=st.floats(0.5, 3),
)


def test_the_best_list_ends_where_a_contact_costs_more_than_it_brings() -> None:
    """20 x .4 = 8 per buyer, so the break-even probability is .125 at a cost of 1."""
    curve = profit_curve([0.2, 0.13, 0.12, 0.5], Economics(margin=20.0, contact_cost=1.0, incremental_share=SHARE))
    assert curve.best_length == 3
    assert curve.table["profit"].to_list() == pytest.approx([0, 3, 3.6, 3.64, 3.6])
    assert curve.table["random"].to_list() == pytest.approx([k * (8 * 0.2375 - 1) for k in range(5)])


@given(probabilities, any_economics)
def test_no_allowed_list_earns_more(p: list[float], economics: Economics) -> None:
    curve = profit_curve(p, economics)
    allowed = curve.table.filter(pl.col("length") <= curve.max_length)
    assert curve.table["profit"][curve.best_length] == allowed["profit"].max()
    assert curve.best_length <= economics.max_contacts(len(p))


@given(probabilities, any_economics)
def test_no_random_list_earns_more_than_the_ranked_one_of_its_length(p: list[float], economics: Economics) -> None:
    is_profitable = 0.3 * economics.margin >= economics.discount and economics.stock is None
    table = profit_curve(p, economics).table
    assert not is_profitable or (table["profit"] >= table["random"] - 1e-9).all()


@given(probabilities, any_economics, st.floats(0, 1), st.floats(1, 3))
def test_the_band_holds_the_curve(p: list[float], economics: Economics, low: float, high: float) -> None:
    table = profit_curve(p, economics, (low, high)).table
    assert (table["low"] <= table["profit"]).all()
    assert (table["profit"] <= table["high"]).all()
    narrow_table = profit_curve(p, economics).table
    assert (table["low"] <= narrow_table["low"]).all()
    assert (narrow_table["high"] <= table["high"]).all()


def test_the_band_by_hand() -> None:
    """One customer of .5: at worst .2 of half the buyers, at best .6 of twice as many."""
    economics = Economics(margin=10.0, contact_cost=1.0, incremental_share=SHARE)
    row = profit_curve([0.5], economics, (0.5, 2.0)).table.row(1, named=True)
    assert (row["low"], row["high"]) == pytest.approx((10 * 0.2 * 0.25 - 1, 10 * 0.6 * 1.0 - 1))


def test_the_empty_list_is_best_where_nothing_is_earned() -> None:
    curve = profit_curve([0.01, 0.02], Economics(margin=10.0, contact_cost=1.0))
    assert curve.best_length == 0
    assert curve.summary().row(0, named=True)["profit"] == 0.0


def test_without_costs_everyone_is_best() -> None:
    assert profit_curve([0.01, 0.02, 0.3], Economics(margin=10.0)).best_length == 3


def test_the_summary_begins_with_the_notebooks_table() -> None:
    p = np.linspace(0, 0.2, 101)
    summary = profit_curve(p, Economics(margin=50.0, contact_cost=2.0, incremental_share=SHARE)).summary()
    assert summary.columns[:6] == ["list", "chosen", "expected_buyers", "precision", "base_rate", "lift"]
    assert summary["list"].to_list() == [BEST, RANDOM, TOP_TENTH, EVERYONE]
    best, random, tenth, everyone = summary.rows(named=True)
    assert best["chosen"] == (p * 20 > 2.0).sum() == random["chosen"]
    assert best["precision"] == pytest.approx(p[p > 0.1].mean())
    assert random["lift"] == everyone["lift"] == pytest.approx(1.0)
    assert tenth["chosen"] == 11
    assert random["profit"] == pytest.approx(best["chosen"] * (0.1 * 20 - 2))
    assert best["profit"] > max(random["profit"], tenth["profit"], everyone["profit"])


def test_few_points_are_enough_to_draw() -> None:
    curve = profit_curve(np.linspace(0, 0.5, 5_000), Economics(margin=10.0, contact_cost=0.7))
    points = curve.points(50)
    assert points.height <= 53
    assert {0, 5_000, curve.best_length} <= set(points["length"])
    assert points["length"].is_sorted()
    assert profit_curve([0.5], Economics(margin=1.0)).points()["length"].to_list() == [0, 1]


def test_a_large_shop_takes_milliseconds() -> None:
    p = np.random.default_rng(0).beta(0.1, 10, 200_000)
    economics = Economics(margin=10.0, contact_cost=0.05, discount=0.2, stock=900.0)
    before = time.process_time()
    profit_curve(p, economics, (0.5, 2.0)).summary()
    assert time.process_time() - before < 0.5


@pytest.mark.parametrize("probabilities", [[], [0.5, float("nan")], [1.1], [-0.1, 0.2], [[0.1]]])
def test_an_invalid_probability_is_refused(probabilities: list) -> None:
    with pytest.raises(CampaignError, match="between 0 and 1"):
        profit_curve(probabilities, Economics(margin=1.0))


@pytest.mark.parametrize("factors", [(2.0, 1.0), (-1.0, 1.0), (0.5, float("inf"))])
def test_factors_that_form_no_interval_are_refused(factors: tuple[float, float]) -> None:
    with pytest.raises(CampaignError, match="Give two factors"):
        profit_curve([0.1], Economics(margin=1.0), factors)


offer_lists = st.lists(st.tuples(st.sampled_from(["a", "b", "c"]), st.floats(0, 1)), min_size=1, max_size=20)


@given(offer_lists, any_economics)
def test_several_equal_products_equal_one_product(offers: list[tuple[str, float]], economics) -> None:
    """Without stock, products that earn the same add up to one product."""
    offers = sorted(offers, key=lambda offer: -offer[1])
    ranked_list = pl.DataFrame(offers, {"product_id": pl.String, "probability": pl.Float64}, orient="row")
    without_stock = replace(economics, stock=None)
    demand = dict(ranked_list.group_by("product_id").agg(pl.col("probability").sum()).iter_rows())
    by_product, one_product = (
        list_profit_curve(ranked_list, without_stock, demand),
        profit_curve(ranked_list["probability"], without_stock),
    )
    for column in ("profit", "low", "high", "random"):
        assert by_product.table[column].to_list() == pytest.approx(one_product.table[column].to_list(), abs=1e-9)
    assert by_product.of_list(ranked_list)[0] == pytest.approx(by_product.table["profit"][-1])


def test_each_product_has_its_own_stock() -> None:
    ranked_list = pl.DataFrame({"product_id": ["a", "b", "a"], "probability": [0.9, 0.8, 0.7]})
    economics = Economics(margin=10.0, incremental_share=IncrementalShare(1.0, 1.0, 1.0), stocks={"a": 1.0})
    curve = list_profit_curve(ranked_list, economics, {"a": 1.6, "b": 0.8})
    assert curve.table["profit"].to_list() == pytest.approx([0, 9, 17, 18], abs=1e-9)


def test_the_chosen_length_is_listed_before_the_best():
    curve = profit_curve([0.4, 0.05, 0.2, 0.01], Economics(margin=20.0, contact_cost=1.0))
    summary = curve.summary(3)
    assert summary["list"].to_list() == [CHOSEN, RANDOM, BEST, TOP_TENTH, EVERYONE]
    assert summary["chosen"].to_list() == [3, 3, 2, 1, 4]
    assert curve.summary(2).equals(curve.summary())
    assert curve.summary()["list"].to_list() == [BEST, RANDOM, TOP_TENTH, EVERYONE]


def test_several_products_by_hand() -> None:
    """The pot earns 20 x .4 = 8 per buyer, the vase 10 x .4 = 4, a contact costs 1."""
    ranked_list = pl.DataFrame({"product_id": ["pot", "vase", "pot"], "probability": [0.5, 0.5, 0.25]})
    economics = Economics(margin=20.0, contact_cost=1.0, incremental_share=SHARE, margins={"vase": 10.0})
    demand = {"pot": 0.75, "vase": 0.5}
    curve = list_profit_curve(ranked_list, economics, demand, (0.5, 2.0))
    assert curve.table["length"].to_list() == [0, 1, 2, 3]
    assert curve.table["expected_buyers"].to_list() == [0, 0.5, 1.0, 1.25]
    assert curve.table["profit"].to_list() == pytest.approx([0, 3, 4, 5])
    # every product in proportion: 8 x .75 + 4 x .5 - 3 = 5 for all three
    assert curve.table["random"].to_list() == pytest.approx([0, 5 / 3, 10 / 3, 5])
    # .2 of half the buyers, .6 of twice as many: all three earn (5 + 3) x (.25 or 3) - 3
    assert curve.table["low"].to_list()[3] == pytest.approx(8 * 0.25 - 3)
    assert curve.table["high"].to_list()[3] == pytest.approx(8 * 3 - 3)
    assert (curve.best_length, curve.max_length, curve.demand) == (3, 3, demand)
    assert (curve.count_factor, curve.economics) == ((0.5, 2.0), economics)
    assert curve.of_list(ranked_list[:1]) == pytest.approx((3.0, 2 * 0.5 - 1, 12 * 1.0 - 1))
    assert curve.of_list(ranked_list[:0]) == (0.0, 0.0, 0.0)
    assert curve.of_list(ranked_list) == pytest.approx((5.0, 8 * 0.25 - 3, 8 * 3 - 3))
    assert list_profit_curve(ranked_list, economics, demand, max_length=1).best_length == 1
    assert list_profit_curve(ranked_list, economics, demand, max_length=1).max_length == 1
    assert list_profit_curve(ranked_list, replace(economics, capacity=2), demand).max_length == 2


def test_products_that_sell_out_anyway() -> None:
    ranked_list = pl.DataFrame({"product_id": ["a", "b", "c"], "probability": [0.9, 0.8, 0.7]})
    economics = Economics(margin=10.0, incremental_share=IncrementalShare(0.5, 0.5, 0.5), stocks={"a": 4.0, "b": 6.0})
    curve = list_profit_curve(ranked_list, economics, {"a": 9.0, "b": 9.0, "c": 9.0})
    assert curve.sold_out_anyway() == ["a"]


def test_the_summary_of_a_chosen_list_by_hand() -> None:
    curve = profit_curve([0.5, 0.25, 0.25, 0.0], Economics(margin=20.0, contact_cost=1.0, incremental_share=SHARE))
    summary = curve.summary(2)
    assert summary["list"].to_list() == [CHOSEN, RANDOM, BEST, TOP_TENTH, EVERYONE]
    assert summary["chosen"].to_list() == [2, 2, 3, 1, 4]
    assert summary["expected_buyers"].to_list() == [0.75, 0.5, 1.0, 0.5, 1.0]
    assert summary["precision"].to_list() == pytest.approx([0.375, 0.25, 1 / 3, 0.5, 0.25])
    assert summary["base_rate"].to_list() == [0.25] * 5
    assert summary["lift"].to_list() == pytest.approx([1.5, 1.0, 4 / 3, 2.0, 1.0])
    assert summary["profit"].to_list() == pytest.approx([4.0, 2.0, 5.0, 3.0, 4.0])
    assert summary["low"].to_list() == pytest.approx([1.0, None, 1.0, 1.0, 0.0])
    assert summary["high"].to_list() == pytest.approx([7.0, None, 9.0, 5.0, 8.0])
    assert summary.columns[:6] == ["list", "chosen", "expected_buyers", "precision", "base_rate", "lift"]
    assert summary.columns[6:] == ["profit", "low", "high"]
    assert curve.summary(3).equals(curve.summary())
    assert curve.summary(3)["list"].to_list() == [BEST, RANDOM, TOP_TENTH, EVERYONE]


def test_points_are_denser_at_the_start() -> None:
    curve = profit_curve(np.linspace(0, 0.5, 1_024), Economics(margin=10.0, contact_cost=0.7, capacity=777))
    points = curve.points(9)["length"].to_list()
    assert points == sorted({*(16 * step**2 for step in range(9)), curve.best_length, 777})
    assert curve.points().equals(curve.points(200))
    assert curve.points().height <= 202
    assert curve.points().height > 150


def test_ends_that_are_allowed() -> None:
    economics = Economics(margin=10.0)
    assert profit_curve([0.0, 1.0], economics, (0.0, 0.0)).best_length == 1
    with pytest.raises(CampaignError) as refused:
        profit_curve([0.1], economics, (2.0, 1.0))
    assert str(refused.value) == (
        "The count factors are 2 and 1. Give two factors of the expected count, the lower first."
    )
    with pytest.raises(CampaignError) as refused:
        profit_curve([1.5], economics)
    assert str(refused.value) == (
        "Probabilities must be numbers between 0 and 1, one a customer, of one customer or more."
    )
