"""The exact index against a plain sort, and its filters."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import sparse

from frontrow.models.interactions.interactions import Queries, build_interactions
from frontrow.recommend.retrieve.best_columns import best_columns
from frontrow.recommend.retrieve.candidates import among, for_sale, on_sale, without
from frontrow.recommend.retrieve.index import score_of_product, top_customers, top_k
from frontrow.testing.recommenders import customers_of
from frontrow.testing.shops import hand_made_shop


@dataclass(frozen=True)
class Table:
    """Scores as given."""

    table: np.ndarray

    def scores(self, queries: Queries) -> np.ndarray:
        return self.table[queries.rows]


def plainly(scores: np.ndarray, k: int, shown: np.ndarray) -> list[list[int]]:
    lists = []
    for row, allowed in zip(scores, shown, strict=True):
        order = sorted(np.flatnonzero(allowed), key=lambda column: (-row[column], column))[:k]
        lists.append([*map(int, order), *[-1] * (k - len(order))])
    return lists


# few distinct values, so that ties are everywhere
tables = st.tuples(st.integers(0, 7), st.integers(1, 12)).flatmap(
    lambda shape: st.tuples(
        arrays(np.float32, shape, elements=st.sampled_from([-1.5, 0.0, 0.25, 3.0])),
        arrays(np.bool_, shape),
        arrays(np.bool_, shape[1:]),
    )
)


@given(tables, st.integers(1, 14), st.sampled_from([None, 1, 2, 5]))
def test_a_list_is_a_plain_sort_of_what_may_be_shown(drawn, k: int, block: int | None) -> None:
    scores, hidden, candidates = drawn
    queries = customers_of(None, range(len(scores)))
    kept = scores.copy()
    found = top_k(Table(scores), queries, k=k, candidates=candidates, hidden=sparse.csr_matrix(hidden), block=block)
    assert found.tolist() == plainly(scores, k, ~hidden & candidates)
    np.testing.assert_array_equal(scores, kept)
    nothing_hidden = top_k(Table(scores), queries, k=k, candidates=candidates, block=block)
    assert nothing_hidden.tolist() == plainly(scores, k, np.broadcast_to(candidates, scores.shape))


@settings(max_examples=40)
@given(st.integers(0, 10_000), st.integers(1, 40), st.sampled_from([3, 40, 10_000]), st.sampled_from([0.0, 0.5, 0.99]))
def test_long_rows_with_and_without_ties(seed: int, k: int, values: int, gone: float) -> None:
    rng = np.random.default_rng(seed)
    scores = rng.integers(0, values, (6, 1_237)).astype(np.float32)
    scores[rng.random(scores.shape) < gone] = -np.inf
    # one row of nothing, one of equal scores
    scores[0], scores[1] = -np.inf, 1.0
    assert best_columns(scores, k).tolist() == plainly(scores, k, scores > -np.inf)
    np.testing.assert_array_equal(best_columns(np.asfortranarray(scores), k), best_columns(scores, k))


@pytest.mark.parametrize("columns", [5, 2_000])
def test_a_score_that_is_no_number_is_refused(columns: int) -> None:
    scores = np.zeros((2, columns), dtype=np.float32)
    scores[1, columns - 1] = np.nan
    with pytest.raises(ValueError, match="no number"):
        best_columns(scores, 3)


def test_nothing_to_show_is_an_empty_list() -> None:
    fitted, queries = Table(np.ones((2, 3), dtype=np.float32)), customers_of(None, [0, 1])
    assert (top_k(fitted, queries, k=2, candidates=np.zeros(3, dtype=bool)) == -1).all()
    assert top_k(fitted, customers_of(None, []), k=2, candidates=np.ones(3, dtype=bool)).shape == (0, 2)


def test_the_best_customers_of_a_product() -> None:
    fitted = Table(np.array([[0, 1], [0, 5], [0, 5], [0, 2]], dtype=np.float32))
    queries = customers_of(None, range(4))
    score = score_of_product(fitted, 1)
    assert top_customers(score, queries, k=3, block=2).tolist() == [1, 2, 3]
    owns = np.array([False, True, False, False])
    assert top_customers(score, queries, k=9, hidden=owns, block=3).tolist() == [2, 3, 0]


def test_which_products_may_be_shown() -> None:
    shop = hand_made_shop(
        [(1, "old", 0), (1, "pot", 20), (None, "draft", 181)],
        {"draft": {"status": "draft"}, "pot": {"status": "active"}},
    )
    known = build_interactions(shop.as_of())
    assert known.products["product_id"].to_list() == ["draft", "old", "pot"]
    # the cutoff is day 182: 'old' was sold 182 days before, and guests' purchases count
    assert on_sale(known).tolist() == [True, False, True]
    assert on_sale(known, days=182).all()
    assert for_sale(known, shop.products).tolist() == [False, True, True]
    assert among(known, ["pot", "unheard of"]).tolist() == [False, False, True]
    assert without(known, ["pot", "unheard of"]).tolist() == [True, True, False]
