"""The four ranking networks; each gives one logit per candidate."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from frontrow.models.neural.ranking.inputs import Batch
from frontrow.models.neural.settings import RankingSettings

INITIAL_DEVIATION = 0.05
"""Standard deviation of the initial embeddings; the embedding of unknown values starts at 0."""


class Embeddings(nn.Module):
    """One embedding table per category.

    Args:
        sizes: Rows of each table; row 0 is for unknown values.
        width: Width of each embedding.
    """

    def __init__(self, sizes: Sequence[int], width: int) -> None:
        super().__init__()
        self.tables = nn.ModuleList([_table(rows, width) for rows in sizes])
        self.width = len(sizes) * width

    def forward(self, categories: Tensor) -> Tensor:
        """Return the embeddings of int32 (rows, categories), side by side; float32 (rows, categories * width)."""
        return torch.cat([table(column) for table, column in zip(self.tables, categories.T, strict=True)], dim=1)


def _table(rows: int, width: int) -> nn.Embedding:
    table = nn.Embedding(rows, width)
    nn.init.normal_(table.weight, std=INITIAL_DEVIATION)
    nn.init.zeros_(table.weight[0])
    return table


class FeaturesAndEmbeddings(nn.Module):
    """Scaled features and embeddings side by side: float32 (rows, width)."""

    def __init__(self, dense: int, sizes: Sequence[int], embedding_size: int) -> None:
        super().__init__()
        self.embeddings = Embeddings(sizes, embedding_size)
        self.width = dense + self.embeddings.width

    def forward(self, batch: Batch) -> Tensor:
        """Return the input of the hidden layers."""
        return torch.cat([batch.dense, self.embeddings(batch.categories)], dim=1)


class HiddenLayers(nn.Sequential):
    """Linear layers, each with ReLU and dropout."""

    def __init__(self, width: int, hidden: Sequence[int], dropout: float) -> None:
        layers: list[nn.Module] = []
        for units in hidden:
            layers += [nn.Linear(width, units), nn.ReLU(), nn.Dropout(dropout)]
            width = units
        super().__init__(*layers)
        self.width = width


class DeepNetwork(nn.Module):
    """Features and embeddings through hidden layers (Covington et al., 2016).

    Args:
        dense: Number of scaled features.
        sizes: Rows of each embedding table.
        settings: Sizes of the layers.
    """

    def __init__(self, dense: int, sizes: Sequence[int], settings: RankingSettings) -> None:
        super().__init__()
        self.joined = FeaturesAndEmbeddings(dense, sizes, settings.embedding_size)
        self.hidden = HiddenLayers(self.joined.width, settings.hidden, settings.dropout)
        self.last = nn.Linear(self.hidden.width, 1)

    def forward(self, batch: Batch) -> Tensor:
        """Return logits; float32 (rows,)."""
        return self.last(self.hidden(self.joined(batch)))[:, 0]  # type: ignore[no-any-return]


class WideNetwork(nn.Module):
    """A linear model with a weight for each feature, category and category pair; all weights start at 0.

    Args:
        dense: Number of scaled features.
        sizes: Rows of each category.
        pairs: Number of category pairs.
    """

    def __init__(self, dense: int, sizes: Sequence[int], pairs: int) -> None:
        super().__init__()
        self.dense = nn.Linear(dense, 1, bias=False)
        self.categories = nn.ModuleList([nn.Embedding(rows, 1) for rows in sizes])
        # row 0 is for rare pairs, whose weight stays 0
        self.pairs = nn.Embedding(pairs + 1, 1, padding_idx=0)
        for weights in self.parameters():
            nn.init.zeros_(weights)

    def forward(self, batch: Batch) -> Tensor:
        """Return logits; float32 (rows,)."""
        total = self.dense(batch.dense)[:, 0] + self.pairs(batch.pairs).sum(dim=(1, 2))
        for table, column in zip(self.categories, batch.categories.T, strict=True):
            total = total + table(column)[:, 0]
        return total  # type: ignore[no-any-return]


class WideAndDeepNetwork(nn.Module):
    """Wide & Deep (Cheng et al., 2016): the sum of a linear model that memorises pairs and a network that generalises.

    Both are trained together with Adam; the paper trains the linear model with FTRL and an L1 penalty. Rare pairs have
    no weight here.
    """

    def __init__(self, dense: int, sizes: Sequence[int], pairs: int, settings: RankingSettings) -> None:
        super().__init__()
        self.wide = WideNetwork(dense, sizes, pairs)
        self.deep = DeepNetwork(dense, sizes, settings)

    @property
    def last(self) -> nn.Linear:
        """The layer whose bias is part of every logit."""
        return self.deep.last

    def forward(self, batch: Batch) -> Tensor:
        """Return logits; float32 (rows,)."""
        return self.wide(batch) + self.deep(batch)  # type: ignore[no-any-return]


class CrossLayer(nn.Module):
    """`x0 * (W x + b) + x`: the input, plus products of each of its numbers with the first input."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.linear = nn.Linear(width, width)

    def forward(self, first: Tensor, x: Tensor) -> Tensor:
        """Return the output of the layer; float32 (rows, width).

        Args:
            first: Input of the first cross layer; float32 (rows, width).
            x: Output of the previous cross layer; float32 (rows, width).

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
    """DCN-v2 (Wang et al., 2021), the parallel form: cross layers and hidden layers, and a linear layer over both."""

    def __init__(self, dense: int, sizes: Sequence[int], settings: RankingSettings) -> None:
        super().__init__()
        self.joined = FeaturesAndEmbeddings(dense, sizes, settings.embedding_size)
        width = self.joined.width
        self.crosses = nn.ModuleList([CrossLayer(width) for _ in range(settings.cross_layers)])
        self.hidden = HiddenLayers(width, settings.hidden, settings.dropout)
        self.last = nn.Linear(width + self.hidden.width, 1)

    def forward(self, batch: Batch) -> Tensor:
        """Return logits; float32 (rows,)."""
        first = self.joined(batch)
        x = first
        for layer in self.crosses:
            x = layer(first, x)
        return self.last(torch.cat([x, self.hidden(first)], dim=1))[:, 0]  # type: ignore[no-any-return]


class InterestNetwork(nn.Module):
    """DIN (Zhou et al., 2018): a deep network that also reads the history, weighted by its relevance to the candidate.

    Candidates and history share one embedding table of products.
    """

    def __init__(self, dense: int, sizes: Sequence[int], settings: RankingSettings) -> None:
        super().__init__()
        size = settings.embedding_size
        self.joined = FeaturesAndEmbeddings(dense, sizes, size)
        self.activation = ActivationUnit(size, settings.attention_units)
        self.hidden = HiddenLayers(self.joined.width + size, settings.hidden, settings.dropout)
        self.last = nn.Linear(self.hidden.width, 1)

    def forward(self, batch: Batch) -> Tensor:
        """Return logits; float32 (rows,)."""
        products = self.joined.embeddings.tables[0]
        history = products(batch.history)
        weights = self.activation(products(batch.categories[:, 0]), history)
        interest = sum_history(weights, history, batch.history > 0)
        return self.last(self.hidden(torch.cat([self.joined(batch), interest], dim=1)))[:, 0]  # type: ignore[no-any-return]


class ActivationUnit(nn.Module):
    """The weight of each product of the history for a candidate: a small network over both and their product.

    The part of the first layer that reads embeddings is computed once per candidate instead of once per pair; the sum
    is the same.

    Args:
        size: Width of the embeddings.
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
        """Return weights; float32 (rows, length).

        Args:
            candidate: float32 (rows, size).
            history: float32 (rows, length, size).
        """
        # W (h * c) = (W * c) h: one small matrix per row instead of a product per pair
        both = self.of_history.weight + self.of_both.weight * candidate[:, None, :]
        units = torch.baddbmm(self.of_candidate(candidate)[:, None, :], history, both.transpose(1, 2))
        return self.last(self.rectified(units))[..., 0]  # type: ignore[no-any-return]


def sum_history(weights: Tensor, history: Tensor, is_product: Tensor) -> Tensor:
    """Return the weighted sum of the history; as in the paper, the weights need not have a sum of 1.

    Args:
        weights: Weight of each product; float32 (rows, length).
        history: Embeddings; float32 (rows, length, size).
        is_product: False in the padding; bool (rows, length).

    Returns:
        float32 (rows, size); 0 for a customer without history.

    Example:
        >>> history = torch.tensor([[[1.0, 0.0], [0.0, 1.0]]])
        >>> sum_history(torch.tensor([[2.0, 3.0]]), history, torch.tensor([[True, False]])).tolist()
        [[2.0, 0.0]]
    """
    return torch.bmm((weights * is_product)[:, None, :], history)[:, 0]
