"""A plain network: features and embeddings through hidden layers."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn

from frontrow.models.neural.ranking.inputs import Batch
from frontrow.models.neural.ranking.layers import Hidden, Joined
from frontrow.models.neural.ranking.settings import NetworkSettings


class PlainNetwork(nn.Module):
    """One logit a candidate.

    Args:
        dense: Features and flags.
        sizes: Rows of each embedding table.
        settings: Of the network.
    """

    def __init__(self, dense: int, sizes: Sequence[int], settings: NetworkSettings) -> None:
        super().__init__()
        self.joined = Joined(dense, sizes, settings.embedding_size)
        self.hidden = Hidden(self.joined.width, settings.hidden, settings.dropout)
        self.last = nn.Linear(self.hidden.width, 1)

    def forward(self, batch: Batch) -> Tensor:
        """Logits; float32 (rows,)."""
        return self.last(self.hidden(self.joined(batch)))[:, 0]  # type: ignore[no-any-return]
