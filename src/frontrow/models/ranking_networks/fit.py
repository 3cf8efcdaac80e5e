"""Fit a ranking network: cross-entropy of bought and not bought, over batches drawn anew each pass."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits

from frontrow.models.rankers.base import Candidates, row_weights
from frontrow.models.ranking_networks.fitted import RankingNetwork, unfitted
from frontrow.models.ranking_networks.inputs import Inputs
from frontrow.models.ranking_networks.settings import NetworkSettings
from frontrow.models.recommenders.base import Progress
from frontrow.training import TrainingSettings, seeded, train


def fit(
    candidates: Candidates, bought: NDArray[np.bool_], settings: NetworkSettings, *, seed: int, progress: Progress
) -> RankingNetwork:
    """Learn; see `rankers.base.Ranker.fit`."""
    inputs = Inputs.of(candidates, settings)
    rows = inputs.read(candidates)
    weight = row_weights(candidates, bought)
    labels, weights = (torch.from_numpy(one.astype(np.float32)) for one in (bought, weight / weight.mean()))
    with seeded(seed):
        network = unfitted(inputs, settings)
    _start_at(network, float(np.average(bought, weights=weight)))

    def loss(batch: Tensor) -> Tensor:
        return binary_cross_entropy_with_logits(network(rows.batch(batch)), labels[batch], weights[batch])

    train(
        [network],
        lambda epoch: _batches(len(rows), settings.batch_of(len(rows)), seed=[seed, epoch]),
        loss,
        TrainingSettings(
            settings.epochs, settings.epochs, "adam", settings.learning_rate, weight_decay=settings.weight_decay
        ),
        seed=seed,
        progress=progress,
    )
    return RankingNetwork.of(network, inputs, settings)


def _start_at(network: nn.Module, chance: float) -> None:
    """Before it has learned, the network gives every row about the same chance: what is bought of all."""
    last = network.last
    assert isinstance(last, nn.Linear)
    nn.init.constant_(last.bias, float(np.log(chance / (1 - chance))))


def _batches(rows: int, batch: int, *, seed: list[int]) -> Iterator[Tensor]:
    """Every row once, in an order drawn anew."""
    order = torch.from_numpy(np.random.default_rng(seed).permutation(rows))
    for start in range(0, rows, batch):
        yield order[start : start + batch]
