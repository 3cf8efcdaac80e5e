"""What goes into every network: an order as its products together, its place in the sequence, the days before it."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from frontrow.models.neural.sequences.padding import GAP_STEPS, Padded
from frontrow.models.neural.sequences.settings import SequenceSettings


class EventEmbedding(nn.Module):
    """Events to vectors; the products' own embeddings are those that scores are made with.

    Args:
        products: How many there are.
        settings: Width, dropout, what is looked at.
    """

    def __init__(self, products: int, settings: SequenceSettings) -> None:
        super().__init__()
        size = settings.embedding_size
        self.products = nn.Embedding(products, size)
        self.places = nn.Embedding(settings.length + 1, size) if settings.network != "gru4rec" else None
        self.gaps = nn.Embedding(GAP_STEPS, size) if settings.time_gaps else None
        self.hidden = nn.Embedding(1, size) if settings.network == "bert4rec" else None
        self.dropout = nn.Dropout(settings.dropout)
        self.scale = size**0.5

    def forward(self, events: Padded) -> Tensor:
        """float32 (events, width).

        The products of an order are added up and divided by the square root of their number, so that long orders say
        more than short ones, but not in proportion. As in "Attention is all you need" (Vaswani et al., 2017), the sum
        is multiplied by the root of the width. Places are counted from the end of the sequence (Kang and McAuley pad at
        the beginning, which is the same): the last order is the one that says most.
        """
        count = torch.diff(events.lines)
        weights = torch.repeat_interleave(count.clamp(min=1).rsqrt(), count)
        if self.hidden is not None:
            seen = ~events.hidden
            weights = weights * torch.repeat_interleave(seen, count)
        total = self.scale * functional.embedding_bag(
            events.products,
            self.products.weight,
            events.lines,
            mode="sum",
            per_sample_weights=weights,
            include_last_offset=True,
        )
        if self.hidden is not None:
            total = total + self.scale * events.hidden[:, None] * self.hidden.weight
        if self.places is not None:
            total = total + self.places(events.lengths[events.rows] - 1 - events.places)
        if self.gaps is not None:
            total = total + self.gaps(events.gaps)
        return self.dropout(total)  # type: ignore[no-any-return]
