"""A fitted sequence model: the fit, scores for any customer, similar products, saving and loading."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from frontrow.models.interactions.interactions import Interactions, Queries
from frontrow.models.neural.losses import bpr_max, sampled_softmax
from frontrow.models.neural.sequences.batches import Batch, TrainingSequences
from frontrow.models.neural.sequences.events import EventBatch, Events
from frontrow.models.neural.sequences.networks import SequenceNetwork, initialize
from frontrow.models.neural.settings import SequenceSettings
from frontrow.models.neural.training import (
    TrainingResult,
    TrainingSettings,
    get_weights,
    require_weights,
    set_weights,
    train,
    use_threads,
)
from frontrow.models.neural.validation import POPULARITY_WEIGHTS, best_or_default, hold_out
from frontrow.models.popularity.country import CountryTable, log_popularity
from frontrow.models.similarity.products import cosine_similarity
from frontrow.progress import Progress, no_progress
from frontrow.storage.artifact import ArrayModel

POPULARITY_WEIGHT = 0.5
"""Default weight of the country's log popularity, unless another weight is clearly better on the validation window."""

SEQUENCES_PER_BLOCK = 512


@dataclass(frozen=True)
class SequenceModel(ArrayModel):
    """A network with everything that scores need.

    Attributes:
        settings: Which network, and its sizes.
        weights: All weights of the network, end to end; float32 (weights,).
        events: Orders of each customer.
        popularity: Recent purchases per country, the only score of new customers.
        popularity_weight: Weight of popularity beside the network's scores of known customers.
        epochs: Number of passes chosen on the validation window.
    """

    settings: SequenceSettings
    weights: NDArray[np.float32]
    events: Events
    popularity: CountryTable
    popularity_weight: float
    epochs: int

    shapes: ClassVar = {"weights": ("weights",)}

    def check(self, dimensions: Mapping[str, int]) -> None:  # noqa: ARG002
        """See `array_checks.check_model`."""
        require_weights(lambda: SequenceNetwork(self.events.columns, self.settings), self.weights)

    @classmethod
    def fit(
        cls, interactions: Interactions, settings: SequenceSettings, *, seed: int, progress: Progress = no_progress
    ) -> SequenceModel:
        """Choose passes and popularity weight on the validation window, then fit on everything before the cutoff.

        Args:
            interactions: The order lines to learn from.
            settings: Hyper-parameters.
            seed: The same seed on the same interactions gives the same model.
            progress: Called with (passes done, maximum number of passes).
        """
        total = 2 * settings.epochs
        epochs, weight = _choose_epochs_and_weight(interactions, settings, seed, lambda done, _: progress(done, total))
        events = Events.from_interactions(interactions)
        network, _ = fit_network(
            events,
            settings,
            seed=seed,
            epochs=epochs,
            progress=lambda done, _: progress(total / 2 + done * settings.epochs / max(epochs, 1), total),
        )
        return cls(settings, get_weights(network), events, log_popularity(interactions), weight, epochs)

    @cached_property
    def network(self) -> SequenceNetwork:
        """The network with its weights, in evaluation mode."""
        return set_weights(SequenceNetwork(self.events.columns, self.settings), self.weights)

    def scores(self, queries: Queries) -> NDArray[np.float32]:
        """Return network plus popularity for known customers, popularity for new ones; float32 (queries, products)."""
        scores = self.popularity.scores(queries)
        with_history = np.flatnonzero(self.events.lengths(queries.rows) > 0)
        scores[with_history] *= np.float32(self.popularity_weight)
        scores[with_history] += _network_scores(self.network, self.events, queries.rows[with_history], self.settings)
        return scores

    def similar(self, products: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return the cosine similarity of embeddings; float32 of shape (given, products)."""
        return cosine_similarity(self.network.products.detach().numpy(), products)


def fit_network(
    events: Events,
    settings: SequenceSettings,
    *,
    seed: int,
    epochs: int | None = None,
    validate: Callable[[SequenceNetwork], float] | None = None,
    threads: int = 1,
    progress: Progress = no_progress,
) -> tuple[SequenceNetwork, TrainingResult]:
    """Fit a network; it is returned in evaluation mode.

    Args:
        events: The sequences.
        settings: Which network, its sizes, negatives, optimizer.
        seed: The same seed on the same events gives the same network.
        epochs: Maximum number of passes; `settings.epochs` if None.
        validate: Returns a metric of the network after each pass, higher is better; the best pass is kept.
        threads: Number of CPU threads.
        progress: Called with (passes done, maximum number of passes).

    Example:
        >>> events = Events.from_sequences([[0, 1, 2], [1, 2]], products=3)
        >>> _, training = fit_network(events, SequenceSettings("sasrec", embedding_size=8, epochs=2), seed=0)
        >>> training.epochs
        2
    """
    network = SequenceNetwork(events.columns, settings)
    initialize(network, settings.init_scale, torch.Generator().manual_seed(seed))
    sequences = TrainingSequences(events, settings)
    training = train(
        [network],
        lambda epoch: sequences.batches(np.random.default_rng([seed, epoch])),
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
    return network.eval(), training


def step_loss(network: SequenceNetwork, batch: Batch, settings: SequenceSettings) -> Tensor:
    """Return the loss of one step.

    Args:
        network: In training mode.
        batch: The step.
        settings: Which loss.
    """
    vectors = network(batch.inputs, batch.positions)
    products = network.products[batch.sampled.columns]
    if settings.loss == "bpr_max":
        return bpr_max(vectors, products, batch.targets)
    return sampled_softmax(vectors, products, batch.sampled.log_q, batch.targets)


def predict_next(
    network: SequenceNetwork, events: Events, rows: NDArray[np.int64], settings: SequenceSettings
) -> NDArray[np.float32]:
    """Return the vector of each customer's next order; float32 of shape (customers, width).

    Args:
        network: In evaluation mode.
        events: Orders of all customers up to their cutoff.
        rows: Customers with at least one event; shape (customers,).
        settings: Length, and which network it is.
    """
    vectors = np.empty((len(rows), settings.embedding_size), dtype=np.float32)
    by_length = np.argsort(events.lengths(rows), kind="stable")
    with torch.inference_mode(), use_threads(1):
        for start in range(0, len(rows), SEQUENCES_PER_BLOCK):
            block = by_length[start : start + SEQUENCES_PER_BLOCK]
            inputs = _last_orders(events, rows[block], settings)
            vectors[block] = network(inputs, inputs.last_events()).numpy()
    return vectors


def _last_orders(events: Events, rows: NDArray[np.int64], settings: SequenceSettings) -> EventBatch:
    """Return the last orders of some customers; BERT4Rec needs a masked order at the end of each."""
    ends = events.starts[rows + 1]
    starts = np.maximum(events.starts[rows], ends - settings.length)
    inputs = EventBatch.from_events(events, starts, ends)
    if settings.network != "bert4rec":
        return inputs
    return inputs.append_hidden(events.cutoff_day - events.days[ends - 1].astype(np.int64))


def _network_scores(
    network: SequenceNetwork, events: Events, rows: NDArray[np.int64], settings: SequenceSettings
) -> NDArray[np.float32]:
    """Return the network's scores of customers with a history; float32 (customers, products)."""
    vectors = predict_next(network, events, rows, settings)
    return np.asarray(vectors @ network.products.detach().numpy().T)


def _choose_epochs_and_weight(
    interactions: Interactions, settings: SequenceSettings, seed: int, progress: Progress
) -> tuple[int, float]:
    """Return the number of passes and the popularity weight that are best on the validation window."""
    holdout = hold_out(interactions, settings.validation_days, seed=seed)
    customers = holdout.returning
    if holdout.interactions.lines.height == 0 or len(customers.queries) == 0:
        return settings.epochs, POPULARITY_WEIGHT
    events = Events.from_interactions(holdout.interactions)
    popularity = log_popularity(holdout.interactions).scores(customers.queries)

    def ndcg(network: SequenceNetwork, weight: float) -> NDArray[np.float64]:
        scores = _network_scores(network, events, customers.queries.rows, settings)
        return customers.ndcg_sum(scores + np.float32(weight) * popularity)

    network, training = fit_network(
        events,
        settings,
        seed=seed,
        validate=lambda network: float(ndcg(network, POPULARITY_WEIGHT).mean()),
        progress=progress,
    )
    metrics = [ndcg(network, weight) for weight in POPULARITY_WEIGHTS]
    return max(training.epochs, 1), best_or_default(metrics, POPULARITY_WEIGHTS, POPULARITY_WEIGHT)
