"""The two towers, from tables to embeddings; each is saved and loaded separately."""

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
from frontrow.models.neural.bags import Bags, PurchaseHistories
from frontrow.models.neural.settings import TwoTowerSettings
from frontrow.models.neural.training import seeded
from frontrow.models.neural.two_tower.fields import ContextFields, ProductCodes, ProductFields
from frontrow.models.neural.two_tower.networks import CustomerNetwork, ProductNetwork
from frontrow.storage.artifact import read_manifest, write_artifact

CUSTOMER_KIND = "customer tower"
PRODUCT_KIND = "product tower"
BLOCK_ROWS = 65_536
"""Customers embedded at a time."""

_WEIGHTS, _FIELDS = "weights.safetensors", "fields.json"
Tower = TypeVar("Tower", "CustomerTower", "ProductTower")


def bag_tensors(bags: Bags, device: torch.device) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Return rows, starts and weights as input of the networks.

    Args:
        bags: The lists.
        device: Where the tensors are stored.
    """
    arrays = (bags.rows, bags.starts, bags.weights)
    rows, starts, weights = (torch.from_numpy(array).to(device) for array in arrays)
    return rows, starts, weights


@dataclass(frozen=True)
class CustomerTower:
    """Embeds a customer from its id, the context of the order and the products bought before.

    Attributes:
        network: In evaluation mode.
        fields: Context fields.
        settings: Settings of the fit.
        shape: Number of known customers and products.
    """

    network: CustomerNetwork
    fields: ContextFields
    settings: TwoTowerSettings
    shape: tuple[int, int]

    @classmethod
    def build(cls, fields: ContextFields, shape: tuple[int, int], settings: TwoTowerSettings) -> CustomerTower:
        """Return a tower before its weights are drawn or loaded; see the attributes of the class."""
        rows = [field.rows for field in fields.fields.values()]
        with seeded(0):
            return cls(CustomerNetwork(shape[0], rows, shape[1], settings), fields, settings, shape)

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
            blocks.append(self._embed_block(queries.block(start, start + BLOCK_ROWS), histories))
        return np.concatenate(blocks)

    def _embed_block(self, queries: Queries, histories: PurchaseHistories) -> NDArray[np.float32]:
        device = _device_of(self.network)
        bought = histories.last_lines(queries.rows, self.settings.history_lines)
        customers = np.where((queries.rows >= 0) & (queries.rows < self.shape[0]), queries.rows + 1, 0)
        with torch.inference_mode():
            embedded = self.network(
                torch.from_numpy(customers).to(device),
                torch.from_numpy(self.fields.encode(queries.context)).to(device),
                bag_tensors(bought, device),
            )
        return np.asarray(embedded.cpu().numpy(), dtype=np.float32)

    def save(self, folder: str | Path) -> None:
        """Write weights and fields; the folder holds no company names and no personal data."""
        entries = {"settings": asdict(self.settings), "shape": list(self.shape)}
        _save(Path(folder), CUSTOMER_KIND, self, entries)

    @classmethod
    def load(cls, folder: str | Path) -> CustomerTower:
        """Read a saved tower; it gives the same embeddings to the bit.

        Raises:
            ArtifactError: The folder holds no customer tower, or a damaged one.
        """

        def build(fields: Any, manifest: Mapping[str, Any], settings: TwoTowerSettings) -> CustomerTower:
            customers, products = manifest["shape"]
            return cls.build(ContextFields.from_dict(fields), (customers, products), settings)

        return _load(Path(folder), CUSTOMER_KIND, build)


@dataclass(frozen=True)
class ProductTower:
    """Embeds a product from its id and content; a new product from its content only.

    Attributes:
        network: In evaluation mode.
        fields: Product fields.
        settings: Settings of the fit.
    """

    network: ProductNetwork
    fields: ProductFields
    settings: TwoTowerSettings

    @classmethod
    def build(cls, fields: ProductFields, settings: TwoTowerSettings) -> ProductTower:
        """Return a tower before its weights are drawn or loaded; see the attributes of the class."""
        rows = [field.rows for field in fields.categories.values()]
        words = fields.words.rows - 1
        with seeded(0):
            return cls(ProductNetwork(fields.ids.rows - 1, rows, words, settings), fields, settings)

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
        embedded: torch.Tensor = self.network(
            torch.from_numpy(codes.ids).to(device),
            torch.from_numpy(codes.categories).to(device),
            torch.from_numpy(codes.numbers).to(device),
            bag_tensors(codes.words, device),
        )
        return embedded

    def save(self, folder: str | Path) -> None:
        """Write weights and fields."""
        _save(Path(folder), PRODUCT_KIND, self, {"settings": asdict(self.settings)})

    @classmethod
    def load(cls, folder: str | Path) -> ProductTower:
        """Read a saved tower; it gives the same embeddings to the bit.

        Raises:
            ArtifactError: The folder holds no product tower, or a damaged one.
        """

        def build(fields: Any, _: Mapping[str, Any], settings: TwoTowerSettings) -> ProductTower:
            return cls.build(ProductFields.from_dict(fields), settings)

        return _load(Path(folder), PRODUCT_KIND, build)


def _device_of(network: torch.nn.Module) -> torch.device:
    return next(network.parameters()).device


def _save(folder: Path, kind: str, tower: CustomerTower | ProductTower, entries: Mapping[str, Any]) -> None:
    weights = {name: value.detach().cpu().contiguous() for name, value in tower.network.state_dict().items()}
    fields = json.dumps(tower.fields.to_dict()) + "\n"
    write_artifact(folder, kind, {_WEIGHTS: tensors_to_bytes(weights), _FIELDS: fields}, entries)


def _load(folder: Path, kind: str, build: Callable[[Any, Mapping[str, Any], TwoTowerSettings], Tower]) -> Tower:
    """Build a tower from its saved fields, manifest and settings, and load its weights."""
    manifest = read_manifest(folder, kind)
    try:
        fields = json.loads((folder / _FIELDS).read_text("utf-8"))
        tower = build(fields, manifest, TwoTowerSettings(**manifest["settings"]))
        tower.network.load_state_dict(read_tensors((folder / _WEIGHTS).read_bytes()))
    except (KeyError, TypeError, ValueError, RuntimeError) as error:
        raise ArtifactError(f"{folder} holds a damaged tower. Fit the model again.") from error
    tower.network.eval()
    return tower
