"""Neighbours: the earlier products that resemble a new one, through which purchases say something about it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from frontrow.features.text import TextIndex, characters, words

NEIGHBOURS = 100
"""Earlier products kept for each new one."""

NEAREST = 30
"""Of those, the ones that count as close."""

YOUNG_DAYS = 60.0
"""A neighbour's weight as a young product falls e times with each of these many days of its age."""

NEIGHBOUR_SCHEMA = {
    "launch": pl.Int32(),
    "product_id": pl.String(),
    "cutoff_day": pl.Int32(),
    "characters": pl.Float64(),
    "words": pl.Float64(),
    "similarity": pl.Float64(),
    "closeness": pl.Float64(),
    "nearest": pl.Float64(),
    "young": pl.Float64(),
    "same_type": pl.Float64(),
}


@dataclass(frozen=True)
class Catalogue:
    """What is known of each product before anyone bought it, in columns of one length.

    Attributes:
        product_ids: One a product.
        texts: Title, and where the shop has them type and tags; not the vendor, whose name would make all of a
            one-vendor shop look similar; shape (products,).
        categories: The product type, or the title's last word where the shop keeps no types.
        first_days: The day of the first sale; a product enters the vocabulary after it.
        prices: Per unit; NaN where not known.
    """

    product_ids: NDArray[np.object_]
    texts: Sequence[str]
    categories: NDArray[np.object_]
    first_days: NDArray[np.int64]
    prices: NDArray[np.float64]

    @classmethod
    def of(cls, products: pl.DataFrame) -> Catalogue:
        """Read the columns off a product table with `first_day` (days since 1970-01-01) beside `schema.PRODUCT_SCHEMA`.

        Example:
            >>> table = pl.DataFrame({"product_id": ["a"], "title": ["Red Pot"], "product_type": [None],
            ...     "vendor": [None], "tags": [None], "price": [3.5], "first_day": [20000]})
            >>> Catalogue.of(table).categories.tolist()
            ['pot']
        """
        text = pl.concat_str("title", "product_type", "tags", separator=" ", ignore_nulls=True)
        last_word = pl.col("title").str.to_lowercase().str.extract(r"(\w\w+)\W*$")
        category = pl.coalesce(pl.col("product_type").cast(pl.String).str.to_lowercase(), last_word).fill_null("")
        columns = products.select(
            "product_id", "first_day", pl.col("price").cast(pl.Float64), text.alias("text"), category.alias("category")
        )
        return cls(
            product_ids=columns["product_id"].to_numpy().astype(object),
            texts=columns["text"].fill_null("").to_list(),
            categories=columns["category"].to_numpy().astype(object),
            first_days=columns["first_day"].to_numpy().astype(np.int64),
            prices=columns["price"].fill_null(float("nan")).to_numpy().astype(np.float64),
        )


@dataclass(frozen=True)
class Similarities:
    """Text similarity of one new product to every earlier one, each of shape (products,)."""

    characters: NDArray[np.float64]
    words: NDArray[np.float64]

    @property
    def total(self) -> NDArray[np.float64]:
        """The similarity that chooses the neighbours: the sum of all."""
        return self.characters + self.words


class Neighbourhood:
    """Finds the earlier products that resemble a new one, with nothing that was learned after its cutoff.

    Args:
        catalogue: Earlier and new products together.

    Example:
        >>> catalogue = Catalogue(np.array(["a", "b", "c"], dtype=object), ["red pot", "tin cup", "blue pot"],
        ...     np.array(["pot", "cup", "pot"], dtype=object), np.array([1, 2, 30]), np.array([1.0, 2.0, 1.5]))
        >>> Neighbourhood(catalogue).table([2], [30])["product_id"].to_list()
        ['a']
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self._characters = TextIndex(catalogue.texts, catalogue.first_days, characters)
        self._words = TextIndex(catalogue.texts, catalogue.first_days, words)

    def similarities(self, product: int, cutoff_day: int) -> Similarities:
        """Similarity of a product to all those sold before the cutoff.

        Args:
            product: Position in the catalogue.
            cutoff_day: The day of the cutoff; products first sold on it or later are not compared.
        """
        return Similarities(
            self._characters.similarity(product, cutoff_day), self._words.similarity(product, cutoff_day)
        )

    def table(self, products: Iterable[int], cutoff_days: Iterable[int]) -> pl.DataFrame:
        """One row a new product and neighbour (`NEIGHBOUR_SCHEMA`).

        Args:
            products: Positions in the catalogue; `launch` in the result counts them from 0.
            cutoff_days: The cutoff of each.
        """
        parts = [
            self._columns(launch, product, day)
            for launch, (product, day) in enumerate(zip(products, cutoff_days, strict=True))
        ]
        if not parts:
            return pl.DataFrame(schema=NEIGHBOUR_SCHEMA)
        columns = {name: np.concatenate([part[name] for part in parts]) for name in NEIGHBOUR_SCHEMA}
        return pl.DataFrame(columns, schema=NEIGHBOUR_SCHEMA)

    def _columns(self, launch: int, product: int, cutoff_day: int) -> dict[str, NDArray[Any]]:
        similarities = self.similarities(product, cutoff_day)
        total = similarities.total
        best = _largest(total, NEIGHBOURS)
        age = cutoff_day - self.catalogue.first_days[best]
        same_type = self.catalogue.categories[best] == self.catalogue.categories[product]
        return {
            "launch": np.full(len(best), launch),
            "product_id": self.catalogue.product_ids[best],
            "cutoff_day": np.full(len(best), cutoff_day),
            "characters": similarities.characters[best],
            "words": similarities.words[best],
            "similarity": total[best],
            "closeness": total[best] ** 1.5,
            "nearest": np.where(np.arange(len(best)) < NEAREST, similarities.characters[best] ** 2, 0.0),
            "young": total[best] * np.exp(-age / YOUNG_DAYS),
            "same_type": same_type.astype(np.float64),
        }


def _largest(values: NDArray[np.float64], count: int) -> NDArray[np.int64]:
    """Positions of the `count` largest values above zero, best first, ties in order of position."""
    order = np.argsort(-values, kind="stable")[:count]
    return order[values[order] > 0]
