"""Customers of a launch as vectors, learned from what was known before it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from frontrow.models.embeddings.base import Embedder, Fitted
from frontrow.models.recommenders.interactions import (
    CONTEXT,
    CONTEXT_SCHEMA,
    Interactions,
    Queries,
    interactions,
    order_lines,
)
from frontrow.shop.shop import History


@dataclass(frozen=True)
class CustomerVectors:
    """An embedding fitted on a history.

    Attributes:
        embedding: Its name.
        known: What it was fitted on.
        fitted: The embedding.
    """

    embedding: str
    known: Interactions
    fitted: Fitted

    @classmethod
    def fit(cls, history: History, embedder: Embedder, *, seed: int) -> CustomerVectors:
        """Learn from every line of the history."""
        known = interactions(history)
        return cls(embedder.name, known, embedder.fit(known, seed=seed))

    def of(self, history: History, customer_ids: NDArray[np.int64]) -> NDArray[np.float32]:
        """A vector for each customer, float32 of shape (customers, dimensions).

        Args:
            history: Up to the launch; it may reach further than what the embedding was fitted on. Who ordered first
                since is known by the context of the last order only.
            customer_ids: In any order.
        """
        if history.day < self.known.day:
            raise ValueError("the embedding has seen orders after the launch")
        place = np.searchsorted(self.known.customer_ids, customer_ids)
        place = np.minimum(place, len(self.known.customer_ids) - 1)
        rows = np.where(self.known.customer_ids[place] == customer_ids, place, -1).astype(np.int64)
        return self.fitted.customer_embeddings(Queries(rows, last_contexts(history, customer_ids)))


def last_contexts(history: History, customer_ids: NDArray[np.int64]) -> pl.DataFrame:
    """The context of each customer's last order, but in the month of the cutoff (`CONTEXT_SCHEMA`).

    Example:
        >>> from frontrow.testing.shops import hand_made_shop
        >>> last_contexts(hand_made_shop([(7, "pot", 0)]).as_of(), np.array([7, 8]))["hour"].to_list()
        [12, None]
    """
    told = [name for name in CONTEXT if name != "month"]
    last = (
        order_lines(history)
        .sort("ordered_at", "order_id", "line_number")
        .group_by("customer_id", maintain_order=True)
        .agg(pl.col(told).last())
        .collect()
    )
    asked = pl.DataFrame({"customer_id": customer_ids}, schema={"customer_id": pl.Int64})
    return (
        asked.join(last, on="customer_id", how="left", maintain_order="left")
        .with_columns(month=pl.lit(history.cutoff.month))
        .select(pl.col(name).cast(dtype) for name, dtype in CONTEXT_SCHEMA.items())
    )
