"""What a recommender learns from: the order lines of known customers before a cutoff, by number."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy import sparse

from frontrow.models.interactions.contexts import CONTEXT, last_contexts
from frontrow.models.interactions.purchases import Purchases, count_purchases
from frontrow.shop.shop import History


@dataclass(frozen=True)
class Interactions:
    """The order lines of known customers before a cutoff, with customers and products as row and column numbers.

    Attributes:
        cutoff_day: The cutoff, as days since 1970-01-01; a line's age `cutoff_day - line.day` is at least one day.
        customer_ids: Who bought, ascending; shape (customers,), int64.
        products: What was sold to anyone before the cutoff, by `product_id`: `product_id`, `title`, `product_type`,
            `vendor`, `price` (of the first line), `discount` (mean share taken off), `first_day`, `last_day`.
        lines: One row an order line, by customer and time: `customer` (row, int32), `product` (column, int32),
            `order` (0, 1, ... by customer and time, int32), `day`, `quantity`, and `CONTEXT_SCHEMA`.
    """

    cutoff_day: int
    customer_ids: NDArray[np.int64]
    products: pl.DataFrame
    lines: pl.DataFrame

    @property
    def shape(self) -> tuple[int, int]:
        """Customers and products."""
        return len(self.customer_ids), self.products.height

    @cached_property
    def purchases(self) -> Purchases:
        """The lines by customer and product, each product of an order once; counted when first asked for."""
        return count_purchases(self.lines, self.products.height)

    def counts(self, half_life_days: float | None = None) -> sparse.csr_matrix:
        """Order lines of each customer and product, shape (customers, products), float32.

        Args:
            half_life_days: A line so old counts half of one made now; None for all alike.
        """
        age = self.cutoff_day - self.lines["day"].to_numpy()
        cells = np.ones(len(age)) if half_life_days is None else 0.5 ** (age / half_life_days)
        place = (self.lines["customer"].to_numpy(), self.lines["product"].to_numpy())
        return sparse.csr_matrix((cells, place), shape=self.shape, dtype=np.float32)

    def queries(self, rows: NDArray[np.int64] | None = None) -> Queries:
        """Known customers as they stand at the cutoff: the context of the last order, in the month of the cutoff.

        Args:
            rows: Which, in which order; everyone where it is not given. Nothing is known of a row without a line.

        Example:
            >>> from frontrow.testing.recommenders import hand_made_interactions
            >>> interactions = hand_made_interactions([(7, "pot", 0), (9, "pot", 2)])
            >>> interactions.queries().context["hour"].to_list()
            [12, 12]
        """
        asked = np.arange(self.shape[0], dtype=np.int64) if rows is None else rows
        return Queries(asked, last_contexts(self.lines, pl.Series("customer", asked.astype(np.int32)), self.cutoff_day))

    def rows_of(self, customer_ids: NDArray[np.int64]) -> NDArray[np.int64]:
        """The row of each customer, -1 for one never seen; ids in any order.

        Example:
            >>> from frontrow.testing.recommenders import hand_made_interactions
            >>> interactions = hand_made_interactions([(7, "pot", 0), (9, "pot", 2)])
            >>> interactions.rows_of(np.array([9, 8, 7])).tolist()
            [1, -1, 0]
        """
        place = np.searchsorted(self.customer_ids, customer_ids)
        known = np.isin(customer_ids, self.customer_ids)
        return np.where(known, place, -1).astype(np.int64)

    def before(self, day: int) -> Interactions:
        """What was known at an earlier cutoff, with the same rows and columns: for a validation window.

        Products first sold since keep their column and have no line; their price and discount stay as they are.
        """
        return Interactions(day, self.customer_ids, self.products, self.lines.filter(pl.col("day") < day))


@dataclass(frozen=True)
class Queries:
    """Customers who are asked about, at the cutoff.

    Attributes:
        rows: Row of each in `Interactions.customer_ids`, -1 for one never seen; shape (queries,), int64.
        context: `CONTEXT_SCHEMA`, one row a query: of the customer's last order, or of the first order of a customer
            never seen; null where not known. `month` is that of the order asked about.
    """

    rows: NDArray[np.int64]
    context: pl.DataFrame

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def is_new(self) -> NDArray[np.bool_]:
        """Whether each customer has no row; shape (queries,)."""
        return np.asarray(self.rows < 0)

    def block(self, start: int, end: int) -> Queries:
        """Some of the queries."""
        return Queries(self.rows[start:end], self.context[start:end])


def build_interactions(history: History) -> Interactions:
    """The interactions of a history.

    Example:
        >>> from frontrow.testing.recommenders import hand_made_interactions
        >>> interactions = hand_made_interactions([(7, "pot", 0), (None, "bulb", 1), (9, "pot", 2)])
        >>> interactions.shape, interactions.counts().toarray().tolist()
        ((2, 2), [[0.0, 1.0], [0.0, 1.0]])
    """
    products = sold_products(history)
    place = products.select("product_id").with_row_index("product")
    lines = (
        order_lines(history)
        .join(place.lazy(), on="product_id", how="inner")
        .sort("customer_id", "ordered_at", "order_id", "line_number")
        .select(
            "customer_id",
            pl.col("product").cast(pl.Int32),
            (pl.struct("customer_id", "ordered_at", "order_id").rle_id()).cast(pl.Int32).alias("order"),
            "day",
            "quantity",
            *CONTEXT,
        )
        .collect()
    )
    customer_ids = lines["customer_id"].unique().sort().to_numpy()
    rows = np.searchsorted(customer_ids, lines["customer_id"].to_numpy()).astype(np.int32)
    lines = lines.select(pl.Series("customer", rows), pl.exclude("customer_id"))
    return Interactions(history.cutoff_day, customer_ids, products, lines)


def order_lines(history: History) -> pl.LazyFrame:
    """Lines of known customers with `CONTEXT_SCHEMA` beside them; the company is the customers table's."""
    companies = history.customers.select("customer_id", "company")
    return (
        history.lines.filter(pl.col("customer_id").is_not_null())
        .join(companies, on="customer_id", how="left")
        .with_columns(
            hour=pl.col("ordered_at").dt.hour().cast(pl.Int8), month=pl.col("ordered_at").dt.month().cast(pl.Int8)
        )
    )


def sold_products(history: History) -> pl.DataFrame:
    """The `products` of `Interactions`."""
    full = pl.col("quantity") * pl.col("price")
    sold = history.lines.group_by("product_id").agg(
        pl.col("price").sort_by("ordered_at", "order_id", "line_number").first(),
        (pl.col("discount") / full).filter(full > 0).mean().clip(0, 1).fill_null(0.0).alias("discount"),
        pl.col("day").min().alias("first_day"),
        pl.col("day").max().alias("last_day"),
    )
    told = history.products.lazy().select("product_id", "title", "product_type", "vendor")
    return (
        sold.join(told, on="product_id", how="left")
        .sort("product_id")
        .collect()
        .select("product_id", "title", "product_type", "vendor", "price", "discount", "first_day", "last_day")
    )
