"""What every embedding promises, and the decomposition by hand."""

import numpy as np
import polars as pl
import pytest

from frontrow.models.embedding import default_embedding, embedders
from frontrow.models.embeddings.svd import Embedder, SvdSettings
from frontrow.models.interactions.contexts import CONTEXT_SCHEMA
from frontrow.models.interactions.interactions import Interactions, Queries, build_interactions
from frontrow.synthetic import SyntheticShop
from frontrow.testing.shops import hand_made_shop


def asked(rows: list[int]) -> Queries:
    blank = pl.DataFrame({name: [None] * len(rows) for name in CONTEXT_SCHEMA}, schema=CONTEXT_SCHEMA)
    return Queries(np.array(rows, dtype=np.int64), blank)


@pytest.fixture(scope="module")
def known() -> Interactions:
    return build_interactions(SyntheticShop(customers=120, seed=4).shop().as_of())


@pytest.mark.parametrize("name", embedders())
def test_every_customer_has_a_finite_vector_that_repeats(name: str, known: Interactions) -> None:
    queries, fitted = asked([-1, 0, 1, 0]), embedders()[name].fit(known, seed=1)
    found = fitted.customer_embeddings(queries)
    assert found.dtype == np.float32
    assert found.shape[0] == 4
    assert np.isfinite(found).all()
    np.testing.assert_array_equal(found[1], found[3])
    assert (found[1] != found[2]).any()
    assert fitted.customer_embeddings(asked([])).shape == (0, found.shape[1])
    np.testing.assert_array_equal(found, embedders()[name].fit(known, seed=1).customer_embeddings(queries))


def test_what_is_asked_for_by_default_is_there() -> None:
    assert default_embedding() in embedders()


def test_the_decomposition_keeps_the_likeness_of_purchases(known: Interactions) -> None:
    """All its dimensions give the inner products of what customers bought; fewer give nearly the largest."""
    few, products = known.shape[0], known.shape[1]
    counts = np.log1p(known.counts().toarray().astype(np.float64))
    whole = Embedder(SvdSettings(min(few, products))).fit(known, seed=0).customers
    np.testing.assert_allclose(whole @ whole.T, counts @ counts.T, atol=1e-3)
    part = Embedder(SvdSettings(8)).fit(known, seed=0).customers
    assert part.shape == (few, 8)
    np.testing.assert_allclose(np.abs(part), np.abs(whole[:, :8]), atol=1e-3)


def test_a_customer_never_seen_is_nothing_and_a_tiny_shop_is_no_error() -> None:
    tiny = build_interactions(hand_made_shop([(1, "pot", 0)]).as_of())
    found = Embedder().fit(tiny, seed=0).customer_embeddings(asked([0, -1]))
    np.testing.assert_allclose(np.abs(found), [[np.log(2)], [0.0]], rtol=1e-6)
