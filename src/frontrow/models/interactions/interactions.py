"""What a recommender learns from: the order lines of known customers before a cutoff, by row and column number."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy import sparse

from frontrow.engines.parts import combine_parts
from frontrow.models.interactions.purchases import Purchases, count_purchases
from frontrow.schema import first_price
from frontrow.shop.history import History

CONTEXT_SCHEMA = {
    "country": pl.String(),
    "province": pl.String(),
    "city": pl.String(),
    "company": pl.String(),
    "hour": pl.Int8(),
    "month": pl.Int8(),
}
"""What is known of an order before its products: where it goes, for which company, and when it is placed."""

CONTEXT = tuple(CONTEXT_SCHEMA)
TEXTS = CONTEXT[:4]

SHARE_UNITS = 2**32
"""Of 1.0 of the share of a price that was taken off."""

FIRST_LINE = ("ordered_at", "order_id", "line_number")
"""The first order line of a product comes first by these columns, as `schema.first_price` has it."""

SALE_COLUMNS = (*FIRST_LINE, "product_id", "day", "quantity", "price", "discount")
"""Of the order lines, what `sold_products` reads."""


@dataclass(frozen=True)
class Interactions:
    """The order lines of known customers before a cutoff, with customers and products as row and column numbers.

    Attributes:
        cutoff_day: The cutoff, as days since 1970-01-01; a line's age `cutoff_day - line.day` is at least one day.
        customer_ids: Customers with a line, ascending; shape (customers,), int64.
        products: Products sold to anyone before the cutoff, by `product_id`: `product_id`, `title`, `product_type`,
            `vendor`, `price` (of the first line), `discount` (mean share of the price), `first_day`, `last_day`.
        lines: Order lines, by customer and time: `customer` (row, int32), `product` (column, int32), `order` (0, 1, ...
            by customer and time, int32), `day`, `quantity`, and `CONTEXT_SCHEMA`, its texts as categories.
        counted: `purchases` of these very lines where they are at hand, None to count them when they are first used.
    """

    cutoff_day: int
    customer_ids: NDArray[np.int64]
    products: pl.DataFrame
    lines: pl.DataFrame
    counted: Purchases | None = None

    @property
    def shape(self) -> tuple[int, int]:
        """Number of customers and of products."""
        return len(self.customer_ids), self.products.height

    @cached_property
    def purchases(self) -> Purchases:
        """The lines by customer and product, each product of an order once."""
        return count_purchases(self.lines, self.products.height) if self.counted is None else self.counted

    def counts(self, half_life_days: float | None = None) -> sparse.csr_matrix:
        """Order lines of each customer and product, shape (customers, products), float32.

        Args:
            half_life_days: Age in days at which a line counts half; None if every line counts the same.
        """
        age = self.cutoff_day - self.lines["day"].to_numpy()
        weights = np.ones(len(age)) if half_life_days is None else 0.5 ** (age / half_life_days)
        cells = (self.lines["customer"].to_numpy(), self.lines["product"].to_numpy())
        return sparse.csr_matrix((weights, cells), shape=self.shape, dtype=np.float32)

    def queries(self, rows: NDArray[np.int64] | None = None) -> Queries:
        """Customers at the cutoff, in the context of their last order and the month of the cutoff.

        Args:
            rows: Rows of the customers, in any order; None for everyone. The context of a customer without a line is
                null.

        Example:
            >>> from frontrow.testing.recommenders import hand_made_interactions
            >>> interactions = hand_made_interactions([(7, "pot", 0), (9, "pot", 2)])
            >>> interactions.queries().context["hour"].to_list()
            [12, 12]
        """
        rows = np.arange(self.shape[0], dtype=np.int64) if rows is None else rows
        customers = pl.Series("customer", rows.astype(np.int32))
        return Queries(rows, last_contexts(self.lines, customers, self.cutoff_day))

    def rows_of(self, customer_ids: NDArray[np.int64]) -> NDArray[np.int64]:
        """Row of each customer, -1 for an unknown one; ids in any order.

        Example:
            >>> from frontrow.testing.recommenders import hand_made_interactions
            >>> interactions = hand_made_interactions([(7, "pot", 0), (9, "pot", 2)])
            >>> interactions.rows_of(np.array([9, 8, 7])).tolist()
            [1, -1, 0]
        """
        rows = np.searchsorted(self.customer_ids, customer_ids)
        return np.where(np.isin(customer_ids, self.customer_ids), rows, -1).astype(np.int64)

    def select(self, rows: NDArray[np.int64]) -> Interactions:
        """Some of the customers, with the columns of all products.

        Args:
            rows: Of the customers, ascending.

        Example:
            >>> from frontrow.testing.recommenders import hand_made_interactions
            >>> interactions = hand_made_interactions([(7, "pot", 0), (9, "pot", 2)])
            >>> interactions.select(np.array([1])).customer_ids.tolist()
            [9]
        """
        places = pl.DataFrame({"customer": rows.astype(np.int32)}).with_row_index("place")
        lines = self.lines.join(places, on="customer", how="inner", maintain_order="left")
        lines = lines.with_columns(customer=pl.col("place").cast(pl.Int32)).drop("place")
        return Interactions(self.cutoff_day, self.customer_ids[rows], self.products, lines)

    def before(self, cutoff_day: int) -> Interactions:
        """The lines before an earlier cutoff, with the same rows and columns.

        Products first sold since then keep their column and have no line; their price and discount stay as they are.
        """
        return Interactions(cutoff_day, self.customer_ids, self.products, self.lines.filter(pl.col("day") < cutoff_day))


@dataclass(frozen=True)
class Queries:
    """Customers at a cutoff, for whom a recommender scores the products.

    Attributes:
        rows: Row of each customer in `Interactions`, -1 for a new customer; shape (queries,), int64.
        context: `CONTEXT_SCHEMA`, one row per query: of the customer's last order, or of a new customer's first order;
            null where unknown. `month` is that of the order to come.
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
        """Return the queries of a range.

        Args:
            start: First position.
            end: Position after the last one.
        """
        return Queries(self.rows[start:end], self.context[start:end])


def build_interactions(history: History) -> Interactions:
    """Number the customers and products of a history.

    Example:
        >>> from frontrow.testing.recommenders import hand_made_interactions
        >>> interactions = hand_made_interactions([(7, "pot", 0), (None, "bulb", 1), (9, "pot", 2)])
        >>> interactions.shape, interactions.counts().toarray().tolist()
        ((2, 2), [[0.0, 1.0], [0.0, 1.0]])
    """
    return number_lines_of(order_lines(history), sold_products(history), history.cutoff_day)


def number_lines_of(lines: pl.LazyFrame, products: pl.DataFrame, cutoff_day: int) -> Interactions:
    """Number the customers and the products of order lines.

    Args:
        lines: Order lines of customers, with `CONTEXT_SCHEMA`.
        products: See `Interactions`; lines of others are left out.
        cutoff_day: See `Interactions`.
    """
    columns = products.select("product_id").with_row_index("product")
    numbered = (
        lines.join(columns.lazy(), on="product_id", how="inner")
        .sort("customer_id", "ordered_at", "order_id", "line_number")
        .select(
            "customer_id",
            pl.col("product").cast(pl.Int32),
            (pl.struct("customer_id", "ordered_at", "order_id").rle_id()).cast(pl.Int32).alias("order"),
            "day",
            "quantity",
            # a text that many lines share takes 4 bytes in each of them
            pl.col(TEXTS).cast(pl.Categorical),
            *CONTEXT[len(TEXTS) :],
        )
        .collect()
    )
    customer_ids = numbered["customer_id"].unique().sort().to_numpy()
    rows = np.searchsorted(customer_ids, numbered["customer_id"].to_numpy()).astype(np.int32)
    numbered = numbered.select(pl.Series("customer", rows), pl.exclude("customer_id"))
    return Interactions(cutoff_day, customer_ids, products, numbered)


def order_lines(history: History) -> pl.LazyFrame:
    """Lines of known customers with `CONTEXT_SCHEMA`; the company comes from the table of customers."""
    companies = history.customers.select("customer_id", "company")
    of_customers = history.lines.filter(pl.col("customer_id").is_not_null())
    return add_hours(of_customers.join(companies, on="customer_id", how="left"))


def add_hours(lines: pl.LazyFrame) -> pl.LazyFrame:
    """Add `hour` and `month` to order lines."""
    return lines.with_columns(
        hour=pl.col("ordered_at").dt.hour().cast(pl.Int8), month=pl.col("ordered_at").dt.month().cast(pl.Int8)
    )


def sold_products(history: History) -> pl.DataFrame:
    """The `products` of `Interactions`."""
    parts = history.map_blocks(_describe_sales, SALE_COLUMNS, guests=True)
    sold = combine_parts(parts, _combine_sales).select(
        "product_id",
        "price",
        (pl.col("share") / pl.col("shares") / SHARE_UNITS).clip(0, 1).fill_nan(0.0).alias("discount"),
        "first_day",
        "last_day",
    )
    catalogue = history.products.select("product_id", "title", "product_type", "vendor")
    return (
        sold.join(catalogue, on="product_id", how="left")
        .sort("product_id")
        .select("product_id", "title", "product_type", "vendor", "price", "discount", "first_day", "last_day")
    )


def _describe_sales(lines: pl.DataFrame) -> pl.DataFrame:
    """What `sold_products` learns of the products of a block."""
    full_price = pl.col("quantity") * pl.col("price")
    # whole numbers, so that the order of the lines changes no bit
    share = (pl.col("discount") / full_price * SHARE_UNITS).filter(full_price > 0).round().cast(pl.Int64)
    return lines.group_by("product_id").agg(
        *(pl.col(name).sort_by(FIRST_LINE).first() for name in FIRST_LINE),
        first_price(),
        share=share.sum(),
        shares=share.len().cast(pl.Int64),
        first_day=pl.col("day").min(),
        last_day=pl.col("day").max(),
    )


def _combine_sales(parts: pl.DataFrame) -> pl.DataFrame:
    return parts.group_by("product_id").agg(
        *(pl.col(name).sort_by(FIRST_LINE).first() for name in FIRST_LINE),
        first_price(),
        pl.col("share", "shares").sum(),
        pl.col("first_day").min(),
        pl.col("last_day").max(),
    )


def last_contexts(lines: pl.DataFrame, customers: pl.Series, day: int) -> pl.DataFrame:
    """The context of each customer's next order: that of the last one, but in the month of a day.

    Args:
        lines: Order lines, each customer's by time: `CONTEXT`, and a column named like `customers`.
        customers: Customers, in any order; for one without a line, only the month is known.
        day: The day, as days since 1970-01-01.

    Returns:
        `CONTEXT_SCHEMA`, one row per customer.

    Example:
        >>> lines = pl.DataFrame({"customer": [7, 7], "hour": [9, 12], "month": [4, 5]})
        >>> lines = lines.with_columns(pl.lit(None).alias(name) for name in CONTEXT[:4])
        >>> last_contexts(lines, pl.Series("customer", [7, 8]), day=0).select("hour", "month").rows()
        [(12, 1), (None, 1)]
    """
    month = int(np.datetime64(day, "D").astype("datetime64[M]").astype(int) % 12 + 1)
    last = lines.group_by(customers.name).agg(pl.col(CONTEXT).last())
    return _join_contexts(customers, last).with_columns(month=pl.lit(month, pl.Int8))


def first_contexts(lines: pl.DataFrame, customers: pl.Series) -> pl.DataFrame:
    """The context of each customer's first order among the lines.

    Args:
        lines: As in `last_contexts`.
        customers: Customers, in any order.

    Returns:
        `CONTEXT_SCHEMA`, one row per customer.
    """
    return _join_contexts(customers, lines.group_by(customers.name).agg(pl.col(CONTEXT).first()))


def _join_contexts(customers: pl.Series, contexts: pl.DataFrame) -> pl.DataFrame:
    joined = customers.to_frame().join(contexts, on=customers.name, how="left", maintain_order="left")
    return joined.select(pl.col(name).cast(dtype) for name, dtype in CONTEXT_SCHEMA.items())
