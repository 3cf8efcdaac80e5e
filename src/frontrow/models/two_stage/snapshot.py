"""Everything that a ranker may know of customers, products and pairs of both at a cutoff."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
import polars as pl
from numpy.typing import NDArray

from frontrow.models.interactions.interactions import Interactions
from frontrow.models.interactions.purchases import Purchases
from frontrow.models.popularity.country import CountryTable, country_shares
from frontrow.models.two_stage.customer_tables import CUSTOMER_FEATURES, PairTable, customer_table, pair_table
from frontrow.models.two_stage.product_table import PRODUCT_FEATURES, product_table
from frontrow.storage.artifact import ArrayModel

HISTORY = 50
"""Length of a customer's history that a ranker may look at, in products."""


@dataclass(frozen=True)
class Snapshot(ArrayModel):
    """Features at a cutoff, by row and column of `Interactions`.

    Attributes:
        pairs: Features of each customer with each product bought.
        customers: `CUSTOMER_FEATURES`, shape (customers, features), float32.
        products: `PRODUCT_FEATURES`, shape (products, features), float32.
        on_sale: Whether each product was sold lately; shape (products,), bool.
        shares: How much more of each product each country buys.
        codes: Product type and vendor of each product, -1 for none; shape (products, 2), int32.
        code_counts: Number of product types and of vendors.
        history: Columns of the products bought last, the latest first, filled up with -1; shape (customers, HISTORY),
            int32.
    """

    pairs: PairTable
    customers: NDArray[np.float32]
    products: NDArray[np.float32]
    on_sale: NDArray[np.bool_]
    shares: CountryTable
    codes: NDArray[np.int32]
    code_counts: tuple[int, int]
    history: NDArray[np.int32]

    shapes: ClassVar = {
        "customers": ("customers", len(CUSTOMER_FEATURES)),
        "products": ("products", len(PRODUCT_FEATURES)),
        "on_sale": ("products",),
        "codes": ("products", 2),
        "history": ("customers", HISTORY),
    }
    optional_indices: ClassVar = {"history": "products"}
    may_be_unknown: ClassVar = ("customers", "products")

    def with_customers(self, interactions: Interactions) -> Snapshot:
        """The same of other customers: what is learned of products and countries stays.

        Args:
            interactions: Of the customers, with the same columns.
        """
        return replace(self, **_describe_customers(interactions.purchases, interactions, self.products))

    def check(self, dimensions: Mapping[str, int]) -> None:  # noqa: ARG002
        """See `array_checks.check_model`."""
        if not ((self.codes >= -1) & (self.codes < np.array(self.code_counts))).all():
            raise ValueError("a product has a type or vendor that does not exist")


def build_snapshot(
    interactions: Interactions,
    on_sale_days: int,
    countries: tuple[str, ...] | None = None,
    *,
    described: NDArray[np.int64] | None = None,
) -> Snapshot:
    """Compute the features of all order lines before the cutoff.

    Args:
        interactions: Their lines are counted.
        on_sale_days: Products without a sale for more days are not on sale.
        countries: Order of the countries, so that their codes mean the same at several cutoffs; None for all countries
            of the lines, by name.
        described: Rows of the customers who are asked about; of all others nothing is computed, and nothing is known.
            None for everyone.

    Example:
        >>> from frontrow.testing.recommenders import hand_made_interactions
        >>> interactions = hand_made_interactions([(7, "bulb", 0), (7, "pot", 9)])
        >>> build_snapshot(interactions, on_sale_days=5).on_sale.tolist()
        [False, True]
    """
    cutoff_day = interactions.cutoff_day
    of_customers = interactions.purchases if described is None else _select_purchases(interactions, described)
    log_price = np.log(interactions.products["price"].to_numpy() + 0.01).astype(np.float32)
    by_product = product_table(interactions.purchases, cutoff_day, log_price)
    types, type_count = _codes(interactions.products["product_type"])
    vendors, vendor_count = _codes(interactions.products["vendor"])
    return Snapshot(
        products=by_product,
        on_sale=by_product[:, PRODUCT_FEATURES.index("days_since_last_sold")] <= on_sale_days,
        shares=country_shares(interactions, countries),
        codes=np.column_stack([types, vendors]).astype(np.int32),
        code_counts=(type_count, vendor_count),
        **_describe_customers(of_customers, interactions, by_product),
    )


def _select_purchases(interactions: Interactions, rows: NDArray[np.int64]) -> Purchases:
    is_described = np.zeros(interactions.shape[0], dtype=np.bool_)
    is_described[rows] = True
    return interactions.purchases.select(is_described[interactions.purchases.customer])


def _describe_customers(
    purchases: Purchases, interactions: Interactions, by_product: NDArray[np.float32]
) -> dict[str, Any]:
    """The fields of `Snapshot` that are about customers."""
    (customers, products), cutoff_day = interactions.shape, interactions.cutoff_day
    log_price, buyers, first_sold = (
        by_product[:, PRODUCT_FEATURES.index(name)] for name in ("log_price", "buyers_365d", "days_since_first_sold")
    )
    return {
        "pairs": pair_table(purchases, cutoff_day, products),
        "customers": customer_table(purchases, cutoff_day, customers, log_price, np.log1p(buyers), first_sold),
        "history": _latest_products(purchases, customers),
    }


def _codes(values: pl.Series) -> tuple[NDArray[np.int32], int]:
    """Number each value by its name, -1 for null; and how many values there are."""
    names = values.drop_nulls().unique().sort().to_list()
    code = {name: number for number, name in enumerate(names)}
    return np.array([code.get(value, -1) for value in values], dtype=np.int32), len(names)


def _latest_products(purchases: Purchases, customers: int) -> NDArray[np.int32]:
    """`Snapshot.history`."""
    last = purchases.lasts
    latest = np.lexsort((purchases.product[last], -purchases.order[last], purchases.customer[last]))
    customer, product = purchases.customer[last][latest], purchases.product[last][latest]
    position = np.arange(len(latest)) - np.searchsorted(customer, customer)
    history = np.full((customers, HISTORY), -1, dtype=np.int32)
    inside = position < HISTORY
    history[customer[inside], position[inside]] = product[inside]
    return history
