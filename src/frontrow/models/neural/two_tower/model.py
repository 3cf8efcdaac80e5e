"""A fitted two-tower model: scores for any customer, embeddings of customers and products, saving and loading."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from frontrow.models.interactions.interactions import Interactions, Queries
from frontrow.models.neural.bags import PurchaseHistories
from frontrow.models.neural.settings import TwoTowerSettings
from frontrow.models.neural.two_tower.fit import fit_towers
from frontrow.models.neural.two_tower.towers import CustomerTower, ProductTower
from frontrow.models.neural.validation import Blend, HoldoutCustomers, choose_blend, hold_out
from frontrow.models.popularity.country import CountryTable, log_popularity
from frontrow.models.similarity.products import cosine_similarity
from frontrow.progress import Progress, no_progress
from frontrow.storage.artifact import ArrayModel


@dataclass(frozen=True)
class TwoTower(ArrayModel):
    """Both towers with everything that scores need: purchase histories, popularity, and the weights of the blend.

    Saved files hold no personal data; customers are numbers.

    Attributes:
        customer: Embeds customers.
        product: Embeds products.
        histories: Purchases of each known customer, by row.
        customer_ids: Customer of each row, ascending; int64.
        product_ids: Product of each column.
        products: Embeddings of the products; float32 (products, embedding_size).
        popularity: Recent purchases per country.
        blend: Weights of towers and popularity.
        epochs: Number of passes chosen on the validation window.
    """

    customer: CustomerTower
    product: ProductTower
    histories: PurchaseHistories
    customer_ids: NDArray[np.int64]
    product_ids: tuple[str, ...]
    products: NDArray[np.float32]
    popularity: CountryTable
    blend: Blend
    epochs: int

    shapes: ClassVar = {"customer_ids": ("customers",), "products": ("products", "embedding")}
    dimension_of: ClassVar = {"product_ids": "products"}

    def check(self, dimensions: Mapping[str, int]) -> None:
        """See `array_checks.check_model`."""
        widths = {dimensions["embedding"], *(tower.settings.embedding_size for tower in (self.customer, self.product))}
        if len(widths) > 1 or len(self.product.fields.ids.values) != len(self.product_ids):
            raise ValueError("the towers do not fit each other")

    @classmethod
    def fit(
        cls, interactions: Interactions, settings: TwoTowerSettings, *, seed: int, progress: Progress = no_progress
    ) -> TwoTower:
        """Choose passes and blend on the validation window, then fit on everything before the cutoff.

        Args:
            interactions: The order lines to learn from.
            settings: Hyper-parameters.
            seed: The same seed on the same interactions gives the same model.
            progress: Called with (passes done, maximum number of passes).
        """
        total = 2 * settings.epochs
        epochs, blend = _choose_epochs_and_blend(interactions, settings, seed, lambda done, _: progress(done, total))
        towers = fit_towers(
            interactions,
            settings,
            seed=seed,
            epochs=epochs,
            progress=lambda done, of: progress(settings.epochs * (1 + done / of), total),
        )
        return cls(
            towers.customer,
            towers.product,
            PurchaseHistories.from_interactions(interactions),
            interactions.customer_ids,
            tuple(interactions.products["product_id"]),
            towers.product.embed(interactions.products),
            log_popularity(interactions),
            blend,
            epochs,
        )

    def scores(self, queries: Queries) -> NDArray[np.float32]:
        """Return the weighted sum of towers and popularity; float32 (queries, products)."""
        towers = self.customer_embeddings(queries) @ self.products.T
        is_new = queries.is_new[:, None]
        tower_weight = np.where(is_new, self.blend.tower, 1.0).astype(np.float32)
        popularity_weight = np.where(is_new, 1.0, self.blend.popularity).astype(np.float32)
        return towers * tower_weight + popularity_weight * self.popularity.scores(queries)

    def customer_embeddings(self, queries: Queries) -> NDArray[np.float32]:
        """Return the embeddings of customers; float32 (queries, embedding_size)."""
        return self.customer.embed(queries, self.histories)

    def similar(self, products: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return the cosine similarity of embeddings; float32 of shape (given, products)."""
        return cosine_similarity(self.products, products)


def _choose_epochs_and_blend(
    interactions: Interactions, settings: TwoTowerSettings, seed: int, progress: Progress
) -> tuple[int, Blend]:
    """Return the number of passes and the blend that are best on the validation window."""
    holdout = hold_out(interactions, settings.validation_days, seed=seed)
    if holdout.interactions.lines.height == 0 or len(holdout.returning.queries) == 0:
        return settings.epochs, Blend()
    histories = PurchaseHistories.from_interactions(holdout.interactions)

    def scores(customer: CustomerTower, product: ProductTower, customers: HoldoutCustomers) -> NDArray[np.float32]:
        return customer.embed(customers.queries, histories) @ product.embed(interactions.products).T

    def validate(customer: CustomerTower, product: ProductTower) -> float:
        return float(holdout.returning.ndcg(scores(customer, product, holdout.returning)).mean())

    towers = fit_towers(holdout.interactions, settings, seed=seed, validate=validate, progress=progress)
    popularity = log_popularity(holdout.interactions)
    returning, new = (
        (customers, scores(towers.customer, towers.product, customers), popularity.scores(customers.queries))
        for customers in (holdout.returning, holdout.new)
    )
    return max(towers.training.epochs, 1), choose_blend(returning, new)
