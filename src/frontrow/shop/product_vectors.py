"""Product vectors: numbers that say what a product is like, given by the shop's owner."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class ProductVectors:
    """Vectors of products, which are found by id, else by title; of several with one title, the first counts.

    Attributes:
        product_ids: One a vector; None where only the title is given.
        titles: One a vector; None where only the id is given.
        values: Shape (vectors, dimensions), float32, finite.

    Example:
        >>> vectors = ProductVectors(["a", None], [None, "Red  pot"], np.array([[1, 0], [0, 1]], dtype=np.float32))
        >>> products = pl.DataFrame({"product_id": ["a", "x", "y"], "title": ["Cup", "red pot", "Tin"]})
        >>> vectors.of(products).tolist()
        [[1.0, 0.0], [0.0, 1.0], [nan, nan]]
    """

    product_ids: Sequence[str | None]
    titles: Sequence[str | None]
    values: NDArray[np.float32]

    @property
    def dimensions(self) -> int:
        """How many numbers a vector has."""
        return int(self.values.shape[1])

    @property
    def digest(self) -> str:
        """SHA-256 of the whole content: another one is another model."""
        names = repr([list(self.product_ids), list(self.titles)]).encode()
        return hashlib.sha256(names + np.ascontiguousarray(self.values, dtype="<f4").tobytes()).hexdigest()

    def of(self, products: pl.DataFrame) -> NDArray[np.float32]:
        """The vector of each product; NaN where there is none.

        Args:
            products: `product_id`, `title`.

        Returns:
            Shape (products, dimensions), float32.
        """
        by_id = {name: row for row, name in enumerate(self.product_ids) if name is not None}
        by_title: dict[str, int] = {}
        for row, name in enumerate(self.titles):
            if name is not None:
                by_title.setdefault(normalise_title(name), row)
        vectors = np.full((products.height, self.dimensions), np.nan, dtype=np.float32)
        for position, (product_id, title) in enumerate(products.select("product_id", "title").iter_rows()):
            match = by_id.get(product_id, by_title.get(normalise_title(title or "")))
            if match is not None:
                vectors[position] = self.values[match]
        return vectors


def normalise_title(title: str) -> str:
    """The words of a title, by which products are found, in lower case; the title itself where it has none.

    Example:
        >>> normalise_title(" Red  Pot, 20 cm"), normalise_title("red-pot-20-cm")
        ('red pot 20 cm', 'red pot 20 cm')
    """
    return " ".join(re.findall(r"\w+", title.lower())) or title.strip()
