"""Which products may be shown: masks over the columns of `Interactions`, to be joined with `&`."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import polars as pl
from numpy.typing import NDArray

from frontrow.models.interactions.interactions import Interactions

ON_SALE_DAYS = 180
"""A product not sold for longer is taken to have left the shop."""

NOT_FOR_SALE = ("archived", "draft")
"""Values of `status` in the products table that keep a product out of every list."""


def on_sale(known: Interactions, days: int = ON_SALE_DAYS) -> NDArray[np.bool_]:
    """Sold to anyone in the last `days` days before the cutoff; shape (products,).

    Example:
        >>> from frontrow.models.interactions.interactions import build_interactions
        >>> from frontrow.testing.shops import hand_made_shop
        >>> known = build_interactions(hand_made_shop([(7, "bulb", 0), (7, "pot", 9)]).as_of())
        >>> on_sale(known, days=9).tolist()
        [False, True]
    """
    return (known.products["last_day"] >= known.cutoff_day - days).to_numpy()


def for_sale(known: Interactions, catalogue: pl.DataFrame) -> NDArray[np.bool_]:
    """Not archived and no draft; where the shop imported no catalogue, everything.

    The catalogue is that of the last import. It says what may be shown today; a test of the past that left out what
    was withdrawn since would know the future, so `evaluation` asks `on_sale` alone.

    Args:
        known: Gives the columns.
        catalogue: A shop's products (`schema.PRODUCT_SCHEMA`).

    Example:
        >>> from frontrow.models.interactions.interactions import build_interactions
        >>> from frontrow.testing.shops import hand_made_shop
        >>> shop = hand_made_shop([(7, "bulb", 0), (7, "pot", 9)], {"pot": {"status": "archived"}})
        >>> for_sale(build_interactions(shop.as_of()), shop.products).tolist()
        [True, False]
    """
    withdrawn = catalogue.filter(pl.col("status").is_in(NOT_FOR_SALE))["product_id"]
    return without(known, withdrawn)


def among(known: Interactions, product_ids: Iterable[str]) -> NDArray[np.bool_]:
    """The given products, such as those in stock; ids that were never sold are passed over."""
    return known.products["product_id"].is_in(list(product_ids)).to_numpy()


def without(known: Interactions, product_ids: Iterable[str]) -> NDArray[np.bool_]:
    """All but the given products, such as those out of stock."""
    return ~among(known, product_ids)
