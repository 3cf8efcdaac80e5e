"""What is known of a product, as rows of embeddings and numbers on a common scale; read off training data only."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from frontrow.models.neural.two_tower.bags import Bags
from frontrow.models.neural.two_tower.settings import TwoTowerSettings
from frontrow.models.neural.two_tower.vocabulary import Vocabulary

_WORD = re.compile(r"\w\w+")


@dataclass(frozen=True)
class ProductCodes:
    """Products as the tower takes them.

    Attributes:
        ids: Row of each product, 0 for one never sold; int64 of shape (products,).
        categories: Rows of type and vendor where the shop has them; int64 of shape (products, fields).
        numbers: Price, its square, discount, on a common scale; float32 of shape (products, 3).
        words: Rows of each title's words.
    """

    ids: NDArray[np.int64]
    categories: NDArray[np.int64]
    numbers: NDArray[np.float32]
    words: Bags

    def take(self, places: NDArray[np.int64]) -> ProductCodes:
        """Some of the products, in the order given."""
        return ProductCodes(self.ids[places], self.categories[places], self.numbers[places], self.words.take(places))

    def hidden(self, places: NDArray[np.bool_]) -> ProductCodes:
        """The same products, some of them without their id."""
        return replace(self, ids=np.where(places, 0, self.ids))


@dataclass(frozen=True)
class ProductFields:
    """The product fields of a shop.

    Attributes:
        ids: Products sold before the cutoff.
        categories: Type and vendor, those that tell something.
        words: Of the titles.
        log_price: Mean and standard deviation of log(price + 0.01).
        discount: Mean and standard deviation of the mean share taken off.
    """

    ids: Vocabulary
    categories: dict[str, Vocabulary]
    words: Vocabulary
    log_price: tuple[float, float]
    discount: tuple[float, float]

    @classmethod
    def of(cls, products: pl.DataFrame, settings: TwoTowerSettings) -> ProductFields:
        """Read the fields off the products sold before the cutoff (`Interactions.products`)."""
        categories = {}
        for name in ("product_type", "vendor"):
            vocabulary = _vocabulary(products[name].drop_nulls().to_list(), settings.min_products)
            if products[name].n_unique() > 1 and vocabulary.values:
                categories[name] = vocabulary
        words = [word for title in products["title"] for word in set(_words(title))]
        return cls(
            ids=Vocabulary(tuple(products["product_id"])),
            categories=categories,
            words=_vocabulary(words, settings.min_products),
            log_price=_scale(_log_price(products)),
            discount=_scale(_discount(products)),
        )

    def encode(self, products: pl.DataFrame) -> ProductCodes:
        """Products, sold or new, as codes.

        Args:
            products: `product_id`, `title`, `product_type`, `vendor`, `price`, and `discount` where it is known.
        """
        words = [self.words.encode(pl.Series(_words(title), dtype=pl.String)) for title in products["title"]]
        rows = [self.categories[name].encode(products[name]) for name in self.categories]
        price = _scaled(_log_price(products), self.log_price)
        return ProductCodes(
            ids=self.ids.encode(products["product_id"]),
            categories=np.stack(rows, axis=1) if rows else np.zeros((products.height, 0), np.int64),
            numbers=np.stack([price, price**2, _scaled(_discount(products), self.discount)], axis=1).astype(np.float32),
            words=Bags(
                np.concatenate([*words, np.zeros(0, np.int64)]),
                np.cumsum([0, *(len(each) for each in words)], dtype=np.int64),
            ),
        )

    def to_dict(self) -> dict[str, Any]:
        """As JSON holds it."""
        return {
            "ids": list(self.ids.values),
            "categories": {name: list(field.values) for name, field in self.categories.items()},
            "words": list(self.words.values),
            "log_price": list(self.log_price),
            "discount": list(self.discount),
        }

    @classmethod
    def from_dict(cls, told: dict[str, Any]) -> ProductFields:
        """Back from JSON."""
        return cls(
            ids=Vocabulary(tuple(told["ids"])),
            categories={name: Vocabulary(tuple(values)) for name, values in told["categories"].items()},
            words=Vocabulary(tuple(told["words"])),
            log_price=(float(told["log_price"][0]), float(told["log_price"][1])),
            discount=(float(told["discount"][0]), float(told["discount"][1])),
        )


def _vocabulary(values: Sequence[str], least: int) -> Vocabulary:
    counted = pl.Series("value", values, dtype=pl.String).value_counts().filter(pl.col("count") >= least)
    return Vocabulary(tuple(counted["value"].sort()))


def _words(title: str | None) -> list[str]:
    return _WORD.findall((title or "").lower())


def _log_price(products: pl.DataFrame) -> NDArray[np.float64]:
    return np.log(products["price"].cast(pl.Float64).fill_null(float("nan")).to_numpy() + 0.01)


def _discount(products: pl.DataFrame) -> NDArray[np.float64]:
    if "discount" not in products.columns:
        return np.zeros(products.height)
    return products["discount"].cast(pl.Float64).fill_null(0.0).to_numpy()


def _scale(values: NDArray[np.float64]) -> tuple[float, float]:
    known = values[np.isfinite(values)]
    return (float(known.mean()), float(known.std())) if len(known) else (0.0, 0.0)


def _scaled(values: NDArray[np.float64], scale: tuple[float, float]) -> NDArray[np.float64]:
    """Standardised, at most 5 away from the middle; what is not known is the middle."""
    mean, deviation = scale
    return np.clip(np.nan_to_num((values - mean) / deviation if deviation > 0 else values * 0.0), -5.0, 5.0)
