"""Metrics of one list against hand computation, scikit-learn and the value of a constant score."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as sklearn_metrics

from frontrow.metrics import classification as metrics

LABELS = [1, 0, 1, 0, 0]
SCORES = [0.9, 0.9, 0.5, 0.5, 0.1]
mixed = st.lists(st.integers(0, 1), min_size=2, max_size=40).filter(lambda labels: 0 < sum(labels) < len(labels))


def test_auc_by_hand() -> None:
    # pairs of buyer and other: .9 beats .5 and .1, ties .9; .5 beats .1, ties .5, loses to .9
    assert metrics.auc(LABELS, SCORES) == pytest.approx((2.5 + 1.5) / 6)


def test_average_precision_by_hand() -> None:
    # one of two buyers among the first 2, the other among the first 4
    assert metrics.average_precision(LABELS, SCORES) == pytest.approx(1 / 2 * 1 / 2 + 1 / 2 * 2 / 4)


def test_buyers_and_lift_by_hand() -> None:
    assert [metrics.buyers_at(LABELS, SCORES, n) for n in range(6)] == [0, 0.5, 1, 1.5, 2, 2]
    assert metrics.lift(LABELS, SCORES, 0.2) == pytest.approx(0.5 / 1 / 0.4)
    assert metrics.lift(LABELS, SCORES, 0.3) == pytest.approx(1 / 2 / 0.4)
    assert metrics.lift(LABELS, SCORES, 1.0) == 1.0


def test_log_loss_by_hand() -> None:
    expected = -(math.log(0.8) + math.log(1 - 0.3)) / 2
    assert metrics.log_loss([1, 0], [0.8, 0.3]) == pytest.approx(expected)
    assert metrics.log_loss([1, 0], [1.0, 0.0]) == pytest.approx(0.0, abs=1e-12)
    assert metrics.log_loss([1], [0.0]) == pytest.approx(-math.log(1e-15))


@pytest.mark.parametrize("decimals", [1, 6])
def test_agrees_with_scikit_learn(decimals: int) -> None:
    rng = np.random.default_rng(7)
    scores = rng.random(2_000).round(decimals)
    labels = (rng.random(2_000) < 0.02 + 0.1 * scores).astype(float)
    assert metrics.auc(labels, scores) == pytest.approx(sklearn_metrics.roc_auc_score(labels, scores), rel=1e-12)
    assert metrics.average_precision(labels, scores) == pytest.approx(
        sklearn_metrics.average_precision_score(labels, scores), rel=1e-12
    )
    inside = np.clip(scores, 1e-3, 1 - 1e-3)
    assert metrics.log_loss(labels, inside) == pytest.approx(sklearn_metrics.log_loss(labels, inside), rel=1e-12)


@given(mixed, st.floats(-5, 5), st.floats(0.01, 1.0))
def test_a_constant_score_earns_the_base_rate(labels: list[int], score: float, share: float) -> None:
    scores = [score] * len(labels)
    base = sum(labels) / len(labels)
    assert metrics.auc(labels, scores) == 0.5
    assert metrics.average_precision(labels, scores) == pytest.approx(base)
    assert metrics.lift(labels, scores, share) == pytest.approx(1.0)
    assert metrics.buyers_at(labels, scores, 1) == pytest.approx(base)


@given(mixed, st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(labels: list[int], random) -> None:
    rows = [(label, random.randint(0, 3) / 3) for label in labels]
    shuffled = random.sample(rows, len(rows))
    for measure in (metrics.auc, metrics.average_precision, metrics.log_loss):
        assert measure(*zip(*rows, strict=True)) == pytest.approx(measure(*zip(*shuffled, strict=True)))
    assert metrics.lift(*zip(*rows, strict=True), 0.1) == pytest.approx(metrics.lift(*zip(*shuffled, strict=True), 0.1))


@pytest.mark.parametrize("labels", [[], [0, 0]])
def test_without_a_buyer_every_metric_is_nan(labels: list[int]) -> None:
    scores = [0.1] * len(labels)
    assert math.isnan(metrics.auc(labels, scores))
    assert math.isnan(metrics.average_precision(labels, scores))
    assert math.isnan(metrics.lift(labels, scores, 0.1))


def test_only_buyers_have_no_auc() -> None:
    assert math.isnan(metrics.auc([1, 1], [0.2, 0.1]))
    assert math.isnan(metrics.log_loss([], []))


def test_vectors_of_different_length_are_refused() -> None:
    with pytest.raises(ValueError, match="two vectors of one length"):
        metrics.auc([1, 0], [0.5])


def test_scores_may_be_of_any_numeric_type() -> None:
    # the negative of a number without a sign would wrap around
    scores = np.array([0, 7, 200, 3], dtype=np.uint8)
    assert metrics.buyers_at(np.array([False, False, True, False]), scores, 1) == 1.0
    assert metrics.average_precision([0, 1, 1, 0], scores) == 1.0


def test_a_list_of_no_customers_holds_no_buyers() -> None:
    assert metrics.buyers_at([], [], 0) == 0.0
