"""Every embedder fulfils the contract, and the decomposition is checked by hand."""

import numpy as np
import polars as pl
import pytest

from frontrow.models.embeddings import default_embedding, embedders
from frontrow.models.embeddings.svd import Embedder, SvdSettings
from frontrow.models.interactions.interactions import CONTEXT_SCHEMA, Interactions, Queries, build_interactions
from frontrow.synthetic import SyntheticShop
from frontrow.testing.shops import hand_made_shop


def queries_of(rows: list[int]) -> Queries:
    blank = pl.DataFrame({name: [None] * len(rows) for name in CONTEXT_SCHEMA}, schema=CONTEXT_SCHEMA)
    return Queries(np.array(rows, dtype=np.int64), blank)


@pytest.fixture(scope="module")
def interactions() -> Interactions:
    return build_interactions(SyntheticShop(customers=120, seed=4).shop().as_of())


@pytest.mark.parametrize("name", embedders())
def test_every_customer_has_a_finite_vector_that_repeats(name: str, interactions: Interactions) -> None:
    queries, fitted = queries_of([-1, 0, 1, 0]), embedders()[name].fit(interactions, seed=1)
    vectors = fitted.customer_embeddings(queries)
    assert vectors.dtype == np.float32
    assert vectors.shape[0] == 4
    assert np.isfinite(vectors).all()
    np.testing.assert_array_equal(vectors[1], vectors[3])
    assert (vectors[1] != vectors[2]).any()
    assert fitted.customer_embeddings(queries_of([])).shape == (0, vectors.shape[1])
    np.testing.assert_array_equal(vectors, embedders()[name].fit(interactions, seed=1).customer_embeddings(queries))


def test_the_default_embedding_exists() -> None:
    assert default_embedding() in embedders()


def test_the_decomposition_keeps_the_similarity_of_purchases(interactions: Interactions) -> None:
    """All dimensions give the inner products of the purchases; fewer give approximately the largest."""
    customers, products = interactions.shape[0], interactions.shape[1]
    counts = np.log1p(interactions.counts().toarray().astype(np.float64))
    complete = Embedder(SvdSettings(min(customers, products))).fit(interactions, seed=0).customers
    np.testing.assert_allclose(complete @ complete.T, counts @ counts.T, atol=1e-3)
    low_rank = Embedder(SvdSettings(8)).fit(interactions, seed=0).customers
    assert low_rank.shape == (customers, 8)
    np.testing.assert_allclose(np.abs(low_rank), np.abs(complete[:, :8]), atol=1e-3)


def test_a_new_customer_has_a_zero_vector_and_a_tiny_shop_is_no_error() -> None:
    tiny = build_interactions(hand_made_shop([(1, "pot", 0)]).as_of())
    vectors = Embedder().fit(tiny, seed=0).customer_embeddings(queries_of([0, -1]))
    np.testing.assert_allclose(np.abs(vectors), [[np.log(2)], [0.0]], rtol=1e-6)
