"""Products of sparse matrices as tables, against SciPy's, to the last bit."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from frontrow.models import sparse_products
from frontrow.models.recommender import recommenders
from frontrow.models.similarity import products
from frontrow.models.sparse_products import count_multiplications, multiply, multiply_sparse
from frontrow.models.split_scores import SplitScorer, TableScores
from frontrow.testing.recommenders import planted

SIZES = st.integers(0, 8)


@given(SIZES, SIZES, SIZES, st.floats(0, 1), st.integers(0, 99), st.sampled_from([np.float32, np.int64]))
def test_same_bits_as_scipy(
    rows: int, inner: int, columns: int, density: float, seed: int, dtype: type[np.float32 | np.int64]
) -> None:
    rng = np.random.default_rng(seed)
    left = sparse.csr_matrix(sparse.random(rows, inner, density, rng=rng) * 1_000, dtype=dtype)
    right = sparse.csr_matrix(sparse.random(inner, columns, density, rng=rng) * 1_000, dtype=dtype)
    with pytest.MonkeyPatch.context() as patch:
        # groups of one row or of several
        patch.setattr(sparse_products, "MULTIPLICATIONS", 10)
        table = multiply(left, right)
        # by way of a table, and without one
        patch.setattr(sparse_products, "TABLE_PAIRS", -1.0)
        by_table = multiply_sparse(left, right)
        patch.setattr(sparse_products, "TABLE_PAIRS", np.inf)
        without = multiply_sparse(left, right)
    assert table.dtype == dtype
    for product in (table, by_table.toarray(), without.toarray()):
        np.testing.assert_array_equal(product, (left @ right).toarray())
    assert by_table.has_sorted_indices
    ones_left, ones_right = (matrix.astype(bool).astype(np.int64) for matrix in (left, right))
    assert count_multiplications(left, right) >= (ones_left @ ones_right).sum()


@pytest.mark.parametrize("name", ["bm25", "bought_together", "item_to_item", "similar_customers", "tifu_knn"])
def test_scores_from_tables_and_from_sparse_matrices(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    _, interactions = planted()
    monkeypatch.setattr(products, "DENSE", np.inf)
    fitted = recommenders()[name].fit(interactions, seed=0)
    queries = interactions.queries(np.array([3, -1, 0, 7]))
    scores, kinds = [], set()
    for pairs in (-1.0, np.inf):
        monkeypatch.setattr(sparse_products, "TABLE_PAIRS", pairs)
        scores.append(fitted.scores(queries))
        assert isinstance(fitted, SplitScorer)
        kinds.add(isinstance(fitted.split_scores(queries), TableScores))
    np.testing.assert_array_equal(*scores)
    assert kinds == ({False} if name == "tifu_knn" else {False, True})
