"""The small network that both MLPs are: two hidden layers with dropout over a standardised vector, in PyTorch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from frontrow.errors import MissingExtraError
from frontrow.models.classifiers.losses import Loss

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class NetworkSettings:
    """Shape and training of the network.

    Attributes:
        hidden: Units of each hidden layer.
        dropout: Share of the hidden units that a training step leaves out.
        epochs: Passes over the rows.
        batch: Rows a step.
        learning_rate: Adam's.
        weight_decay: Pull of every weight towards zero (AdamW's).
    """

    hidden: tuple[int, ...] = (64, 32)
    dropout: float = 0.2
    epochs: int = 20
    batch: int = 256
    learning_rate: float = 1e-3
    weight_decay: float = 1e-2


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

        with torch.inference_mode():
            logits = self.layers(torch.from_numpy((x - self.mean) / self.spread))
            return np.asarray(logits[:, 0].sigmoid().numpy(), dtype=np.float64)


def fit_network(
    x: NDArray[np.float32], y: NDArray[np.float64], loss: Loss, settings: NetworkSettings, *, seed: int
) -> FittedNetwork:
    """Train the network on rows and labels; torch's own source of chance is left as it was."""
    import torch

    mean, spread = x.mean(axis=0), x.std(axis=0)
    spread[spread == 0] = 1.0
    rows = torch.from_numpy((x - mean) / spread)
    labels = torch.from_numpy(y.astype(np.float32))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        layers = _layers(x.shape[1], settings)
        _train(layers, rows, labels, loss, settings)
    return FittedNetwork(mean, spread, layers.eval())


def require_torch() -> None:
    """Say what to install.

    Raises:
        MissingExtraError: PyTorch is not installed.
    """
    try:
        import torch  # noqa: F401
    except ImportError as error:
        raise MissingExtraError("torch", extra="neural") from error


def _layers(features: int, settings: NetworkSettings) -> torch.nn.Sequential:
    from torch import nn

    parts: list[nn.Module] = []
    width = features
    for units in settings.hidden:
        parts += [nn.Linear(width, units), nn.ReLU(), nn.Dropout(settings.dropout)]
        width = units
    return nn.Sequential(*parts, nn.Linear(width, 1))


def _train(
    layers: torch.nn.Module, rows: torch.Tensor, labels: torch.Tensor, loss: Loss, settings: NetworkSettings
) -> None:
    import torch

    optimiser = torch.optim.AdamW(layers.parameters(), lr=settings.learning_rate, weight_decay=settings.weight_decay)
    layers.train()
    for _ in range(settings.epochs):
        for batch in torch.split(torch.randperm(len(rows)), settings.batch):
            optimiser.zero_grad()
            torch.autograd.backward(loss(layers(rows[batch])[:, 0], labels[batch]))
            optimiser.step()
