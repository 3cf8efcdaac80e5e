"""The k highest cells of a row against a full sort."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from frontrow.models.top_k import top_columns, top_positions, top_positive_cells


def sorted_columns(scores: np.ndarray, k: int) -> list[list[int]]:
    lists = []
    for row in scores:
        order = sorted(np.flatnonzero(row > -np.inf), key=lambda column: (-row[column], column))[:k]
        lists.append([*map(int, order), *[-1] * (k - len(order))])
    return lists


@settings(max_examples=40)
@given(st.integers(0, 10_000), st.integers(1, 40), st.sampled_from([3, 40, 10_000]), st.sampled_from([0.0, 0.5, 0.99]))
def test_long_rows_with_and_without_ties(seed: int, k: int, values: int, hidden_share: float) -> None:
    rng = np.random.default_rng(seed)
    scores = rng.integers(0, values, (6, 1_237)).astype(np.float32)
    scores[rng.random(scores.shape) < hidden_share] = -np.inf
    # one row of nothing, one of equal scores
    scores[0], scores[1] = -np.inf, 1.0
    columns = top_columns(scores, k)
    assert columns.tolist() == sorted_columns(scores, k)
    np.testing.assert_array_equal(top_columns(np.asfortranarray(scores), k), columns)
    np.testing.assert_array_equal(top_columns(scores.astype(np.float64), k), columns)


@settings(max_examples=30)
@given(st.integers(0, 10_000), st.integers(1, 30), st.sampled_from([4, 10_000]))
def test_the_highest_cells_in_few_of_the_groups(seed: int, k: int, values: int) -> None:
    rng = np.random.default_rng(seed)
    scores = rng.integers(0, values, (6, 1_237)).astype(np.float32)
    # the highest are in one group of the columns or in two, so that many cells reach its bound
    is_high = np.isin(np.arange(1_237) % max(4 * k, 128), [5, 7])
    scores[:, is_high] += rng.integers(1, values, (6, int(is_high.sum()))).astype(np.float32)
    scores[5, ~is_high] = -np.inf
    assert top_columns(scores, k).tolist() == sorted_columns(scores, k)


short_rows = arrays(
    np.float32, st.tuples(st.integers(0, 4), st.integers(0, 60)), elements=st.sampled_from([0, 0, 1, 2])
)


@given(short_rows, st.integers(1, 7))
def test_short_rows_are_those_of_a_full_sort(scores: np.ndarray, k: int) -> None:
    assert top_columns(scores, k).tolist() == sorted_columns(scores, min(k, scores.shape[1]))
    assert [top_positions(row, k).tolist() for row in scores] == sorted_columns(scores, min(k, scores.shape[1]))
    positive = np.zeros_like(scores)
    for row, values in enumerate(scores):
        best = np.argsort(-values, kind="stable")[:k]
        positive[row, best] = values[best]
    np.testing.assert_array_equal(top_positive_cells(scores, k).toarray(), positive)


@pytest.mark.parametrize("columns", [5, 2_000])
def test_a_score_that_is_no_number_is_refused(columns: int) -> None:
    scores = np.zeros((2, columns), dtype=np.float32)
    scores[1, columns - 1] = np.nan
    with pytest.raises(ValueError, match="no number"):
        top_columns(scores, 3)
