"""The three networks: orders in, one vector an order out, whose dot products with the products' embeddings are scores.

- SASRec: attention to what was before (Kang and McAuley, 2018).
- BERT4Rec: attention to both sides of an order that is hidden (Sun et al., 2019).
- GRU4Rec: a gated recurrent unit (Hidasi et al., 2016; Hidasi and Karatzoglou, 2018).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from frontrow.models.neural.sequences.attention import Block, both_sides, causal
from frontrow.models.neural.sequences.embedding import EventEmbedding
from frontrow.models.neural.sequences.padding import Padded
from frontrow.models.neural.sequences.settings import SequenceSettings


class SequenceNetwork(nn.Module):
    """What all of them share.

    Args:
        products: How many there are.
        settings: Which network, and its sizes.
    """

    def __init__(self, products: int, settings: SequenceSettings) -> None:
        super().__init__()
        self.events = EventEmbedding(products, settings)
        self.middle = Recurrent(settings) if settings.network == "gru4rec" else Transformer(settings)
        self.norm = nn.LayerNorm(settings.embedding_size)

    def forward(self, events: Padded, asked: Tensor) -> Tensor:
        """The vectors of some events, int64 (asked,); float32 (asked, width).

        Of SASRec and GRU4Rec, what comes after each; of BERT4Rec, what is hidden there.
        """
        table = self.middle(events.table(self.events(events)), events.real())
        return self.norm(table[events.rows[asked], events.places[asked]])  # type: ignore[no-any-return]

    @property
    def products(self) -> Tensor:
        """The products' embeddings; float32 (products, width)."""
        return self.events.products.weight


class Transformer(nn.Module):
    """Blocks of attention."""

    def __init__(self, settings: SequenceSettings) -> None:
        super().__init__()
        self.sight = both_sides if settings.network == "bert4rec" else causal
        self.blocks = nn.ModuleList([Block(settings) for _ in range(settings.layers)])

    def forward(self, values: Tensor, real: Tensor) -> Tensor:
        """Both of shape (sequences, events, ...); gives float32 (sequences, events, width)."""
        seen = self.sight(real)
        for block in self.blocks:
            values = block(values, seen)
        return values


class Recurrent(nn.Module):
    """Layers of gated recurrent units, each over what the one before gave."""

    def __init__(self, settings: SequenceSettings) -> None:
        super().__init__()
        size, layers = settings.embedding_size, settings.layers
        between = settings.dropout if layers > 1 else 0.0
        self.units = nn.GRU(size, size, layers, batch_first=True, dropout=between)
        self.drop = nn.Dropout(settings.dropout)
        self.out = nn.Linear(size, size)

    def forward(self, values: Tensor, real: Tensor) -> Tensor:  # noqa: ARG002
        """Padding stands after a sequence, where nothing real comes from it; see `Transformer.forward`."""
        return self.out(self.drop(self.units(values)[0]))  # type: ignore[no-any-return]


def start(network: nn.Module, scale: float, generator: torch.Generator) -> None:
    """Draw the first weights: embeddings from a narrow normal, layers by Glorot and Bengio (2010), recurrence too."""
    for module in network.modules():
        if isinstance(module, nn.Embedding):
            nn.init.normal_(module.weight, std=scale, generator=generator)
        elif isinstance(module, nn.Linear | nn.GRU):
            for name, weights in module.named_parameters():
                if "bias" in name:
                    nn.init.zeros_(weights)
                else:
                    nn.init.xavier_normal_(weights, generator=generator)
