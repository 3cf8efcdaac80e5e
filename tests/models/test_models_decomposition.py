"""Singular vectors of products alone, against a decomposition that computes those of customers too."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from frontrow.models.recommenders import pure_svd
from frontrow.models.similarity.decomposition import decompose, decompose_products
from frontrow.testing.recommenders import planted
from thread_counts import on_one_and_two_threads


@pytest.mark.parametrize("shape", [(90, 30), (30, 90), (30, 30)], ids=lambda shape: f"{shape[0]} customers")
def test_values_and_vectors_are_those_of_numpy(shape: tuple[int, int]) -> None:
    counts = sparse.random(*shape, density=0.2, format="csr", rng=np.random.default_rng(1))
    values, vectors = decompose_products(counts, 5, seed=0, tolerance=1e-4)
    _, expected_values, expected_vectors = np.linalg.svd(counts.toarray())
    np.testing.assert_allclose(values, expected_values[:5], rtol=1e-6)
    # each is known but for its sign
    np.testing.assert_allclose(np.abs(vectors @ expected_vectors[:5].T), np.eye(5), atol=1e-4)


@pytest.mark.parametrize("dimensions", [3, 9])
def test_fewer_patterns_than_dimensions(dimensions: int) -> None:
    counts = sparse.csr_matrix(np.outer([1.0, 2.0, 0.0, 1.0], [3.0, 0.0, 1.0, 1.0, 2.0]))
    values, vectors = decompose_products(counts, dimensions, seed=0, tolerance=1e-4)
    np.testing.assert_allclose(values[0], np.sqrt(6 * 15))
    np.testing.assert_allclose(values[1:], 0, atol=1e-6)
    assert np.isfinite(vectors).all()


def test_blocks_of_customers_have_the_same_vectors(monkeypatch: pytest.MonkeyPatch) -> None:
    _, interactions = planted()
    whole = pure_svd.Recommender().fit(interactions, seed=0)
    monkeypatch.setattr(pure_svd, "BLOCK_VECTORS", 7)
    blocks = pure_svd.Recommender().fit(interactions, seed=0)
    assert blocks.scale == whole.scale
    np.testing.assert_array_equal(blocks.customers, whole.customers)


def test_many_customers_give_the_same_vectors_on_one_thread_and_on_two() -> None:
    counts = sparse.random(100_000, 300, density=0.02, format="csr", rng=np.random.default_rng(1))
    first, second = on_one_and_two_threads(lambda: decompose(counts, 16, seed=0))
    for one_thread, two_threads in zip(first, second, strict=True):
        np.testing.assert_array_equal(one_thread, two_threads)
