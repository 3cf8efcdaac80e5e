"""Normal scores: by hand, against scipy, with weights, and free of scale."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm, rankdata

from frontrow.features.launch import FEATURES, FEATURES_WITH_VECTORS
from frontrow.features.normal_scores import NORMAL_SCORE_FEATURES, compute_normal_scores, normal_score_features_of

values = st.lists(st.floats(0, 1e4).map(lambda value: round(value, 3)), min_size=2, max_size=30)


def rows_of(column: list[float], **columns: list) -> pl.DataFrame:
    return pl.DataFrame({"launch": [0] * len(column), **dict.fromkeys(NORMAL_SCORE_FEATURES, column), **columns})


def test_equal_customers_share_the_middle_of_their_ranks() -> None:
    # middles of the ranks: 1/8, 1/2 (twice the weight), 7/8, before they get mean 0 and deviation 1
    scores = norm.ppf([1 / 8, 1 / 2, 1 / 2, 7 / 8])
    expected = scores / np.sqrt((scores**2).mean())
    np.testing.assert_allclose(compute_normal_scores(rows_of([0.0, 3.0, 3.0, 9.0]))[:, 0], expected)


@given(values)
def test_they_are_those_of_scipy(column: list[float]) -> None:
    scores = compute_normal_scores(rows_of(column))[:, 0]
    if len(set(column)) == 1:
        assert (scores == 0.0).all()
        return
    expected = norm.ppf((rankdata(column) - 0.5) / len(column))
    np.testing.assert_allclose(scores, (expected - expected.mean()) / expected.std(), atol=1e-9)


def test_a_row_of_weight_three_counts_as_three_customers() -> None:
    sampled = compute_normal_scores(rows_of([1.0, 2.0, 5.0], weight=[3.0, 1.0, 2.0]))
    everyone = compute_normal_scores(rows_of([1.0, 1.0, 1.0, 2.0, 5.0, 5.0]))
    np.testing.assert_allclose(sampled, everyone[[0, 3, 4]])


@given(values, st.floats(0.1, 10.0))
def test_neither_scale_nor_other_launches_nor_order_matter(column: list[float], scale: float) -> None:
    rows = rows_of(column)
    alone = compute_normal_scores(rows)
    distinct = np.unique(np.asarray(column) * scale).round(6)
    if len(distinct) == len(np.unique(column)):
        np.testing.assert_allclose(compute_normal_scores(rows_of([value * scale for value in column])), alone)
    other = rows_of([5.0, 1.0]).with_columns(launch=pl.lit(1, pl.Int64))
    together = compute_normal_scores(pl.concat([other, rows]).reverse())
    np.testing.assert_allclose(together[::-1][2:], alone)


def test_the_last_bits_of_a_sum_separate_nobody() -> None:
    assert 0.1 + 0.2 != 0.3
    scores = compute_normal_scores(rows_of([0.1 + 0.2, 0.3, 0.9]))
    assert (scores[0] == scores[1]).all()


def test_no_rows_have_no_scores() -> None:
    assert compute_normal_scores(rows_of([])).shape == (0, len(NORMAL_SCORE_FEATURES))


@pytest.mark.parametrize("features", [FEATURES, FEATURES_WITH_VECTORS])
def test_every_column_is_a_feature(features: tuple[str, ...]) -> None:
    assert set(normal_score_features_of(features)) <= set(features)
