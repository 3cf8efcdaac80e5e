"""The two networks: sums of the embeddings of all fields, with optional residual layers on top.

The networks of customers and products share only the width of their output, so each can be saved and used alone. A sum
of embeddings, each as wide as the output, equals one linear layer over their concatenation, and is faster.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from frontrow.models.neural.settings import TwoTowerSettings


class CustomerNetwork(nn.Module):
    """Embeds the customer of an order from its id, the order's context and the products bought before.

    Args:
        customers: Number of known customers; row 0 of the embedding is for unknown ones.
        context_rows: Number of embedding rows of each context field.
        products: Number of known products; row 0 is for unknown ones.
        settings: Width, layers, sparse gradients.
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
        for column, field in enumerate(self.context):
            total = total + field(context[:, column])
        return self.top(total)  # type: ignore[no-any-return]


class ProductNetwork(nn.Module):
    """Embeds a product from its id, type, vendor, price and title.

    Args:
        products: Number of known products; row 0 of the embedding is for unknown ones.
        category_rows: Number of embedding rows of product type and vendor, where the shop has them.
        words: Number of known words of titles; row 0 is for unknown ones.
        settings: Width, layers, sparse gradients.
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
            products: int64 (products,), 0 where only the content should be used.
            categories: int64 (products, fields).
            numbers: float32 (products, 3).
            words: Rows, starts and weights of `Bags`.

        Returns:
            float32 (products, embedding_size).
        """
        rows, starts, weights = words
        total: Tensor = self.product(products) + self.words(rows, starts, per_sample_weights=weights)
        total = total + self.numbers(numbers)
        for column, field in enumerate(self.categories):
            total = total + field(categories[:, column])
        return self.top(total)  # type: ignore[no-any-return]


class _Residual(nn.Module):
    """Layers that each add a correction to their input (He et al., 2016)."""

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


def initialize(network: nn.Module, scale: float, generator: torch.Generator) -> None:
    """Draw the initial weights: embeddings from a narrow normal distribution, layers by torch's default.

    Args:
        network: Changed in place.
        scale: Standard deviation of the embeddings.
        generator: Source of all draws.
    """
    for module in network.modules():
        if isinstance(module, nn.Embedding | nn.EmbeddingBag):
            nn.init.normal_(module.weight, std=scale, generator=generator)
        elif isinstance(module, nn.Linear):
            nn.init.kaiming_uniform_(module.weight, a=5**0.5, generator=generator)
            nn.init.zeros_(module.bias)
