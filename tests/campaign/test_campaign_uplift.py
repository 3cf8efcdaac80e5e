"""Uplift against hand computation, SciPy and seeded simulations."""

import math

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import bootstrap, norm, t, ttest_ind

from frontrow.campaign.experiment.holdout import CONTACTED, HELD_OUT
from frontrow.campaign.uplift.groups import Groups, adjusted_outcome, group_means, resampled_means
from frontrow.campaign.uplift.intervals import Interval, difference_interval, ratio_interval, wilson
from frontrow.campaign.uplift.uplift import UpliftSettings, estimate_uplift, estimate_uplifts
from frontrow.errors import CampaignError
from frontrow.metrics.bootstrap import bootstrap_means
from thread_counts import on_one_and_two_threads

QUICK = UpliftSettings(draws=20)


def draw_groups(customers: int, contacted: int, draw: np.random.Generator) -> np.ndarray:
    """Who is contacted, drawn at random."""
    return draw.permutation(np.arange(customers) < contacted)


def test_by_hand():
    """Held out 1, 3 (mean 2, variance of the mean 1); contacted 4, 6, 8 (mean 6, 4/3): t with 2.88 degrees."""
    uplift = estimate_uplift([1, 4, 6, 3, 8], [False, True, True, False, True], settings=QUICK)
    assert (uplift.contacted, uplift.held_out) == (3, 2)
    assert (uplift.contacted_mean, uplift.held_out_mean, uplift.difference) == (6.0, 2.0, 4.0)
    assert uplift.relative == 2.0
    assert uplift.standard_error == pytest.approx(math.sqrt(1 + 4 / 3))
    degrees = (7 / 3) ** 2 / (1 / 1 + (4 / 3) ** 2 / 2)
    assert degrees == pytest.approx(2.8824, abs=1e-4)
    assert uplift.welch.high - 4 == pytest.approx(3.258 * uplift.standard_error, abs=0.02)
    assert uplift.score is uplift.incremental_share is None


@given(st.data())
def test_welch_is_scipys(draws):
    numbers = st.lists(st.floats(-100, 100).map(lambda number: round(number, 3)), min_size=2, max_size=30)
    first, second = draws.draw(numbers), draws.draw(numbers)
    if min(np.var(first), np.var(second)) < 1e-6:
        return
    expected = ttest_ind(second, first, equal_var=False).confidence_interval(0.95)
    interval = estimate_uplift(first + second, [False] * len(first) + [True] * len(second), settings=QUICK).welch
    assert (interval.low, interval.high) == pytest.approx((expected.low, expected.high), rel=1e-6, abs=1e-6)


def test_the_bootstrap_is_scipys():
    draw = np.random.default_rng(0)
    held_out, contacted = draw.exponential(2, 300), draw.exponential(3, 900)
    expected = bootstrap(
        (contacted, held_out),
        lambda contacted, held_out, axis: contacted.mean(axis=axis) - held_out.mean(axis=axis),
        method="percentile",
        n_resamples=12_000,
        rng=1,
    ).confidence_interval
    uplift = estimate_uplift(
        np.append(held_out, contacted), [False] * 300 + [True] * 900, settings=UpliftSettings(draws=12_000)
    )
    assert (uplift.bootstrap.low, uplift.bootstrap.high) == pytest.approx((expected.low, expected.high), abs=0.02)


def test_the_same_seed_gives_the_same_interval():
    arguments = [0.0, 1.0, 2.0, 5.0] * 5, [True, False, False, True] * 5
    assert estimate_uplift(*arguments, seed=3) == estimate_uplift(*arguments, seed=3)
    assert estimate_uplift(*arguments, seed=3).bootstrap != estimate_uplift(*arguments, seed=4).bootstrap


def test_the_incremental_share_by_hand():
    """30 of 1,000 contacted and 4 of 200 held out bought: a third would not have bought otherwise."""
    bought = [1] * 30 + [0] * 970 + [1] * 4 + [0] * 196
    uplift = estimate_uplift(bought, [True] * 1_000 + [False] * 200, settings=QUICK)
    assert uplift.incremental_share == pytest.approx(1 / 3)
    assert uplift.incremental_interval.low < 0 < 1 / 3 < uplift.incremental_interval.high <= 1
    assert not uplift.significant


def test_nobody_held_out_bought():
    """Welch's interval has no width there; the score interval has."""
    bought = [1] * 3 + [0] * 297 + [0] * 30
    uplift = estimate_uplift(bought, [True] * 300 + [False] * 30, settings=QUICK)
    assert uplift.relative == math.inf
    assert uplift.incremental_share == 1.0
    assert uplift.incremental_interval.low < -1
    assert uplift.score.low < 0 < uplift.score.high
    assert uplift.minimum_detectable_effect > 0.04
    assert uplift.to_dict()["relative"] is None


def test_nobody_bought():
    uplift = estimate_uplift([0] * 100, [True] * 50 + [False] * 50, covariate=[0.1] * 100, settings=QUICK)
    assert uplift.difference == 0
    assert math.isnan(uplift.relative)
    assert uplift.incremental_share is None
    assert not uplift.significant
    assert uplift.adjusted.variance_ratio == 1


def test_intervals_cover_what_is_true():
    """800 small campaigns with an effect of 2 points on 4 %, 600 held out of 3,000; each interval covers about 95 %."""
    draw, covered = np.random.default_rng(0), []
    for number in range(800):
        probability = draw.beta(1, 24, 3_000)
        contacted = draw_groups(3_000, 2_400, draw)
        bought = (draw.random(3_000) < probability + 0.02 * contacted).astype(float)
        uplift = estimate_uplift(
            bought, contacted, covariate=probability, seed=number, settings=UpliftSettings(draws=200)
        )
        intervals = (uplift.welch, uplift.score, uplift.bootstrap, uplift.adjusted.interval)
        covered.append([interval.contains(0.02) for interval in intervals])
    assert np.mean(covered, axis=0) == pytest.approx(0.95, abs=0.025)


def test_drawing_the_groups_anew_gives_no_effect():
    draw = np.random.default_rng(1)
    spent = draw.exponential(20, 2_000) * (draw.random(2_000) < 0.1)
    uplifts = [
        estimate_uplift(spent, draw_groups(2_000, 1_500, draw), covariate=spent > 5, settings=QUICK) for _ in range(400)
    ]
    scores = np.array([uplift.difference / uplift.standard_error for uplift in uplifts])
    assert abs(scores.mean()) < 3 / math.sqrt(400)
    assert scores.std() == pytest.approx(1, abs=0.12)
    assert np.mean([uplift.significant for uplift in uplifts]) == pytest.approx(0.05, abs=0.03)


def test_cuped_aims_at_the_same_effect_and_varies_less():
    draw = np.random.default_rng(2)
    history = draw.gamma(2, 10, 1_000)
    unadjusted, adjusted, ratios = [], [], []
    for _ in range(400):
        contacted = draw_groups(1_000, 700, draw)
        uplift = estimate_uplift(
            history + draw.normal(0, 10, 1_000) + 3 * contacted, contacted, covariate=history, settings=QUICK
        )
        unadjusted.append(uplift.difference)
        adjusted.append(uplift.adjusted.difference)
        ratios.append(uplift.adjusted.variance_ratio)
    assert np.mean(adjusted) == pytest.approx(3, abs=3 * np.std(adjusted) / 20)
    assert np.var(adjusted) / np.var(unadjusted) == pytest.approx(np.mean(ratios), rel=0.2)
    assert np.mean(ratios) == pytest.approx(1 / 3, abs=0.03)


def test_products_with_other_shares_held_out_are_compared_within_themselves():
    """No effect in either product, but the one that sells well held out half: together the groups differ."""
    rows = [("well", True, 50, 100), ("well", False, 50, 100), ("badly", True, 9, 900), ("badly", False, 1, 100)]
    bought = np.concatenate([np.arange(size) < buyers for _, _, buyers, size in rows])
    contacted = np.concatenate([np.full(size, group) for _, group, _, size in rows])
    product = np.concatenate([np.full(size, name) for name, _, _, size in rows])
    assert estimate_uplift(bought, contacted, settings=QUICK).difference < -0.1
    uplift = estimate_uplift(bought, contacted, strata=product, settings=UpliftSettings(draws=500))
    assert uplift.difference == pytest.approx(0, abs=1e-12)
    assert uplift.contacted_mean == pytest.approx(59 / 1_000)
    variances = 0.1**2 * (0.25 / 99 + 0.25 / 99) + 0.9**2 * (0.0099 / 899 + 0.0099 / 99)
    assert uplift.standard_error == pytest.approx(math.sqrt(variances))
    for interval in (uplift.welch, uplift.score, uplift.bootstrap):
        assert interval.high - interval.low == pytest.approx(3.92 * uplift.standard_error, rel=0.15)


def test_a_product_with_nobody_held_out_is_left_out():
    uplift = estimate_uplift(
        [1, 2, 3, 4, 9, 9], [True, True, False, False, True, True], strata=list("aaaabb"), settings=QUICK
    )
    assert (uplift.contacted, uplift.difference) == (2, -2.0)


def test_the_minimum_detectable_effect_is_detected_four_times_in_five():
    draw, sizes = np.random.default_rng(3), (2_000, 500)
    spent = draw.exponential(10, 2_500)
    smallest = estimate_uplift(spent, np.arange(2_500) < 2_000, settings=QUICK).minimum_detectable_effect
    detected = []
    for _ in range(400):
        contacted = draw_groups(2_500, sizes[0], draw)
        detected.append(
            estimate_uplift(draw.exponential(10, 2_500) + smallest * contacted, contacted, settings=QUICK).significant
        )
    assert np.mean(detected) == pytest.approx(0.8, abs=0.06)


def test_tables_of_several_outcomes():
    customers = pl.DataFrame(
        {
            "group": [CONTACTED, HELD_OUT] * 20,
            "conversion": [1, 0, 0, 0] * 10,
            "revenue": [12.5, 0, 0, 0] * 10,
            "probability": [0.2, 0.2, 0.1, 0.1] * 10,
        }
    )
    uplifts = estimate_uplifts(customers, ["conversion", "revenue"], settings=QUICK)
    assert [uplift.outcome for uplift in uplifts] == ["conversion", "revenue"]
    assert [uplift.score is None for uplift in uplifts] == [False, True]
    for uplift, difference in zip(uplifts, (0.5, 6.25), strict=True):
        assert (uplift.difference, uplift.adjusted.difference) == pytest.approx((difference, difference))
    unknown = customers.with_columns(probability=pl.lit(None, pl.Float64))
    assert estimate_uplifts(unknown, ["revenue"], settings=QUICK)[0].adjusted is None


@pytest.mark.parametrize(
    ("outcome", "contacted", "message"),
    [
        ([1, 2, 3], [True, True, False], "2 contacted and 1 held out"),
        ([], [], "0 contacted and 0 held out"),
        ([1, math.nan, 3, 4], [True, True, False, False], "1 customers have no outcome"),
    ],
)
def test_what_cannot_be_compared(outcome, contacted, message):
    with pytest.raises(CampaignError, match=message):
        estimate_uplift(outcome, contacted)


STRATA = ["b", "a", "b", "a", "c", "b", "a", "a", "b", "b", "c"]
REACHED = [True, True, False, False, True, True, True, False, False, True, True]
SPENT = np.array([4.0, 1.0, 2.0, 0.0, 99.0, 6.0, 3.0, 1.0, 0.0, 2.0, 77.0])
PREDICTED = np.array([0.3, 0.1, 0.2, 0.1, 0.9, 0.4, 0.2, 0.2, 0.1, 0.2, 0.8])


def test_groups_of_strata_by_hand():
    """Nobody of c was held out; of a 2 were contacted and 2 held out, of b 3 and 2."""
    groups = Groups.of(REACHED, STRATA)
    assert groups.rows.tolist() == [0, 1, 2, 3, 5, 6, 7, 8, 9]
    assert groups.cell.tolist() == [3, 1, 2, 0, 3, 1, 0, 2, 3]
    assert groups.sizes.tolist() == [[2, 2], [2, 3]]
    assert groups.weights.tolist() == [0.4, 0.6]
    with pytest.raises(CampaignError) as refused:
        Groups.of([True, True, False])
    assert str(refused.value) == (
        "2 contacted and 1 held out cannot be compared. Each group of a product needs 2 customers or more."
    )


def test_means_of_strata_by_hand():
    held_out, contacted = group_means(SPENT, Groups.of(REACHED, STRATA))
    # a: held out 0, 1; contacted 1, 3. b: held out 2, 0; contacted 4, 6, 2
    assert (held_out.customers, contacted.customers) == (4, 5)
    assert held_out.mean == pytest.approx(0.4 * 0.5 + 0.6 * 1.0)
    assert contacted.mean == pytest.approx(0.4 * 2.0 + 0.6 * 4.0)
    parts = (0.16 * 0.5 / 2, 0.36 * 2.0 / 2), (0.16 * 2.0 / 2, 0.36 * 4.0 / 3)
    assert held_out.variance == pytest.approx(sum(parts[0]))
    assert contacted.variance == pytest.approx(sum(parts[1]))
    assert held_out.spread == pytest.approx(parts[0][0] ** 2 / 1 + parts[0][1] ** 2 / 1)
    assert contacted.spread == pytest.approx(parts[1][0] ** 2 / 1 + parts[1][1] ** 2 / 2)


def test_a_sample_of_equal_weights_has_its_own_size():
    bought = np.array([1.0, 0, 0, 1, 0, 0, 0, 0])
    held_out, contacted = group_means(bought, Groups.of([False] * 3 + [True] * 5))
    assert (held_out.effective_customers, contacted.effective_customers) == pytest.approx((3.0, 5.0))
    nobody, _ = group_means(np.zeros(8), Groups.of([False] * 3 + [True] * 5))
    assert nobody.effective_customers == 3.0


def test_resampled_means_weigh_strata():
    groups = Groups.of(REACHED, STRATA)
    held_out, contacted = resampled_means(SPENT, groups, seed=4, draws=60)
    cells = [np.array(values) for values in ([0.0, 1.0], [1.0, 3.0], [2.0, 0.0], [4.0, 6.0, 2.0])]
    means = bootstrap_means(cells, seed=4, draws=60)
    np.testing.assert_allclose(held_out, 0.4 * means[:, 0] + 0.6 * means[:, 2])
    np.testing.assert_allclose(contacted, 0.4 * means[:, 1] + 0.6 * means[:, 3])


def test_cuped_by_hand():
    groups = Groups.of(REACHED, STRATA)
    cells = [[3, 7], [1, 6], [2, 8], [0, 5, 9]]
    x, y = PREDICTED.copy(), SPENT.copy()
    for cell in cells:
        x[cell] -= x[cell].mean()
        y[cell] -= y[cell].mean()
    rows = [row for cell in cells for row in cell]
    theta = x[rows] @ y[rows] / (x[rows] @ x[rows])
    adjusted = adjusted_outcome(SPENT, PREDICTED, groups)
    np.testing.assert_allclose(adjusted, SPENT - theta * (PREDICTED - PREDICTED[rows].mean()))
    np.testing.assert_array_equal(adjusted_outcome(SPENT, np.full(11, 0.3), groups), SPENT)


def test_every_figure_of_two_strata_by_hand():
    settings = UpliftSettings(level=0.9, draws=50)
    uplift = estimate_uplift(
        SPENT, REACHED, name="spent", covariate=PREDICTED, strata=STRATA, seed=7, settings=settings
    )
    groups = Groups.of(REACHED, STRATA)
    held_out, contacted = group_means(SPENT, groups)
    difference, variance = contacted.mean - held_out.mean, contacted.variance + held_out.variance
    assert (uplift.outcome, uplift.contacted, uplift.held_out) == ("spent", 5, 4)
    assert (uplift.difference, uplift.standard_error) == pytest.approx((difference, math.sqrt(variance)))
    half = t.ppf(0.95, variance**2 / (contacted.spread + held_out.spread)) * math.sqrt(variance)
    assert (uplift.welch.low, uplift.welch.high) == pytest.approx((difference - half, difference + half))
    draws = resampled_means(SPENT, groups, seed=7, draws=50)
    low, high = np.quantile(draws[1] - draws[0], [0.05, 0.95])
    assert (uplift.bootstrap.low, uplift.bootstrap.high) == pytest.approx((low, high))
    assert uplift.relative == pytest.approx(difference / held_out.mean)
    bounds = [
        Interval(mean.mean - half, mean.mean + half)
        for mean in (contacted, held_out)
        for half in (t.ppf(0.95, mean.variance**2 / mean.spread) * math.sqrt(mean.variance),)
    ]
    ratio = ratio_interval(contacted.mean, bounds[0], held_out.mean, bounds[1])
    assert uplift.relative_interval == Interval(ratio.low - 1, ratio.high - 1)
    # both groups together: a has 1, 3, 0, 1, b has 4, 6, 2, 2, 0
    null = 0.16 * np.var([1, 3, 0, 1], ddof=1) * (1 / 2 + 1 / 2) + 0.36 * np.var([4, 6, 2, 2, 0], ddof=1) * (
        1 / 2 + 1 / 3
    )
    assert uplift.minimum_detectable_effect == pytest.approx((norm.ppf(0.975) + norm.ppf(0.8)) * math.sqrt(null))
    adjusted = group_means(adjusted_outcome(SPENT, PREDICTED, groups), groups)
    assert uplift.adjusted.difference == pytest.approx(adjusted[1].mean - adjusted[0].mean)
    assert uplift.adjusted.variance_ratio == pytest.approx((adjusted[0].variance + adjusted[1].variance) / variance)
    assert uplift.adjusted.interval.low < uplift.adjusted.difference < uplift.adjusted.interval.high
    assert uplift.score is uplift.incremental_share is uplift.incremental_interval is None
    assert uplift.interval is uplift.welch


def test_figures_of_an_outcome_that_is_0_or_1_by_hand():
    bought = [1] * 30 + [0] * 70 + [1] * 8 + [0] * 42
    uplift = estimate_uplift(bought, [True] * 100 + [False] * 50, settings=QUICK)
    bounds = wilson(0.3, 100, 0.95), wilson(0.16, 50, 0.95)
    score = difference_interval(0.3, bounds[0], 0.16, bounds[1])
    assert (uplift.score.low, uplift.score.high) == pytest.approx((score.low, score.high))
    assert uplift.interval is uplift.score
    inverse = ratio_interval(0.16, bounds[1], 0.3, bounds[0])
    share = uplift.incremental_interval
    assert (share.low, share.high) == pytest.approx((1 - inverse.high, 1 - inverse.low))
    assert uplift.incremental_share == pytest.approx(1 - 0.16 / 0.3)
    not_binary = estimate_uplift(bought, [True] * 100 + [False] * 50, binary=False, settings=QUICK)
    assert not_binary.score is not_binary.incremental_share is None


def test_a_record_for_json():
    record = estimate_uplift([1, 1, 0, 0], [True, True, False, False], settings=QUICK).to_dict()
    assert record["relative"] is None
    assert record["interval"] == record["score"]
    assert record["significant"] == (not record["interval"]["low"] <= 0 <= record["interval"]["high"])
    assert {"outcome", "contacted", "held_out", "difference", "welch", "bootstrap", "adjusted"} <= set(record)
    assert record["outcome"] == "outcome"


@pytest.mark.parametrize(("held_out", "relative"), [([0, 0], -math.inf), ([0, 0.0], -math.inf)])
def test_a_relative_effect_below_zero_is_infinite(held_out, relative):
    assert estimate_uplift([-1.0, -2.0, *held_out], [True, True, False, False], settings=QUICK).relative == relative


def test_several_outcomes_keep_seed_strata_and_settings():
    customers = pl.DataFrame(
        {
            "group": [CONTACTED if reached else HELD_OUT for reached in REACHED],
            "product": STRATA,
            "conversion": [1.0, 0, 1, 0, 1, 1, 1, 0, 0, 1, 1],
            "revenue": SPENT,
            "probability": PREDICTED,
        }
    )
    settings = UpliftSettings(level=0.9, draws=40)
    uplifts = estimate_uplifts(customers, ["conversion", "revenue"], strata="product", seed=5, settings=settings)
    for uplift, values, binary in zip(uplifts, (customers["conversion"], SPENT), (True, False), strict=True):
        expected = estimate_uplift(
            values,
            REACHED,
            name=uplift.outcome,
            covariate=PREDICTED,
            strata=STRATA,
            binary=binary,
            seed=5,
            settings=settings,
        )
        assert uplift == expected


def test_missing_numbers_are_counted():
    with pytest.raises(CampaignError) as refused:
        estimate_uplift([1, 2, 3, 4], [True, True, False, False], covariate=[0.1, math.inf, math.nan, 0.2])
    assert str(refused.value) == "2 customers have no covariate. Give a number for everyone assigned, 0 included."


def test_many_customers_are_adjusted_to_the_same_bits_on_one_thread_and_on_two() -> None:
    rng = np.random.default_rng(0)
    outcome, covariate = rng.normal(size=(2, 100_000))
    groups = Groups.of((rng.random(100_000) < 0.8).tolist())
    first, second = on_one_and_two_threads(lambda: adjusted_outcome(outcome, covariate, groups))
    np.testing.assert_array_equal(first, second)
