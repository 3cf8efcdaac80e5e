"""The two networks: embeddings of the fields added up, and, where asked for, residual layers on top.

The customer's and the product's network share nothing but the width of what they give, so each can be kept and used
alone. A sum of embeddings, each as wide as the output, is one linear layer over their concatenation, and quicker.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from frontrow.models.neural.two_tower.settings import TwoTowerSettings


class CustomerNetwork(nn.Module):
    """Who orders, in which context, having bought what.

    Args:
        customers: Known customers; row 0 of their embedding is the unknown.
        context_rows: Rows of each context field.
        products: Known products; row 0 is the unknown.
        settings: Widths, layers, sparse gradients.
    """

    def __init__(self, customers: int, context_rows: Sequence[int], products: int, settings: TwoTowerSettings) -> None:
        super().__init__()
        size = settings.embedding_size
        self.customer = _embedding(customers + 1, settings)
        self.context = nn.ModuleList([_embedding(rows, settings) for rows in context_rows])
        self.bought = nn.EmbeddingBag(
            products + 1, size, mode="sum", include_last_offset=True, sparse=products + 1 >= settings.sparse_rows
        )
        self.top = _Residual(settings)

    def forward(self, customers: Tensor, context: Tensor, bought: tuple[Tensor, Tensor, Tensor]) -> Tensor:
        """Embed orders.

        Args:
            customers: int64 (orders,).
            context: int64 (orders, fields).
            bought: Rows, starts and weights of `Bags`.

        Returns:
            float32 (orders, embedding_size).
        """
        rows, starts, weights = bought
        total: Tensor = self.customer(customers) + self.bought(rows, starts, per_sample_weights=weights)
        for place, field in enumerate(self.context):
            total = total + field(context[:, place])
        return self.top(total)  # type: ignore[no-any-return]


class ProductNetwork(nn.Module):
    """Which product, of which type and vendor, at what price, called what.

    Args:
        products: Known products; row 0 of their embedding is the unknown.
        category_rows: Rows of type and vendor, where the shop has them.
        words: Known words of titles; row 0 is the unknown.
        settings: Widths, layers, sparse gradients.
    """

    def __init__(self, products: int, category_rows: Sequence[int], words: int, settings: TwoTowerSettings) -> None:
        super().__init__()
        size = settings.embedding_size
        self.product = _embedding(products + 1, settings)
        self.categories = nn.ModuleList([_embedding(rows, settings) for rows in category_rows])
        self.words = nn.EmbeddingBag(words + 1, size, mode="sum", include_last_offset=True)
        self.numbers = nn.Linear(3, size)
        self.top = _Residual(settings)

    def forward(
        self, products: Tensor, categories: Tensor, numbers: Tensor, words: tuple[Tensor, Tensor, Tensor]
    ) -> Tensor:
        """Embed products.

        Args:
            products: int64 (products,), 0 where the content alone should speak.
            categories: int64 (products, fields).
            numbers: float32 (products, 3).
            words: Rows, starts and weights of `Bags`.

        Returns:
            float32 (products, embedding_size).
        """
        rows, starts, weights = words
        total: Tensor = self.product(products) + self.words(rows, starts, per_sample_weights=weights)
        total = total + self.numbers(numbers)
        for place, field in enumerate(self.categories):
            total = total + field(categories[:, place])
        return self.top(total)  # type: ignore[no-any-return]


class _Residual(nn.Module):
    """Layers that each add a correction to what they are given (He et al., 2016)."""

    def __init__(self, settings: TwoTowerSettings) -> None:
        super().__init__()
        size = settings.embedding_size
        self.layers = nn.ModuleList(
            [
                nn.Sequential(nn.Linear(size, size), nn.ReLU(), nn.Linear(size, size))
                for _ in range(settings.hidden_layers)
            ]
        )

    def forward(self, values: Tensor) -> Tensor:
        for layer in self.layers:
            values = values + layer(values)
        return values


def _embedding(rows: int, settings: TwoTowerSettings) -> nn.Embedding:
    return nn.Embedding(rows, settings.embedding_size, sparse=rows >= settings.sparse_rows)


def start(network: nn.Module, scale: float, generator: torch.Generator) -> None:
    """Draw the first weights: embeddings from a narrow normal, layers as torch does, all from one generator."""
    for module in network.modules():
        if isinstance(module, nn.Embedding | nn.EmbeddingBag):
            nn.init.normal_(module.weight, std=scale, generator=generator)
        elif isinstance(module, nn.Linear):
            nn.init.kaiming_uniform_(module.weight, a=5**0.5, generator=generator)
            nn.init.zeros_(module.bias)
