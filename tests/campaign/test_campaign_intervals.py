"""Closed intervals against published figures, scipy and each other."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from frontrow.campaign.uplift.intervals import Interval, difference_interval, normal_quantile, ratio_interval, wilson
from frontrow.errors import CampaignError


@given(customers=st.integers(1, 5_000), share_of_buyers=st.floats(0, 1), level=st.floats(0.5, 0.999))
def test_wilson_is_scipys(customers, share_of_buyers, level):
    buyers = round(share_of_buyers * customers)
    expected = binomtest(buyers, customers).proportion_ci(level, method="wilson")
    interval = wilson(buyers / customers, customers, level)
    assert (interval.low, interval.high) == pytest.approx((expected.low, expected.high), abs=1e-9)


@pytest.mark.parametrize(
    ("first", "second", "low", "high"),
    [
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((5, 56), (0, 29), -0.0381, 0.1926),
        ((0, 10), (0, 20), -0.1611, 0.2775),
    ],
)
def test_the_figures_of_newcombe(first, second, low, high):
    """Statistics in Medicine 17 (1998), table II, method 10."""
    shares = [buyers / customers for buyers, customers in (first, second)]
    bounds = [wilson(share, customers, 0.95) for share, (_, customers) in zip(shares, (first, second), strict=True)]
    interval = difference_interval(shares[0], bounds[0], shares[1], bounds[1])
    assert (interval.low, interval.high) == pytest.approx((low, high), abs=6e-5)


def test_a_ratio_of_symmetric_bounds_is_fiellers():
    """The roots of (a - R b)^2 = ha^2 + R^2 hb^2, by hand."""
    a, half_a, b, half_b = 5.0, 1.0, 4.0, 0.8
    square, linear, constant = b**2 - half_b**2, -2 * a * b, a**2 - half_a**2
    root = math.sqrt(linear**2 - 4 * square * constant)
    interval = ratio_interval(a, Interval(a - half_a, a + half_a), b, Interval(b - half_b, b + half_b))
    assert interval.low == pytest.approx((-linear - root) / (2 * square))
    assert interval.high == pytest.approx((-linear + root) / (2 * square))


@given(
    first=st.tuples(st.integers(0, 60), st.integers(1, 60)),
    second=st.tuples(st.integers(0, 60), st.integers(1, 60)),
)
def test_ratio_and_difference_agree_on_no_effect(first, second):
    shares = [min(buyers, customers) / customers for buyers, customers in (first, second)]
    bounds = [wilson(share, customers, 0.95) for share, (_, customers) in zip(shares, (first, second), strict=True)]
    difference = difference_interval(shares[0], bounds[0], shares[1], bounds[1])
    ratio = ratio_interval(shares[0], bounds[0], shares[1], bounds[1])
    assert ratio.low <= ratio.high
    if min(abs(difference.low), abs(difference.high)) > 1e-9:
        assert ratio.contains(1.0) == difference.contains(0.0)


def test_a_ratio_to_zero_has_no_upper_bound():
    ratio = ratio_interval(0.1, wilson(0.1, 100, 0.95), 0.0, wilson(0.0, 100, 0.95))
    assert ratio.high == math.inf
    assert ratio.low > 0
    assert ratio_interval(1.0, Interval(0.5, 1.5), 0.1, Interval(-0.1, 0.3)) == Interval(-math.inf, math.inf)


def test_a_level_is_a_share():
    with pytest.raises(CampaignError, match=r"0\.95"):
        normal_quantile(95)


def test_an_interval_contains_its_ends():
    interval = Interval(-1.0, 2.0)
    assert [interval.contains(value) for value in (-1.001, -1.0, 0.0, 2.0, 2.001)] == [False, True, True, True, False]


def test_ends_are_clipped_to_both_bounds():
    assert Interval(-0.2, 0.5).clipped(0.0, 0.4) == Interval(0.0, 0.4)
    assert Interval(0.6, 0.8).clipped(0.0, 0.4) == Interval(0.4, 0.4)
    assert Interval(-0.6, -0.2).clipped(0.0, 0.4) == Interval(0.0, 0.0)
    assert Interval(0.1, 0.2).clipped(0.0, 0.4) == Interval(0.1, 0.2)


def test_a_share_of_everyone_or_nobody_has_a_bound_of_0_or_1():
    assert wilson(0.0, 7, 0.95).low == 0.0
    assert wilson(1.0, 7, 0.95).high == 1.0
    assert wilson(0.5, 7, 0.95).low > 0


def test_a_difference_of_uneven_bounds_by_hand():
    interval = difference_interval(0.5, Interval(0.2, 0.9), 0.3, Interval(0.1, 0.7))
    assert (interval.low, interval.high) == pytest.approx((0.2 - 0.5, 0.2 + math.hypot(0.4, 0.2)))


def test_a_ratio_of_uneven_bounds_by_hand():
    interval = ratio_interval(2.0, Interval(1.0, 4.0), 1.0, Interval(0.5, 3.0))
    # low: 1 * (4 - 1) over 2 + sqrt(4 - 3 * 3 * (2 - 3)); high: (2 + sqrt(4 - 4 * (4 - 4) * d)) / d with d = .5 * 1.5
    assert interval.low == pytest.approx(3 / (2 + math.sqrt(4 + 9)))
    assert interval.high == pytest.approx(4 / 0.75)
    zero_ratio = ratio_interval(0.0, Interval(0.0, 0.5), 0.0, Interval(0.0, 0.5))
    assert zero_ratio == Interval(0.0, math.inf)


@pytest.mark.parametrize("level", [0.0, 1.0, -0.5, 95])
def test_a_level_lies_between_0_and_1(level):
    with pytest.raises(CampaignError) as refused:
        normal_quantile(level)
    assert str(refused.value) == f"An interval cannot cover {level:g}. Give a level such as 0.95."


@pytest.mark.parametrize(("level", "errors"), [(0.5, 0.674490), (0.9, 1.644854), (0.99, 2.575829)])
def test_normal_quantiles_of_a_table(level, errors):
    assert normal_quantile(level) == pytest.approx(errors, abs=1e-6)
