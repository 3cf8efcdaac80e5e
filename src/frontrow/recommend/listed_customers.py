"""Who gets a list: the customers that were asked for, and how much is known of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl

from frontrow.models.interactions.interactions import Queries
from frontrow.recommend.customers import CustomerSelection
from frontrow.recommend.trained import TrainedRecommender

EVERYONE: Final = "all"
"""Names every customer of the shop, however long ago the last order is."""


@dataclass(frozen=True)
class ListedCustomers:
    """The customers of the lists.

    Attributes:
        rows: One row a list: `customer_id` and `source_id`, or `first_order` and what is known of that order.
        queries: The same customers, for the recommender.
        unknown: Number of rows in a file of customers that name no customer of the shop.
        inactive: Number of them whose last order is longer ago than the active days.
        without_order: Number of them without an order that the model learned from, such as those whose orders were all
            cancelled: their list is that of a new customer of whom nothing is known.
        left_out: Number of the shop's customers who get no list because they are not active.
    """

    rows: pl.DataFrame
    queries: Queries
    unknown: int = 0
    inactive: int = 0
    without_order: int = 0
    left_out: int = 0


def select_active(trained: TrainedRecommender, shop_customers: pl.DataFrame, active_days: int) -> ListedCustomers:
    """Select the customers with an order in the last days before the cutoff.

    Args:
        trained: Knows the last orders.
        shop_customers: `customers.read_customer_ids`; a customer who was erased since the model was trained is not
            among them, and gets no list.
        active_days: Number of days.
    """
    active = pl.DataFrame({"customer_id": trained.active(active_days)})
    rows = active.join(shop_customers, on="customer_id", how="inner", maintain_order="left")
    queries = trained.queries(rows["customer_id"].to_numpy())
    return ListedCustomers(rows, queries, left_out=shop_customers.height - rows.height)


def select_everyone(trained: TrainedRecommender, shop_customers: pl.DataFrame, active_days: int) -> ListedCustomers:
    """Select every customer of the shop, by number.

    Args:
        trained: Knows the last orders.
        shop_customers: `customers.read_customer_ids`.
        active_days: Days without an order after which a customer counts as inactive.
    """
    customer_ids = shop_customers["customer_id"].sort().to_numpy()
    return select_named(trained, shop_customers, CustomerSelection(customer_ids, unknown=0), active_days)


def select_named(
    trained: TrainedRecommender, shop_customers: pl.DataFrame, selection: CustomerSelection, active_days: int
) -> ListedCustomers:
    """Select customers by their numbers: each of them gets a list, whatever is known.

    Args:
        trained: Knows the last orders.
        shop_customers: `customers.read_customer_ids`.
        selection: The customers.
        active_days: Days without an order after which a customer counts as inactive.
    """
    rows = pl.DataFrame({"customer_id": selection.customer_ids}, schema={"customer_id": pl.Int64()})
    rows = rows.join(shop_customers, on="customer_id", how="left", maintain_order="left")
    queries = trained.queries(selection.customer_ids)
    is_active = np.isin(selection.customer_ids, trained.active(active_days))
    return ListedCustomers(
        rows,
        queries,
        unknown=selection.unknown,
        inactive=int((~is_active & ~queries.is_new).sum()),
        without_order=int(queries.is_new.sum()),
    )
