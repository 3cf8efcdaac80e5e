"""Effects against hand computation, scipy and seeded simulations."""

import math

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import bootstrap, ttest_ind

from frontrow.campaign.experiment.holdout import CONTACTED, HELD_OUT
from frontrow.campaign.uplift.uplift import UpliftSettings, estimate_uplift, estimate_uplifts
from frontrow.errors import CampaignError

QUICK = UpliftSettings(draws=20)


def lot(customers: int, contacted: int, draw: np.random.Generator) -> np.ndarray:
    """Who is contacted, drawn at random."""
    return draw.permutation(np.arange(customers) < contacted)


def test_by_hand():
    """Held out 1, 3 (mean 2, variance of the mean 1); contacted 4, 6, 8 (mean 6, 4/3): t with 2.88 degrees."""
    found = estimate_uplift([1, 4, 6, 3, 8], [False, True, True, False, True], settings=QUICK)
    assert (found.contacted, found.held_out) == (3, 2)
    assert (found.contacted_mean, found.held_out_mean, found.difference) == (6.0, 2.0, 4.0)
    assert found.relative == 2.0
    assert found.standard_error == pytest.approx(math.sqrt(1 + 4 / 3))
    degrees = (7 / 3) ** 2 / (1 / 1 + (4 / 3) ** 2 / 2)
    assert degrees == pytest.approx(2.8824, abs=1e-4)
    assert found.welch.high - 4 == pytest.approx(3.258 * found.standard_error, abs=0.02)
    assert found.score is found.incremental_share is None


@given(st.data())
def test_welch_is_scipys(data):
    numbers = st.lists(st.floats(-100, 100).map(lambda one: round(one, 3)), min_size=2, max_size=30)
    first, second = data.draw(numbers), data.draw(numbers)
    if min(np.var(first), np.var(second)) < 1e-6:
        return
    theirs = ttest_ind(second, first, equal_var=False).confidence_interval(0.95)
    ours = estimate_uplift(first + second, [False] * len(first) + [True] * len(second), settings=QUICK).welch
    assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high), rel=1e-6, abs=1e-6)


def test_the_bootstrap_is_scipys():
    draw = np.random.default_rng(0)
    held_out, contacted = draw.exponential(2, 300), draw.exponential(3, 900)
    theirs = bootstrap(
        (contacted, held_out),
        lambda one, other, axis: one.mean(axis=axis) - other.mean(axis=axis),
        method="percentile",
        n_resamples=12_000,
        rng=1,
    ).confidence_interval
    ours = estimate_uplift(
        np.append(held_out, contacted), [False] * 300 + [True] * 900, settings=UpliftSettings(draws=12_000)
    )
    assert (ours.bootstrap.low, ours.bootstrap.high) == pytest.approx((theirs.low, theirs.high), abs=0.02)


def test_the_same_seed_gives_the_same_interval():
    ask = [0.0, 1.0, 2.0, 5.0] * 5, [True, False, False, True] * 5
    assert estimate_uplift(*ask, seed=3) == estimate_uplift(*ask, seed=3)
    assert estimate_uplift(*ask, seed=3).bootstrap != estimate_uplift(*ask, seed=4).bootstrap


def test_the_incremental_share_by_hand():
    """30 of 1,000 contacted and 4 of 200 held out bought: a third would not have bought otherwise."""
    bought = [1] * 30 + [0] * 970 + [1] * 4 + [0] * 196
    found = estimate_uplift(bought, [True] * 1_000 + [False] * 200, settings=QUICK)
    assert found.incremental_share == pytest.approx(1 / 3)
    assert found.incremental_interval.low < 0 < 1 / 3 < found.incremental_interval.high <= 1
    assert not found.significant


def test_nobody_held_out_bought():
    """Welch's interval takes nothing for certain there; the score interval does not."""
    bought = [1] * 3 + [0] * 297 + [0] * 30
    found = estimate_uplift(bought, [True] * 300 + [False] * 30, settings=QUICK)
    assert found.relative == math.inf
    assert found.incremental_share == 1.0
    assert found.incremental_interval.low < -1
    assert found.score.low < 0 < found.score.high
    assert found.minimum_detectable_effect > 0.04
    assert found.to_dict()["relative"] is None


def test_nobody_bought():
    found = estimate_uplift([0] * 100, [True] * 50 + [False] * 50, covariate=[0.1] * 100, settings=QUICK)
    assert found.difference == 0
    assert math.isnan(found.relative)
    assert found.incremental_share is None
    assert not found.significant
    assert found.adjusted.variance_ratio == 1


def test_intervals_cover_what_is_true():
    """800 small campaigns with an effect of 2 points on 4 %, 600 held out of 3,000; each interval covers about 95 %."""
    draw, covered = np.random.default_rng(0), []
    for number in range(800):
        chance = draw.beta(1, 24, 3_000)
        contacted = lot(3_000, 2_400, draw)
        bought = (draw.random(3_000) < chance + 0.02 * contacted).astype(float)
        found = estimate_uplift(bought, contacted, covariate=chance, seed=number, settings=UpliftSettings(draws=200))
        intervals = (found.welch, found.score, found.bootstrap, found.adjusted.interval)
        covered.append([one.contains(0.02) for one in intervals])
    assert np.mean(covered, axis=0) == pytest.approx(0.95, abs=0.025)


def test_drawing_the_groups_anew_gives_no_effect():
    draw = np.random.default_rng(1)
    spent = draw.exponential(20, 2_000) * (draw.random(2_000) < 0.1)
    found = [estimate_uplift(spent, lot(2_000, 1_500, draw), covariate=spent > 5, settings=QUICK) for _ in range(400)]
    scores = np.array([one.difference / one.standard_error for one in found])
    assert abs(scores.mean()) < 3 / math.sqrt(400)
    assert scores.std() == pytest.approx(1, abs=0.12)
    assert np.mean([one.significant for one in found]) == pytest.approx(0.05, abs=0.03)


def test_cuped_aims_at_the_same_effect_and_varies_less():
    draw = np.random.default_rng(2)
    history = draw.gamma(2, 10, 1_000)
    plain, adjusted, ratios = [], [], []
    for _ in range(400):
        contacted = lot(1_000, 700, draw)
        found = estimate_uplift(
            history + draw.normal(0, 10, 1_000) + 3 * contacted, contacted, covariate=history, settings=QUICK
        )
        plain.append(found.difference)
        adjusted.append(found.adjusted.difference)
        ratios.append(found.adjusted.variance_ratio)
    assert np.mean(adjusted) == pytest.approx(3, abs=3 * np.std(adjusted) / 20)
    assert np.var(adjusted) / np.var(plain) == pytest.approx(np.mean(ratios), rel=0.2)
    assert np.mean(ratios) == pytest.approx(1 / 3, abs=0.03)


def test_products_with_other_shares_held_out_are_compared_within_themselves():
    """No effect in either product, but the one that sells well held out half: together the groups differ."""
    rows = [("well", True, 50, 100), ("well", False, 50, 100), ("badly", True, 9, 900), ("badly", False, 1, 100)]
    bought = np.concatenate([np.arange(size) < buyers for _, _, buyers, size in rows])
    contacted = np.concatenate([np.full(size, group) for _, group, _, size in rows])
    product = np.concatenate([np.full(size, name) for name, _, _, size in rows])
    assert estimate_uplift(bought, contacted, settings=QUICK).difference < -0.1
    found = estimate_uplift(bought, contacted, strata=product, settings=UpliftSettings(draws=500))
    assert found.difference == pytest.approx(0, abs=1e-12)
    assert found.contacted_mean == pytest.approx(59 / 1_000)
    variances = 0.1**2 * (0.25 / 99 + 0.25 / 99) + 0.9**2 * (0.0099 / 899 + 0.0099 / 99)
    assert found.standard_error == pytest.approx(math.sqrt(variances))
    for interval in (found.welch, found.score, found.bootstrap):
        assert interval.high - interval.low == pytest.approx(3.92 * found.standard_error, rel=0.15)


def test_a_product_with_nobody_held_out_stands_aside():
    found = estimate_uplift(
        [1, 2, 3, 4, 9, 9], [True, True, False, False, True, True], strata=list("aaaabb"), settings=QUICK
    )
    assert (found.contacted, found.difference) == (2, -2.0)


def test_the_smallest_difference_seen_is_seen_four_times_in_five():
    draw, sizes = np.random.default_rng(3), (2_000, 500)
    spent = draw.exponential(10, 2_500)
    smallest = estimate_uplift(spent, np.arange(2_500) < 2_000, settings=QUICK).minimum_detectable_effect
    seen = []
    for _ in range(400):
        contacted = lot(2_500, sizes[0], draw)
        seen.append(
            estimate_uplift(draw.exponential(10, 2_500) + smallest * contacted, contacted, settings=QUICK).significant
        )
    assert np.mean(seen) == pytest.approx(0.8, abs=0.06)


def test_tables_of_several_outcomes():
    customers = pl.DataFrame(
        {
            "group": [CONTACTED, HELD_OUT] * 20,
            "conversion": [1, 0, 0, 0] * 10,
            "revenue": [12.5, 0, 0, 0] * 10,
            "probability": [0.2, 0.2, 0.1, 0.1] * 10,
        }
    )
    found = estimate_uplifts(customers, ["conversion", "revenue"], settings=QUICK)
    assert [uplift.outcome for uplift in found] == ["conversion", "revenue"]
    assert [uplift.score is None for uplift in found] == [False, True]
    for uplift, difference in zip(found, (0.5, 6.25), strict=True):
        assert (uplift.difference, uplift.adjusted.difference) == pytest.approx((difference, difference))
    unknown = customers.with_columns(probability=pl.lit(None, pl.Float64))
    assert estimate_uplifts(unknown, ["revenue"], settings=QUICK)[0].adjusted is None


@pytest.mark.parametrize(
    ("outcome", "contacted", "says"),
    [
        ([1, 2, 3], [True, True, False], "2 contacted and 1 held out"),
        ([], [], "0 contacted and 0 held out"),
        ([1, math.nan, 3, 4], [True, True, False, False], "1 customers have no outcome"),
    ],
)
def test_what_cannot_be_compared(outcome, contacted, says):
    with pytest.raises(CampaignError, match=says):
        estimate_uplift(outcome, contacted)
