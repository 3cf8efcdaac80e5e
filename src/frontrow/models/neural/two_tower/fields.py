"""Contexts of orders and attributes of products as rows of embedding tables; learned from training data only.

Which fields are used depends on the shop: a column that is empty, or has the same value everywhere, is left out.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from frontrow.models.interactions.interactions import CONTEXT, Interactions
from frontrow.models.neural.bags import Bags
from frontrow.models.neural.settings import TwoTowerSettings

_WORD = re.compile(r"\w\w+")


@dataclass(frozen=True)
class Vocabulary:
    """A field with one embedding row per value; row 0 is for missing, rare and new values.

    Attributes:
        values: The values of rows 1, 2, ...

    Example:
        >>> Vocabulary(("DE", "FR")).encode(pl.Series(["FR", "XX", None])).tolist()
        [2, 0, 0]
    """

    values: tuple[str, ...]

    @property
    def rows(self) -> int:
        """Number of embedding rows."""
        return len(self.values) + 1

    def encode(self, column: pl.Series) -> NDArray[np.int64]:
        """Return the row of each value, int64."""
        rows = self._rows
        return np.fromiter((rows.get(value, 0) for value in column.cast(pl.String)), np.int64, len(column))

    @cached_property
    def _rows(self) -> dict[str, int]:
        return {value: row for row, value in enumerate(self.values, 1)}


UNUSED = Vocabulary(())
"""A field that the shop does not use."""


@dataclass(frozen=True)
class Buckets:
    """A field whose values are hashed, so that none of them is stored; row 0 is for missing values.

    Attributes:
        buckets: Number of hash buckets.

    Example:
        >>> rows = Buckets(100).encode(pl.Series(["Green & Sons", "green & sons ", None]))
        >>> bool(rows[0] == rows[1] > 0), int(rows[2])
        (True, 0)
    """

    buckets: int

    @property
    def rows(self) -> int:
        """Number of embedding rows."""
        return self.buckets + 1

    def encode(self, column: pl.Series) -> NDArray[np.int64]:
        """Return the row of each value, int64; case and surrounding spaces are ignored."""
        values = (None if value is None else str(value).strip().lower() for value in column)
        rows = (0 if not value else 1 + zlib.crc32(value.encode()) % self.buckets for value in values)
        return np.fromiter(rows, np.int64, len(column))


@dataclass(frozen=True)
class ContextFields:
    """The context fields of a shop; a field that is not used has no values.

    Attributes:
        country: Countries with enough customers.
        province: Provinces with enough customers.
        city: Cities with enough customers.
        company: Hash buckets of companies.
        hour: Hours of the day.
        month: Months.

    Example:
        >>> from frontrow.testing.shops import hand_made_shop
        >>> from frontrow.models.interactions.interactions import build_interactions
        >>> orders = build_interactions(hand_made_shop([(1, "pot", 0), (2, "pot", 40)]).as_of())
        >>> list(ContextFields.from_interactions(orders, TwoTowerSettings(min_customers=1)).used)
        ['month']
    """

    country: Vocabulary = UNUSED
    province: Vocabulary = UNUSED
    city: Vocabulary = UNUSED
    company: Buckets = Buckets(0)
    hour: Vocabulary = UNUSED
    month: Vocabulary = UNUSED

    @classmethod
    def from_interactions(cls, interactions: Interactions, settings: TwoTowerSettings) -> ContextFields:
        """Read the fields from the orders before the cutoff.

        Args:
            interactions: The orders.
            settings: Its `min_customers` and `company_buckets` are used.
        """
        fields: dict[str, Any] = {}
        for name in CONTEXT:
            pairs = interactions.lines.select("customer", value=pl.col(name).cast(pl.String)).drop_nulls().unique()
            if pairs["value"].n_unique() < 2:
                continue
            if name == "company":
                fields[name] = Buckets(settings.company_buckets)
            else:
                counted = pairs.group_by("value").len().filter(pl.col("len") >= settings.min_customers)
                fields[name] = Vocabulary(tuple(counted["value"].sort()))
        return cls(**fields)

    @property
    def used(self) -> dict[str, Vocabulary | Buckets]:
        """The fields with values, by name."""
        return {name: getattr(self, name) for name in CONTEXT if getattr(self, name).rows > 1}

    def encode(self, context: pl.DataFrame) -> NDArray[np.int64]:
        """Return the rows of each used field, int64 of shape (queries, fields)."""
        rows = [field.encode(context[name]) for name, field in self.used.items()]
        return np.stack(rows, axis=1) if rows else np.zeros((context.height, 0), np.int64)


@dataclass(frozen=True)
class ProductCodes:
    """Products as input of the product network.

    Attributes:
        ids: Row of each product, 0 for a new one; int64 of shape (products,).
        categories: Rows of product type and vendor, where the shop has them; int64 of shape (products, fields).
        numbers: Scaled price, its square, scaled discount; float32 of shape (products, 3).
        words: Rows of the words of each title.
    """

    ids: NDArray[np.int64]
    categories: NDArray[np.int64]
    numbers: NDArray[np.float32]
    words: Bags

    def take(self, columns: NDArray[np.int64]) -> ProductCodes:
        """Return some of the products, in the order given."""
        return ProductCodes(
            self.ids[columns], self.categories[columns], self.numbers[columns], self.words.take(columns)
        )

    def hide_ids(self, hidden: NDArray[np.bool_]) -> ProductCodes:
        """Return the same products, with the id of some replaced by 0; `hidden` has shape (products,)."""
        return replace(self, ids=np.where(hidden, 0, self.ids))


@dataclass(frozen=True)
class ProductFields:
    """The product fields of a shop; a field that is not used has no values.

    Attributes:
        ids: Products sold before the cutoff.
        product_type: Product types with enough products.
        vendor: Vendors with enough products.
        words: Words of the titles with enough products.
        log_price: Mean and standard deviation of log(price + 0.01).
        discount: Mean and standard deviation of the products' mean discount (a share of the price).
    """

    ids: Vocabulary
    product_type: Vocabulary
    vendor: Vocabulary
    words: Vocabulary
    log_price: tuple[float, float]
    discount: tuple[float, float]

    @classmethod
    def from_products(cls, products: pl.DataFrame, settings: TwoTowerSettings) -> ProductFields:
        """Read the fields from the products sold before the cutoff.

        Args:
            products: As `Interactions.products`.
            settings: Its `min_products` is used.
        """
        words = [word for title in products["title"] for word in set(_words(title))]
        product_type, vendor = (
            _build_vocabulary(products[name].drop_nulls().to_list(), settings.min_products)
            if products[name].n_unique() > 1
            else UNUSED
            for name in ("product_type", "vendor")
        )
        return cls(
            ids=Vocabulary(tuple(products["product_id"])),
            product_type=product_type,
            vendor=vendor,
            words=_build_vocabulary(words, settings.min_products),
            log_price=_mean_and_deviation(_log_price(products)),
            discount=_mean_and_deviation(_discount(products)),
        )

    @property
    def categories(self) -> dict[str, Vocabulary]:
        """Product type and vendor, those with values."""
        fields = {"product_type": self.product_type, "vendor": self.vendor}
        return {name: field for name, field in fields.items() if field.values}

    def encode(self, products: pl.DataFrame) -> ProductCodes:
        """Return products, sold or new, as input of the product network.

        Args:
            products: `product_id`, `title`, `product_type`, `vendor`, `price`, and optionally `discount`.
        """
        words = [self.words.encode(pl.Series(_words(title), dtype=pl.String)) for title in products["title"]]
        rows = [field.encode(products[name]) for name, field in self.categories.items()]
        price = _standardize(_log_price(products), self.log_price)
        discount = _standardize(_discount(products), self.discount)
        return ProductCodes(
            ids=self.ids.encode(products["product_id"]),
            categories=np.stack(rows, axis=1) if rows else np.zeros((products.height, 0), np.int64),
            numbers=np.stack([price, price**2, discount], axis=1).astype(np.float32),
            words=Bags(
                np.concatenate([*words, np.zeros(0, np.int64)]),
                np.cumsum([0, *(len(word_rows) for word_rows in words)], dtype=np.int64),
            ),
        )


def _build_vocabulary(values: Sequence[str], min_count: int) -> Vocabulary:
    counted = pl.Series("value", values, dtype=pl.String).value_counts().filter(pl.col("count") >= min_count)
    return Vocabulary(tuple(counted["value"].sort()))


def _words(title: str | None) -> list[str]:
    return _WORD.findall((title or "").lower())


def _log_price(products: pl.DataFrame) -> NDArray[np.float64]:
    return np.log(products["price"].cast(pl.Float64).fill_null(float("nan")).to_numpy() + 0.01)


def _discount(products: pl.DataFrame) -> NDArray[np.float64]:
    if "discount" not in products.columns:
        return np.zeros(products.height)
    return products["discount"].cast(pl.Float64).fill_null(0.0).to_numpy()


def _mean_and_deviation(values: NDArray[np.float64]) -> tuple[float, float]:
    finite = values[np.isfinite(values)]
    return (float(finite.mean()), float(finite.std())) if len(finite) else (0.0, 0.0)


def _standardize(values: NDArray[np.float64], scale: tuple[float, float]) -> NDArray[np.float64]:
    """Return values on a scale with mean 0 and deviation 1, clipped to ±5; unknown values become 0."""
    mean, deviation = scale
    return np.clip(np.nan_to_num((values - mean) / deviation if deviation > 0 else values * 0.0), -5.0, 5.0)
