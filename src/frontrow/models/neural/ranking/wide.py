"""Wide & Deep (Cheng et al., 2016): a linear model that remembers crosses, beside a network that generalises.

Both are learned together and their logits added. Where the paper gives the wide part an optimiser of its own (FTRL
with an L1 penalty), here a cross in few rows has no weight, and Adam learns both parts.
"""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn

from frontrow.models.neural.ranking.inputs import Batch
from frontrow.models.neural.ranking.plain import PlainNetwork
from frontrow.models.neural.ranking.settings import NetworkSettings


class Wide(nn.Module):
    """A weight for each feature, each category and each pair of categories; all of them start at 0.

    Args:
        dense: Features and flags.
        sizes: Rows of each category.
        crosses: Pairs that are remembered.
    """

    def __init__(self, dense: int, sizes: Sequence[int], crosses: int) -> None:
        super().__init__()
        self.dense = nn.Linear(dense, 1, bias=False)
        self.categories = nn.ModuleList([nn.Embedding(rows, 1) for rows in sizes])
        # the first row is for pairs that are not remembered, of which nothing is said
        self.crosses = nn.Embedding(crosses + 1, 1, padding_idx=0)
        for weights in self.parameters():
            nn.init.zeros_(weights)

    def forward(self, batch: Batch) -> Tensor:
        """Logits; float32 (rows,)."""
        total = self.dense(batch.dense)[:, 0] + self.crosses(batch.crosses).sum(dim=(1, 2))
        for table, column in zip(self.categories, batch.categories.T, strict=True):
            total = total + table(column)[:, 0]
        return total  # type: ignore[no-any-return]


class WideAndDeep(nn.Module):
    """The two; see `plain.PlainNetwork`."""

    def __init__(self, dense: int, sizes: Sequence[int], crosses: int, settings: NetworkSettings) -> None:
        super().__init__()
        self.wide = Wide(dense, sizes, crosses)
        self.deep = PlainNetwork(dense, sizes, settings)

    @property
    def last(self) -> nn.Linear:
        """Whose bias all logits have."""
        return self.deep.last

    def forward(self, batch: Batch) -> Tensor:
        """Logits; float32 (rows,)."""
        return self.wide(batch) + self.deep(batch)  # type: ignore[no-any-return]
