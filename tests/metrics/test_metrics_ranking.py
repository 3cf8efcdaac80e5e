"""Measures of recommended lists against hand computation, scikit-learn and a plain loop."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse
from sklearn.metrics import ndcg_score

from frontrow.metrics import ranking as metrics

# hits at the first and third of three places, two of three targets; nothing found of one target; no target
HITS = np.array([[True, False, True], [False, False, False], [False, False, False]])
WANTED = np.array([3, 1, 0])


def test_hits_by_hand() -> None:
    targets = sparse.csr_matrix(np.array([[1, 0, 1, 0], [0, 1, 0, 0], [0, 0, 0, 0]], dtype=bool))
    lists = np.array([[2, 1, 0], [0, -1, -1], [0, 1, 2]])
    assert metrics.hits_of(lists, targets).tolist() == HITS.tolist()
    # the end of a list is no product, not even the last one
    assert not metrics.hits_of(np.array([[-1]]), sparse.csr_matrix([[0, 1]])).any()


def test_lists_of_other_customers_are_refused() -> None:
    with pytest.raises(ValueError, match="2 lists and targets of 1 queries"):
        metrics.hits_of(np.zeros((2, 1), dtype=np.int64), sparse.csr_matrix([[1]]))


@pytest.mark.parametrize(
    ("measure", "expected"),
    [
        (metrics.hit_rate, 1.0),
        (metrics.recall, 2 / 3),
        (metrics.ndcg, (1 + 1 / 2) / (1 + 1 / math.log2(3) + 1 / 2)),
        (metrics.mrr, 1.0),
        (metrics.average_precision, (1 / 1 + 2 / 3) / 3),
    ],
)
def test_measures_by_hand(measure, expected: float) -> None:
    found = measure(HITS, WANTED)
    np.testing.assert_allclose(found[:2], [expected, 0.0])
    assert math.isnan(found[2])


def test_more_targets_than_places_are_no_fault() -> None:
    full = np.ones((1, 2), dtype=bool)
    for measure in (metrics.ndcg, metrics.average_precision):
        assert measure(full, np.array([7])).tolist() == [1.0]
    assert metrics.recall(full, np.array([8])).tolist() == [0.25]


def test_mrr_counts_the_first_hit() -> None:
    assert metrics.mrr(np.array([[False, False, True, True]]), np.array([2])).tolist() == [1 / 3]


def test_coverage_by_hand() -> None:
    candidates = np.array([True, True, False, True])
    assert metrics.coverage(np.array([[0, 1], [1, -1]]), candidates) == pytest.approx(2 / 3)
    assert math.isnan(metrics.coverage(np.array([[-1]]), np.array([False])))


def test_novelty_by_hand() -> None:
    # bought by all of eight, by two, by one, by none
    information = metrics.self_information(np.array([8, 2, 1, 0], dtype=np.float32), 8)
    assert information.tolist() == [0.0, 2.0, 3.0, 3.0]
    bits, listed = metrics.novelty(np.array([[0, 2], [1, -1], [-1, -1]]), information)
    assert bits.tolist() == [3.0, 2.0, 0.0]
    assert listed.tolist() == [2.0, 1.0, 0.0]
    assert metrics.resampled_ratios(bits[:, None], listed[:, None], seed=0)[0, 0] == pytest.approx(5 / 3)


def test_ndcg_agrees_with_scikit_learn() -> None:
    rng = np.random.default_rng(0)
    scores, labels = rng.random((200, 30)), rng.random((200, 30)) < 0.2
    labels[:, 0] |= ~labels.any(axis=1)
    lists = np.argsort(-scores, axis=1)
    hits = metrics.hits_of(lists[:, :10], sparse.csr_matrix(labels))
    found = metrics.ndcg(hits, labels.sum(axis=1))
    assert found.mean() == pytest.approx(ndcg_score(labels, scores, k=10), rel=1e-12)


queries = st.lists(
    st.tuples(st.lists(st.integers(0, 8), min_size=5, max_size=5, unique=True), st.sets(st.integers(0, 8), min_size=1)),
    min_size=1,
    max_size=6,
)


@given(queries)
def test_all_agree_with_a_plain_loop(told: list[tuple[list[int], set[int]]]) -> None:
    dense = np.array([[column in wanted for column in range(9)] for _, wanted in told])
    hits = metrics.hits_of(np.array([shown for shown, _ in told]), sparse.csr_matrix(dense))
    expected = [_plainly(*one) for one in told]
    for name, measure in metrics.PER_QUERY.items():
        np.testing.assert_allclose(measure(hits, dense.sum(axis=1)), [one[name] for one in expected])


def _plainly(shown: list[int], wanted: set[int]) -> dict[str, float]:
    found, gain, precision, first = 0, 0.0, 0.0, 0.0
    for place, product in enumerate(shown, start=1):
        if product in wanted:
            found += 1
            gain += 1 / math.log2(place + 1)
            precision += found / place
            first = first or 1 / place
    ideal = sum(1 / math.log2(place + 1) for place in range(1, min(len(shown), len(wanted)) + 1))
    return {
        "hit_rate": float(found > 0),
        "recall": found / len(wanted),
        "ndcg": gain / ideal,
        "mrr": first,
        "map": precision / min(len(shown), len(wanted)),
    }


def test_resampled_ratios_by_hand() -> None:
    # two customers with 0 of 1 and 2 of 2 found: a resample's ratio is 0, 2/3 or 1 with the chances 1/4, 1/2, 1/4
    found = metrics.resampled_ratios(np.array([[0.0], [2.0]]), np.array([[1.0], [2.0]]), seed=0)
    np.testing.assert_allclose(found[:, 0], [2 / 3, 0, 1])
    assert np.isnan(metrics.resampled_ratios(np.zeros((0, 2)), np.ones((1, 1)), seed=0)).all()


def test_resampled_intervals_are_as_wide_as_theory_says() -> None:
    values = np.random.default_rng(0).normal(size=(2_000, 1))
    mean, low, high = metrics.resampled_ratios(values, np.ones((1, 1)), seed=1)[:, 0]
    error = values.std() / math.sqrt(len(values))
    assert mean == pytest.approx(values.mean())
    assert (high - low) / 2 == pytest.approx(1.96 * error, rel=0.1)


def test_resamples_repeat_and_are_the_same_for_every_column() -> None:
    values = np.random.default_rng(1).random((50, 1))
    both = metrics.resampled_ratios(np.hstack([values, values]), np.ones((1, 1)), seed=3, draws=30)
    np.testing.assert_array_equal(both[:, 0], both[:, 1])
    np.testing.assert_array_equal(
        both, metrics.resampled_ratios(np.hstack([values, values]), np.ones((1, 1)), seed=3, draws=30)
    )
    assert (both[1:] != metrics.resampled_ratios(values, np.ones((1, 1)), seed=4, draws=30)[1:]).any()
