"""Whether the sums of a shop fit into 64-bit whole numbers: one that does not is an error, and never a wrong sum."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import narwhals as nw
import polars as pl

from frontrow.engines.frames import collect, lazy
from frontrow.errors import ShopError
from frontrow.features.exact import MOST_LINES, MOST_MONEY
from frontrow.schema import revenue

HEADROOM_COLUMNS: Final = ("customer_id", "quantity", "price", "discount")
"""What `measure_headroom` reads of an order line."""


def measure_headroom(lines: pl.DataFrame) -> pl.DataFrame:
    """What the lines of a block come to, and how many one customer has.

    Args:
        lines: `HEADROOM_COLUMNS` of whole customers, or of guests.

    Returns:
        One row: `money` float64 in the shop's currency, `lines` int64 of the customer who has the most.
    """
    amount = revenue(nw.col("quantity"), nw.col("price"), nw.col("discount")).cast(nw.Float64).abs()
    money = collect(lazy(lines).select(amount.sum().alias("money")))
    of_customers = lines.drop_nulls("customer_id").group_by("customer_id").len("lines")
    most = of_customers.select(pl.col("lines").max().fill_null(0).cast(pl.Int64))
    return pl.concat([money, most], how="horizontal")


def require_headroom(parts: Iterable[pl.DataFrame]) -> None:
    """Make sure that no sum of a feature can overflow.

    Args:
        parts: What `measure_headroom` returns of each block.

    Raises:
        ShopError: The amounts of all lines, or the lines of one customer, are more than can be added up exactly.
    """
    rows = pl.concat(parts)
    money, most = rows["money"].sum(), int(rows["lines"].max() or 0)  # type: ignore[arg-type]
    if not money <= MOST_MONEY:
        raise ShopError(
            f"The order lines of this shop come to {money:.3g}, and amounts of up to {MOST_MONEY:.0e} can be added up "
            "exactly. Is a price wrong? Else import the orders with prices in a larger unit of the currency."
        )
    if most > MOST_LINES:
        raise ShopError(
            f"One customer has {most:,} order lines, and up to {MOST_LINES:,} can be added up exactly. Is this a till "
            "or a reseller? Leave its customer out of the export, so that its orders are a guest's."
        )
