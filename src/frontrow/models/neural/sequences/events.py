"""Each customer's orders by time: the sequences that are learned from and continued.

One event is one order. The lines of an order have no sequence among themselves, so its products stand together, and
what is to be foretold is the next order, not the next line. Where every order is one product, as in the published
data sets, an event is a product.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from frontrow.models.interactions.interactions import Interactions


@dataclass(frozen=True)
class Events:
    """Orders by customer and time, end to end.

    Attributes:
        starts: First event of each customer, and the end of all; int64 of shape (customers + 1,).
        days: Of each event, since 1970-01-01; int32 of shape (events,).
        lines: First line of each event, and the end of all; int64 of shape (events + 1,).
        products: Column of each line, each once in an event; int64 of shape (lines,).
        columns: How many products there are, those without a line included.
        day: The cutoff, as days since 1970-01-01.
    """

    starts: NDArray[np.int64]
    days: NDArray[np.int32]
    lines: NDArray[np.int64]
    products: NDArray[np.int64]
    columns: int
    day: int

    @classmethod
    def of(cls, known: Interactions) -> Events:
        """The orders of interactions.

        Example:
            >>> from frontrow.models.interactions.interactions import build_interactions
            >>> from frontrow.testing.shops import hand_made_shop
            >>> known = build_interactions(hand_made_shop([(7, "pot", 0), (7, "bulb", 2), (9, "pot", 2)]).as_of())
            >>> found = Events.of(known)
            >>> found.starts.tolist(), found.products.tolist()
            ([0, 2, 3], [1, 0, 1])
        """
        lines = known.lines.select("customer", "order", "day", "product").unique(["order", "product"], keep="first")
        lines = lines.sort("order", "product")
        order = lines["order"].to_numpy()
        first = np.flatnonzero(np.diff(order, prepend=-1))
        customers = lines["customer"].to_numpy()[first]
        return cls(
            np.searchsorted(customers, np.arange(known.shape[0] + 1)).astype(np.int64),
            lines["day"].to_numpy()[first].astype(np.int32),
            np.append(first, len(order)).astype(np.int64),
            lines["product"].to_numpy().astype(np.int64),
            known.shape[1],
            known.cutoff_day,
        )

    @classmethod
    def of_sequences(cls, sequences: Sequence[Sequence[int]], products: int) -> Events:
        """One product an event, one sequence a customer, no dates: how published data sets are kept.

        Example:
            >>> Events.of_sequences([[2, 0], [1]], products=3).products.tolist()
            [2, 0, 1]
        """
        lengths = np.array([len(one) for one in sequences], dtype=np.int64)
        flat = np.array([product for one in sequences for product in one], dtype=np.int64)
        starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)])
        return cls(starts, np.zeros(len(flat), np.int32), np.arange(len(flat) + 1), flat, products, 1)

    def counts(self) -> NDArray[np.int64]:
        """Events of each product; shape (products,)."""
        return np.bincount(self.products, minlength=self.columns).astype(np.int64)

    def lengths(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Events of some customers, 0 for a row of -1."""
        if len(self.starts) < 2:
            return np.zeros(len(rows), np.int64)
        inside = np.maximum(rows, 0)
        return np.where(rows < 0, 0, self.starts[inside + 1] - self.starts[inside])

    def ages(self) -> NDArray[np.int64]:
        """Days of each event before the cutoff; shape (events,)."""
        return self.day - self.days.astype(np.int64)

    @cached_property
    def gaps(self) -> NDArray[np.int64]:
        """Days since the customer's event before, 0 for the first; shape (events,).

        Example:
            >>> from dataclasses import replace
            >>> found = Events.of_sequences([[2, 0], [1]], products=3)
            >>> replace(found, days=np.array([5, 9, 9], np.int32)).gaps.tolist()
            [0, 4, 0]
        """
        days = self.days.astype(np.int64)
        gaps = np.diff(days, prepend=days[:1])
        first = self.starts[:-1][np.diff(self.starts) > 0]
        gaps[first] = 0
        return gaps
