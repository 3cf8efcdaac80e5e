"""DIN (Zhou et al., 2018): of the customer's history, what bears on the candidate counts."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from frontrow.models.neural.ranking.inputs import Batch
from frontrow.models.neural.ranking.layers import Hidden, Joined
from frontrow.models.neural.ranking.settings import NetworkSettings


def weighted_sum(weights: Tensor, history: Tensor, real: Tensor) -> Tensor:
    """Products of the history, each by its weight; the weights need not add up to one, as in the paper.

    Args:
        weights: Of each; float32 (rows, length).
        history: Their embeddings; float32 (rows, length, size).
        real: Where there is one; bool (rows, length).

    Returns:
        float32 (rows, size); 0 for a customer with no history.

    Example:
        >>> history = torch.tensor([[[1.0, 0.0], [0.0, 1.0]]])
        >>> weighted_sum(torch.tensor([[2.0, 3.0]]), history, torch.tensor([[True, False]])).tolist()
        [[2.0, 0.0]]
    """
    return torch.bmm((weights * real)[:, None, :], history)[:, 0]


class Activation(nn.Module):
    """How much each product of the history counts for a candidate: a small network over both and their product.

    The embeddings' part of its first layer is worked out once a table row, not once a pair: the sum is the same.

    Args:
        size: Of the embeddings.
        units: Hidden units.
    """

    def __init__(self, size: int, units: int) -> None:
        super().__init__()
        self.of_history = nn.Linear(size, units, bias=False)
        self.of_candidate = nn.Linear(size, units)
        self.of_both = nn.Linear(size, units, bias=False)
        self.rectified = nn.PReLU()
        self.last = nn.Linear(units, 1)

    def forward(self, candidate: Tensor, history: Tensor) -> Tensor:
        """From float32 (rows, size) and (rows, length, size) to (rows, length)."""
        # W (h * c) = (W * c) h: one small matrix a row instead of a product a pair
        both = self.of_history.weight + self.of_both.weight * candidate[:, None, :]
        units = torch.baddbmm(self.of_candidate(candidate)[:, None, :], history, both.transpose(1, 2))
        return self.last(self.rectified(units))[..., 0]  # type: ignore[no-any-return]


class InterestNetwork(nn.Module):
    """A plain network that also reads the history, weighed for the candidate; products share one table."""

    def __init__(self, dense: int, sizes: Sequence[int], settings: NetworkSettings) -> None:
        super().__init__()
        size = settings.embedding_size
        self.joined = Joined(dense, sizes, size)
        self.activation = Activation(size, settings.attention_units)
        self.hidden = Hidden(self.joined.width + size, settings.hidden, settings.dropout)
        self.last = nn.Linear(self.hidden.width, 1)

    def forward(self, batch: Batch) -> Tensor:
        """Logits; float32 (rows,)."""
        products = self.joined.embeddings.tables[0]
        history = products(batch.history)
        weights = self.activation(products(batch.categories[:, 0]), history)
        interest = weighted_sum(weights, history, batch.history > 0)
        return self.last(self.hidden(torch.cat([self.joined(batch), interest], dim=1)))[:, 0]  # type: ignore[no-any-return]
