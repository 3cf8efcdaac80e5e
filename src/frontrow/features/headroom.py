"""Whether the sums of a shop fit into 64-bit whole numbers: one that does not is an error, and never a wrong sum."""

from __future__ import annotations

import narwhals as nw

from frontrow.engines.frames import Frame, collect
from frontrow.errors import ShopError
from frontrow.features.exact import MOST_LINES, MOST_MONEY
from frontrow.schema import revenue


def check_headroom(lines: Frame) -> None:
    """Make sure that no sum of a feature can overflow.

    Args:
        lines: Order lines (`schema.order_line_schema`).

    Raises:
        ShopError: The amounts of all lines, or the lines of one customer, are more than can be added up exactly.
    """
    amount = revenue(nw.col("quantity"), nw.col("price"), nw.col("discount")).cast(nw.Float64).abs()
    money = collect(lines.select(amount.sum().alias("money")))["money"].sum()
    if not money <= MOST_MONEY:
        raise ShopError(
            f"The order lines of this shop come to {money:.3g}, and amounts of up to {MOST_MONEY:.0e} can be added up "
            "exactly. Is a price wrong? Else import the orders with prices in a larger unit of the currency."
        )
    customers = lines.filter(~nw.col("customer_id").is_null()).group_by("customer_id").agg(nw.len().alias("lines"))
    most = collect(customers.select(nw.col("lines").max()))["lines"].sum()
    if most > MOST_LINES:
        raise ShopError(
            f"One customer has {most:,} order lines, and up to {MOST_LINES:,} can be added up exactly. Is this a till "
            "or a reseller? Leave its customer out of the export, so that its orders are a guest's."
        )
