"""The exact index against a plain sort, and its filters."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import sparse

from frontrow.models.interactions.interactions import Queries, build_interactions
from frontrow.recommend.candidates import is_on_sale
from frontrow.recommend.index import top_k
from frontrow.testing.recommenders import customers_of
from frontrow.testing.shops import hand_made_shop


@dataclass(frozen=True)
class Table:
    """Scores as given."""

    table: np.ndarray

    def scores(self, queries: Queries) -> np.ndarray:
        return self.table[queries.rows]


def sort_plainly(scores: np.ndarray, k: int, is_listed: np.ndarray) -> list[list[int]]:
    lists = []
    for row, allowed in zip(scores, is_listed, strict=True):
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
def test_a_list_is_a_plain_sort_of_the_candidates(table, k: int, block: int | None) -> None:
    scores, hidden, candidates = table
    queries = customers_of(None, range(len(scores)))
    before = scores.copy()
    columns = top_k(Table(scores), queries, k=k, candidates=candidates, hidden=sparse.csr_matrix(hidden), block=block)
    assert columns.tolist() == sort_plainly(scores, k, ~hidden & candidates)
    np.testing.assert_array_equal(scores, before)
    nothing_hidden = top_k(Table(scores), queries, k=k, candidates=candidates, block=block)
    assert nothing_hidden.tolist() == sort_plainly(scores, k, np.broadcast_to(candidates, scores.shape))


def test_without_candidates_a_list_is_empty() -> None:
    fitted, queries = Table(np.ones((2, 3), dtype=np.float32)), customers_of(None, [0, 1])
    assert (top_k(fitted, queries, k=2, candidates=np.zeros(3, dtype=bool)) == -1).all()
    assert top_k(fitted, customers_of(None, []), k=2, candidates=np.ones(3, dtype=bool)).shape == (0, 2)


def test_which_products_are_on_sale() -> None:
    shop = hand_made_shop(
        [(1, "old", 0), (1, "pot", 20), (None, "draft", 181)],
        {"draft": {"status": "draft"}, "pot": {"status": "active"}},
    )
    interactions = build_interactions(shop.as_of())
    assert interactions.products["product_id"].to_list() == ["draft", "old", "pot"]
    # the cutoff is day 182: 'old' was sold 182 days before, and guests' purchases count
    assert is_on_sale(interactions).tolist() == [True, False, True]
    assert is_on_sale(interactions, days=182).all()
