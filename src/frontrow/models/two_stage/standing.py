"""How things stand at a cutoff: all that a ranker is told of customers, products and both."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from frontrow.models.interactions.interactions import Interactions
from frontrow.models.interactions.purchases import Purchases, purchases
from frontrow.models.popularity.country import CountryTable, country_shares
from frontrow.models.two_stage.customer_table import customer_table
from frontrow.models.two_stage.pair_table import PairTable, pair_table
from frontrow.models.two_stage.product_table import PRODUCT_FEATURES, product_table
from frontrow.storage.artifact import ArrayModel

HISTORY = 50
"""Products of a customer's history that a ranker may look at."""

CONTEXT_FEATURES = ("country_share", "price_above_own", "log_buyers_above_own", "hour", "month")
CATEGORIES = ("product", "product_type", "vendor", "country")


@dataclass(frozen=True)
class Standing(ArrayModel):
    """What is known at a cutoff, by row and column of `Interactions`.

    Attributes:
        pairs: Of each customer and product bought.
        customers: `CUSTOMER_FEATURES`, shape (customers, features), float32.
        products: `PRODUCT_FEATURES`, shape (products, features), float32.
        shown: Products on sale lately; shape (products,), bool.
        share: How much more of each product each country buys.
        codes: Product type and vendor of each product, -1 for none; shape (products, 2), int32.
        code_counts: How many product types and vendors there are.
        history: Columns bought last, the latest first, -1 where there are no more; shape (customers, HISTORY), int32.
    """

    pairs: PairTable
    customers: NDArray[np.float32]
    products: NDArray[np.float32]
    shown: NDArray[np.bool_]
    share: CountryTable
    codes: NDArray[np.int32]
    code_counts: tuple[int, int]
    history: NDArray[np.int32]


def standing(
    interactions: Interactions, on_sale_days: int, countries: tuple[str, ...] | None = None, *, personal: bool = True
) -> Standing:
    """Read it off the order lines before the cutoff.

    Args:
        interactions: Gives the lines.
        on_sale_days: Products not sold for longer are not shown.
        countries: How countries are numbered, so that their numbers mean the same at several cutoffs; None for those
            that were ever ordered from, by name.
        personal: False to leave out what new customers have no use for: all that is known of single customers.

    Example:
        >>> from frontrow.testing.recommenders import hand_made_interactions
        >>> interactions = hand_made_interactions([(7, "bulb", 0), (7, "pot", 9)])
        >>> standing(interactions, on_sale_days=5).shown.tolist()
        [False, True]
    """
    customers, products = interactions.shape
    own = interactions.purchases if personal else purchases(interactions.lines.clear(), products)
    log_price = np.log(interactions.products["price"].to_numpy() + 0.01).astype(np.float32)
    by_product = product_table(interactions.purchases, interactions.cutoff_day, log_price)
    log_buyers = np.log1p(by_product[:, PRODUCT_FEATURES.index("buyers_365d")])
    codes = [_codes(interactions.products[name]) for name in ("product_type", "vendor")]
    return Standing(
        pair_table(own, interactions.cutoff_day, products),
        customer_table(own, interactions.cutoff_day, customers, log_price, log_buyers),
        by_product,
        by_product[:, PRODUCT_FEATURES.index("days_since_last_sold")] <= on_sale_days,
        country_shares(interactions, countries),
        np.column_stack([found for found, _ in codes]).astype(np.int32),
        (codes[0][1], codes[1][1]),
        _history(own, customers),
    )


def _codes(values: pl.Series) -> tuple[NDArray[np.int32], int]:
    names = values.drop_nulls().unique().sort().to_list()
    place = {name: code for code, name in enumerate(names)}
    return np.array([place.get(value, -1) for value in values], dtype=np.int32), len(names)


def _history(bought: Purchases, customers: int) -> NDArray[np.int32]:
    last = bought.lasts
    latest = np.lexsort((bought.product[last], -bought.order[last], bought.customer[last]))
    customer, product = bought.customer[last][latest], bought.product[last][latest]
    place = np.arange(len(latest)) - np.searchsorted(customer, customer)
    found = np.full((customers, HISTORY), -1, dtype=np.int32)
    found[customer[place < HISTORY], place[place < HISTORY]] = product[place < HISTORY]
    return found
