"""Purchases: order lines with what each was when it was bought; the rows that all other features add up.

Every column looks back in time only: a later order never changes an earlier row.
"""

from __future__ import annotations

import narwhals as nw

from frontrow.engines.frames import Frame
from frontrow.features.exact import WEIGHT, round_to
from frontrow.schema import revenue

DECAY_DAYS = 60.0
"""A purchase counts e times less for each of these many days of age."""

ADOPTION_DAYS = 30
"""A first purchase within this many days of the product's own launch counts as an adoption."""


LINE_COLUMNS = (
    *("customer_id", "product_id", "order_id", "line_number", "ordered_at", "day"),
    *("quantity", "price", "discount"),
)
"""What `build_purchases` reads of an order line."""


def build_purchases(lines: Frame, first_days: Frame) -> Frame:
    """One row an order line of a known customer.

    Args:
        lines: `LINE_COLUMNS` of order lines (`schema.order_line_schema`); guests are left out.
        first_days: `product_id`, `first_day`: the first sale of each product to anyone, guests included.

    Returns:
        `customer_id` int64, `product_id`, `order_id`, `day` int32, `quantity`, and as float64 `price`, `revenue`,
        `increment` = log((1 + n) / n) for the n-th purchase of the product by the customer (summed over a
        customer's lines of a product they give log(1 + count)), `first` (1.0 on the first one, else 0.0),
        `adopted` (1.0 on a first one within 30 days of the product's launch).
    """
    pair = ["customer_id", "product_id"]
    of_customers = lines.filter(~nw.col("customer_id").is_null())
    counted = of_customers.with_columns(
        nw.col("day").cum_count().over(*pair, order_by=["ordered_at", "order_id", "line_number"]).alias("nth")
    ).join(first_days, on="product_id", how="inner")
    nth = nw.col("nth").cast(nw.Float64)
    first = nw.when(nw.col("nth") == 1).then(1.0).otherwise(0.0)
    young = nw.when(nw.col("day") - nw.col("first_day") < ADOPTION_DAYS).then(1.0).otherwise(0.0)
    return counted.select(
        nw.col("customer_id").cast(nw.Int64),
        "product_id",
        "order_id",
        nw.col("day").cast(nw.Int32),
        nw.col("quantity").cast(nw.Float64),
        nw.col("price").cast(nw.Float64),
        revenue(nw.col("quantity"), nw.col("price"), nw.col("discount")).cast(nw.Float64).alias("revenue"),
        round_to(((nth + 1.0) / nth).log(), WEIGHT).alias("increment"),
        first.alias("first"),
        (first * young).alias("adopted"),
    )


def join_earlier(purchases: Frame, launches: Frame, on: str, rows: Frame | None = None) -> Frame:
    """Join purchases with the launches that they say something of, and keep those before the cutoff.

    Args:
        purchases: `customer_id`, `day`, and what the launches are joined on.
        launches: `launch`, `cutoff_day`, and what the purchases are joined on.
        on: The column: `product_id` of a neighbour, say.
        rows: `launch`, `customer_id`, `cutoff_day`, each pair once: purchases of these pairs alone. They are joined
            first, so that few rows are made where the pairs are few. None for all pairs.
    """
    is_earlier = nw.col("day") < nw.col("cutoff_day")
    if rows is None:
        return purchases.join(launches, on=on, how="inner").filter(is_earlier)
    of_rows = purchases.join(rows.select("launch", "customer_id", "cutoff_day"), on="customer_id", how="inner")
    return of_rows.filter(is_earlier).join(launches.drop("cutoff_day"), on=["launch", on], how="inner")
