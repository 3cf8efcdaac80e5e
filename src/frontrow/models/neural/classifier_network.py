"""The small network that both MLPs are: two hidden layers with dropout over a standardised vector, in PyTorch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from frontrow.models.neural.classifier_losses import Loss

if TYPE_CHECKING:
    import torch

    from frontrow.models.neural.training import TrainingSettings


@dataclass(frozen=True)
class NetworkSettings:
    """Shape and training of the network; epochs chosen on launches that no reported figure comes from.

    Attributes:
        hidden: Units of each hidden layer.
        dropout: Share of the hidden units that a training step leaves out.
        epochs: Passes over the rows.
        batch: Rows a step.
        learning_rate: Adam's.
        weight_decay: Penalty on the weights.
    """

    hidden: tuple[int, ...] = (64, 32)
    dropout: float = 0.2
    epochs: int = 8
    batch: int = 256
    learning_rate: float = 1e-3
    weight_decay: float = 1e-4


@dataclass(frozen=True)
class FittedNetwork:
    """A fitted network and the scale of what it reads.

    Attributes:
        mean: Of the rows it was fitted on, shape (features,), float32.
        spread: Their standard deviation, 1 where that is 0.
        layers: From a standardised row to its logit.
    """

    mean: NDArray[np.float32]
    spread: NDArray[np.float32]
    layers: torch.nn.Module

    def probability(self, x: NDArray[np.float32]) -> NDArray[np.float64]:
        """See `base.Fitted.probability`."""
        import torch

        from frontrow.models.neural.training import threads

        with torch.inference_mode(), threads(1):
            logits = self.layers(torch.from_numpy((x - self.mean) / self.spread))
            return np.asarray(logits[:, 0].sigmoid().numpy(), dtype=np.float64)


def fit_network(
    x: NDArray[np.float32],
    y: NDArray[np.float64],
    loss: Loss,
    settings: NetworkSettings,
    *,
    seed: int,
    first_chance: float = 0.5,
) -> FittedNetwork:
    """Train the network on rows and labels; torch's own source of chance is left as it was.

    Args:
        x: Shape (rows, features), finite.
        y: Shape (rows,), 1.0 for a buyer, else 0.0.
        loss: To be made smaller.
        settings: Shape and training.
        seed: Of weights, batches and dropout.
        first_chance: What the network gives every row before it has learned.
    """
    import torch

    from frontrow.models.neural.training import seeded, shuffled_batches, train

    mean, spread = x.mean(axis=0), x.std(axis=0)
    spread[spread == 0] = 1.0
    rows = torch.from_numpy((x - mean) / spread)
    labels = torch.from_numpy(y.astype(np.float32))
    with seeded(seed):
        layers = _layers(x.shape[1], settings, first_chance)
    train(
        [layers],
        lambda epoch: shuffled_batches(len(rows), settings.batch, seed=[seed, epoch]),
        lambda batch: loss(layers(rows[batch])[:, 0], labels[batch]),
        _training(settings),
        seed=seed,
    )
    return FittedNetwork(mean, spread, layers)


def _layers(features: int, settings: NetworkSettings, first_chance: float) -> torch.nn.Sequential:
    from torch import nn

    parts: list[nn.Module] = []
    width = features
    for units in settings.hidden:
        parts += [nn.Linear(width, units), nn.ReLU(), nn.Dropout(settings.dropout)]
        width = units
    last = nn.Linear(width, 1)
    nn.init.constant_(last.bias, float(np.log(first_chance / (1 - first_chance))))
    return nn.Sequential(*parts, last)


def _training(settings: NetworkSettings) -> TrainingSettings:
    from frontrow.models.neural.training import TrainingSettings

    return TrainingSettings(
        epochs=settings.epochs,
        patience=settings.epochs,
        optimizer="adam",
        learning_rate=settings.learning_rate,
        weight_decay=settings.weight_decay,
    )
