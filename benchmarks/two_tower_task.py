"""The task of `two_tower.py`: who is asked at a cutoff, what they went on to buy, and how well scores foresee it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from scipy import sparse

from frontrow import Shop
from frontrow.models.interactions.contexts import CONTEXT, first_contexts
from frontrow.models.interactions.interactions import Interactions, Queries, build_interactions, order_lines

LENGTH = 10
TARGET_DAYS = 30
CANDIDATE_DAYS = 180


@dataclass(frozen=True)
class Task:
    """A cutoff's question: `returning` queries come first, customers never seen after them.

    Attributes:
        known: What may be learned from.
        queries: Who is asked.
        returning: How many of the queries are of customers known at the cutoff.
        bought: Products bought in the 30 days from the cutoff, shape (queries, products), bool.
        unknown: Products among them that nobody had bought before, which no list can hold; shape (queries,).
        candidates: Products that may be shown: sold in the last 180 days; shape (products,).
    """

    known: Interactions
    queries: Queries
    returning: int
    bought: sparse.csr_matrix
    unknown: np.ndarray
    candidates: np.ndarray

    @classmethod
    def read(cls, folder: Path, cutoff: dt.date) -> Task:
        """Ask at a cutoff, of a shop's folder."""
        shop = Shop.read(folder)
        known = build_interactions(shop.as_of(cutoff))
        after = shop.as_of(shop.midnight(known.cutoff_day + TARGET_DAYS))
        window = order_lines(after).filter(pl.col("day") >= known.cutoff_day)
        later = window.sort("customer_id", "ordered_at", "order_id", "line_number").collect()
        customers = later["customer_id"].unique(maintain_order=True)
        rows = known.rows_of(customers.to_numpy())
        returning = int((rows >= 0).sum())
        order = np.argsort(rows < 0, kind="stable")
        asked, rows = customers.gather(order), rows[order]
        first = first_contexts(later, asked[returning:])
        bought, unknown = targets(known, later, asked)
        return cls(
            known=known,
            queries=Queries(rows, pl.concat([known.queries(rows[:returning]).context, first])),
            returning=returning,
            bought=bought,
            unknown=unknown,
            candidates=(known.products["last_day"] >= known.cutoff_day - CANDIDATE_DAYS).to_numpy(),
        )

    def quality(self, scores: np.ndarray) -> dict[str, float]:
        """Mean NDCG@10: returning customers, all products and those they never bought, and customers never seen."""
        scores = np.where(self.candidates, scores, -np.inf)
        rows = self.queries.rows[: self.returning]
        had = (self.known.counts()[rows] > 0).toarray()
        back, new = np.arange(self.returning), np.arange(self.returning, len(self.queries))
        bought = self.bought.toarray()
        return {
            "all": ndcg(scores[back], bought[back], self.unknown[back]),
            "never bought": ndcg(np.where(had, -np.inf, scores[back]), bought[back] & ~had, self.unknown[back]),
            "new customers": ndcg(scores[new], bought[new], self.unknown[new]),
        }

    def export(self, file: Path) -> None:
        """Write what the peer learns from: each field by number, 0 standing for what was never seen."""
        lines, products, context = self.known.lines, self.known.products, self.queries.context
        arrays: dict[str, np.ndarray] = {"row_product": lines["product"].to_numpy()}
        for name in CONTEXT:
            if lines[name].null_count() < lines.height:
                numbers = Numbers(lines[name])
                arrays[f"row_{name}"], arrays[f"query_{name}"] = numbers(lines[name]), numbers(context[name])
                arrays[f"size_{name}"] = numbers.size
        arrays["row_customer"] = lines["customer"].to_numpy() + np.int32(1)
        arrays["query_customer"] = (self.queries.rows + 1).astype(np.int32)
        arrays["size_customer"] = np.int64(self.known.shape[0] + 1)
        for name in ("product_id", "title", "product_type"):
            if products[name].null_count() < products.height:
                numbers = Numbers(products[name])
                arrays[f"product_{name}"], arrays[f"size_{name}"] = numbers(products[name]), numbers.size
        price = products["price"].to_numpy()
        arrays["product_price"] = ((price - price.mean()) / price.std()).astype(np.float32)
        seen = np.bincount(arrays["row_product"], minlength=products.height)
        arrays["share"] = (np.maximum(seen, 1) / lines.height).astype(np.float32)
        np.savez(file, **arrays)


class Numbers:
    """Numbers for the values of a column, from 1; 0 for null and for what the column does not hold."""

    def __init__(self, column: pl.Series) -> None:
        values = column.drop_nulls().unique().sort()
        self.table = pl.DataFrame({"value": values, "number": np.arange(1, len(values) + 1, dtype=np.int32)})
        self.size = np.int64(len(values) + 1)

    def __call__(self, column: pl.Series) -> np.ndarray:
        """Number of each value, int32."""
        asked = pl.DataFrame({"value": column})
        return asked.join(self.table, on="value", how="left", maintain_order="left")["number"].fill_null(0).to_numpy()


def targets(known: Interactions, later: pl.DataFrame, asked: pl.Series) -> tuple[sparse.csr_matrix, np.ndarray]:
    """The `bought` and `unknown` of a `Task`."""
    pairs = later.select("customer_id", "product_id").unique()
    pairs = pairs.join(asked.to_frame().with_row_index("query"), on="customer_id")
    pairs = pairs.join(known.products.select("product_id").with_row_index("product"), on="product_id", how="left")
    found = pairs.drop_nulls("product")
    place = found["query"].to_numpy(), found["product"].to_numpy()
    bought = sparse.csr_matrix((np.ones(found.height, dtype=bool), place), shape=(len(asked), known.shape[1]))
    missed = pairs.filter(pl.col("product").is_null())["query"].to_numpy()
    return bought, np.bincount(missed, minlength=len(asked))


def ndcg(scores: np.ndarray, bought: np.ndarray, unknown: np.ndarray) -> float:
    """Mean NDCG@10 over the customers who bought something; products with score -inf are not shown.

    Args:
        scores: Shape (customers, products).
        bought: True where bought, shape (customers, products).
        unknown: Products bought besides, which have no column; shape (customers,).
    """
    some = bought.sum(axis=1) + unknown
    scores, bought, some = scores[some > 0], bought[some > 0], some[some > 0]
    best = np.argpartition(-scores, LENGTH, axis=1)[:, :LENGTH]
    order = np.argsort(-np.take_along_axis(scores, best, axis=1), axis=1, kind="stable")
    best = np.take_along_axis(best, order, axis=1)
    hits = np.take_along_axis(bought, best, axis=1) & np.isfinite(np.take_along_axis(scores, best, axis=1))
    discount = 1 / np.log2(np.arange(2, LENGTH + 2))
    ideal = np.cumsum(discount)[np.minimum(some, LENGTH) - 1]
    return float((hits @ discount / ideal).mean())
