"""The same bits, however the order lines are ordered, and however many customers are scored at a time."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
import pytest
from numpy.typing import NDArray

from frontrow.models.interactions.interactions import Interactions, build_interactions
from frontrow.models.rankers import boosted_trees
from frontrow.models.recommender import Recommender, recommenders
from frontrow.models.recommenders import two_stage
from frontrow.models.similarity.products import SharedPurchases, nearest_products
from frontrow.models.similarity.whole_numbers import choose_units, count_units, round_weights
from frontrow.models.two_stage.settings import TwoStageSettings
from frontrow.recommend.index import top_k
from frontrow.testing.recommenders import planted

MODELS: Final = (
    "item_to_item",
    "bm25",
    "tifu_knn",
    "popular",
    "popular_recent",
    "learned_popularity",
    "bought_together",
)
TREES: Final = boosted_trees.Ranker(boosted_trees.TreeSettings(fits=1, trees=20))
SETTINGS: Final = TwoStageSettings(windows=1, new_windows=2, least_new=20)


def recommender_of(name: str) -> Recommender:
    return two_stage.Recommender(SETTINGS, TREES) if name == "two_stage" else recommenders()[name]


def results(recommender: Recommender, interactions: Interactions, block: int) -> tuple[NDArray[np.generic], ...]:
    fitted = recommender.fit(interactions, seed=0)
    everything, queries = np.ones(interactions.shape[1], dtype=np.bool_), interactions.queries()
    parts = [fitted.scores(queries.block(start, start + block)) for start in range(0, len(queries), block)]
    return np.concatenate(parts), top_k(fitted, queries, k=10, candidates=everything, block=block)


@pytest.mark.parametrize("name", [*MODELS, "two_stage"])
def test_neither_the_order_of_lines_nor_the_size_of_blocks_changes_a_bit(name: str) -> None:
    shop = planted()[0].shop
    mixed = replace(shop, orders=shop.orders.collect().sample(fraction=1.0, shuffle=True, seed=3).lazy())
    whole, wanted = build_interactions(shop.as_of()), build_interactions(mixed.as_of())
    assert whole.products.equals(wanted.products)
    first = results(recommender_of(name), whole, len(whole.customer_ids))
    for expected, actual in zip(first, results(recommender_of(name), wanted, 37), strict=True):
        np.testing.assert_array_equal(actual, expected)


@pytest.mark.parametrize("parts", [2, 7])
def test_what_products_share_is_the_sum_of_what_parts_of_the_customers_share(parts: int) -> None:
    _, interactions = planted()
    counts = interactions.counts(half_life_days=30)
    whole, units = count_units(counts, largest=64.0), choose_units(counts.shape[0], largest=64.0)
    similarity = nearest_products(SharedPurchases(whole, whole, units=units**2), 1_000).toarray()
    blocks = [whole[np.arange(whole.shape[0]) % parts == part] for part in range(parts)]
    sums = sum((block.T @ block).toarray() for block in reversed(blocks))
    np.testing.assert_array_equal(similarity, (sums / units**2).astype(np.float32))
    np.testing.assert_allclose(similarity, (counts.T @ counts).toarray(), rtol=1e-4, atol=1e-6)


def test_rounded_weights_are_added_up_exactly() -> None:
    weights = round_weights(np.random.default_rng(0).random(100_000))
    assert np.add.reduce(weights) == np.add.reduce(weights[::-1]) == float(sum(sorted(weights.tolist())))


def test_a_weight_that_could_overflow_is_refused() -> None:
    counts = planted()[1].counts()
    with pytest.raises(ValueError, match="larger"):
        count_units(counts, largest=counts.data.max() / 2)
