"""Recommenders that give candidates: the contract, cases counted by hand, and a second count of each method."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from scipy import sparse

from frontrow.models.interactions.interactions import Interactions, build_interactions
from frontrow.models.recommenders import ease, tifu_knn
from frontrow.models.similarity.customers import purchase_vectors
from frontrow.models.similarity.products import SharedPurchases, nearest_products
from frontrow.testing.recommenders import RecommenderContract, customers_of, one_order_a_day, planted
from frontrow.testing.shops import hand_made_shop


class TestTifuKnn(RecommenderContract):
    recommender = tifu_knn.Recommender()
    floor = 0.6
    floor_new = 0.03


class TestEase(RecommenderContract):
    recommender = ease.Recommender()
    floor = 0.3
    floor_new = 0.03


def interactions_of(*lines: tuple[int | None, str, int], country: str | None = None) -> Interactions:
    interactions = build_interactions(hand_made_shop(lines).as_of())
    lines = interactions.lines.with_columns(country=pl.lit(country, pl.String))
    return Interactions(interactions.cutoff_day, interactions.customer_ids, interactions.products, lines)


def ordered(interactions: Interactions, scores: np.ndarray) -> list[str]:
    return interactions.products["product_id"].gather(np.argsort(-scores, kind="stable")).to_list()


def test_products_are_compared_in_blocks_of_any_size() -> None:
    rng = np.random.default_rng(0)
    weights = sparse.csr_matrix(rng.random((40, 23), dtype=np.float32) * (rng.random((40, 23)) < 0.2))
    unblocked = nearest_products(SharedPurchases.of_counts(weights), 5)
    assert (np.diff(unblocked.indptr) <= 5).all()
    for block in (1, 7, 23):
        np.testing.assert_array_equal(
            nearest_products(SharedPurchases.of_counts(weights), 5, block=block).toarray(), unblocked.toarray()
        )
    assert nearest_products(
        SharedPurchases.of_counts(sparse.csr_matrix(np.zeros((3, 0), dtype=np.float32))), 5
    ).shape == (0, 0)


@pytest.mark.parametrize("share", [0.002, 0.02, 0.5])
@pytest.mark.parametrize("table_products", [0, 100])
def test_products_with_few_or_many_common_customers_are_compared_exactly(
    share: float, table_products: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("frontrow.models.similarity.products.TABLE_PRODUCTS", table_products)
    rng = np.random.default_rng(1)
    weights = (rng.integers(1, 4, (60, 90)) * (rng.random((60, 90)) < share)).astype(np.float32)
    similarity = weights.T @ weights
    expected = np.zeros_like(similarity)
    for row, similarities in enumerate(similarity):
        best = np.argsort(-similarities, kind="stable")[:6]
        expected[row, best] = similarities[best]
    np.testing.assert_array_equal(
        nearest_products(SharedPurchases.of_counts(sparse.csr_matrix(weights)), 6, block=37).toarray(), expected
    )


def test_purchase_vectors_by_hand() -> None:
    """Three orders in groups of two: the latest two, then the first one."""
    interactions = one_order_a_day(
        interactions_of((1, "a", 0), (1, "a", 1), (1, "b", 1), (1, "b", 2), (1, "b", 2), (2, "c", 2))
    )
    vectors = purchase_vectors(interactions, groups=2, decay_within=0.8, decay_between=0.5).toarray()
    # the latest group is one of two: (second 0.8, third 1) / 2; the group before it has one order: 0.5 * 1 / 2
    np.testing.assert_allclose(vectors, np.array([[0.25 + 0.2, 0.2 + 0.25, 0], [0, 0, 1]]), rtol=1e-6)


def tifu_as_written(interactions: Interactions, settings: tifu_knn.TifuKnnSettings) -> np.ndarray:
    """Hu et al., 2020, formula by formula, a customer at a time; neighbours by the cosine."""
    customers, products = interactions.shape
    vectors = np.zeros((customers, products))
    for customer in range(customers):
        lines = interactions.lines.filter(customer=customer)
        baskets = [set(lines.filter(order=order)["product"]) for order in sorted(set(lines["order"]))]
        size = -(-len(baskets) // settings.groups)
        groups = [baskets[max(end - size, 0) : end] for end in range(len(baskets), 0, -size)][::-1]
        for i, group in enumerate(groups, start=1):
            for j, basket in enumerate(group, start=1):
                within = settings.decay_within ** (len(group) - j) / len(group)
                between = settings.decay_between ** (len(groups) - i) / len(groups)
                vectors[customer, list(basket)] += within * between
    lengths = np.linalg.norm(vectors, axis=1)
    similarity = vectors @ vectors.T / np.outer(lengths, lengths)
    np.fill_diagonal(similarity, -1)
    scores = np.zeros_like(vectors)
    for customer in range(customers):
        neighbours = np.argsort(-similarity[customer])[: settings.neighbours]
        scores[customer] = settings.own_share * vectors[customer]
        scores[customer] += (1 - settings.own_share) * vectors[neighbours].mean(axis=0)
    return scores


def test_tifu_knn_equals_the_formula_of_the_paper() -> None:
    interactions = one_order_a_day(planted()[1])
    settings = tifu_knn.TifuKnnSettings(groups=4, decay_within=0.9, decay_between=0.7, neighbours=7, own_share=0.6)
    scores = tifu_knn.Recommender(settings).fit(interactions, seed=0).scores(interactions.queries())
    expected = tifu_as_written(interactions, settings)
    is_scored = expected > 0
    np.testing.assert_allclose(scores[is_scored], expected[is_scored], rtol=1e-5)
    # the other products follow, by popularity
    assert (scores[~is_scored] < 0).all()


def test_neighbours_come_from_the_pool_of_those_who_ordered_last() -> None:
    """Customers 1 and 2 buy like customer 3, but only 2 and 3 are the two who ordered last."""
    interactions = interactions_of((1, "a", 0), (1, "b", 0), (2, "a", 5), (2, "c", 5), (3, "a", 6))
    fitted = tifu_knn.Recommender(tifu_knn.TifuKnnSettings(pool=2)).fit(interactions, seed=0)
    assert ordered(interactions, fitted.scores(customers_of(interactions, [2]))[0])[:2] == ["a", "c"]
    assert fitted.scores(customers_of(interactions, [2]))[0, 1] < 0
    # a customer outside of the pool has neighbours too
    assert fitted.scores(customers_of(interactions, [0]))[0, 2] > 0


def test_ease_is_a_plain_inverse() -> None:
    _, interactions = planted()
    settings = ease.EaseSettings(regularization=3.0)
    fitted = ease.Recommender(settings).fit(interactions, seed=0)
    history = np.sqrt(interactions.counts(half_life_days=180.0).toarray().astype(np.float64))
    inverse = np.linalg.inv(history.T @ history + 3.0 * np.eye(history.shape[1]))
    weights = np.eye(len(inverse)) - inverse / np.diag(inverse)
    np.testing.assert_allclose(fitted.weights, weights, atol=1e-5)
    np.testing.assert_allclose(fitted.scores(interactions.queries()), history @ weights, atol=1e-4)


def test_ease_is_the_best_of_its_loss() -> None:
    """Each column is the ridge regression of that product on the others."""
    rng = np.random.default_rng(0)
    history = np.round(rng.random((30, 6), dtype=np.float32) * 2)
    weights = ease.ease_weights(sparse.csr_matrix(history), 0.7)
    for column in range(6):
        others = np.delete(history, column, axis=1).astype(np.float64)
        solved = np.linalg.solve(others.T @ others + 0.7 * np.eye(5), others.T @ history[:, column])
        np.testing.assert_allclose(np.delete(weights[:, column], column), solved, atol=1e-5)


def test_ease_refuses_products_that_are_indistinguishable() -> None:
    equal_products = sparse.csr_matrix(np.ones((3, 2), dtype=np.float32))
    with pytest.raises(ValueError, match="raise it"):
        ease.ease_weights(equal_products, 0.0)


def test_ease_weighs_only_the_most_bought_products() -> None:
    interactions = interactions_of((1, "a", 0), (2, "a", 0), (1, "b", 0), (1, "c", 0), (2, "c", 0), (3, "d", 40))
    fitted = ease.Recommender(ease.EaseSettings(regularization=1.0, most_products=2)).fit(interactions, seed=0)
    assert fitted.columns.tolist() == [0, 2]
    first, last = fitted.scores(customers_of(interactions, [0, 2]))
    # b and d have no weights: they follow by popularity, d recent and b old
    assert ordered(interactions, first) == ["a", "c", "d", "b"]
    # the third customer bought no product with weights
    np.testing.assert_array_equal(last, fitted.popular)
    similarity = fitted.similar(np.array([0, 1]))
    assert similarity[0, 2] > 0
    assert not similarity[1].any()
