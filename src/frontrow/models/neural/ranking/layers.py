"""Parts that several of the networks have."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from frontrow.models.neural.ranking.inputs import Batch

FIRST_SPREAD = 0.05
"""Standard deviation of the first embeddings; those of the unknown are 0."""


class Embeddings(nn.Module):
    """A table for each category.

    Args:
        sizes: Rows of each, the first of which is for all that are unknown.
        size: Numbers that stand for one.
    """

    def __init__(self, sizes: Sequence[int], size: int) -> None:
        super().__init__()
        self.tables = nn.ModuleList([_table(rows, size) for rows in sizes])
        self.width = len(sizes) * size

    def forward(self, categories: Tensor) -> Tensor:
        """Side by side; from int32 (rows, categories) to float32 (rows, categories * size)."""
        return torch.cat([table(column) for table, column in zip(self.tables, categories.T, strict=True)], dim=1)


class Joined(nn.Module):
    """Features and embeddings side by side: float32 (rows, width)."""

    def __init__(self, dense: int, sizes: Sequence[int], size: int) -> None:
        super().__init__()
        self.embeddings = Embeddings(sizes, size)
        self.width = dense + self.embeddings.width

    def forward(self, batch: Batch) -> Tensor:
        """Of a batch."""
        return torch.cat([batch.dense, self.embeddings(batch.categories)], dim=1)


class Hidden(nn.Sequential):
    """Hidden layers, each rectified, some units left out while learning."""

    def __init__(self, width: int, hidden: Sequence[int], dropout: float) -> None:
        parts: list[nn.Module] = []
        for units in hidden:
            parts += [nn.Linear(width, units), nn.ReLU(), nn.Dropout(dropout)]
            width = units
        super().__init__(*parts)
        self.width = width


def _table(rows: int, size: int) -> nn.Embedding:
    table = nn.Embedding(rows, size)
    nn.init.normal_(table.weight, std=FIRST_SPREAD)
    nn.init.zeros_(table.weight[0])
    return table
