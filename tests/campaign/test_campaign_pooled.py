"""Pooled effects: equal to a plain meta-analysis, and covering what was planted."""

import numpy as np
import polars as pl
import pytest
from scipy import stats

from frontrow.campaign.experiment.holdout import CONTACTED, HELD_OUT
from frontrow.campaign.uplift.groups import Groups, group_means, shares_of_difference
from frontrow.campaign.uplift.pooled import pool_effects
from frontrow.campaign.uplift.pooled_campaigns import CampaignCustomers, even_out_variances, pool_campaigns
from frontrow.campaign.uplift.pooled_verdict import (
    describe_differences,
    describe_next_campaign,
    describe_pooled_conversion,
    describe_repeated,
)
from frontrow.errors import CampaignError

# Thirteen trials of a vaccine (Colditz and others, JAMA 1994): cases and others, vaccinated and not.
VACCINE = np.array(
    [
        [4, 119, 11, 128],
        [6, 300, 29, 274],
        [3, 228, 11, 209],
        [62, 13536, 248, 12619],
        [33, 5036, 47, 5761],
        [180, 1361, 372, 1079],
        [8, 2537, 10, 619],
        [505, 87886, 499, 87892],
        [29, 7470, 45, 7232],
        [17, 1699, 65, 1600],
        [186, 50448, 141, 27197],
        [5, 2493, 3, 2338],
        [27, 16886, 29, 17825],
    ]
)
RNG_SEED = 7


def vaccine_effects():
    """Log relative risks and their variances."""
    cases, others, control_cases, control_others = VACCINE.T
    treated, untreated = cases + others, control_cases + control_others
    effects = np.log(cases / treated) - np.log(control_cases / untreated)
    return effects, 1 / cases - 1 / treated + 1 / control_cases - 1 / untreated


def test_the_vaccine_trials_pool_to_the_published_values():
    pooled = pool_effects(*vaccine_effects())
    # Viechtbauer, Journal of Statistical Software 36(3), 2010: the same trials, Q, and equal effects
    assert pooled.q == pytest.approx(152.2330, abs=1e-3)
    assert pooled.fixed.value == pytest.approx(-0.4303, abs=1e-4)
    assert pooled.fixed.standard_error == pytest.approx(0.0405, abs=1e-4)
    assert pooled.i_squared == pytest.approx(0.9212, abs=1e-4)
    assert pooled.p_value < 1e-20
    assert pooled.fixed.significant


@pytest.mark.parametrize("campaigns", [2, 3, 7])
def test_it_equals_a_plain_meta_analysis(campaigns):
    rng = np.random.default_rng(campaigns)
    effects, variances = rng.normal(0.01, 0.01, campaigns), rng.uniform(1e-5, 1e-4, campaigns)
    pooled = pool_effects(effects, variances)
    weights = [1 / variance for variance in variances]
    mean = sum(w * y for w, y in zip(weights, effects, strict=True)) / sum(weights)
    assert pooled.fixed.value == pytest.approx(mean)
    assert pooled.fixed.standard_error == pytest.approx(sum(weights) ** -0.5)
    assert pooled.q == pytest.approx(sum(w * (y - mean) ** 2 for w, y in zip(weights, effects, strict=True)))
    assert pooled.p_value == pytest.approx(stats.chi2.sf(pooled.q, campaigns - 1))
    # with tau squared, Q is what chance makes of it; where Q is less without, there is none
    weights = [1 / (variance + pooled.tau_squared) for variance in variances]
    mean = sum(w * y for w, y in zip(weights, effects, strict=True)) / sum(weights)
    left = sum(w * (y - mean) ** 2 for w, y in zip(weights, effects, strict=True))
    assert left == pytest.approx(campaigns - 1, rel=1e-6) or (pooled.tau_squared == 0 and left < campaigns - 1)
    half = stats.t.ppf(0.975, campaigns - 1) * (left / (campaigns - 1) / sum(weights)) ** 0.5
    assert (pooled.random.interval.low, pooled.random.interval.high) == pytest.approx((mean - half, mean + half))


@pytest.mark.parametrize("campaigns", [2, 5, 12])
def test_it_equals_statsmodels(campaigns):
    meta_analysis = pytest.importorskip("statsmodels.stats.meta_analysis")
    rng = np.random.default_rng(campaigns)
    effects, variances = rng.normal(0.01, 0.02, campaigns), rng.uniform(1e-5, 1e-4, campaigns)
    pooled = pool_effects(effects, variances)
    other = meta_analysis.combine_effects(effects, variances, method_re="iterated", use_t=True)
    assert pooled.tau_squared == pytest.approx(other.tau2, rel=1e-5)
    assert (pooled.random.interval.low, pooled.random.interval.high) == pytest.approx(other.conf_int()[3], rel=1e-4)


def test_a_covariance_makes_the_mean_less_sure():
    effects, variances = [0.01, 0.02, 0.03], [1e-4] * 3
    alone, correlated = (
        pool_effects(effects, variances),
        pool_effects(effects, variances, covariances=np.full((3, 3), 5e-5)),
    )
    assert correlated.fixed.value == pytest.approx(alone.fixed.value)
    # a third of the variance, and two thirds of the covariance
    assert correlated.fixed.standard_error**2 == pytest.approx(1e-4 / 3 + 5e-5 * 2 / 3)
    assert correlated.random.standard_error**2 == pytest.approx(alone.random.standard_error**2 + 5e-5)


@pytest.mark.parametrize(("effects", "variances"), [([0.1], [0.1]), ([0.1, 0.2], [0.1, 0.0])])
def test_what_cannot_be_pooled_is_refused(effects, variances):
    with pytest.raises(CampaignError, match="Two campaigns or more"):
        pool_effects(effects, variances)


def test_the_shares_of_a_difference_square_to_its_variance():
    rng = np.random.default_rng(RNG_SEED)
    outcome, contacted, strata = rng.random(400), rng.random(400) < 0.7, rng.integers(0, 3, 400)
    groups = Groups.of(contacted, strata)
    shares = shares_of_difference(outcome, groups)
    held_out, reached = group_means(outcome, groups)
    assert shares @ shares == pytest.approx(held_out.variance + reached.variance)
    assert shares.sum() == pytest.approx(0.0, abs=1e-12)


def a_campaign(name, buyers_contacted, buyers_held_out, *, contacted=900, held_out=100, first=0, cost=0.0):
    bought = np.zeros(contacted + held_out)
    bought[:buyers_contacted] = 1
    bought[contacted : contacted + buyers_held_out] = 1
    rows = pl.DataFrame(
        {
            "customer_id": np.arange(first, first + contacted + held_out),
            "product_id": "new",
            "group": [CONTACTED] * contacted + [HELD_OUT] * held_out,
            "conversion": bought,
            "revenue": bought * 20.0,
            "margin": bought * 5.0,
        }
    )
    return CampaignCustomers(name, rows, cost)


def test_equal_campaigns_have_equal_weight_and_add_up():
    pooled = pool_campaigns([a_campaign("a", 45, 2, cost=0.1), a_campaign("b", 54, 4, first=1_000, cost=0.1)])
    conversion, margin = pooled.outcome_of("conversion"), pooled.outcome_of("margin")
    assert [effect.difference for effect in conversion.effects] == pytest.approx([0.03, 0.02])
    assert conversion.total.value == pytest.approx(900 * (0.03 + 0.02))
    assert margin.total.value == pytest.approx(5 * 900 * (0.03 + 0.02) - 0.1 * 1_800)
    assert (pooled.customers, pooled.repeated, pooled.repeatedly_held_out) == (2_000, 0, 0)
    assert describe_repeated(pooled) == ""
    assert pooled.outcome_of("units") is None


def test_a_campaign_without_a_buyer_among_the_held_out_has_no_more_weight_than_its_like():
    none, some = a_campaign("none", 45, 0), a_campaign("some", 45, 5, first=1_000)
    own = []
    for campaign in (none, some):
        groups = Groups.of(campaign.rows["group"] == CONTACTED)
        own.append(sum(group.variance for group in group_means(campaign.rows["conversion"].to_numpy(), groups)))
    assert own[1] > 5 * own[0]
    weights = pool_campaigns([none, some]).outcome_of("conversion").pooled.fixed.weights
    assert weights[0] < 0.6


def test_where_nobody_held_out_bought_half_a_buyer_is_taken():
    samples = [(a_campaign("a", 9, 0), 9), (a_campaign("b", 9, 0, first=1_000), 9)]
    given = [
        (campaign.rows["conversion"].to_numpy(), Groups.of(campaign.rows["group"] == CONTACTED))
        for campaign, _ in samples
    ]
    # two hundred held out, 1.8 of whom would buy as the contacted do
    contacted_alone = 9 / 900 * (1 - 9 / 900) / 900
    assert (even_out_variances(given) > 2 * contacted_alone).all()


def test_campaigns_that_say_nothing_are_left_out():
    campaigns = [
        a_campaign("a", 45, 2),
        a_campaign("silent", 0, 0),
        a_campaign("b", 40, 3),
        a_campaign("few", 5, 0, held_out=1),
    ]
    pooled = pool_campaigns(campaigns)
    assert pooled.left_out == ("silent", "few")
    assert [effect.name for effect in pooled.outcome_of("conversion").effects] == ["a", "b"]
    assert pool_campaigns(campaigns[1:3]).outcomes == ()


def test_the_same_customers_held_out_twice_are_taken_into_account():
    twice = pool_campaigns([a_campaign("a", 45, 5), a_campaign("b", 45, 5)])
    apart = pool_campaigns([a_campaign("a", 45, 5), a_campaign("b", 45, 5, first=1_000)])
    fixed = [pooled.outcome_of("conversion").pooled.fixed for pooled in (twice, apart)]
    # the very same outcomes: the second campaign says nothing new
    assert fixed[0].standard_error == pytest.approx(fixed[1].standard_error * 2**0.5, rel=0.01)
    assert "100 were held out of two or more" in describe_repeated(twice)


def test_the_sentences_say_what_was_detected():
    strong = pool_campaigns([a_campaign(str(n), 90, 3, first=n * 1_000) for n in range(4)]).outcome_of("conversion")
    weak = pool_campaigns([a_campaign("a", 45, 5), a_campaign("b", 46, 5, first=1_000)]).outcome_of("conversion")
    assert describe_pooled_conversion(strong).startswith("Together the 4 campaigns sold more: +7.00 [")
    assert "+252 [" in describe_pooled_conversion(strong)
    assert describe_pooled_conversion(weak).startswith("No effect was detected, not by 2 campaigns together either")
    assert "four times in five" in describe_pooled_conversion(weak)
    assert "happened to lie close together" in describe_next_campaign(weak)
    assert describe_differences(weak).startswith("Chance alone explains")
    differ = pool_campaigns([a_campaign("a", 300, 3), a_campaign("b", 30, 3, first=1_000)]).outcome_of("conversion")
    assert "It is wide because 2 campaigns" in describe_next_campaign(differ)
    assert describe_differences(differ).startswith("The campaigns differ by more than chance")


@pytest.mark.parametrize("deviation", [0.0, 0.004])
def test_the_intervals_cover_what_was_planted(deviation):
    """A small version of `benchmarks/pooled.py`: few buyers, where each campaign's own variance covers far less."""
    fixed, random, programmes = 0, 0, 200
    contacted = np.arange(1_050) < 900
    rng, groups = np.random.default_rng(RNG_SEED), Groups.of(contacted)
    for _ in range(programmes):
        effects = np.maximum(rng.normal(0.01, deviation, int(rng.integers(2, 9))), -0.02)
        bought = [(rng.random(len(contacted)) < 0.02 + effect * contacted).astype(float) for effect in effects]
        differences = [outcome[contacted].mean() - outcome[~contacted].mean() for outcome in bought]
        pooled = pool_effects(differences, even_out_variances([(outcome, groups) for outcome in bought]))
        fixed += pooled.fixed.interval.contains(float(np.dot(pooled.fixed.weights, effects)))
        random += pooled.random.interval.contains(0.01)
    for covered in (fixed, random):
        assert stats.binomtest(covered, programmes, 0.95).pvalue > 0.01
