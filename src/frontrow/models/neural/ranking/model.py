"""A fitted ranking network: the fit, scores for any candidates, saving and loading."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits
from torch.nn.utils import parameters_to_vector, vector_to_parameters

from frontrow.errors import ArtifactError
from frontrow.models.neural.ranking.inputs import CandidateEncoder
from frontrow.models.neural.ranking.networks import CrossNetwork, DeepNetwork, InterestNetwork, WideAndDeepNetwork
from frontrow.models.neural.settings import RankingSettings
from frontrow.models.neural.training import (
    TrainingSettings,
    get_weights,
    require_weights,
    seeded,
    set_weights,
    shuffled_batches,
    train,
    use_threads,
)
from frontrow.models.ranker import Candidates, row_weights
from frontrow.progress import Progress
from frontrow.storage.artifact import ArrayModel

BLOCK_ROWS = 32_768
"""Candidates scored at a time."""


@dataclass(frozen=True)
class RankingModel(ArrayModel):
    """A network with everything that scores need.

    Attributes:
        settings: Which network, and its sizes.
        encoder: Turns candidates into tensors.
        weights: All weights of the network, end to end; float32 (weights,).
    """

    settings: RankingSettings
    encoder: CandidateEncoder
    weights: NDArray[np.float32]

    shapes: ClassVar = {"weights": ("weights",)}

    def check(self, dimensions: Mapping[str, int]) -> None:  # noqa: ARG002
        """See `array_checks.check_model`."""
        require_weights(lambda: _build_network(self.encoder, self.settings), self.weights)

    @classmethod
    def fit(
        cls,
        candidates: Candidates,
        bought: NDArray[np.bool_],
        settings: RankingSettings,
        *,
        seed: int,
        progress: Progress,
    ) -> RankingModel:
        """Fit a network with the cross-entropy of bought and not bought; see `Ranker.fit` for the arguments."""
        encoder = CandidateEncoder.fit(candidates, settings)
        encoded = encoder.encode(candidates)
        labels, weights = _labels_and_weights(candidates, bought)
        with seeded(seed):
            network = _build_network(encoder, settings, initial_probability=float((labels * weights).mean()))
        batch_rows = settings.rows_per_step(len(encoded))
        average = WeightAverage(network, settings.epochs * -(-len(encoded) // batch_rows), settings.averaged_share)
        train(
            [network],
            lambda epoch: shuffled_batches(len(encoded), batch_rows, seed=[seed, epoch]),
            lambda rows: binary_cross_entropy_with_logits(network(encoded.batch(rows)), labels[rows], weights[rows]),
            TrainingSettings(settings.epochs, settings.epochs, "adam", settings.learning_rate, settings.weight_decay),
            seed=seed,
            after_step=lambda _: average.add(),
            progress=progress,
        )
        average.apply()
        return cls(settings, encoder, get_weights(network))

    @cached_property
    def network(self) -> nn.Module:
        """The network with its weights, in evaluation mode."""
        return set_weights(_build_network(self.encoder, self.settings), self.weights)

    def scores(self, candidates: Candidates) -> NDArray[np.float32]:
        """See `FittedRanker.scores`.

        Raises:
            ArtifactError: The network is of other features than the candidates have.
        """
        if candidates.features.shape[1] != len(self.encoder.scaling.starts) - 1:
            raise ArtifactError("The saved ranker is of other features than this frontrow makes. Fit it again.")
        encoded = self.encoder.encode(candidates)
        scores = np.empty(len(encoded), dtype=np.float32)
        with torch.inference_mode(), use_threads(1):
            for start in range(0, len(encoded), BLOCK_ROWS):
                block = slice(start, start + BLOCK_ROWS)
                scores[block] = self.network(encoded.batch(block)).numpy()
        return scores


class WeightAverage:
    """Average of a network's weights over the last training steps (Polyak and Juditsky, 1992).

    With a constant learning rate, the weights keep moving around the optimum; their average is closer to it.

    Args:
        network: The network in training.
        steps: Total number of steps.
        share: Share of the steps, the last ones, to average; at least the last step.

    Example:
        >>> layer = nn.Linear(1, 1, bias=False)
        >>> average = WeightAverage(layer, steps=4, share=0.5)
        >>> for weight in (9.0, 9.0, 1.0, 2.0):
        ...     _ = nn.init.constant_(layer.weight, weight)
        ...     average.add()
        >>> average.apply()
        >>> layer.weight.item()
        1.5
    """

    def __init__(self, network: nn.Module, steps: int, share: float) -> None:
        self._network = network
        self._count = max(1, round(share * steps))
        self._skipped = steps - self._count
        self._step = 0
        self._total = torch.zeros_like(self._weights())

    def add(self) -> None:
        """Record the weights after a step."""
        if self._step >= self._skipped:
            self._total += self._weights()
        self._step += 1

    def apply(self) -> None:
        """Replace the weights of the network by their average."""
        vector_to_parameters(self._total / self._count, self._network.parameters())

    def _weights(self) -> Tensor:
        return parameters_to_vector(self._network.parameters()).detach()


def _labels_and_weights(candidates: Candidates, bought: NDArray[np.bool_]) -> tuple[Tensor, Tensor]:
    """Return labels, and row weights with a mean of 1; both float32 (rows,)."""
    weights = row_weights(candidates, bought)
    return torch.from_numpy(bought.astype(np.float32)), torch.from_numpy((weights / weights.mean()).astype(np.float32))


def _build_network(
    encoder: CandidateEncoder, settings: RankingSettings, initial_probability: float = 0.5
) -> DeepNetwork | WideAndDeepNetwork | CrossNetwork | InterestNetwork:
    """Return the network of the settings, which gives about `initial_probability`; torch draws its weights."""
    dense, sizes = encoder.scaling.width, encoder.categories.sizes
    network: DeepNetwork | WideAndDeepNetwork | CrossNetwork | InterestNetwork
    match settings.network:
        case "dnn":
            network = DeepNetwork(dense, sizes, settings)
        case "wide_and_deep":
            network = WideAndDeepNetwork(dense, sizes, len(encoder.categories.pair_keys), settings)
        case "dcn":
            network = CrossNetwork(dense, sizes, settings)
        case "din":
            network = InterestNetwork(dense, sizes, settings)
    nn.init.constant_(network.last.bias, float(np.log(initial_probability / (1 - initial_probability))))
    return network
