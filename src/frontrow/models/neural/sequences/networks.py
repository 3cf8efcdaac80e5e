"""The three networks: one vector per order, whose dot products with the product embeddings are the scores.

- SASRec: causal attention (Kang and McAuley, 2018).
- BERT4Rec: attention to both sides of a masked order (Sun et al., 2019).
- GRU4Rec: a gated recurrent unit (Hidasi et al., 2016; Hidasi and Karatzoglou, 2018).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from frontrow.models.neural.sequences.events import GAP_STEPS, EventBatch
from frontrow.models.neural.settings import SequenceSettings


class SequenceNetwork(nn.Module):
    """Embeds events, passes them through the network of the settings, and normalises the result.

    Args:
        products: Number of product columns.
        settings: Which network, and its sizes.
    """

    def __init__(self, products: int, settings: SequenceSettings) -> None:
        super().__init__()
        self.events = EventEmbedding(products, settings)
        self.middle = Recurrent(settings) if settings.network == "gru4rec" else Transformer(settings)
        self.norm = nn.LayerNorm(settings.embedding_size)

    def forward(self, events: EventBatch, positions: Tensor) -> Tensor:
        """Return the vectors of some events; float32 (positions, width).

        The vector of SASRec and GRU4Rec predicts the next event, that of BERT4Rec the masked event itself.

        Args:
            events: The sequences.
            positions: Index of each event among all events; int64 (positions,).
        """
        table = self.middle(events.pad(self.events(events)), events.is_event())
        return self.norm(table[events.rows[positions], events.positions[positions]])  # type: ignore[no-any-return]

    @property
    def products(self) -> Tensor:
        """Embeddings of the products; float32 (products, width)."""
        return self.events.products.weight


class EventEmbedding(nn.Module):
    """Embeds events; the product embeddings are the same ones that scores are computed with.

    Args:
        products: Number of product columns.
        settings: Width, dropout, and which inputs are used.
    """

    def __init__(self, products: int, settings: SequenceSettings) -> None:
        super().__init__()
        size = settings.embedding_size
        self.products = nn.Embedding(products, size)
        self.positions = nn.Embedding(settings.length + 1, size) if settings.network != "gru4rec" else None
        self.gaps = nn.Embedding(GAP_STEPS, size) if settings.time_gaps else None
        self.hidden = nn.Embedding(1, size) if settings.network == "bert4rec" else None
        self.dropout = nn.Dropout(settings.dropout)
        self.scale = size**0.5

    def forward(self, events: EventBatch) -> Tensor:
        """Return the sum of the embeddings of each event; float32 (events, width).

        The products of an order are added and divided by the square root of their number, so that long orders have a
        larger sum than short ones, but not in proportion. The sum is multiplied by the square root of the width, as in
        Vaswani et al. (2017). Positions are counted from the end of the sequence, where the most important order is;
        padding at the beginning (Kang and McAuley) has the same effect.
        """
        count = torch.diff(events.lines)
        weights = torch.repeat_interleave(count.clamp(min=1).rsqrt(), count)
        if self.hidden is not None:
            weights = weights * torch.repeat_interleave(~events.hidden, count)
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
        if self.positions is not None:
            total = total + self.positions(events.lengths[events.rows] - 1 - events.positions)
        if self.gaps is not None:
            total = total + self.gaps(events.gaps)
        return self.dropout(total)  # type: ignore[no-any-return]


class Transformer(nn.Module):
    """Blocks of attention: causal, or to all events for BERT4Rec."""

    def __init__(self, settings: SequenceSettings) -> None:
        super().__init__()
        self.mask = full_mask if settings.network == "bert4rec" else causal_mask
        self.blocks = nn.ModuleList([AttentionBlock(settings) for _ in range(settings.layers)])

    def forward(self, values: Tensor, is_event: Tensor) -> Tensor:
        """Return float32 (sequences, events, width).

        Args:
            values: float32 (sequences, events, width).
            is_event: False in the padding; bool (sequences, events).
        """
        mask = self.mask(is_event)
        for block in self.blocks:
            values = block(values, mask)
        return values


class AttentionBlock(nn.Module):
    """Multi-head attention, then a hidden layer on each event; both normalise their input and add to it."""

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

    def forward(self, values: Tensor, mask: Tensor) -> Tensor:
        """Return float32 (sequences, events, width).

        Args:
            values: float32 (sequences, events, width).
            mask: Which event attends to which; bool (sequences or 1, events or 1, events).
        """
        sequences, length, size = values.shape
        split = self.projections(self.before_attention(values)).view(sequences, length, 3, self.heads, -1)
        queries, keys, contents = split.permute(2, 0, 3, 1, 4)  # each (sequences, heads, events, width / heads)
        attended = attention(queries, keys, contents, mask[:, None], self.dropout if self.training else 0.0)
        attended = attended.transpose(1, 2).reshape(sequences, length, size)
        values = values + self.drop(self.out(attended))
        return values + self.drop(self.layers(self.before_layers(values)))  # type: ignore[no-any-return]


def attention(queries: Tensor, keys: Tensor, values: Tensor, mask: Tensor, dropout: float = 0.0) -> Tensor:
    """Return scaled dot-product attention (Vaswani et al., 2017).

    Args:
        queries: float32 (..., events, width).
        keys: As the queries.
        values: As the queries.
        mask: Which event (row) attends to which (column), at least one per row; bool (..., events, events).
        dropout: Share of the weights dropped.

    Example:
        An event that attends only to itself keeps its value.

        >>> values = torch.tensor([[1.0], [2.0]])
        >>> attention(values, values, values, torch.eye(2, dtype=torch.bool)).tolist()
        [[1.0], [2.0]]
    """
    scores = queries @ keys.transpose(-2, -1) * queries.shape[-1] ** -0.5
    weights = torch.softmax(scores.masked_fill(~mask, -torch.inf), dim=-1)
    if dropout:
        weights = functional.dropout(weights, dropout)
    return weights @ values


def causal_mask(is_event: Tensor) -> Tensor:
    """Return a mask in which each event attends to itself and earlier ones; bool (1, events, events).

    Padding comes after a sequence, so events never attend to it.
    """
    length = is_event.shape[1]
    return torch.ones(1, length, length, dtype=torch.bool).tril()


def full_mask(is_event: Tensor) -> Tensor:
    """Return a mask in which each event attends to all events but the padding; bool (sequences, 1, events)."""
    return is_event[:, None, :]


class Recurrent(nn.Module):
    """Layers of gated recurrent units, and a linear layer."""

    def __init__(self, settings: SequenceSettings) -> None:
        super().__init__()
        size, layers = settings.embedding_size, settings.layers
        dropout = settings.dropout if layers > 1 else 0.0
        self.units = nn.GRU(size, size, layers, batch_first=True, dropout=dropout)
        self.drop = nn.Dropout(settings.dropout)
        self.out = nn.Linear(size, size)

    def forward(self, values: Tensor, is_event: Tensor) -> Tensor:  # noqa: ARG002
        """See `Transformer.forward`; padding comes after a sequence, so it changes no event."""
        return self.out(self.drop(self.units(values)[0]))  # type: ignore[no-any-return]


def initialize(network: nn.Module, scale: float, generator: torch.Generator) -> None:
    """Draw the initial weights: embeddings from a narrow normal distribution, layers as Glorot and Bengio (2010).

    Args:
        network: Changed in place.
        scale: Standard deviation of the embeddings.
        generator: Source of all draws.
    """
    for module in network.modules():
        if isinstance(module, nn.Embedding):
            nn.init.normal_(module.weight, std=scale, generator=generator)
        elif isinstance(module, nn.Linear | nn.GRU):
            for name, weights in module.named_parameters():
                if "bias" in name:
                    nn.init.zeros_(weights)
                else:
                    nn.init.xavier_normal_(weights, generator=generator)
