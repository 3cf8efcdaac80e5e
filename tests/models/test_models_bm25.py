"""BM25 between products: the contract, a case counted by hand, and a comparison with `implicit`."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from frontrow.models.interactions.interactions import Interactions, build_interactions
from frontrow.models.recommenders import bm25
from frontrow.models.similarity.products import ProductSums
from frontrow.testing.recommenders import RecommenderContract, customers_of, planted
from frontrow.testing.shops import hand_made_shop

NO_DECAY = float("inf")


class TestBm25(RecommenderContract):
    recommender = bm25.Recommender()
    floor = 0.55
    floor_new = 0.03


def interactions_of(*lines: tuple[int, str, int]) -> Interactions:
    return build_interactions(hand_made_shop(list(lines)).as_of())


def fitted(interactions: Interactions, **settings: float) -> ProductSums:
    return bm25.Recommender(bm25.Bm25Settings(**settings)).fit(interactions, seed=0)  # type: ignore[arg-type]


def test_bm25_by_hand() -> None:
    """Three products, of which a sold three times, b twice and c never: 5/3 in the mean."""
    counts = sparse.csr_matrix(np.array([[2, 0, 0], [1, 1, 0], [0, 1, 0]], dtype=np.float32))
    weights = bm25.bm25_weights(counts, 1.0, 0.5).toarray()
    a, b = 0.5 + 0.5 * 3 / (5 / 3), 0.5 + 0.5 * 2 / (5 / 3)
    rare, common = np.log(3 / 2), np.log(3 / 3)
    first, second = [2 * 2 / (a + 2) * rare, 0, 0], [2 / (a + 1) * common, 2 / (b + 1) * common, 0]
    np.testing.assert_allclose(weights, np.array([first, second, [0, 2 / (b + 1) * rare, 0]]), atol=1e-6)


@pytest.mark.filterwarnings("ignore:Method expects CSR input")
def test_without_decay_similarity_equals_implicit() -> None:
    implicit = pytest.importorskip("implicit.nearest_neighbours")
    _, interactions = planted()
    counts = interactions.counts()
    model = implicit.BM25Recommender(K=10, K1=1.2, B=0.75, num_threads=1)
    model.fit(counts.minimum(1), show_progress=False)
    recommender = fitted(
        interactions, neighbours=10, length_share=0.75, half_life_days=NO_DECAY, history_half_life_days=NO_DECAY
    )
    np.testing.assert_allclose(recommender.similarity.toarray(), model.similarity.toarray(), rtol=1e-5)
    columns, scores = model.recommend(0, counts[0], N=5, filter_already_liked_items=False)
    scores_of_first = recommender.scores(customers_of(interactions, [0]))[0]
    assert np.argsort(-scores_of_first, kind="stable")[:5].tolist() == columns.tolist()
    np.testing.assert_allclose(scores_of_first[columns], scores, rtol=1e-5)


def test_recent_joint_purchases_rank_above_old_ones() -> None:
    """Customers 1 and 2 buy b and c with a, customer 3 has only a: only the day distinguishes b from c."""
    others = [(customer, product, 99) for customer, product in ((4, "d"), (5, "e"), (6, "f"))]
    interactions = interactions_of((1, "a", 0), (1, "b", 0), (2, "a", 90), (2, "c", 90), (3, "a", 99), *others)
    b, c = (interactions.products["product_id"].to_list().index(name) for name in "bc")
    scores = fitted(interactions).scores(customers_of(interactions, [2]))[0]
    assert scores[c] > scores[b] > 0
    undecayed = fitted(interactions, half_life_days=NO_DECAY).scores(customers_of(interactions, [2]))[0]
    assert undecayed[b] == pytest.approx(undecayed[c])


def test_a_customers_own_order_lines_fade_by_their_own_half_life() -> None:
    interactions = interactions_of((1, "a", 0), (1, "a", 0), (1, "a", 10), (1, "b", 19))
    history = fitted(interactions, half_life_days=1.0, history_half_life_days=10.0).history.toarray()
    # the cutoff is day 20
    np.testing.assert_allclose(history, [[2 * 0.25 + 0.5, 0.5**0.1]], rtol=1e-6)


@settings(max_examples=20)
@given(st.lists(st.integers(0, 50), min_size=1, max_size=5), st.floats(2, 100))
def test_only_the_last_purchase_of_a_product_counts(days: list[int], half_life: float) -> None:
    interactions = interactions_of(*((1, "a", day) for day in days), (2, "b", 51))
    ages = np.array([52 - max(days), 1])
    weights = bm25.last_purchases(interactions, half_life).toarray()
    np.testing.assert_allclose(weights, np.diag(0.5 ** (ages / half_life)), rtol=1e-6)


def test_purchases_of_decades_ago_still_have_a_similarity() -> None:
    """A half to the power of 730 is too small for float32."""
    lines = [(1, "a", 0), (1, "b", 0), (2, "c", 10_950), (3, "d", 10_950)]
    similarity = fitted(interactions_of(*lines)).similarity.toarray()
    assert similarity[0, 1] >= np.finfo(np.float32).tiny
