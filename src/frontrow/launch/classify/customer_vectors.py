"""Customers of a launch as vectors, learned from what was known before it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from frontrow.models.embedding import Embedder, FittedEmbedder
from frontrow.models.interactions.interactions import (
    CONTEXT,
    Interactions,
    Queries,
    build_interactions,
    last_contexts,
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
    fitted: FittedEmbedder

    @classmethod
    def fit(cls, history: History, embedder: Embedder, *, seed: int) -> CustomerVectors:
        """Learn from every line of the history."""
        known = build_interactions(history)
        return cls(embedder.name, known, embedder.fit(known, seed=seed))

    def of(self, history: History, customer_ids: NDArray[np.int64]) -> NDArray[np.float32]:
        """A vector for each customer, float32 of shape (customers, dimensions).

        Args:
            history: Up to the launch; it may reach further than what the embedding was fitted on. Who ordered first
                since is known by the context of the last order only.
            customer_ids: In any order.
        """
        if history.cutoff_day < self.known.cutoff_day:
            raise ValueError("the embedding has seen orders after the launch")
        lines = order_lines(history).sort("ordered_at", "order_id", "line_number")
        contexts = last_contexts(
            lines.select("customer_id", *CONTEXT).collect(), pl.Series("customer_id", customer_ids), history.cutoff_day
        )
        return self.fitted.customer_embeddings(Queries(self.known.rows_of(customer_ids), contexts))
