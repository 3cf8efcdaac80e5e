"""The two towers as one uses them: tables in, embeddings out; each is saved and read back on its own."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import polars as pl
import torch
from numpy.typing import NDArray
from safetensors.torch import load as read_tensors
from safetensors.torch import save as tensors_to_bytes

from frontrow.errors import ArtifactError
from frontrow.models.interactions.interactions import Queries
from frontrow.models.neural.training import seeded
from frontrow.models.neural.two_tower.bags import Bags, Histories
from frontrow.models.neural.two_tower.context_fields import ContextFields
from frontrow.models.neural.two_tower.networks import CustomerNetwork, ProductNetwork
from frontrow.models.neural.two_tower.product_fields import ProductCodes, ProductFields
from frontrow.models.neural.two_tower.settings import TwoTowerSettings
from frontrow.storage.artifact import read_manifest, write_artifact

CUSTOMER_KIND = "customer tower"
PRODUCT_KIND = "product tower"
BLOCK = 65_536
"""Embeddings made in one step."""

_WEIGHTS, _FIELDS = "weights.safetensors", "fields.json"
Tower = TypeVar("Tower", "CustomerTower", "ProductTower")


def bag_tensors(bags: Bags, device: torch.device) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Rows, starts and weights as the networks take them."""
    told = (torch.from_numpy(part) for part in (bags.rows, bags.starts, bags.weights))
    rows, starts, weights = (part.to(device) for part in told)
    return rows, starts, weights


def device_of(network: torch.nn.Module) -> torch.device:
    """Where a network's weights lie."""
    return next(network.parameters()).device


@dataclass(frozen=True)
class CustomerTower:
    """Embeds a customer from who it is, the context of the order and what was bought before.

    Attributes:
        network: In evaluation mode.
        fields: Of the context.
        settings: Of the fit.
        shape: Customers and products it knows.
    """

    network: CustomerNetwork
    fields: ContextFields
    settings: TwoTowerSettings
    shape: tuple[int, int]

    @classmethod
    def make(cls, fields: ContextFields, shape: tuple[int, int], settings: TwoTowerSettings) -> CustomerTower:
        """A tower whose weights are still to be drawn."""
        rows = [field.rows for field in fields.fields.values()]
        with seeded(0):
            return cls(CustomerNetwork(shape[0], rows, shape[1], settings), fields, settings, shape)

    def embed(self, queries: Queries, histories: Histories) -> NDArray[np.float32]:
        """Embed customers.

        Args:
            queries: Rows of customers known to the tower, or -1; and contexts.
            histories: What customers bought, by row.

        Returns:
            float32 (queries, embedding_size).
        """
        parts = [np.zeros((0, self.settings.embedding_size), np.float32)]
        for begin in range(0, len(queries), BLOCK):
            parts.append(self._block(queries.block(begin, begin + BLOCK), histories))
        return np.concatenate(parts)

    def _block(self, queries: Queries, histories: Histories) -> NDArray[np.float32]:
        device = device_of(self.network)
        bought = histories.last(queries.rows, self.settings.history_lines)
        customers = np.where((queries.rows >= 0) & (queries.rows < self.shape[0]), queries.rows + 1, 0)
        with torch.inference_mode():
            embedded = self.network(
                torch.from_numpy(customers).to(device),
                torch.from_numpy(self.fields.encode(queries.context)).to(device),
                bag_tensors(bought, device),
            )
        return np.asarray(embedded.cpu().numpy(), dtype=np.float32)

    def save(self, folder: str | Path) -> None:
        """Write weights and fields; no names of companies, no personal data."""
        about = {"settings": asdict(self.settings), "shape": list(self.shape)}
        _save(Path(folder), CUSTOMER_KIND, self.network, self.fields.to_dict(), about)

    @classmethod
    def load(cls, folder: str | Path) -> CustomerTower:
        """Read a tower back; it gives the same embeddings to the bit.

        Raises:
            ArtifactError: The folder holds no customer tower, or a damaged one.
        """

        def made(fields: Any, about: Mapping[str, Any], settings: TwoTowerSettings) -> CustomerTower:
            customers, products = about["shape"]
            return cls.make(ContextFields.from_dict(fields), (customers, products), settings)

        return _load(Path(folder), CUSTOMER_KIND, made)


@dataclass(frozen=True)
class ProductTower:
    """Embeds a product from which it is and what is known of it; a new one from what is known alone.

    Attributes:
        network: In evaluation mode.
        fields: Of the product.
        settings: Of the fit.
    """

    network: ProductNetwork
    fields: ProductFields
    settings: TwoTowerSettings

    @classmethod
    def make(cls, fields: ProductFields, settings: TwoTowerSettings) -> ProductTower:
        """A tower whose weights are still to be drawn."""
        rows = [field.rows for field in fields.categories.values()]
        words = fields.words.rows - 1
        with seeded(0):
            return cls(ProductNetwork(fields.ids.rows - 1, rows, words, settings), fields, settings)

    def embed(self, products: pl.DataFrame) -> NDArray[np.float32]:
        """Embed products, sold or new.

        Args:
            products: `product_id` (one never sold is read from its content), `title`, `product_type`, `vendor`,
                `price`, and `discount` where it is known.

        Returns:
            float32 (products, embedding_size).
        """
        if products.height == 0:
            return np.zeros((0, self.settings.embedding_size), np.float32)
        with torch.inference_mode():
            embedded = self.forward(self.fields.encode(products))
        return np.asarray(embedded.cpu().numpy(), dtype=np.float32)

    def forward(self, codes: ProductCodes) -> torch.Tensor:
        """Embed codes, with gradients where torch keeps them; float32 (products, embedding_size)."""
        device = device_of(self.network)
        embedded: torch.Tensor = self.network(
            torch.from_numpy(codes.ids).to(device),
            torch.from_numpy(codes.categories).to(device),
            torch.from_numpy(codes.numbers).to(device),
            bag_tensors(codes.words, device),
        )
        return embedded

    def save(self, folder: str | Path) -> None:
        """Write weights and fields."""
        _save(Path(folder), PRODUCT_KIND, self.network, self.fields.to_dict(), {"settings": asdict(self.settings)})

    @classmethod
    def load(cls, folder: str | Path) -> ProductTower:
        """Read a tower back; it gives the same embeddings to the bit.

        Raises:
            ArtifactError: The folder holds no product tower, or a damaged one.
        """
        return _load(
            Path(folder), PRODUCT_KIND, lambda fields, _, settings: cls.make(ProductFields.from_dict(fields), settings)
        )


def _save(folder: Path, kind: str, network: torch.nn.Module, fields: object, about: Mapping[str, Any]) -> None:
    weights = {name: value.detach().cpu().contiguous() for name, value in network.state_dict().items()}
    files: dict[str, str | bytes] = {_WEIGHTS: tensors_to_bytes(weights), _FIELDS: json.dumps(fields) + "\n"}
    write_artifact(folder, kind, files, about)


def _load(folder: Path, kind: str, made: Callable[[Any, Mapping[str, Any], TwoTowerSettings], Tower]) -> Tower:
    """A tower made of its fields, its manifest and its settings, with the weights that were saved."""
    manifest = read_manifest(folder, kind)
    try:
        fields = json.loads((folder / _FIELDS).read_text("utf-8"))
        tower = made(fields, manifest, TwoTowerSettings(**manifest["settings"]))
        tower.network.load_state_dict(read_tensors((folder / _WEIGHTS).read_bytes()))
    except (KeyError, TypeError, ValueError, RuntimeError) as error:
        raise ArtifactError(f"{folder} holds a damaged tower. Fit the model again.") from error
    tower.network.eval()
    return tower
