"""The task of `two_tower.py`: queries at a cutoff, what these customers then bought, and the quality of scores."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from scipy import sparse

from frontrow import Shop
from frontrow.models.interactions.interactions import (
    CONTEXT,
    Interactions,
    Queries,
    build_interactions,
    first_contexts,
    order_lines,
)

LENGTH = 10
TARGET_DAYS = 30
CANDIDATE_DAYS = 180


@dataclass(frozen=True)
class Task:
    """Queries and targets at a cutoff: returning customers first, new ones after them.

    Attributes:
        interactions: Order lines before the cutoff.
        queries: Customers to be ranked for.
        returning: Number of queries of customers with an order before the cutoff.
        bought: Products bought in the 30 days from the cutoff, shape (queries, products), bool.
        unknown: Number of products bought that had no buyer before and are in no list; shape (queries,).
        candidates: Products that may be shown: sold in the last 180 days; shape (products,).
    """

    interactions: Interactions
    queries: Queries
    returning: int
    bought: sparse.csr_matrix
    unknown: np.ndarray
    candidates: np.ndarray

    @classmethod
    def read(cls, folder: Path, cutoff: dt.date) -> Task:
        """Read the task of a cutoff from the folder of a shop."""
        shop = Shop.read(folder)
        interactions = build_interactions(shop.as_of(cutoff))
        after = shop.as_of(shop.midnight(interactions.cutoff_day + TARGET_DAYS))
        window = order_lines(after).filter(pl.col("day") >= interactions.cutoff_day)
        later = window.sort("customer_id", "ordered_at", "order_id", "line_number").collect()
        customers = later["customer_id"].unique(maintain_order=True)
        rows = interactions.rows_of(customers.to_numpy())
        returning = int((rows >= 0).sum())
        order = np.argsort(rows < 0, kind="stable")
        customers, rows = customers.gather(order), rows[order]
        first = first_contexts(later, customers[returning:])
        bought, unknown = targets(interactions, later, customers)
        return cls(
            interactions=interactions,
            queries=Queries(rows, pl.concat([interactions.queries(rows[:returning]).context, first])),
            returning=returning,
            bought=bought,
            unknown=unknown,
            candidates=(interactions.products["last_day"] >= interactions.cutoff_day - CANDIDATE_DAYS).to_numpy(),
        )

    def quality(self, scores: np.ndarray) -> dict[str, float]:
        """Mean NDCG@10: returning customers, all products and those they never bought; and new customers."""
        scores = np.where(self.candidates, scores, -np.inf)
        rows = self.queries.rows[: self.returning]
        has_bought = (self.interactions.counts()[rows] > 0).toarray()
        returning_rows, new_rows = np.arange(self.returning), np.arange(self.returning, len(self.queries))
        bought = self.bought.toarray()
        return {
            "all": ndcg(scores[returning_rows], bought[returning_rows], self.unknown[returning_rows]),
            "never bought": ndcg(
                np.where(has_bought, -np.inf, scores[returning_rows]),
                bought[returning_rows] & ~has_bought,
                self.unknown[returning_rows],
            ),
            "new customers": ndcg(scores[new_rows], bought[new_rows], self.unknown[new_rows]),
        }

    def export(self, file: Path) -> None:
        """Write what the peer learns from: each field as numbers, 0 for values that are not in the training data."""
        lines, products, context = self.interactions.lines, self.interactions.products, self.queries.context
        arrays: dict[str, np.ndarray] = {"row_product": lines["product"].to_numpy()}
        for name in CONTEXT:
            if lines[name].null_count() < lines.height:
                numbers = Numbers(lines[name])
                arrays[f"row_{name}"], arrays[f"query_{name}"] = numbers(lines[name]), numbers(context[name])
                arrays[f"size_{name}"] = numbers.size
        arrays["row_customer"] = lines["customer"].to_numpy() + np.int32(1)
        arrays["query_customer"] = (self.queries.rows + 1).astype(np.int32)
        arrays["size_customer"] = np.int64(self.interactions.shape[0] + 1)
        for name in ("product_id", "title", "product_type"):
            if products[name].null_count() < products.height:
                numbers = Numbers(products[name])
                arrays[f"product_{name}"], arrays[f"size_{name}"] = numbers(products[name]), numbers.size
        price = products["price"].to_numpy()
        arrays["product_price"] = ((price - price.mean()) / price.std()).astype(np.float32)
        lines_per_product = np.bincount(arrays["row_product"], minlength=products.height)
        arrays["share"] = (np.maximum(lines_per_product, 1) / lines.height).astype(np.float32)
        np.savez(file, **arrays)


class Numbers:
    """Numbers for the values of a column, from 1; 0 for null and for what the column does not hold."""

    def __init__(self, column: pl.Series) -> None:
        values = column.drop_nulls().unique().sort()
        self.table = pl.DataFrame({"value": values, "number": np.arange(1, len(values) + 1, dtype=np.int32)})
        self.size = np.int64(len(values) + 1)

    def __call__(self, column: pl.Series) -> np.ndarray:
        """Number of each value, int32."""
        values = pl.DataFrame({"value": column})
        return values.join(self.table, on="value", how="left", maintain_order="left")["number"].fill_null(0).to_numpy()


def targets(
    interactions: Interactions, later: pl.DataFrame, customers: pl.Series
) -> tuple[sparse.csr_matrix, np.ndarray]:
    """The `bought` and `unknown` of a `Task`."""
    pairs = later.select("customer_id", "product_id").unique()
    pairs = pairs.join(customers.to_frame().with_row_index("query"), on="customer_id")
    pairs = pairs.join(
        interactions.products.select("product_id").with_row_index("product"), on="product_id", how="left"
    )
    with_column = pairs.drop_nulls("product")
    cells = with_column["query"].to_numpy(), with_column["product"].to_numpy()
    bought = sparse.csr_matrix(
        (np.ones(with_column.height, dtype=bool), cells), shape=(len(customers), interactions.shape[1])
    )
    new_products = pairs.filter(pl.col("product").is_null())["query"].to_numpy()
    return bought, np.bincount(new_products, minlength=len(customers))


def ndcg(scores: np.ndarray, bought: np.ndarray, unknown: np.ndarray) -> float:
    """Mean NDCG@10 over the customers who bought something; products with score -inf are not shown.

    Args:
        scores: Shape (customers, products).
        bought: True where bought, shape (customers, products).
        unknown: Products bought besides, which have no column; shape (customers,).
    """
    target_counts = bought.sum(axis=1) + unknown
    scores, bought, target_counts = (
        scores[target_counts > 0],
        bought[target_counts > 0],
        target_counts[target_counts > 0],
    )
    best = np.argpartition(-scores, LENGTH, axis=1)[:, :LENGTH]
    order = np.argsort(-np.take_along_axis(scores, best, axis=1), axis=1, kind="stable")
    best = np.take_along_axis(best, order, axis=1)
    hits = np.take_along_axis(bought, best, axis=1) & np.isfinite(np.take_along_axis(scores, best, axis=1))
    discount = 1 / np.log2(np.arange(2, LENGTH + 2))
    ideal = np.cumsum(discount)[np.minimum(target_counts, LENGTH) - 1]
    return float((hits @ discount / ideal).mean())
