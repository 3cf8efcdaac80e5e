"""The average of a network's weights over its last steps (Polyak and Juditsky, 1992)."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn.utils import parameters_to_vector, vector_to_parameters


class Average:
    """Told of each step, it knows the mean of the weights of the last ones.

    Steps of a constant rate keep walking about the best weights; their middle is closer to it than any of them.

    Args:
        network: While it is trained.
        steps: How many there will be.
        share: Of them, the last ones, that are averaged; at least the last one.

    Example:
        >>> layer = nn.Linear(1, 1, bias=False)
        >>> average = Average(layer, steps=4, share=0.5)
        >>> for weight in (9.0, 9.0, 1.0, 2.0):
        ...     _ = nn.init.constant_(layer.weight, weight)
        ...     average.add()
        >>> average.put()
        >>> layer.weight.item()
        1.5
    """

    def __init__(self, network: nn.Module, steps: int, share: float) -> None:
        self.network = network
        self.count = max(1, round(share * steps))
        self.skipped = steps - self.count
        self.step = 0
        self.total = torch.zeros_like(_weights(network))

    def add(self) -> None:
        """After a step."""
        if self.step >= self.skipped:
            self.total += _weights(self.network)
        self.step += 1

    def put(self) -> None:
        """Give the network the average."""
        vector_to_parameters(self.total / self.count, self.network.parameters())


def _weights(network: nn.Module) -> torch.Tensor:
    return parameters_to_vector(network.parameters()).detach()
