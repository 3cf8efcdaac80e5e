"""Metrics of recommended lists against hand computation, scikit-learn and a plain loop."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse
from sklearn.metrics import ndcg_score

from frontrow.metrics import ranking as metrics
from frontrow.metrics.bootstrap import bootstrap_ratios

# hits at ranks 1 and 3 of a list of three, two of three targets; no hit for the one target; no target
HITS = np.array([[True, False, True], [False, False, False], [False, False, False]])
TARGET_COUNTS = np.array([3, 1, 0])


def test_hits_by_hand() -> None:
    targets = sparse.csr_matrix(np.array([[1, 0, 1, 0], [0, 1, 0, 0], [0, 0, 0, 0]], dtype=bool))
    lists = np.array([[2, 1, 0], [0, -1, -1], [0, 1, 2]])
    assert metrics.find_hits(lists, targets).tolist() == HITS.tolist()
    # -1, the end of a list, must not be read as the last product
    assert not metrics.find_hits(np.array([[-1]]), sparse.csr_matrix([[0, 1]])).any()


def test_lists_of_other_customers_are_refused() -> None:
    with pytest.raises(ValueError, match="2 lists and targets of 1 queries"):
        metrics.find_hits(np.zeros((2, 1), dtype=np.int64), sparse.csr_matrix([[1]]))


@pytest.mark.parametrize(
    ("metric", "expected"),
    [
        (metrics.hit_rate, 1.0),
        (metrics.recall, 2 / 3),
        (metrics.ndcg, (1 + 1 / 2) / (1 + 1 / math.log2(3) + 1 / 2)),
        (metrics.mrr, 1.0),
        (metrics.average_precision, (1 / 1 + 2 / 3) / 3),
    ],
)
def test_metrics_by_hand(metric, expected: float) -> None:
    values = metric(HITS, TARGET_COUNTS)
    np.testing.assert_allclose(values[:2], [expected, 0.0])
    assert math.isnan(values[2])


def test_a_full_list_is_perfect_with_more_targets_than_ranks() -> None:
    full = np.ones((1, 2), dtype=bool)
    for metric in (metrics.ndcg, metrics.average_precision):
        assert metric(full, np.array([7])).tolist() == [1.0]
    assert metrics.recall(full, np.array([8])).tolist() == [0.25]


def test_mrr_counts_the_first_hit() -> None:
    assert metrics.mrr(np.array([[False, False, True, True]]), np.array([2])).tolist() == [1 / 3]


def test_coverage_by_hand() -> None:
    candidates = np.array([True, True, False, True])
    assert metrics.catalogue_coverage(np.array([[0, 1], [1, -1]]), candidates) == pytest.approx(2 / 3)
    assert math.isnan(metrics.catalogue_coverage(np.array([[-1]]), np.array([False])))


def test_novelty_by_hand() -> None:
    # bought by all of eight, by two, by one, by none
    information = metrics.self_information(np.array([8, 2, 1, 0], dtype=np.float32), 8)
    assert information.tolist() == [0.0, 2.0, 3.0, 3.0]
    bits, listed = metrics.novelty(np.array([[0, 2], [1, -1], [-1, -1]]), information)
    assert bits.tolist() == [3.0, 2.0, 0.0]
    assert listed.tolist() == [2.0, 1.0, 0.0]
    assert bootstrap_ratios(bits[:, None], listed[:, None], seed=0)[0, 0] == pytest.approx(5 / 3)


def test_ndcg_agrees_with_scikit_learn() -> None:
    rng = np.random.default_rng(0)
    scores, labels = rng.random((200, 30)), rng.random((200, 30)) < 0.2
    labels[:, 0] |= ~labels.any(axis=1)
    lists = np.argsort(-scores, axis=1)
    hits = metrics.find_hits(lists[:, :10], sparse.csr_matrix(labels))
    values = metrics.ndcg(hits, labels.sum(axis=1))
    assert values.mean() == pytest.approx(ndcg_score(labels, scores, k=10), rel=1e-12)


queries = st.lists(
    st.tuples(st.lists(st.integers(0, 8), min_size=5, max_size=5, unique=True), st.sets(st.integers(0, 8), min_size=1)),
    min_size=1,
    max_size=6,
)


@given(queries)
def test_all_agree_with_a_plain_loop(cases: list[tuple[list[int], set[int]]]) -> None:
    dense = np.array([[column in targets for column in range(9)] for _, targets in cases])
    hits = metrics.find_hits(np.array([listed for listed, _ in cases]), sparse.csr_matrix(dense))
    expected = [_metrics_by_loop(*case) for case in cases]
    for name, metric in metrics.PER_QUERY.items():
        np.testing.assert_allclose(metric(hits, dense.sum(axis=1)), [values[name] for values in expected])


def _metrics_by_loop(listed: list[int], targets: set[int]) -> dict[str, float]:
    hits, gain, precision, reciprocal_rank = 0, 0.0, 0.0, 0.0
    for rank, product in enumerate(listed, start=1):
        if product in targets:
            hits += 1
            gain += 1 / math.log2(rank + 1)
            precision += hits / rank
            reciprocal_rank = reciprocal_rank or 1 / rank
    ideal = sum(1 / math.log2(rank + 1) for rank in range(1, min(len(listed), len(targets)) + 1))
    return {
        "hit_rate": float(hits > 0),
        "recall": hits / len(targets),
        "ndcg": gain / ideal,
        "mrr": reciprocal_rank,
        "map": precision / min(len(listed), len(targets)),
    }


def test_without_targets_every_metric_is_zero() -> None:
    hits = metrics.find_hits(np.array([[0, 1], [1, -1]]), sparse.csr_matrix((2, 3)))
    assert (hits.dtype, hits.tolist()) == (np.bool_, [[False, False], [False, False]])


def test_empty_lists_hit_nothing() -> None:
    hits, target_counts = np.zeros((2, 0), dtype=bool), np.array([2, 0])
    np.testing.assert_array_equal(metrics.hit_rate(hits, target_counts), [0.0, np.nan])
    np.testing.assert_array_equal(metrics.recall(hits, target_counts), [0.0, np.nan])


def test_novelty_without_products() -> None:
    bits, listed = metrics.novelty(np.array([[-1, -1]]), np.zeros(0))
    assert (bits.tolist(), listed.tolist()) == ([0.0], [0.0])


def test_self_information_is_never_negative() -> None:
    assert metrics.self_information(np.array([1.0], dtype=np.float32), 1).tolist() == [0.0]
    assert metrics.self_information(np.array([3.0], dtype=np.float32), 2).tolist() == [0.0]
    assert metrics.self_information(np.array([0.0], dtype=np.float32), 0).tolist() == [0.0]
