"""The two towers, from tables to embeddings; each can be saved and loaded separately."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np
import polars as pl
import torch
from numpy.typing import NDArray

from frontrow.models.interactions.interactions import Queries
from frontrow.models.neural.bags import Bags, PurchaseHistories
from frontrow.models.neural.settings import TwoTowerSettings
from frontrow.models.neural.training import get_weights, require_weights, seeded, set_weights
from frontrow.models.neural.two_tower.fields import ContextFields, ProductCodes, ProductFields
from frontrow.models.neural.two_tower.networks import CustomerNetwork, ProductNetwork, initialize
from frontrow.storage.artifact import ArrayModel

DIMENSIONS = ("customers", "products")
"""What `CustomerTower.shape` is of."""

BLOCK_ROWS = 65_536
"""Customers embedded at a time."""


@dataclass(frozen=True)
class CustomerTower(ArrayModel):
    """Embeds a customer from its id, the context of the order and the products bought before.

    Saved files hold no company names and no personal data.

    Attributes:
        fields: Context fields.
        settings: Settings of the fit.
        shape: Number of known customers and products.
        weights: All weights of the network, end to end; float32 (weights,).
    """

    fields: ContextFields
    settings: TwoTowerSettings
    shape: tuple[int, int]
    weights: NDArray[np.float32]

    shapes: ClassVar = {"weights": ("weights of the customers",)}

    def check(self, dimensions: Mapping[str, int]) -> None:
        """See `array_checks.check_model`."""
        expected = tuple(dimensions.get(name, number) for name, number in zip(DIMENSIONS, self.shape, strict=True))
        if self.shape != expected or min(self.shape) < 0:
            raise ValueError("the tower is of another shop")
        require_weights(lambda: _customer_network(self.fields, self.settings, self.shape), self.weights)

    @classmethod
    def untrained(
        cls, fields: ContextFields, settings: TwoTowerSettings, shape: tuple[int, int], generator: torch.Generator
    ) -> CustomerTower:
        """Return a tower with initial weights.

        Args:
            fields: Context fields.
            settings: Widths and layers.
            shape: Number of known customers and products.
            generator: Source of the weights.
        """
        network = _customer_network(fields, settings, shape)
        initialize(network, settings.init_scale, generator)
        return cls(fields, settings, shape, get_weights(network))

    @cached_property
    def network(self) -> CustomerNetwork:
        """The network with the weights, in evaluation mode."""
        return set_weights(_customer_network(self.fields, self.settings, self.shape), self.weights)

    def embed(self, queries: Queries, histories: PurchaseHistories) -> NDArray[np.float32]:
        """Embed customers.

        Args:
            queries: Rows of customers that the tower knows, or -1; and contexts.
            histories: Purchases of each customer, by row.

        Returns:
            float32 (queries, embedding_size).
        """
        blocks = [np.zeros((0, self.settings.embedding_size), np.float32)]
        for start in range(0, len(queries), BLOCK_ROWS):
            block = queries.block(start, start + BLOCK_ROWS)
            customers = np.where((block.rows >= 0) & (block.rows < self.shape[0]), block.rows + 1, 0)
            bought = histories.last_lines(block.rows, self.settings.history_lines)
            with torch.inference_mode():
                embedded = self.forward(customers, self.fields.encode(block.context), bought)
            blocks.append(np.asarray(embedded.cpu().numpy(), dtype=np.float32))
        return np.concatenate(blocks)

    def forward(self, customers: NDArray[np.int64], context: NDArray[np.int64], bought: Bags) -> torch.Tensor:
        """Embed orders, with gradients where torch records them; float32 (orders, embedding_size).

        Args:
            customers: Row + 1 of each customer, 0 for an unknown one.
            context: Rows of the context fields; shape (orders, fields).
            bought: Products bought before each order.
        """
        device = _device_of(self.network)
        ids, fields = (torch.from_numpy(array).to(device) for array in (customers, context))
        embedded: torch.Tensor = self.network(ids, fields, bought.tensors(device))
        return embedded


@dataclass(frozen=True)
class ProductTower(ArrayModel):
    """Embeds a product from its id and content; a new product from its content only.

    Attributes:
        fields: Product fields.
        settings: Settings of the fit.
        weights: All weights of the network, end to end; float32 (weights,).
    """

    fields: ProductFields
    settings: TwoTowerSettings
    weights: NDArray[np.float32]

    shapes: ClassVar = {"weights": ("weights of the products",)}

    def check(self, dimensions: Mapping[str, int]) -> None:  # noqa: ARG002
        """See `array_checks.check_model`."""
        require_weights(lambda: _product_network(self.fields, self.settings), self.weights)

    @classmethod
    def untrained(cls, fields: ProductFields, settings: TwoTowerSettings, generator: torch.Generator) -> ProductTower:
        """Return a tower with initial weights.

        Args:
            fields: Product fields.
            settings: Widths and layers.
            generator: Source of the weights.
        """
        network = _product_network(fields, settings)
        initialize(network, settings.init_scale, generator)
        return cls(fields, settings, get_weights(network))

    @cached_property
    def network(self) -> ProductNetwork:
        """The network with the weights, in evaluation mode."""
        return set_weights(_product_network(self.fields, self.settings), self.weights)

    def embed(self, products: pl.DataFrame) -> NDArray[np.float32]:
        """Embed products, sold or new.

        Args:
            products: `product_id` (an unknown one is embedded from its content), `title`, `product_type`, `vendor`,
                `price`, and optionally `discount`.

        Returns:
            float32 (products, embedding_size).
        """
        if products.height == 0:
            return np.zeros((0, self.settings.embedding_size), np.float32)
        with torch.inference_mode():
            embedded = self.forward(self.fields.encode(products))
        return np.asarray(embedded.cpu().numpy(), dtype=np.float32)

    def forward(self, codes: ProductCodes) -> torch.Tensor:
        """Embed encoded products, with gradients where torch records them; float32 (products, embedding_size)."""
        device = _device_of(self.network)
        arrays = (codes.ids, codes.categories, codes.numbers)
        ids, categories, numbers = (torch.from_numpy(array).to(device) for array in arrays)
        embedded: torch.Tensor = self.network(ids, categories, numbers, codes.words.tensors(device))
        return embedded


def _customer_network(fields: ContextFields, settings: TwoTowerSettings, shape: tuple[int, int]) -> CustomerNetwork:
    with seeded(0):
        return CustomerNetwork(shape[0], [field.rows for field in fields.used.values()], shape[1], settings)


def _product_network(fields: ProductFields, settings: TwoTowerSettings) -> ProductNetwork:
    category_rows = [field.rows for field in fields.categories.values()]
    with seeded(0):
        return ProductNetwork(fields.ids.rows - 1, category_rows, fields.words.rows - 1, settings)


def _device_of(network: torch.nn.Module) -> torch.device:
    return next(network.parameters()).device
