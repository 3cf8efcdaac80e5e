"""Some sequences as a network takes them: events end to end, and where each stands in a padded table."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from frontrow.models.neural.sequences.events import Events
from frontrow.models.neural.two_tower.bags import spans

GAP_STEPS = 14
"""Gaps of 0, 1, 2 to 3, 4 to 7, ... days; the last step holds what is longer than eleven years."""


@dataclass(frozen=True)
class Padded:
    """Sequences end to end; whatever stands in the padding of the tables made of them is never read.

    Attributes:
        products: Column of each line, by event; int64 (lines,).
        lines: First line of each event, and the end of all; int64 (events + 1,).
        rows: Sequence of each event; int64 (events,).
        places: Place of each event in its sequence, from 0; int64 (events,).
        gaps: Step of the days since the event before; int64 (events,).
        hidden: Events whose products are not to be seen; bool (events,).
        lengths: Events of each sequence, at least one; int64 (sequences,).
    """

    products: Tensor
    lines: Tensor
    rows: Tensor
    places: Tensor
    gaps: Tensor
    hidden: Tensor
    lengths: Tensor

    @classmethod
    def of(cls, events: Events, starts: NDArray[np.int64], ends: NDArray[np.int64]) -> Padded:
        """The events `start:end` of each sequence; none of them empty.

        Example:
            >>> events = Events.of_sequences([[2, 0], [1]], products=3)
            >>> Padded.of(events, np.array([0, 2]), np.array([2, 3])).table(torch.tensor([7, 8, 9])).tolist()
            [[7, 8], [9, 0]]
        """
        chosen, offsets = spans(starts, ends)
        lengths = ends - starts
        lines, line_offsets = spans(events.lines[chosen], events.lines[chosen + 1])
        return cls(
            torch.from_numpy(events.products[lines]),
            torch.from_numpy(line_offsets),
            torch.from_numpy(np.repeat(np.arange(len(starts)), lengths)),
            torch.from_numpy(np.arange(len(chosen)) - np.repeat(offsets[:-1], lengths)),
            torch.from_numpy(gap_steps(events.gaps[chosen])),
            torch.zeros(len(chosen), dtype=torch.bool),
            torch.from_numpy(lengths),
        )

    def hiding(self, hidden: Tensor) -> Padded:
        """With the products of some events not to be seen; bool (events,)."""
        return replace(self, hidden=hidden)

    def followed(self, gaps: NDArray[np.int64]) -> Padded:
        """With one hidden event, of no products, after each sequence; `gaps`: days until it, shape (sequences,)."""
        lengths = self.lengths + 1
        ends = torch.cumsum(lengths, 0) - 1
        kept = torch.ones(int(lengths.sum()), dtype=torch.bool)
        kept[ends] = False
        lines = self.lines[1:].new_empty(len(kept))
        lines[kept] = self.lines[1:]
        lines[ends] = self.lines[torch.cumsum(self.lengths, 0)]
        gap = torch.empty_like(lines)
        gap[kept], gap[ends] = self.gaps, torch.from_numpy(gap_steps(gaps))
        rows = torch.repeat_interleave(torch.arange(len(lengths)), lengths)
        first = torch.cumsum(lengths, 0) - lengths
        return Padded(
            self.products,
            torch.cat([self.lines[:1], lines]),
            rows,
            torch.arange(len(rows)) - first[rows],
            gap,
            ~kept,
            lengths,
        )

    def last(self) -> Tensor:
        """The last event of each sequence; int64 (sequences,)."""
        return torch.cumsum(self.lengths, 0) - 1

    def table(self, values: Tensor) -> Tensor:
        """Values of events (events, ...) as a table (sequences, longest, ...), zero in the padding."""
        longest = int(self.lengths.max())
        flat = values.new_zeros((len(self.lengths) * longest, *values.shape[1:]))
        flat = flat.index_copy(0, self.rows * longest + self.places, values)
        return flat.view(len(self.lengths), longest, *values.shape[1:])

    def flat(self, table: Tensor) -> Tensor:
        """The events of a table (sequences, longest, width), end to end: (events, width)."""
        return table[self.rows, self.places]

    def real(self) -> Tensor:
        """Where the table holds an event; bool (sequences, longest)."""
        return torch.arange(int(self.lengths.max())) < self.lengths[:, None]


def gap_steps(days: NDArray[np.int64]) -> NDArray[np.int64]:
    """Steps that double: 0, 1, 2 to 3, 4 to 7, ...

    Example:
        >>> gap_steps(np.array([0, 1, 3, 4, 100_000])).tolist()
        [0, 1, 2, 3, 13]
    """
    steps = np.ceil(np.log2(np.maximum(days, 0) + 1))
    return np.asarray(np.minimum(steps, GAP_STEPS - 1), dtype=np.int64)
