"""A small neural network in PyTorch, with two losses for few buyers: weighted cross-entropy and focal loss."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from frontrow.errors import require
from frontrow.models.classifier import check_training_rows

if TYPE_CHECKING:
    import torch

Loss = Callable[["torch.Tensor", "torch.Tensor"], "torch.Tensor"]
"""From logits and labels, both of shape (rows,), to their mean loss, a scalar."""


@dataclass(frozen=True)
class MlpSettings:
    """Shape and training of the network; the number of epochs was chosen on launches that no reported figure uses.

    Attributes:
        hidden: Units of each hidden layer.
        dropout: Dropout rate of the hidden units.
        epochs: Passes over the rows.
        batch_rows: Rows per step.
        learning_rate: Learning rate of Adam.
        weight_decay: Penalty on the weights.
    """

    hidden: tuple[int, ...] = (64, 32)
    dropout: float = 0.2
    epochs: int = 8
    batch_rows: int = 256
    learning_rate: float = 1e-3
    weight_decay: float = 1e-4


@dataclass(frozen=True)
class WeightedMlp:
    """The network of the notebook with its loss: cross-entropy in which buyers have half of the total weight.

    Attributes:
        settings: Shape and training.
    """

    settings: MlpSettings = field(default_factory=MlpSettings)
    name = "MLP, weighted loss"

    def fit(self, x: NDArray[np.float32], y: NDArray[np.float64], *, seed: int) -> FittedMlp:
        """See `Classifier.fit` in `models/classifier.py`."""
        require("torch", extra="neural")
        check_training_rows(x, y)
        return fit_mlp(x, y, weighted_cross_entropy(y), self.settings, seed=seed)


@dataclass(frozen=True)
class FocalMlp:
    """The network of the notebook with focal loss.

    Attributes:
        settings: Shape and training.
        gamma: Gamma of the focal loss.
        alpha: Alpha of the focal loss.
    """

    settings: MlpSettings = field(default_factory=MlpSettings)
    gamma: float = 2.0
    alpha: float = 0.25
    name = "MLP, focal loss"

    def fit(self, x: NDArray[np.float32], y: NDArray[np.float64], *, seed: int) -> FittedMlp:
        """See `Classifier.fit` in `models/classifier.py`."""
        require("torch", extra="neural")
        check_training_rows(x, y)
        # Section 4.1 of the paper: otherwise the many customers who do not buy dominate the first steps.
        initial_probability = float(y.mean())
        loss = focal_loss(self.gamma, self.alpha)
        return fit_mlp(x, y, loss, self.settings, seed=seed, initial_probability=initial_probability)


def variants() -> dict[str, WeightedMlp | FocalMlp]:
    """Return one classifier per loss."""
    return {"mlp_focal": FocalMlp(), "mlp_weighted": WeightedMlp()}


def weighted_cross_entropy(y: NDArray[np.float64]) -> Loss:
    """Return binary cross-entropy in which the buyers have the same total weight as all other customers.

    Args:
        y: Labels of the training rows, which give the weight.

    Example:
        >>> import torch
        >>> loss = weighted_cross_entropy(np.array([1.0, 0.0, 0.0, 0.0]))
        >>> round(loss(torch.zeros(1), torch.ones(1)).item(), 4)  # three times log 2
        2.0794
    """
    import torch
    from torch.nn.functional import binary_cross_entropy_with_logits

    weight = torch.tensor((len(y) - y.sum()) / y.sum(), dtype=torch.float32)
    return lambda logits, labels: binary_cross_entropy_with_logits(logits, labels, pos_weight=weight)


def focal_loss(gamma: float, alpha: float) -> Loss:
    """Return focal loss: rows that are already classified well have little weight.

    Lin et al., "Focal Loss for Dense Object Detection", 2017: `-a (1 - p)^gamma log p`, where `p` is the predicted
    probability of the true label, and `a` is `alpha` for a buyer and `1 - alpha` for another customer.

    Args:
        gamma: Focus on rows that are classified badly; 0 gives cross-entropy.
        alpha: Weight of buyers, from 0 to 1.

    Example:
        >>> import torch
        >>> round(focal_loss(2.0, 0.25)(torch.zeros(1), torch.ones(1)).item(), 4)  # .25 * .5^2 * log 2
        0.0433
    """
    from torch.nn.functional import logsigmoid

    def loss(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        towards_truth = logits * (2 * labels - 1)
        weight = labels * alpha + (1 - labels) * (1 - alpha)
        probability_missed = (-towards_truth).sigmoid()
        return -(weight * probability_missed**gamma * logsigmoid(towards_truth)).mean()

    return loss


@dataclass(frozen=True)
class FittedMlp:
    """A fitted network and the scaling of its input.

    Attributes:
        mean: Mean of the training rows, shape (features,), float32.
        deviation: Their standard deviation, 1 where it is 0; shape (features,), float32.
        layers: From a standardised row to its logit.
    """

    mean: NDArray[np.float32]
    deviation: NDArray[np.float32]
    layers: torch.nn.Module

    def probability(self, x: NDArray[np.float32]) -> NDArray[np.float64]:
        """See `FittedClassifier.probability`."""
        import torch

        from frontrow.models.neural.training import use_threads

        with torch.inference_mode(), use_threads(1):
            logits = self.layers(torch.from_numpy((x - self.mean) / self.deviation))
            return np.asarray(logits[:, 0].sigmoid().numpy(), dtype=np.float64)


def fit_mlp(
    x: NDArray[np.float32],
    y: NDArray[np.float64],
    loss: Loss,
    settings: MlpSettings,
    *,
    seed: int,
    initial_probability: float = 0.5,
) -> FittedMlp:
    """Fit the network; torch's own random state does not change.

    Args:
        x: Shape (rows, features), finite.
        y: Shape (rows,), 1.0 for a buyer, else 0.0.
        loss: The loss to minimise.
        settings: Shape and training.
        seed: Seed of weights, batches and dropout.
        initial_probability: Probability that the network gives to every row before training.
    """
    import torch

    from frontrow.models.neural.training import TrainingSettings, seeded, shuffled_batches, train

    mean, deviation = x.mean(axis=0), x.std(axis=0)
    deviation[deviation == 0] = 1.0
    rows = torch.from_numpy((x - mean) / deviation)
    labels = torch.from_numpy(y.astype(np.float32))
    with seeded(seed):
        layers = _build_layers(x.shape[1], settings, initial_probability)
    train(
        [layers],
        lambda epoch: shuffled_batches(len(rows), settings.batch_rows, seed=[seed, epoch]),
        lambda batch: loss(layers(rows[batch])[:, 0], labels[batch]),
        TrainingSettings(settings.epochs, settings.epochs, "adam", settings.learning_rate, settings.weight_decay),
        seed=seed,
    )
    return FittedMlp(mean, deviation, layers)


def _build_layers(features: int, settings: MlpSettings, initial_probability: float) -> torch.nn.Sequential:
    from torch import nn

    from frontrow.models.neural.ranking.networks import HiddenLayers

    hidden = HiddenLayers(features, settings.hidden, settings.dropout)
    last = nn.Linear(hidden.width, 1)
    nn.init.constant_(last.bias, float(np.log(initial_probability / (1 - initial_probability))))
    return nn.Sequential(*hidden, last)
