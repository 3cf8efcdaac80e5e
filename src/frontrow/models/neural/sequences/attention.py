"""Multi-head attention and the block around it (Vaswani et al., 2017), normalised before each step."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from frontrow.models.neural.sequences.settings import SequenceSettings


def attention(queries: Tensor, keys: Tensor, values: Tensor, seen: Tensor, dropout: float = 0.0) -> Tensor:
    """Scaled dot-product attention.

    Args:
        queries: float32 (..., events, width).
        keys: As the queries.
        values: As the queries.
        seen: Which event (row) looks at which (column), at least one a row; bool, of shape (..., events, events).
        dropout: Share of the weights dropped.

    Example:
        An event that sees itself alone keeps its value.

        >>> values = torch.tensor([[1.0], [2.0]])
        >>> attention(values, values, values, torch.eye(2, dtype=torch.bool)).tolist()
        [[1.0], [2.0]]
    """
    scores = queries @ keys.transpose(-2, -1) * queries.shape[-1] ** -0.5
    weights = torch.softmax(scores.masked_fill(~seen, -torch.inf), dim=-1)
    if dropout:
        weights = functional.dropout(weights, dropout)
    return weights @ values


def causal(real: Tensor) -> Tensor:
    """Each event sees itself and what was before: bool (1, events, events), for `real` (sequences, events).

    Padding stands after a sequence, so what is real never sees it.
    """
    length = real.shape[1]
    return torch.ones(1, length, length, dtype=torch.bool).tril()


def both_sides(real: Tensor) -> Tensor:
    """Each event sees all that are real: bool (sequences, 1, events)."""
    return real[:, None, :]


class Block(nn.Module):
    """Attention, then a network of one hidden layer on each event; each adds to what it is given."""

    def __init__(self, settings: SequenceSettings) -> None:
        super().__init__()
        size = settings.embedding_size
        self.heads, self.dropout = settings.heads, settings.dropout
        self.before_attention, self.before_layers = nn.LayerNorm(size), nn.LayerNorm(size)
        self.projections, self.out = nn.Linear(size, 3 * size), nn.Linear(size, size)
        self.layers = nn.Sequential(
            nn.Linear(size, size), nn.GELU(), nn.Dropout(settings.dropout), nn.Linear(size, size)
        )
        self.drop = nn.Dropout(settings.dropout)

    def forward(self, values: Tensor, seen: Tensor) -> Tensor:
        """One step.

        Args:
            values: float32 (sequences, events, width).
            seen: Which event looks at which; bool (sequences or 1, events or 1, events).

        Returns:
            float32 (sequences, events, width).
        """
        sequences, length, size = values.shape
        split = self.projections(self.before_attention(values)).view(sequences, length, 3, self.heads, -1)
        queries, keys, contents = split.permute(2, 0, 3, 1, 4)  # each (sequences, heads, events, width / heads)
        found = attention(queries, keys, contents, seen[:, None], self.dropout if self.training else 0.0)
        found = found.transpose(1, 2).reshape(sequences, length, size)
        values = values + self.drop(self.out(found))
        return values + self.drop(self.layers(self.before_layers(values)))  # type: ignore[no-any-return]
