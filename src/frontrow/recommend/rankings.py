"""The model's ranking of each customer, made ahead: lists under any rules then need arrays and no model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

import numpy as np
from numpy.typing import NDArray

from frontrow.models.interactions.interactions import Queries
from frontrow.models.top_k import top_columns
from frontrow.progress import Progress, no_progress
from frontrow.recommend.index import BLOCK_CELLS
from frontrow.recommend.sources import find_sources
from frontrow.recommend.trained import TrainedRecommender
from frontrow.storage.artifact import ArrayModel

MOST_CELLS: Final = 60_000_000
"""Ranked products of all customers together: about half a gigabyte."""

LEAST_DEPTH: Final = 50
"""Where so many products of each customer are too many, fewer customers are ranked."""


@dataclass(frozen=True)
class Rankings(ArrayModel):
    """The first products of the model's ranking of each customer, by row of the model.

    Attributes:
        model_digest: Of the trained recommender they are of.
        columns: Products, best first; shape (customers, depth). -1 in every place of a customer who is not ranked.
        scores: The model's, of the same shape.
        sources: Position in `names` of what put each product there, of the same shape.
        names: The sources.
        products: Number of products that the model scores.
    """

    model_digest: str
    columns: NDArray[np.int32]
    scores: NDArray[np.float32]
    sources: NDArray[np.uint8]
    names: tuple[str, ...]
    products: int

    shapes: ClassVar = {
        "columns": ("customers", "depth"),
        "scores": ("customers", "depth"),
        "sources": ("customers", "depth"),
    }
    dimension_of: ClassVar = {"products": "products", "names": "names"}
    optional_indices: ClassVar = {"columns": "products"}
    indices: ClassVar = {"sources": "names"}

    @property
    def is_complete(self) -> bool:
        """Whether every product of the model is in every ranking, so that lists are exact under any rules."""
        return int(self.columns.shape[1]) == self.products

    def has(self, row: int) -> bool:
        """Whether a customer is ranked.

        Args:
            row: Of the customer in the model; -1 for a new one.
        """
        return 0 <= row < len(self.columns) and bool(self.columns[row, 0] >= 0)


@dataclass(frozen=True)
class RankedScorer:
    """Scores products as the model did when the rankings were made; a product below a ranking's end is never listed.

    Attributes:
        rankings: The rankings.
    """

    rankings: Rankings

    def scores(self, queries: Queries) -> NDArray[np.float32]:
        """See `models.recommender.Scorer`."""
        scores = np.full((len(queries), self.rankings.products), -np.inf, dtype=np.float32)
        np.put_along_axis(
            scores, self.rankings.columns[queries.rows].astype(np.int64), self.rankings.scores[queries.rows], axis=1
        )
        return scores

    def sources(self, queries: Queries, lists: NDArray[np.int64]) -> NDArray[np.str_]:
        """See `recommend.sources.HasSources`."""
        by_product = np.zeros((len(queries), self.rankings.products), dtype=np.uint8)
        columns = self.rankings.columns[queries.rows].astype(np.int64)
        np.put_along_axis(by_product, columns, self.rankings.sources[queries.rows], axis=1)
        names = np.array(self.rankings.names)[np.take_along_axis(by_product, np.maximum(lists, 0), axis=1)]
        return np.where(lists < 0, "", names)


def rank_products(
    trained: TrainedRecommender, model_digest: str, *, most_cells: int = MOST_CELLS, progress: Progress = no_progress
) -> Rankings:
    """Rank products for the customers of a trained recommender, a block of them at a time.

    Args:
        trained: The recommender.
        model_digest: What tells it from others.
        most_cells: Ranked products of all customers together. Where that is too few, those who ordered last are ranked.
        progress: Called with the customers done.

    Example:
        >>> from frontrow.testing.shops import hand_made_shop
        >>> history = hand_made_shop([(7, "pot", 0), (8, "pot", 1), (8, "bulb", 1)]).as_of()
        >>> trained = TrainedRecommender.fit(history, "popular")
        >>> rankings = rank_products(trained, "a1")
        >>> trained.items["product_id"].gather(rankings.columns[0]).to_list()
        ['pot', 'bulb']
    """
    customers, products = len(trained.customer_ids), trained.sold_items.height
    depth = min(products, max(LEAST_DEPTH, most_cells // customers))
    columns = np.full((customers, depth), -1, dtype=np.int32)
    scores = np.zeros((customers, depth), dtype=np.float32)
    sources = np.zeros((customers, depth), dtype=np.uint8)
    codes: dict[str, int] = {}
    rows = np.sort(_latest_rows(trained, most_cells // depth))
    block = max(1, BLOCK_CELLS // max(products, 1))
    for start in range(0, len(rows), block):
        part = rows[start : start + block]
        queries = trained.queries(trained.customer_ids[part])
        all_scores = trained.fitted.scores(queries)
        ranked = top_columns(all_scores, depth)
        names = find_sources(trained.model, trained.fitted, queries, ranked)
        columns[part] = ranked
        scores[part] = np.take_along_axis(all_scores, ranked, axis=1)
        distinct, position = np.unique(names, return_inverse=True)
        code = np.array([codes.setdefault(str(name), len(codes)) for name in distinct], dtype=np.uint8)
        sources[part] = code[position.reshape(names.shape)]
        progress(start + len(part), len(rows))
    return Rankings(model_digest, columns, scores, sources, tuple(codes), products)


def _latest_rows(trained: TrainedRecommender, most: int) -> NDArray[np.int64]:
    """The rows of the customers who ordered last."""
    last_day = np.asarray(trained.past_purchases.last_day.max(axis=1).todense()).ravel()
    return np.argsort(-last_day, kind="stable")[:most].astype(np.int64)
