"""What the order lines of a shop, or of a part of its orders, add up to."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from frontrow.schema import revenue


@dataclass(frozen=True)
class OrderTotals:
    """What order lines add up to.

    Attributes:
        lines: Number of order lines.
        orders: Number of orders.
        guest_orders: Orders without a customer.
        revenue: What they earned, after discounts and refunds.
        first_day: Day of the first order, as days since 1970-01-01; None when there is none.
        last_day: Day of the last order.
    """

    lines: int = 0
    orders: int = 0
    guest_orders: int = 0
    revenue: float = 0.0
    first_day: int | None = None
    last_day: int | None = None

    def __add__(self, other: OrderTotals) -> OrderTotals:
        """The totals of the orders of both, none of which is in the other.

        Example:
            >>> (OrderTotals(2, 1, 0, 5.0, 10, 12) + OrderTotals(1, 1, 1, 2.5, 8, 8)).first_day
            8
        """
        first = [total.first_day for total in (self, other) if total.first_day is not None]
        last = [total.last_day for total in (self, other) if total.last_day is not None]
        return OrderTotals(
            lines=self.lines + other.lines,
            orders=self.orders + other.orders,
            guest_orders=self.guest_orders + other.guest_orders,
            revenue=self.revenue + other.revenue,
            first_day=min(first, default=None),
            last_day=max(last, default=None),
        )


def add_up_orders(orders: pl.LazyFrame) -> OrderTotals:
    """Return what order lines add up to.

    Args:
        orders: `schema.order_line_schema`.
    """
    totals = orders.select(
        lines=pl.len(),
        orders=pl.col("order_id").n_unique(),
        guest_orders=pl.col("order_id").filter(pl.col("customer_id").is_null()).n_unique(),
        revenue=revenue(*(pl.col(name) for name in ("quantity", "price", "discount", "refunded"))).sum(),
        first_day=pl.col("day").min(),
        last_day=pl.col("day").max(),
    )
    return OrderTotals(**totals.collect().row(0, named=True))
