"""Fit a ranking network: cross-entropy of bought and not bought, over batches drawn anew each pass."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits

from frontrow.models.neural.ranking.average import Average
from frontrow.models.neural.ranking.fitted import RankingNetwork, unfitted
from frontrow.models.neural.ranking.inputs import Inputs
from frontrow.models.neural.ranking.settings import NetworkSettings
from frontrow.models.neural.training import TrainingSettings, seeded, shuffled_batches, train
from frontrow.models.ranker import Candidates, row_weights
from frontrow.progress import Progress


def fit(
    candidates: Candidates, bought: NDArray[np.bool_], settings: NetworkSettings, *, seed: int, progress: Progress
) -> RankingNetwork:
    """Learn; see `rankers.base.Ranker.fit`."""
    inputs = Inputs.of(candidates, settings)
    rows = inputs.read(candidates)
    labels, weights = _lesson(candidates, bought)
    with seeded(seed):
        network = unfitted(inputs, settings, first_chance=float((labels * weights).mean()))
    size = settings.batch_of(len(rows))
    average = Average(network, settings.epochs * -(-len(rows) // size), settings.averaged)

    def loss(batch: Tensor) -> Tensor:
        return binary_cross_entropy_with_logits(network(rows.batch(batch)), labels[batch], weights[batch])

    train(
        [network],
        lambda epoch: shuffled_batches(len(rows), size, seed=[seed, epoch]),
        loss,
        _training(settings),
        seed=seed,
        after_step=lambda _: average.add(),
        progress=progress,
    )
    average.put()
    return RankingNetwork.of(network, inputs, settings)


def _lesson(candidates: Candidates, bought: NDArray[np.bool_]) -> tuple[Tensor, Tensor]:
    """What was bought, and how much each row counts, 1 on average; both float32 (rows,)."""
    weights = row_weights(candidates, bought)
    return torch.from_numpy(bought.astype(np.float32)), torch.from_numpy((weights / weights.mean()).astype(np.float32))


def _training(settings: NetworkSettings) -> TrainingSettings:
    return TrainingSettings(
        epochs=settings.epochs,
        patience=settings.epochs,
        optimizer="adam",
        learning_rate=settings.learning_rate,
        weight_decay=settings.weight_decay,
    )
