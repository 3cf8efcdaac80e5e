"""Training steps: sequences of similar length, and the products in the softmax of each step."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from frontrow.models.neural.bags import expand_spans
from frontrow.models.neural.losses import Targets
from frontrow.models.neural.sequences.events import EventBatch, Events
from frontrow.models.neural.settings import SequenceSettings

LENGTH_NOISE = 3.0
"""Random noise added to the lengths, so that the steps differ from pass to pass."""


@dataclass(frozen=True)
class SampledProducts:
    """The products of a step.

    Attributes:
        columns: Their columns, ascending; int64 (sampled,).
        log_q: Log probability that each of them is in the step; float32 (sampled,).
        target_columns: Position of each target in `columns`; int64 (targets,).
    """

    columns: Tensor
    log_q: Tensor
    target_columns: Tensor


@dataclass(frozen=True)
class ProductSampler:
    """Draws negatives uniformly, each at most once, in addition to the targets of a step.

    Attributes:
        shares: Share of the targets that each product has; float64 (products,), with a sum of 1.
        negatives: Number of negatives to draw.
    """

    shares: NDArray[np.float64]
    negatives: int

    @classmethod
    def from_counts(cls, counts: NDArray[np.int64], negatives: int) -> ProductSampler:
        """Return the sampler of a shop.

        Args:
            counts: How often each product was bought; shape (products,).
            negatives: Number of negatives to draw.
        """
        return cls(counts / max(counts.sum(), 1), negatives)

    def sample(self, targets: NDArray[np.int64], rng: np.random.Generator) -> SampledProducts:
        """Return the products of a step: its targets and the negatives, or every product if there are no more.

        Args:
            targets: Column of each target.
            rng: Source of the draws.

        Example:
            >>> sampler = ProductSampler.from_counts(np.array([3, 1, 0]), 3)
            >>> sampled = sampler.sample(np.array([1, 1]), np.random.default_rng(0))
            >>> sampled.columns.tolist(), sampled.target_columns.tolist(), sampled.log_q.tolist()
            ([0, 1, 2], [1, 1], [0.0, 0.0, 0.0])
        """
        products = len(self.shares)
        if self.negatives >= products:
            return SampledProducts(torch.arange(products), torch.zeros(products), torch.from_numpy(targets))
        drawn = rng.choice(products, self.negatives, replace=False, shuffle=False)
        columns = np.unique(np.concatenate([targets, drawn]))
        probability = 1 - (1 - self.shares[columns]) ** len(targets) * (1 - self.negatives / products)
        return SampledProducts(
            torch.from_numpy(columns),
            torch.from_numpy(np.log(probability).astype(np.float32)),
            torch.from_numpy(np.searchsorted(columns, targets)),
        )


@dataclass(frozen=True)
class Batch:
    """One training step.

    Attributes:
        inputs: The sequences.
        positions: Events whose vectors are trained; int64 (positions,).
        sampled: The products of the step.
        targets: The products that each of these vectors should rank first.
    """

    inputs: EventBatch
    positions: Tensor
    sampled: SampledProducts
    targets: Targets


class TrainingSequences:
    """The sequences that a network learns from.

    Args:
        events: All events before the cutoff.
        settings: Length, size of a step, negatives, half-life.
    """

    def __init__(self, events: Events, settings: SequenceSettings) -> None:
        self._events, self._settings = events, settings
        self._ends = events.starts[1:]
        self._starts = np.maximum(events.starts[:-1], self._ends - settings.length - 1)
        lengths = self._ends - self._starts
        min_length = 1 if settings.network == "bert4rec" else 2
        self._rows = np.flatnonzero(lengths >= min_length)
        self._lengths = lengths[self._rows]
        self._sampler = ProductSampler.from_counts(events.product_counts(), settings.negatives)
        self._weights = target_weights(events, settings)

    def batches(self, rng: np.random.Generator) -> Iterator[Batch]:
        """Yield every sequence once, sequences of similar length together, the steps in a random order."""
        if len(self._rows) == 0:
            return
        by_length = np.argsort(self._lengths + LENGTH_NOISE * rng.random(len(self._rows)))
        ends = np.cumsum(self._lengths[by_length])
        size = self._settings.batch_events
        steps = np.split(by_length, np.unique(np.searchsorted(ends, np.arange(size, ends[-1], size))))
        for step in rng.permutation(len(steps)):
            if len(steps[step]):
                yield self._batch(np.sort(self._rows[steps[step]]), rng)

    def _batch(self, rows: NDArray[np.int64], rng: np.random.Generator) -> Batch:
        starts, ends = self._starts[rows], self._ends[rows]
        if self._settings.network == "bert4rec":
            starts = np.maximum(starts, ends - self._settings.length)
            events, _ = expand_spans(starts, ends)
            hidden = draw_hidden(ends - starts, self._settings.hidden_share, rng)
            inputs = EventBatch.from_events(self._events, starts, ends).hide(torch.from_numpy(hidden))
            positions = np.flatnonzero(hidden)
            return self._with_targets(inputs, positions, events[positions], rng)
        inputs = EventBatch.from_events(self._events, starts, ends - 1)
        next_events, _ = expand_spans(starts + 1, ends)
        return self._with_targets(inputs, np.arange(len(next_events)), next_events, rng)

    def _with_targets(
        self,
        inputs: EventBatch,
        positions: NDArray[np.int64],
        target_events: NDArray[np.int64],
        rng: np.random.Generator,
    ) -> Batch:
        """Return the step in which each position predicts the products of its target event."""
        lines, starts = expand_spans(self._events.lines[target_events], self._events.lines[target_events + 1])
        sampled = self._sampler.sample(self._events.products[lines], rng)
        weights = torch.from_numpy(self._weights[lines])
        targets = Targets(torch.from_numpy(starts), sampled.target_columns, weights)
        return Batch(inputs, torch.from_numpy(positions), sampled, targets)


def target_weights(events: Events, settings: SequenceSettings) -> NDArray[np.float32]:
    """Return the weight of each line as a target, by its age and the size of its order; float32 (lines,).

    The lines of an order have a total weight of the square root of their number.

    Args:
        events: All events before the cutoff.
        settings: Its `half_life_days` is used.

    Example:
        >>> events = Events.from_sequences([[2, 0]], products=3)
        >>> target_weights(events, SequenceSettings("sasrec", half_life_days=1)).tolist()
        [0.5, 0.5]
    """
    count = np.diff(events.lines)
    age = events.cutoff_day - events.days.astype(np.float64)
    half_life = settings.half_life_days
    age_weight = np.ones(len(age)) if half_life is None else 0.5 ** (age / half_life)
    return np.repeat(age_weight / np.sqrt(np.maximum(count, 1)), count).astype(np.float32)


def draw_hidden(lengths: NDArray[np.int64], share: float, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Draw the events to mask, at least one per sequence; in half of the sequences, only the last one.

    The last event is the one to predict in use, so the network should see it most often (Sun et al., 2019, 3.6).

    Args:
        lengths: Events of each sequence, at least one.
        share: Probability of each event in the other half of the sequences.
        rng: Source of the draws.

    Returns:
        Whether each event is masked, of all sequences end to end.

    Example:
        >>> draw_hidden(np.array([3, 1]), 0.0, np.random.default_rng(0)).tolist()
        [False, False, True, True]
    """
    last = np.cumsum(lengths) - 1
    hidden = rng.random(lengths.sum()) < share
    only_last = rng.random(len(lengths)) < 0.5
    hidden &= ~np.repeat(only_last, lengths)
    first = last + 1 - lengths
    none_hidden = np.add.reduceat(hidden, first) == 0 if len(lengths) else np.zeros(0, np.bool_)
    hidden[last[none_hidden]] = True
    return np.asarray(hidden)
