"""Losses for few buyers among many: cross-entropy with buyers weighted, and focal loss."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import torch

Loss = Callable[["torch.Tensor", "torch.Tensor"], "torch.Tensor"]
"""From logits and labels, both of shape (rows,), to their mean loss, a scalar."""


def weighted_cross_entropy(y: NDArray[np.float64]) -> Loss:
    """Binary cross-entropy in which the buyers of `y` weigh as much as all others together.

    Example:
        >>> import torch
        >>> loss = weighted_cross_entropy(np.array([1.0, 0.0, 0.0, 0.0]))
        >>> round(loss(torch.zeros(1), torch.ones(1)).item(), 4)  # three times log 2
        2.0794
    """
    import torch
    from torch.nn.functional import binary_cross_entropy_with_logits

    weight = torch.tensor((len(y) - y.sum()) / y.sum(), dtype=torch.float32)

    def loss(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        return binary_cross_entropy_with_logits(logits, labels, pos_weight=weight)

    return loss


def focal(focus: float, buyer_weight: float) -> Loss:
    """Focal loss: what is already told right counts little (Lin et al., "Focal Loss for Dense Object Detection", 2017).

    `-a (1 - p)^focus log p`, where `p` is the chance given to the label that is true, and `a` is `buyer_weight` for
    a buyer and `1 - buyer_weight` for another customer.

    Args:
        focus: The paper's gamma; 0 is cross-entropy.
        buyer_weight: The paper's alpha, from 0 to 1.

    Example:
        >>> import torch
        >>> round(focal(2.0, 0.25)(torch.zeros(1), torch.ones(1)).item(), 4)  # .25 * .5^2 * log 2
        0.0433
    """
    from torch.nn.functional import logsigmoid

    def loss(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        towards_truth = logits * (2 * labels - 1)
        weight = labels * buyer_weight + (1 - labels) * (1 - buyer_weight)
        missed = (-towards_truth).sigmoid()
        return -(weight * missed**focus * logsigmoid(towards_truth)).mean()

    return loss
