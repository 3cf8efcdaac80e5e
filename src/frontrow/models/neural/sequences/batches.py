"""Steps of sequences of like length, so that next to no time goes into padding."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from frontrow.models.neural.sequences.events import Events
from frontrow.models.neural.sequences.loss import Targets
from frontrow.models.neural.sequences.negatives import Drawn, Negatives
from frontrow.models.neural.sequences.padding import Padded
from frontrow.models.neural.sequences.settings import SequenceSettings
from frontrow.models.neural.two_tower.bags import spans

LENGTH_NOISE = 3.0
"""Sequences whose lengths differ by less can meet in a step, so that steps differ from pass to pass."""


@dataclass(frozen=True)
class Batch:
    """One step.

    Attributes:
        inputs: The sequences.
        asked: Events whose vectors are asked for; int64 (asked,).
        drawn: The products of the step.
        targets: What each asked event should find among them.
    """

    inputs: Padded
    asked: Tensor
    drawn: Drawn
    targets: Targets


class Batches:
    """The sequences learned from.

    Args:
        events: Nothing else is looked at.
        settings: Length, size of a step, negatives, half-life.
    """

    def __init__(self, events: Events, settings: SequenceSettings) -> None:
        self._events, self._settings = events, settings
        self._ends = events.starts[1:]
        self._starts = np.maximum(events.starts[:-1], self._ends - settings.length - 1)
        lengths = self._ends - self._starts
        fewest = 1 if settings.network == "bert4rec" else 2
        self._rows = np.flatnonzero(lengths >= fewest)
        self._lengths = lengths[self._rows]
        self._negatives = Negatives.of(events.counts(), settings.negatives)
        self._weights = line_weights(events, settings)

    def batches(self, rng: np.random.Generator) -> Iterator[Batch]:
        """Every sequence once; the steps in a sequence of their own."""
        if len(self._rows) == 0:
            return
        drawn = np.argsort(self._lengths + LENGTH_NOISE * rng.random(len(self._rows)))
        ends = np.cumsum(self._lengths[drawn])
        size = self._settings.batch_events
        steps = np.split(drawn, np.unique(np.searchsorted(ends, np.arange(size, ends[-1], size))))
        for step in rng.permutation(len(steps)):
            if len(steps[step]):
                yield self._batch(np.sort(self._rows[steps[step]]), rng)

    def _batch(self, rows: NDArray[np.int64], rng: np.random.Generator) -> Batch:
        starts, ends = self._starts[rows], self._ends[rows]
        if self._settings.network == "bert4rec":
            starts = np.maximum(starts, ends - self._settings.length)
            found, _ = spans(starts, ends)
            hidden = hide(ends - starts, self._settings.hidden_share, rng)
            inputs = Padded.of(self._events, starts, ends).hiding(torch.from_numpy(hidden))
            asked = np.flatnonzero(hidden)
            return self._asked(inputs, asked, found[asked], rng)
        inputs = Padded.of(self._events, starts, ends - 1)
        next_events, _ = spans(starts + 1, ends)
        return self._asked(inputs, np.arange(len(next_events)), next_events, rng)

    def _asked(
        self, inputs: Padded, asked: NDArray[np.int64], found: NDArray[np.int64], rng: np.random.Generator
    ) -> Batch:
        """`found`: the event that each asked one is to find."""
        lines, starts = spans(self._events.lines[found], self._events.lines[found + 1])
        drawn = self._negatives.draw(self._events.products[lines], rng)
        weights = torch.from_numpy(self._weights[lines])
        return Batch(inputs, torch.from_numpy(asked), drawn, Targets(torch.from_numpy(starts), drawn.places, weights))


def line_weights(events: Events, settings: SequenceSettings) -> NDArray[np.float32]:
    """How much each line counts as a target: by its age, and less where an order has many; float32 (lines,).

    An order counts as the square root of its lines.

    Example:
        >>> events = Events.of_sequences([[2, 0]], products=3)
        >>> line_weights(events, SequenceSettings("sasrec", half_life_days=1)).tolist()
        [0.5, 0.5]
    """
    count = np.diff(events.lines)
    age = events.day - events.days.astype(np.float64)
    half_life = settings.half_life_days
    recent = np.ones(len(age)) if half_life is None else 0.5 ** (age / half_life)
    return np.repeat(recent / np.sqrt(np.maximum(count, 1)), count).astype(np.float32)


def hide(lengths: NDArray[np.int64], share: float, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Which events of sequences end to end are hidden, at least one of each: half of the time the last alone.

    The last one is what is asked for in use, so it is what the network should have seen most (Sun et al., 2019, 3.6).

    Args:
        lengths: Events of each sequence, at least one.
        share: Chance of each event, where it is not the last alone.
        rng: Draws.

    Example:
        >>> hide(np.array([3, 1]), 0.0, np.random.default_rng(0)).tolist()
        [False, False, True, True]
    """
    last = np.cumsum(lengths) - 1
    hidden = rng.random(lengths.sum()) < share
    alone = rng.random(len(lengths)) < 0.5
    hidden &= ~np.repeat(alone, lengths)
    first = last + 1 - lengths
    none = np.add.reduceat(hidden, first) == 0 if len(lengths) else np.zeros(0, np.bool_)
    hidden[last[none]] = True
    return np.asarray(hidden)
