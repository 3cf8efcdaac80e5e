"""The size of a hold-out, against published figures, a plain computation and a simulation."""

import math
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2_contingency, norm

from frontrow.campaign.economics.economics import IncrementalShare
from frontrow.campaign.experiment.holdout import CONTACTED, HELD_OUT
from frontrow.campaign.experiment.power_analysis import (
    MOST_LAUNCHES,
    PowerAnalysis,
    holdout_needed,
    minimum_detectable_effect,
    power,
)
from frontrow.campaign.plan import CampaignPlan
from frontrow.errors import CampaignError
from frontrow.present.sections.pool_advice import advise_pool, describe_pool, is_telling
from frontrow.present.wording import percent
from frontrow.testing.campaigns import hand_made_campaign

SHARE = IncrementalShare(0.1, 0.3, 0.5)


def test_the_figures_of_r():
    """The examples of R's documentation of `power.prop.test`: .740 at n = 50, n = 76.7 for a power of .9."""
    assert power(0.5, 0.5, held_out=50, contacted=50) == pytest.approx(0.740, abs=5e-4)
    assert power(0.5, 0.5, held_out=76, contacted=76) < 0.9 < power(0.5, 0.5, held_out=77, contacted=77)


def test_groups_of_two_sizes_by_hand():
    """2 % against 3 %, 1,000 held out and 9,000 contacted: pooled rate .029."""
    under_none = math.sqrt(0.029 * 0.971 * (1 / 1_000 + 1 / 9_000))
    standard_error = math.sqrt(0.02 * 0.98 / 1_000 + 0.03 * 0.97 / 9_000)
    by_hand = norm.cdf((0.01 - 1.959964 * under_none) / standard_error)
    assert power(0.02, 0.5, held_out=1_000, contacted=9_000) == pytest.approx(by_hand, abs=1e-6)


def test_the_power_is_reached_in_a_simulation():
    held_out = holdout_needed(0.03, 0.5, customers=12_000)
    contacted = 12_000 - held_out
    draw = np.random.default_rng(0)
    detected = 0
    for _ in range(1_000):
        buyers_held_out, buyers_contacted = draw.binomial(held_out, 0.03), draw.binomial(contacted, 0.045)
        table = [[buyers_held_out, held_out - buyers_held_out], [buyers_contacted, contacted - buyers_contacted]]
        detected += chi2_contingency(table, correction=False).pvalue < 0.05
    assert detected / 1_000 == pytest.approx(0.8, abs=0.04)


@given(
    base_rate=st.floats(0.001, 0.3),
    lift=st.floats(0.05, 2.0),
    customers=st.integers(2, 100_000),
)
def test_the_size_needed_is_the_first_that_does(base_rate, lift, customers):
    needed = holdout_needed(base_rate, lift, customers)
    if needed is None:
        half = customers // 2
        assert power(base_rate, lift, half, customers - half) < 0.8
        return
    assert power(base_rate, lift, needed, customers - needed) >= 0.8
    if needed > 1:
        assert power(base_rate, lift, needed - 1, customers - needed + 1) < 0.8
    assert minimum_detectable_effect(base_rate, needed, customers - needed) <= lift + 1e-9


def test_tiny_groups_detect_nothing():
    assert minimum_detectable_effect(0.5, held_out=2, contacted=2) is None
    assert holdout_needed(0.01, 0.1, customers=1) is None


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: power(0.0, 0.5, 10, 10), "between 0 and 1"),
        (lambda: power(0.6, 1.0, 10, 10), "1.2 of the contacted"),
        (lambda: minimum_detectable_effect(0.0, 10, 10), "between 0 and 1"),
        (lambda: power(0.1, 0.5, 0, 10), "Neither may be empty"),
    ],
)
def test_invalid_arguments_are_refused(call, message):
    with pytest.raises(CampaignError, match=message):
        call()


def planned(contacted, held_out, rate=0.02):
    groups = [CONTACTED] * contacted + [HELD_OUT] * held_out
    rows = pl.DataFrame({"probability": [rate] * len(groups), "group": groups})
    return hand_made_campaign(rows)


def test_the_cases_are_those_of_the_power_table():
    analysis = PowerAnalysis.of(planned(9_000, 1_000).assignment, SHARE)
    assert analysis.minimum_detectable_effect == pytest.approx(minimum_detectable_effect(0.02, 1_000, 9_000))
    assert [case.share for case in analysis.cases] == [0.1, 0.3, 0.5]
    assert [case.uplift for case in analysis.cases] == pytest.approx([1 / 9, 3 / 7, 1.0])
    assert analysis.expected.power == pytest.approx(power(0.02, 3 / 7, 1_000, 9_000))
    assert analysis.expected.holdout_needed == holdout_needed(0.02, 3 / 7, 10_000)
    assert analysis.cases[0].holdout_needed is None


@pytest.mark.parametrize("groups", [(0, 10), (10, 0)])
def test_an_empty_group_detects_nothing(groups):
    assert PowerAnalysis.of(planned(*groups).assignment, SHARE) is None


def test_shares_that_mean_no_more_buyers_or_more_than_everyone_are_no_case():
    assert PowerAnalysis.of(planned(90, 10).assignment, IncrementalShare(-0.5, -0.1, 0.0)).expected is None
    assert [case.share for case in PowerAnalysis.of(planned(90, 10, 0.6).assignment, SHARE).cases] == [0.1, 0.3]


def test_the_pool_is_the_fewest_launches_that_detect_what_is_expected():
    analysis = PowerAnalysis.of(planned(5_400, 600).assignment, SHARE)
    pool, uplift = analysis.pool, 3 / 7
    assert power(0.02, uplift, pool.launches * 600, pool.launches * 5_400) >= 0.8
    assert power(0.02, uplift, (pool.launches - 1) * 600, (pool.launches - 1) * 5_400) < 0.8
    assert pool.minimum_detectable_effect < uplift < analysis.minimum_detectable_effect
    assert PowerAnalysis.of(planned(54_000, 6_000).assignment, SHARE).pool is None


def test_where_a_year_of_launches_is_not_enough_the_pool_says_what_it_shows():
    pool = PowerAnalysis.of(planned(90, 10).assignment, SHARE).pool
    assert (pool.launches, pool.power < 0.8) == (MOST_LAUNCHES, True)
    assert describe_pool(pool).startswith(f"Even {MOST_LAUNCHES} launches")
    tiny = PowerAnalysis.of(planned(2, 1, 0.5).assignment, SHARE).pool
    assert describe_pool(tiny)
    assert "--pool" in describe_pool(PowerAnalysis.of(planned(5_400, 600).assignment, SHARE).pool)


def plan_of(pool, earlier=()):
    campaign = replace(planned(5_400, 600), pool=pool)
    return CampaignPlan(campaign, None, None, pooled=tuple(earlier))


def test_a_campaign_of_a_pool_says_what_the_pool_shows_so_far():
    alone = PowerAnalysis.of(planned(5_400, 600).assignment, SHARE)
    two = minimum_detectable_effect(0.02, 1_200, 10_800)
    first, *advice = advise_pool(plan_of("year"), alone, SHARE)
    assert first.startswith('This is the first campaign of the pool "year"')
    assert advice == ([] if is_telling(alone) else [describe_pool(alone.pool)])
    (second,) = advise_pool(plan_of("year", [planned(5_400, 600).assignment]), alone, SHARE)
    assert f"{percent(two)} more buyers are seen" in second
    assert "1 campaign of the pool" in second
    little = PowerAnalysis.of(planned(900, 100).assignment, SHARE)
    assert advise_pool(plan_of(""), little, SHARE) == [describe_pool(little.pool)]
