"""The temporal split: interactions before an instant, and what customers bought in the days after it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import DTypeLike, NDArray
from scipy import sparse

from frontrow.models.interactions.interactions import Interactions, Queries, first_contexts


@dataclass(frozen=True)
class WindowPurchases:
    """What some customers bought in a window: each customer and product once, by customer, then product.

    Attributes:
        customers: Row of each customer, ascending; shape (queries,), int64. A number past the rows of the interactions
            is a customer whom they do not hold.
        queries: The same customers before the window; of a new customer, row -1 and the context of the first order.
        query: Position among the queries of each purchase's customer; shape (purchases,), int64.
        product: Column of each purchase; shape (purchases,), int64. A number past `columns` is a product that the
            interactions do not hold.
        columns: Products of the interactions.
    """

    customers: NDArray[np.int64]
    queries: Queries
    query: NDArray[np.int64]
    product: NDArray[np.int64]
    columns: int

    @property
    def keys(self) -> NDArray[np.int64]:
        """`query * columns + product` of each purchase, ascending where every product has a column."""
        return self.query * self.columns + self.product

    @property
    def counts(self) -> NDArray[np.int64]:
        """Products that each customer bought, those without a column included; shape (queries,)."""
        return np.bincount(self.query, minlength=len(self.queries)).astype(np.int64)

    def targets(self, dtype: DTypeLike = np.bool_) -> sparse.csr_matrix:
        """One stored cell for each purchase of a product with a column; shape (queries, columns)."""
        has_column = self.product < self.columns
        cells = (self.query[has_column], self.product[has_column])
        ones = np.ones(int(has_column.sum()), dtype=dtype)
        return sparse.csr_matrix((ones, cells), shape=(len(self.queries), self.columns))

    def sample(self, size: int, rng: np.random.Generator) -> WindowPurchases:
        """Draw customers at random, which bounds the memory of what follows.

        Args:
            size: Number of customers; where there are fewer, all of them remain.
            rng: Draws the customers.
        """
        if len(self.queries) <= size:
            return self
        return self._of_queries(np.sort(rng.choice(len(self.queries), size, replace=False)))

    def never_bought(self, history: sparse.csr_matrix) -> WindowPurchases:
        """Only purchases of products that the customer had not bought before, and the customers who have one.

        Args:
            history: A stored cell for each customer and product bought before; shape (customers, columns).
        """
        cells = history.tocoo()
        bought = cells.row.astype(np.int64) * self.columns + cells.col
        repeated = np.isin(self.customers[self.query] * self.columns + self.product, bought)
        first = ~(repeated & (self.product < self.columns))
        remaining = replace(self, query=self.query[first], product=self.product[first])
        return remaining._of_queries(np.unique(remaining.query))

    def _of_queries(self, positions: NDArray[np.int64]) -> WindowPurchases:
        inside = np.isin(self.query, positions)
        return WindowPurchases(
            self.customers[positions],
            Queries(self.queries.rows[positions], self.queries.context[positions]),
            np.searchsorted(positions, self.query[inside]),
            self.product[inside],
            self.columns,
        )


@dataclass(frozen=True)
class PurchaseWindow:
    """Interactions before a cutoff, and who bought what in the window that begins at it.

    Attributes:
        before: All that may be learned from.
        lines: Order lines of the window, each customer's by time: `customer`, `product` and `CONTEXT`.
    """

    before: Interactions
    lines: pl.DataFrame

    @cached_property
    def returning(self) -> WindowPurchases:
        """Purchases of customers with an order before the window."""
        lines = self.lines.join(self._customers_before, on="customer", how="semi", maintain_order="left")
        customers = lines["customer"].unique().sort()
        return self._purchases(lines, customers, self.before.queries(customers.to_numpy().astype(np.int64)))

    @cached_property
    def new(self) -> WindowPurchases:
        """Purchases of customers whose first order lies in the window."""
        lines = self.lines.join(self._customers_before, on="customer", how="anti", maintain_order="left")
        customers = lines["customer"].unique().sort()
        no_rows = np.full(len(customers), -1, dtype=np.int64)
        return self._purchases(lines, customers, Queries(no_rows, first_contexts(lines, customers)))

    @cached_property
    def _customers_before(self) -> pl.DataFrame:
        return self.before.lines.select("customer").unique()

    def _purchases(self, lines: pl.DataFrame, customers: pl.Series, queries: Queries) -> WindowPurchases:
        pairs = lines.select("customer", "product").unique().sort("customer", "product")
        numbers = customers.to_numpy().astype(np.int64)
        query = np.searchsorted(numbers, pairs["customer"].to_numpy()).astype(np.int64)
        product = pairs["product"].to_numpy().astype(np.int64)
        return WindowPurchases(numbers, queries, query, product, self.before.shape[1])


def split_at(interactions: Interactions, cutoff_day: int, horizon_days: int) -> PurchaseWindow:
    """Split interactions at an earlier cutoff.

    Args:
        interactions: Up to the end of the window, or later.
        cutoff_day: First day of the window, as days since 1970-01-01.
        horizon_days: Length of the window in days.

    Example:
        >>> from frontrow.testing.recommenders import hand_made_interactions
        >>> from frontrow.testing.shops import DAY_ZERO
        >>> interactions = hand_made_interactions([(7, "bulb", 0), (7, "pot", 9), (8, "pot", 9)])
        >>> window = split_at(interactions, DAY_ZERO + 5, horizon_days=30)
        >>> window.before.lines.height, window.returning.queries.rows.tolist(), window.returning.keys.tolist()
        (1, [0], [1])
        >>> window.new.customers.tolist(), window.new.queries.rows.tolist()
        ([1], [-1])
    """
    _, lines = split_lines(interactions.lines, cutoff_day, horizon_days)
    return PurchaseWindow(interactions.before(cutoff_day), lines)


def split_lines(lines: pl.DataFrame, cutoff_day: int, horizon_days: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Lines before a day, and those of the days from it on.

    Args:
        lines: Order lines with their `day`.
        cutoff_day: First day of the window.
        horizon_days: Length of the window in days.

    Example:
        >>> before, inside = split_lines(pl.DataFrame({"day": [1, 2, 3, 4]}), 2, horizon_days=2)
        >>> before["day"].to_list(), inside["day"].to_list()
        ([1], [2, 3])
    """
    inside = pl.col("day").is_between(cutoff_day, cutoff_day + horizon_days, closed="left")
    return lines.filter(pl.col("day") < cutoff_day), lines.filter(inside)


def number_lines(lines: pl.DataFrame, interactions: Interactions) -> pl.DataFrame:
    """Add the row of each customer and the column of each product to lines.

    Args:
        lines: `customer_id` and `product_id` beside what else is needed.
        interactions: Give the rows and columns. Customers and products that they do not hold are numbered on from
            there, by id.

    Returns:
        `lines` with `customer` and `product` (int64) in place of the ids, in the same order.
    """
    ids = {
        "customer": pl.Series("customer_id", interactions.customer_ids),
        "product": interactions.products["product_id"],
    }
    for name, values in ids.items():
        column = values.name
        others = lines.filter(~pl.col(column).is_in(values.implode()))[column].unique().sort()
        numbers = pl.concat([values.cast(lines[column].dtype), others]).to_frame().with_row_index(name)
        lines = lines.join(numbers.with_columns(pl.col(name).cast(pl.Int64)), on=column, maintain_order="left")
    return lines.drop("customer_id", "product_id")
