"""What may stand in a list: every product sold, then those of the catalogue and the launches that nobody bought yet."""

from __future__ import annotations

from typing import Final

import polars as pl

from frontrow.models.interactions.interactions import Interactions
from frontrow.schema import conform
from frontrow.shop.shop import History

SHELF_SCHEMA: Final = {
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


def shelf(history: History, known: Interactions) -> pl.DataFrame:
    """The products that rules speak of.

    The first rows are the columns of the interactions, in their order, so that a column of scores is a row here. Then
    come products of the catalogue that were never sold before the cutoff: they can be pinned.

    Args:
        history: Gives the catalogue.
        known: The interactions of the same history.

    Returns:
        `SHELF_SCHEMA`.

    Example:
        >>> from frontrow.models.interactions.interactions import build_interactions
        >>> from frontrow.testing.shops import hand_made_shop
        >>> history = hand_made_shop([(7, "pot", 0)], {"bulb": {"tags": "spring"}}).as_of()
        >>> shelf(history, build_interactions(history)).select("product_id", "tags", "last_day").rows()
        [('pot', None, 20000), ('bulb', 'spring', None)]
    """
    told = conform(history.products, {name: kind for name, kind in SHELF_SCHEMA.items() if name != "last_day"})
    sold = (
        known.products.select("product_id", "last_day", paid=pl.col("price"))
        .join(told, on="product_id", how="left", maintain_order="left")
        .with_columns(pl.coalesce("price", "paid").alias("price"))
    )
    no_products = history.rules.not_products(history.products)["product_id"]
    unsold = told.filter(~pl.col("product_id").is_in([*sold["product_id"], *no_products])).sort("product_id")
    return pl.concat([conform(sold, SHELF_SCHEMA), conform(unsold, SHELF_SCHEMA)])


def with_launches(shelf: pl.DataFrame, launches: pl.DataFrame) -> pl.DataFrame:
    """The shelf with the products of a launch at its end; a row that the catalogue has of one already is dropped.

    Args:
        shelf: `SHELF_SCHEMA`.
        launches: `launch.new_products.NEW_PRODUCT_SCHEMA`, none of them sold yet.
    """
    waiting = shelf["last_day"].is_null() & shelf["product_id"].is_in(launches["product_id"].to_list())
    return pl.concat([shelf.filter(~waiting), conform(launches, SHELF_SCHEMA)])
