"""Fitting a network on sequences: the loss of a step, handed to the one training loop."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from frontrow.models.neural.sequences.batches import Batch, Batches
from frontrow.models.neural.sequences.events import Events
from frontrow.models.neural.sequences.loss import bpr_max, sampled_softmax
from frontrow.models.neural.sequences.networks import SequenceNetwork, start
from frontrow.models.neural.sequences.settings import SequenceSettings
from frontrow.models.neural.training import Trained, TrainingSettings, train
from frontrow.progress import Progress, no_progress


@dataclass(frozen=True)
class FittedNetwork:
    """A network that has learned, and how it came about."""

    network: SequenceNetwork
    trained: Trained


def fit_network(
    events: Events,
    settings: SequenceSettings,
    *,
    seed: int,
    epochs: int | None = None,
    validate: Callable[[SequenceNetwork], float] | None = None,
    threads: int = 1,
    progress: Progress = no_progress,
) -> FittedNetwork:
    """Fit a network.

    Args:
        events: The sequences.
        settings: Which network, its sizes, negatives, optimiser.
        seed: The same seed on the same events gives the same network.
        epochs: Passes to make; `settings.epochs` at most where it is not given.
        validate: Measure of the network after each pass, higher meaning better; the best pass is kept.
        threads: CPU threads.
        progress: Called with (passes done, passes at most).

    Example:
        >>> events = Events.of_sequences([[0, 1, 2], [1, 2]], products=3)
        >>> small = SequenceSettings("sasrec", embedding_size=8, epochs=2)
        >>> fit_network(events, small, seed=0).trained.epochs
        2
    """
    network = SequenceNetwork(events.columns, settings)
    start(network, settings.init_scale, torch.Generator().manual_seed(seed))
    batches = Batches(events, settings)
    trained = train(
        [network],
        lambda epoch: batches.batches(np.random.default_rng([seed, epoch])),
        lambda batch: step_loss(network, batch, settings),
        TrainingSettings(
            settings.epochs if epochs is None else epochs,
            settings.patience,
            "adam",
            settings.learning_rate,
            threads=threads,
        ),
        seed=seed,
        validate=None if validate is None else lambda: validate(network),
        progress=progress,
    )
    return FittedNetwork(network.eval(), trained)


def step_loss(network: SequenceNetwork, batch: Batch, settings: SequenceSettings) -> Tensor:
    """The loss of one step."""
    found = network(batch.inputs, batch.asked)
    products = network.products[batch.drawn.columns]
    if settings.loss == "bpr_max":
        return bpr_max(found, products, batch.targets)
    return sampled_softmax(found, products, batch.drawn.log_q, batch.targets)
