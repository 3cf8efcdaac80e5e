"""The Qini curve against scikit-uplift, a plain loop and hand computation; the effect by decile."""

import itertools
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontrow.campaign.uplift.targeting import qini, qini_curve, uplift_by_decile
from frontrow.campaign.uplift.uplift import UpliftSettings, estimate_uplift
from frontrow.errors import CampaignError
from frontrow.metrics.bootstrap import poisson_weights

FEW = UpliftSettings(draws=20)
SOME = UpliftSettings(draws=100)


def sklift_metrics():
    """The reference implementation; it calls a function that scikit-learn has deprecated and will remove."""
    return pytest.importorskip("sklift.metrics", reason="scikit-uplift cannot be imported", exc_type=ImportError)


def plain_curve(bought, score, contacted):
    """The definition, computed threshold by threshold."""
    points = [(0, 0.0)]
    for threshold in sorted(set(score), reverse=True):
        chosen = [(b, c) for b, s, c in zip(bought, score, contacted, strict=True) if s >= threshold]
        reached, held_out = [b for b, c in chosen if c], [b for b, c in chosen if not c]
        share = len(reached) / len(held_out) if held_out else 0
        points.append((len(chosen), sum(reached) - sum(held_out) * share))
    return points


def area(points):
    ends = itertools.pairwise(points)
    return sum((x1 - x0) * (y0 + y1) / 2 for (x0, y0), (x1, y1) in ends) - points[-1][0] * points[-1][1] / 2


@st.composite
def campaigns(draw):
    size = draw(st.integers(4, 40))
    bought = draw(st.lists(st.integers(0, 1), min_size=size, max_size=size))
    score = draw(st.lists(st.integers(0, 9).map(lambda tenths: tenths / 10), min_size=size, max_size=size))
    contacted = draw(st.lists(st.booleans(), min_size=size - 2, max_size=size - 2))
    return bought, score, [True, *contacted, False]


@given(campaigns())
def test_the_definition_in_a_plain_loop(campaign):
    bought, _, contacted = campaign
    curve = qini_curve(*campaign)
    assert curve.rows() == [(customers, pytest.approx(gained)) for customers, gained in plain_curve(*campaign)]
    best = area(plain_curve(bought, [b if c else -b for b, c in zip(bought, contacted, strict=True)], contacted))
    if best > 1e-9:
        assert qini(*campaign, settings=FEW).coefficient == pytest.approx(area(plain_curve(*campaign)) / best)


@given(campaigns())
def test_the_coefficient_of_scikit_uplift(campaign):
    sklift = sklift_metrics()
    bought, score, contacted = campaign
    coefficient = qini(*campaign, settings=FEW).coefficient
    if np.isnan(coefficient) or len(set(bought)) < 2:  # the reference refuses outcomes that are all equal
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        assert coefficient == pytest.approx(sklift.qini_auc_score(bought, score, np.array(contacted, dtype=int)))


def test_by_hand():
    """Best first: contacted buyer, held-out none, held-out buyer, contacted none; the line ends at 0."""
    curve = qini([1, 0, 1, 0], [0.9, 0.8, 0.2, 0.1], [True, False, False, True], settings=FEW)
    assert curve.curve.rows() == [(0, 0.0), (1, 1.0), (2, 1.0), (3, 0.5), (4, 0.0)]
    assert area(curve.curve.rows()) == 2.5
    # The best order rises to 1 with the buyer contacted, stays there, and falls to 0 with the buyer held out.
    assert curve.coefficient == pytest.approx(2.5 / 3.0)


def test_a_random_score_has_no_value():
    draw = np.random.default_rng(0)
    contacted = draw.random(4_000) < 0.7
    bought = draw.random(4_000) < 0.1 + 0.1 * contacted
    coefficients = [qini(bought, draw.random(4_000), contacted, settings=FEW).coefficient for _ in range(100)]
    assert abs(np.mean(coefficients)) < 3 * np.std(coefficients) / np.sqrt(100)
    assert qini(bought, np.zeros(4_000), contacted, settings=FEW).coefficient == pytest.approx(0, abs=1e-12)


def test_a_score_of_the_effect_has_value_and_its_reverse_has_negative_value():
    draw = np.random.default_rng(1)
    effect, contacted = draw.random(6_000) * 0.2, draw.random(6_000) < 0.5
    bought = draw.random(6_000) < 0.05 + effect * contacted
    curve = qini(bought, effect, contacted, seed=2, settings=SOME)
    assert curve.interval.low > 0
    assert curve.interval.contains(curve.coefficient)
    assert curve.interval == qini(bought, effect, contacted, seed=2, settings=SOME).interval
    assert qini(bought, -effect, contacted, settings=FEW).coefficient < 0


def test_the_interval_covers_a_worthless_score():
    draw, covered = np.random.default_rng(3), []
    for number in range(120):
        contacted = draw.random(1_500) < 0.6
        bought = draw.random(1_500) < 0.15
        curve = qini(bought, draw.random(1_500), contacted, seed=number, settings=SOME)
        covered.append(curve.interval.contains(0.0))
    assert np.mean(covered) == pytest.approx(0.95, abs=0.05)


def test_money_has_a_curve_and_no_coefficient():
    assert qini_curve([10.0, 4.0], [0.2, 0.1], [True, False])["gained"].to_list() == [0.0, 10.0, 6.0]
    with pytest.raises(CampaignError, match="qini_curve for money"):
        qini([10.0, 4.0], [0.2, 0.1], [True, False])
    with pytest.raises(CampaignError, match="held out"):
        qini_curve([1, 0], [0.2, 0.1], [True, True])


def test_effects_by_decile_by_hand():
    """200 customers; the best-scored tenth has 10 contacted, 5 of whom bought, and 10 held out, 1 of whom did."""
    contacted = [True, False] * 100
    bought = [1, 1] + [1, 0] * 4 + [0] * 190
    table = uplift_by_decile(bought, range(200, 0, -1), contacted, settings=UpliftSettings(draws=20))
    assert table["decile"].to_list() == list(range(1, 11))
    first = table.row(0, named=True)
    assert (first["contacted"], first["held_out"], first["contacted_mean"], first["held_out_mean"]) == (
        10,
        10,
        0.5,
        0.1,
    )
    assert first["difference"] == pytest.approx(0.4)
    assert first["low"] < 0.4 < first["high"]
    assert table["difference"][1:].to_list() == [0.0] * 9


def test_deciles_with_nobody_held_out_are_marked():
    table = uplift_by_decile([0, 1, 0, 1], [4, 3, 2, 1], [True, False, True, False], settings=UpliftSettings(draws=20))
    assert table.height == 4
    assert table["difference"].null_count() == 4
    assert table["contacted"].sum() == 2


def test_the_interval_is_that_of_poisson_weights():
    draw = np.random.default_rng(5)
    bought, score, contacted = draw.integers(0, 2, 60), draw.random(60).round(1), draw.random(60) < 0.5
    settings = UpliftSettings(level=0.8, draws=30)
    curve = qini(bought, score, contacted, seed=9, settings=settings)
    coefficients = []
    for weights in poisson_weights(60, seed=9, draws=30):
        # weights are drawn in the order of the score; a customer of weight 2 is two customers
        order = np.repeat(np.argsort(-score, kind="stable"), weights.astype(int))
        coefficients.append(qini(bought[order], score[order], contacted[order], settings=FEW).coefficient)
    low, high = np.quantile(coefficients, [0.1, 0.9])
    assert (curve.interval.low, curve.interval.high) == pytest.approx((low, high))


def test_where_no_order_is_better_there_is_no_coefficient():
    curve = qini([0, 0, 0, 0], [0.4, 0.3, 0.2, 0.1], [True, False, True, False], settings=FEW)
    assert np.isnan([curve.coefficient, curve.interval.low, curve.interval.high]).all()


@pytest.mark.parametrize("contacted", [[True, True], [False, False]])
def test_both_groups_are_needed(contacted):
    with pytest.raises(CampaignError) as refused:
        qini_curve([1, 0], [0.2, 0.1], contacted)
    assert str(refused.value) == "The effect along the score needs customers contacted and customers held out."


@pytest.mark.parametrize(
    ("outcome", "score", "contacted"),
    [([1, 0, 1], [1, 2], [True, False]), ([1, 0], [1, 2, 3], [True, False]), ([1, 0], [1, 2], [True, False, True])],
)
def test_vectors_of_different_lengths_are_refused(outcome, score, contacted):
    with pytest.raises(ValueError, match=r"^outcome, score and contacted must be vectors of one length$"):
        qini_curve(outcome, score, contacted)


def test_a_decile_by_hand():
    """40 customers in the order given among equal scores; two contacted and two held out in each tenth."""
    contacted = [True, True, False, False] * 10
    outcome = np.arange(40.0)
    table = uplift_by_decile(outcome, [7.0] * 40, contacted, seed=3, settings=FEW)
    assert table.columns == [
        "decile", "mean_score", "contacted", "held_out", "contacted_mean", "held_out_mean", "difference", "low", "high"
    ]  # fmt: skip
    for decile, row in enumerate(table.iter_rows(named=True)):
        part = slice(4 * decile, 4 * decile + 4)
        uplift = estimate_uplift(outcome[part], contacted[part], seed=3, settings=FEW)
        assert row == {
            "decile": decile + 1,
            "mean_score": 7.0,
            "contacted": 2,
            "held_out": 2,
            "contacted_mean": 4 * decile + 0.5,
            "held_out_mean": 4 * decile + 2.5,
            "difference": -2.0,
            "low": uplift.interval.low,
            "high": uplift.interval.high,
        }


def test_a_decile_with_one_held_out_has_no_uplift():
    table = uplift_by_decile(np.arange(40.0), range(40), [True, True, True, False] * 10, settings=FEW)
    assert (table["contacted"].to_list(), table["held_out"].to_list()) == ([3] * 10, [1] * 10)
    assert table.columns[4:] == ["contacted_mean", "held_out_mean", "difference", "low", "high"]
    assert table[:, 4:].null_count().row(0) == (10,) * 5
