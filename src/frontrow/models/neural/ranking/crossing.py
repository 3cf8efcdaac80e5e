"""DCN-v2 (Wang et al., 2021): layers that multiply features with one another, beside hidden layers."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from frontrow.models.neural.ranking.inputs import Batch
from frontrow.models.neural.ranking.layers import Hidden, Joined
from frontrow.models.neural.ranking.settings import NetworkSettings


class CrossLayer(nn.Module):
    """`x0 * (W x + b) + x`: what is given, and products of each number of it with the first input."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.linear = nn.Linear(width, width)

    def forward(self, first: Tensor, x: Tensor) -> Tensor:
        """All of shape (rows, width), float32.

        Example:
            >>> layer = CrossLayer(2)
            >>> with torch.no_grad():
            ...     _ = layer.linear.weight.copy_(torch.tensor([[0.0, 1.0], [1.0, 0.0]]))
            ...     _ = layer.linear.bias.zero_()
            >>> layer(torch.tensor([[2.0, 3.0]]), torch.tensor([[2.0, 3.0]])).tolist()
            [[8.0, 9.0]]
        """
        return torch.addcmul(x, first, self.linear(x))


class CrossNetwork(nn.Module):
    """The parallel form: cross layers and hidden layers side by side, one linear layer over both."""

    def __init__(self, dense: int, sizes: Sequence[int], settings: NetworkSettings) -> None:
        super().__init__()
        self.joined = Joined(dense, sizes, settings.embedding_size)
        width = self.joined.width
        self.crosses = nn.ModuleList([CrossLayer(width) for _ in range(settings.cross_layers)])
        self.hidden = Hidden(width, settings.hidden, settings.dropout)
        self.last = nn.Linear(width + self.hidden.width, 1)

    def forward(self, batch: Batch) -> Tensor:
        """Logits; float32 (rows,)."""
        first = self.joined(batch)
        x = first
        for layer in self.crosses:
            x = layer(first, x)
        return self.last(torch.cat([x, self.hidden(first)], dim=1))[:, 0]  # type: ignore[no-any-return]
