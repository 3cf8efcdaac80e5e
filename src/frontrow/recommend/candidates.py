"""Candidate items: the products that may be listed, and which of them are on sale."""

from __future__ import annotations

from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from frontrow.models.interactions.interactions import Interactions
from frontrow.schema import conform
from frontrow.shop.history import History

ON_SALE_DAYS: Final = 180
"""A product without a sale in so many days is taken to have left the shop."""

NOT_FOR_SALE: Final = ("archived", "draft")
"""Values of `status` in the products table that keep a product out of every list."""

CANDIDATE_ITEM_SCHEMA: Final = {
    "product_id": pl.String(),
    "title": pl.String(),
    "product_type": pl.String(),
    "vendor": pl.String(),
    # comma-separated
    "tags": pl.String(),
    # the catalogue's where there is one, else that of the first order line
    "price": pl.Float64(),
    "status": pl.String(),
    # of the last sale before the cutoff, as days since 1970-01-01; null where there was none
    "last_day": pl.Int32(),
}


def build_candidate_items(history: History, interactions: Interactions) -> pl.DataFrame:
    """List the products that rules can name.

    The first rows are the columns of the interactions, in their order, so that a column of scores is a row here. They
    are followed by products of the catalogue that were never sold before the cutoff: those can be pinned.

    Args:
        history: Gives the catalogue.
        interactions: Of the same history.

    Returns:
        `CANDIDATE_ITEM_SCHEMA`.

    Example:
        >>> from frontrow.models.interactions.interactions import build_interactions
        >>> from frontrow.testing.shops import hand_made_shop
        >>> history = hand_made_shop([(7, "pot", 0)], {"bulb": {"tags": "spring"}}).as_of()
        >>> build_candidate_items(history, build_interactions(history)).select("product_id", "tags", "last_day").rows()
        [('pot', None, 20000), ('bulb', 'spring', None)]
    """
    columns = {name: dtype for name, dtype in CANDIDATE_ITEM_SCHEMA.items() if name != "last_day"}
    catalogue = conform(history.products, columns)
    sold = (
        interactions.products.select("product_id", "last_day", paid=pl.col("price"))
        .join(catalogue, on="product_id", how="left", maintain_order="left")
        .with_columns(pl.coalesce("price", "paid").alias("price"))
    )
    no_products = history.rules.not_products(history.products)["product_id"]
    is_left_out = pl.col("product_id").is_in([*sold["product_id"], *no_products])
    unsold = catalogue.filter(~is_left_out).sort("product_id")
    return pl.concat([conform(sold, CANDIDATE_ITEM_SCHEMA), conform(unsold, CANDIDATE_ITEM_SCHEMA)])


def add_launches(items: pl.DataFrame, new_products: pl.DataFrame) -> pl.DataFrame:
    """Append the products of launches; a row that the catalogue already has of one is dropped.

    Args:
        items: `CANDIDATE_ITEM_SCHEMA`.
        new_products: `launch.launch_files.NEW_PRODUCT_SCHEMA`, none of them sold yet.
    """
    is_duplicate = items["last_day"].is_null() & items["product_id"].is_in(new_products["product_id"].to_list())
    return pl.concat([items.filter(~is_duplicate), conform(new_products, CANDIDATE_ITEM_SCHEMA)])


def is_on_sale(interactions: Interactions, days: int = ON_SALE_DAYS) -> NDArray[np.bool_]:
    """Mask the products that anyone bought lately.

    The catalogue plays no part: it is that of the last import, and a test of the past that left out what was withdrawn
    since would know the future.

    Args:
        interactions: Give the columns.
        days: A sale counts in so many days before the cutoff.

    Returns:
        Shape (products,).

    Example:
        >>> from frontrow.models.interactions.interactions import build_interactions
        >>> from frontrow.testing.shops import hand_made_shop
        >>> shop = hand_made_shop([(7, "bulb", 0), (7, "pot", 9)])
        >>> is_on_sale(build_interactions(shop.as_of()), days=9).tolist()
        [False, True]
    """
    return (interactions.products["last_day"] >= interactions.cutoff_day - days).to_numpy()
