"""A fitted sequence model: scores for any customer, similar products, saved and read back whole."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn.utils import parameters_to_vector, vector_to_parameters

from frontrow.models.interactions.interactions import Interactions, Queries
from frontrow.models.neural.sequences.events import Events
from frontrow.models.neural.sequences.fit import fit_network
from frontrow.models.neural.sequences.networks import SequenceNetwork
from frontrow.models.neural.sequences.serving import next_vectors
from frontrow.models.neural.sequences.settings import SequenceSettings
from frontrow.models.neural.two_tower.blend import POPULARITY_WEIGHTS, clearly_best
from frontrow.models.neural.two_tower.validation import Asked, window
from frontrow.models.popularity.country_popularity import CountryPopularity
from frontrow.progress import Progress, no_progress
from frontrow.storage.artifact import ArrayModel

POPULARITY_WEIGHT = 0.5
"""Of the country's log popularity beside the network, unless the validation window clearly speaks for another."""


@dataclass(frozen=True)
class SequenceModel(ArrayModel):
    """A network with what is needed to use it.

    Attributes:
        settings: Which network, and its sizes.
        weights: All of the network's, end to end; float32 (weights,).
        events: The histories that are continued.
        popularity: What each country bought lately: all there is to say of a customer never seen.
        popularity_weight: How much of it is added to the network's scores of known customers.
        epochs: Passes that the validation window asked for.
    """

    settings: SequenceSettings
    weights: NDArray[np.float32]
    events: Events
    popularity: CountryPopularity
    popularity_weight: float
    epochs: int

    @classmethod
    def fit(
        cls, interactions: Interactions, settings: SequenceSettings, *, seed: int, progress: Progress = no_progress
    ) -> SequenceModel:
        """Choose passes and the weight of popularity on the window held back, then fit on all before the cutoff."""
        most = 2 * settings.epochs
        epochs, weight = _chosen(interactions, settings, seed, lambda done, _: progress(done, most))
        events = Events.of(interactions)
        fitted = fit_network(
            events,
            settings,
            seed=seed,
            epochs=epochs,
            progress=lambda done, _: progress(most / 2 + done * settings.epochs / max(epochs, 1), most),
        )
        weights = parameters_to_vector(fitted.network.parameters()).detach().numpy()
        return cls(settings, weights, events, CountryPopularity.of(interactions), weight, epochs)

    @cached_property
    def network(self) -> SequenceNetwork:
        """The network with its weights, in evaluation mode."""
        network = SequenceNetwork(self.events.columns, self.settings).eval()
        vector_to_parameters(torch.from_numpy(self.weights.copy()), network.parameters())
        return network

    def scores(self, queries: Queries) -> NDArray[np.float32]:
        """Network and popularity of those with a history, popularity of the others; float32 (queries, products)."""
        scores = self.popularity.scores(queries)
        known = np.flatnonzero(self.events.lengths(queries.rows) > 0)
        scores[known] *= np.float32(self.popularity_weight)
        scores[known] += network_scores(self.network, self.events, queries.rows[known], self.settings)
        return scores

    def similar(self, products: NDArray[np.int64]) -> NDArray[np.float32]:
        """Cosine of embeddings; float32 of shape (given, products)."""
        embeddings = self.network.products.detach().numpy()
        unit = embeddings / np.maximum(np.linalg.norm(embeddings, axis=1, keepdims=True), 1e-12)
        return np.asarray(unit[products] @ unit.T)


def network_scores(
    network: SequenceNetwork, events: Events, rows: NDArray[np.int64], settings: SequenceSettings
) -> NDArray[np.float32]:
    """Of customers with a history, the network's scores alone; float32 (customers, products)."""
    vectors = next_vectors(network, events, rows, settings)
    return np.asarray(vectors @ network.products.detach().numpy().T)


def _chosen(known: Interactions, settings: SequenceSettings, seed: int, progress: Progress) -> tuple[int, float]:
    """Passes and weight of popularity that did best on the last days before the cutoff."""
    held = window(known, settings.validation_days, seed=seed)
    asked = held.returning
    if held.before.lines.height == 0 or len(asked.queries) == 0:
        return settings.epochs, POPULARITY_WEIGHT
    events = Events.of(held.before)
    popular = CountryPopularity.of(held.before).scores(asked.queries)

    def blended(network: SequenceNetwork, weight: float) -> NDArray[np.float64]:
        scores = network_scores(network, events, asked.queries.rows, settings)
        return _value(asked, scores + np.float32(weight) * popular)

    fitted = fit_network(
        events,
        settings,
        seed=seed,
        validate=lambda network: float(blended(network, POPULARITY_WEIGHT).mean()),
        progress=progress,
    )
    choices = np.stack([blended(fitted.network, weight) for weight in POPULARITY_WEIGHTS])
    best = clearly_best(choices, POPULARITY_WEIGHTS.index(POPULARITY_WEIGHT))
    return max(fitted.trained.epochs, 1), POPULARITY_WEIGHTS[best]


def _value(asked: Asked, scores: NDArray[np.float32]) -> NDArray[np.float64]:
    """NDCG@10 over all and over never-bought products together, of each customer."""
    never = asked.ndcg(scores, never_bought=True)
    return asked.ndcg(scores) + np.where(np.isnan(never), 0.0, never)
