"""Each customer's orders by time, and padded tables of them as input of the networks.

One event is one order. The lines of an order have no sequence, so its products are one input, and the network predicts
the next order instead of the next line. In published data sets, every event is one product.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from frontrow.models.interactions.interactions import Interactions
from frontrow.models.neural.bags import expand_spans
from frontrow.storage.array_checks import is_partition

GAP_STEPS = 14
"""Gaps of 0, 1, 2 to 3, 4 to 7, ... days; the last step is for gaps of more than eleven years."""


@dataclass(frozen=True)
class Events:
    """Orders by customer and time, end to end.

    Attributes:
        starts: First event of each customer, and the end of the last; int64 of shape (customers + 1,).
        days: Day of each event, as days since 1970-01-01; int32 of shape (events,).
        lines: First line of each event, and the end of the last; int64 of shape (events + 1,).
        products: Column of the product on each line, each product once per event; int64 of shape (lines,).
        columns: Number of product columns.
        cutoff_day: The cutoff, as days since 1970-01-01.
    """

    starts: NDArray[np.int64]
    days: NDArray[np.int32]
    lines: NDArray[np.int64]
    products: NDArray[np.int64]
    columns: int
    cutoff_day: int

    shapes: ClassVar = {
        "starts": ("customers+1",),
        "days": ("events",),
        "lines": ("events+1",),
        "products": ("lines",),
    }
    dimension_of: ClassVar = {"columns": "products"}
    indices: ClassVar = {"products": "products"}

    def check(self, dimensions: Mapping[str, int]) -> None:  # noqa: ARG002
        """See `array_checks.check_model`."""
        if not (is_partition(self.starts, len(self.days)) and is_partition(self.lines, len(self.products))):
            raise ValueError("the orders of a customer have no end")

    @classmethod
    def from_interactions(cls, interactions: Interactions) -> Events:
        """Return the orders of interactions.

        Example:
            >>> from frontrow.models.interactions.interactions import build_interactions
            >>> from frontrow.testing.shops import hand_made_shop
            >>> orders = build_interactions(hand_made_shop([(7, "pot", 0), (7, "bulb", 2), (9, "pot", 2)]).as_of())
            >>> events = Events.from_interactions(orders)
            >>> events.starts.tolist(), events.products.tolist()
            ([0, 2, 3], [1, 0, 1])
        """
        lines = interactions.lines.select("customer", "order", "day", "product")
        lines = lines.unique(["order", "product"], keep="first").sort("order", "product")
        order = lines["order"].to_numpy()
        first_lines = np.flatnonzero(np.diff(order, prepend=-1))
        customers = lines["customer"].to_numpy()[first_lines]
        return cls(
            np.searchsorted(customers, np.arange(interactions.shape[0] + 1)).astype(np.int64),
            lines["day"].to_numpy()[first_lines].astype(np.int32),
            np.append(first_lines, len(order)).astype(np.int64),
            lines["product"].to_numpy().astype(np.int64),
            interactions.shape[1],
            interactions.cutoff_day,
        )

    @classmethod
    def from_sequences(cls, sequences: Sequence[Sequence[int]], products: int) -> Events:
        """Return events of one product each, without dates, as in published data sets.

        Args:
            sequences: The products of each customer, by time.
            products: Number of product columns.

        Example:
            >>> Events.from_sequences([[2, 0], [1]], products=3).products.tolist()
            [2, 0, 1]
        """
        lengths = np.array([len(sequence) for sequence in sequences], dtype=np.int64)
        flat = np.array([product for sequence in sequences for product in sequence], dtype=np.int64)
        starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)])
        return cls(starts, np.zeros(len(flat), np.int32), np.arange(len(flat) + 1), flat, products, 1)

    def product_counts(self) -> NDArray[np.int64]:
        """Return the number of events of each product; shape (products,)."""
        return np.bincount(self.products, minlength=self.columns).astype(np.int64)

    def lengths(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the number of events of some customers, 0 for a row of -1."""
        if len(self.starts) < 2:
            return np.zeros(len(rows), np.int64)
        known_rows = np.maximum(rows, 0)
        return np.where(rows < 0, 0, self.starts[known_rows + 1] - self.starts[known_rows])

    @cached_property
    def gaps(self) -> NDArray[np.int64]:
        """Days since the customer's previous event, 0 for the first; shape (events,).

        Example:
            >>> events = Events.from_sequences([[2, 0], [1]], products=3)
            >>> replace(events, days=np.array([5, 9, 9], np.int32)).gaps.tolist()
            [0, 4, 0]
        """
        days = self.days.astype(np.int64)
        gaps = np.diff(days, prepend=days[:1])
        first_events = self.starts[:-1][np.diff(self.starts) > 0]
        gaps[first_events] = 0
        return gaps


@dataclass(frozen=True)
class EventBatch:
    """Sequences of events, end to end, as input of a network. Padding comes after a sequence and is never read.

    Attributes:
        products: Column of each line, by event; int64 (lines,).
        lines: First line of each event, and the end of the last; int64 (events + 1,).
        rows: Sequence of each event; int64 (events,).
        positions: Position of each event in its sequence, from 0; int64 (events,).
        gaps: Step of the days since the previous event; int64 (events,).
        hidden: Whether the products of each event are masked; bool (events,).
        lengths: Events of each sequence, at least one; int64 (sequences,).
    """

    products: Tensor
    lines: Tensor
    rows: Tensor
    positions: Tensor
    gaps: Tensor
    hidden: Tensor
    lengths: Tensor

    @classmethod
    def from_events(cls, events: Events, starts: NDArray[np.int64], ends: NDArray[np.int64]) -> EventBatch:
        """Return the events `start:end` of each sequence.

        Args:
            events: All events.
            starts: First event of each sequence.
            ends: End of each sequence, after its start.

        Example:
            >>> events = Events.from_sequences([[2, 0], [1]], products=3)
            >>> EventBatch.from_events(events, np.array([0, 2]), np.array([2, 3])).pad(torch.tensor([7, 8, 9])).tolist()
            [[7, 8], [9, 0]]
        """
        chosen, offsets = expand_spans(starts, ends)
        lengths = ends - starts
        lines, line_offsets = expand_spans(events.lines[chosen], events.lines[chosen + 1])
        return cls(
            torch.from_numpy(events.products[lines]),
            torch.from_numpy(line_offsets),
            torch.from_numpy(np.repeat(np.arange(len(starts)), lengths)),
            torch.from_numpy(np.arange(len(chosen)) - np.repeat(offsets[:-1], lengths)),
            torch.from_numpy(gap_steps(events.gaps[chosen])),
            torch.zeros(len(chosen), dtype=torch.bool),
            torch.from_numpy(lengths),
        )

    def hide(self, hidden: Tensor) -> EventBatch:
        """Return the same events with the products of some masked; `hidden` is bool (events,)."""
        return replace(self, hidden=hidden)

    def append_hidden(self, gaps: NDArray[np.int64]) -> EventBatch:
        """Return the sequences with one masked event, of no products, at the end of each.

        Args:
            gaps: Days until that event; shape (sequences,).
        """
        lengths = self.lengths + 1
        ends = torch.cumsum(lengths, 0) - 1
        is_given = torch.ones(int(lengths.sum()), dtype=torch.bool)
        is_given[ends] = False
        lines = self.lines[1:].new_empty(len(is_given))
        lines[is_given] = self.lines[1:]
        lines[ends] = self.lines[torch.cumsum(self.lengths, 0)]
        all_gaps = torch.empty_like(lines)
        all_gaps[is_given], all_gaps[ends] = self.gaps, torch.from_numpy(gap_steps(gaps))
        rows = torch.repeat_interleave(torch.arange(len(lengths)), lengths)
        first_events = torch.cumsum(lengths, 0) - lengths
        return EventBatch(
            self.products,
            torch.cat([self.lines[:1], lines]),
            rows,
            torch.arange(len(rows)) - first_events[rows],
            all_gaps,
            ~is_given,
            lengths,
        )

    def last_events(self) -> Tensor:
        """Return the last event of each sequence; int64 (sequences,)."""
        return torch.cumsum(self.lengths, 0) - 1

    def pad(self, values: Tensor) -> Tensor:
        """Return values of events (events, ...) as a table (sequences, longest, ...), zero in the padding."""
        longest = int(self.lengths.max())
        flat = values.new_zeros((len(self.lengths) * longest, *values.shape[1:]))
        flat = flat.index_copy(0, self.rows * longest + self.positions, values)
        return flat.view(len(self.lengths), longest, *values.shape[1:])

    def is_event(self) -> Tensor:
        """Return where the table of `pad` holds an event; bool (sequences, longest)."""
        return torch.arange(int(self.lengths.max())) < self.lengths[:, None]


def gap_steps(days: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return gaps in days as steps that double: 0, 1, 2 to 3, 4 to 7, ...

    Example:
        >>> gap_steps(np.array([0, 1, 3, 4, 100_000])).tolist()
        [0, 1, 2, 3, 13]
    """
    steps = np.ceil(np.log2(np.maximum(days, 0) + 1))
    return np.asarray(np.minimum(steps, GAP_STEPS - 1), dtype=np.int64)
