"""A fitted two-tower model: scores for any customer, embeddings of both sides, saved and read back whole."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray
from safetensors.numpy import load as read_arrays
from safetensors.numpy import save as arrays_to_bytes

from frontrow.errors import ArtifactError
from frontrow.models.interactions.interactions import Interactions, Queries
from frontrow.models.neural.two_tower.bags import Histories
from frontrow.models.neural.two_tower.blend import Blend, choose
from frontrow.models.neural.two_tower.fit import fit_towers
from frontrow.models.neural.two_tower.settings import TwoTowerSettings
from frontrow.models.neural.two_tower.towers import CustomerTower, ProductTower
from frontrow.models.neural.two_tower.validation import Asked, window
from frontrow.models.popularity.country_popularity import CountryPopularity
from frontrow.progress import Progress, no_progress
from frontrow.storage.artifact import read_manifest, write_artifact

KIND = "two tower"
_ARRAYS, _IDS = "arrays.safetensors", "ids.json"


@dataclass(frozen=True)
class TwoTower:
    """Both towers with what is needed to use them: histories, popularity, and how the two are blended.

    Attributes:
        customer: Embeds customers.
        product: Embeds products.
        histories: What each known customer bought, by row.
        customer_ids: The rows, ascending; int64.
        product_ids: The columns.
        products: Their embeddings; float32 (products, embedding_size).
        popularity: What each country bought lately.
        blend: Weights of towers and popularity.
        epochs: Passes that the validation window asked for.
    """

    customer: CustomerTower
    product: ProductTower
    histories: Histories
    customer_ids: NDArray[np.int64]
    product_ids: tuple[str, ...]
    products: NDArray[np.float32]
    popularity: CountryPopularity
    blend: Blend
    epochs: int

    @classmethod
    def fit(
        cls, interactions: Interactions, settings: TwoTowerSettings, *, seed: int, progress: Progress = no_progress
    ) -> TwoTower:
        """Choose passes and blend on the window held back, then fit on everything before the cutoff.

        Args:
            interactions: What may be learned from.
            settings: See `TwoTowerSettings`.
            seed: The same seed on the same interactions gives the same model.
            progress: Called with (passes done, passes at most).
        """
        most = 2 * settings.epochs
        epochs, blend = _chosen(interactions, settings, seed, lambda done, _: progress(done, most))
        towers = fit_towers(
            interactions,
            settings,
            seed=seed,
            epochs=epochs,
            progress=lambda done, of: progress(settings.epochs * (1 + done / of), most),
        )
        return cls(
            towers.customer,
            towers.product,
            Histories.of(interactions),
            interactions.customer_ids,
            tuple(interactions.products["product_id"]),
            towers.product.embed(interactions.products),
            CountryPopularity.of(interactions),
            blend,
            epochs,
        )

    def scores(self, queries: Queries) -> NDArray[np.float32]:
        """Towers and popularity, blended; float32 (queries, products)."""
        towers = self.tower_scores(queries)
        unseen = (queries.rows < 0)[:, None]
        tower = np.where(unseen, self.blend.tower, 1.0).astype(np.float32)
        popular = np.where(unseen, 1.0, self.blend.popularity).astype(np.float32)
        return towers * tower + popular * self.popularity.scores(queries)

    def tower_scores(self, queries: Queries) -> NDArray[np.float32]:
        """Dot products of both towers alone; float32 (queries, products)."""
        return self.customer_embeddings(queries) @ self.products.T

    def customer_embeddings(self, queries: Queries) -> NDArray[np.float32]:
        """float32 (queries, embedding_size)."""
        return self.customer.embed(queries, self.histories)

    def product_embeddings(self, products: pl.DataFrame) -> NDArray[np.float32]:
        """Of products sold or new (`ProductTower.embed`); float32 (products, embedding_size)."""
        return self.product.embed(products)

    def similar(self, products: NDArray[np.int64]) -> NDArray[np.float32]:
        """Cosine of embeddings; float32 of shape (given, products)."""
        lengths = np.linalg.norm(self.products, axis=1, keepdims=True)
        unit = self.products / np.where(lengths > 0, lengths, 1.0)
        return np.asarray(unit[products] @ unit.T)

    def save(self, folder: str | Path) -> None:
        """Write both towers, each a model of its own, and the rest; customers are numbers, and nothing is personal."""
        folder = Path(folder)
        self.customer.save(folder / "customer_tower")
        self.product.save(folder / "product_tower")
        arrays: dict[str, NDArray[Any]] = {
            "history_products": self.histories.products,
            "history_starts": self.histories.starts,
            "customer_ids": self.customer_ids,
            "products": self.products,
            "popularity": self.popularity.logs,
        }
        ids = {"product_ids": self.product_ids, "countries": self.popularity.countries}
        files: dict[str, str | bytes] = {_ARRAYS: arrays_to_bytes(arrays), _IDS: json.dumps(ids) + "\n"}
        write_artifact(folder, KIND, files, {"blend": asdict(self.blend), "epochs": self.epochs})

    @classmethod
    def load(cls, folder: str | Path) -> TwoTower:
        """Read a saved model back; it gives the same scores to the bit.

        Raises:
            ArtifactError: The folder holds no such model, or a damaged one.
        """
        folder = Path(folder)
        manifest = read_manifest(folder, KIND)
        try:
            arrays = read_arrays((folder / _ARRAYS).read_bytes())
            ids = json.loads((folder / _IDS).read_text("utf-8"))
            return cls(
                CustomerTower.load(folder / "customer_tower"),
                ProductTower.load(folder / "product_tower"),
                Histories(arrays["history_products"], arrays["history_starts"]),
                arrays["customer_ids"],
                tuple(ids["product_ids"]),
                arrays["products"],
                CountryPopularity(tuple(ids["countries"]), arrays["popularity"]),
                Blend(**manifest["blend"]),
                int(manifest["epochs"]),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise ArtifactError(f"{folder} holds a damaged model. Fit it again.") from error


def _chosen(known: Interactions, settings: TwoTowerSettings, seed: int, progress: Progress) -> tuple[int, Blend]:
    """Passes and blend that did best on the last days before the cutoff."""
    held = window(known, settings.validation_days, seed=seed)
    if held.before.lines.height == 0 or len(held.returning.queries) == 0:
        return settings.epochs, Blend()
    histories = Histories.of(held.before)

    def scores(customer: CustomerTower, product: ProductTower, asked: Asked) -> NDArray[np.float32]:
        return customer.embed(asked.queries, histories) @ product.embed(known.products).T

    towers = fit_towers(
        held.before,
        settings,
        seed=seed,
        validate=lambda customer, product: float(held.returning.ndcg(scores(customer, product, held.returning)).mean()),
        progress=progress,
    )
    popularity = CountryPopularity.of(held.before)
    returning, new = (
        (asked, scores(towers.customer, towers.product, asked), popularity.scores(asked.queries))
        for asked in (held.returning, held.new)
    )
    return max(towers.trained.epochs, 1), choose(returning, new)
