"""The first days of sales of launches under way, gathered for everyone who was scored at their midnight."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from frontrow.engine import customer_blocks
from frontrow.errors import LaunchError
from frontrow.features.purchase_matrix import PurchaseMatrix
from frontrow.launch.calibration.early_sales import FirstDays
from frontrow.launch.episodes.past_scores import first_purchase_days
from frontrow.shop.shop import EPOCH, History


class SalesSoFar:
    """Reads a history once for any number of launches.

    Args:
        history: What is known; sales up to its cutoff count.
        product_ids: The launches that will be asked about.
    """

    def __init__(self, history: History, product_ids: pl.Series) -> None:
        blocks = [
            block.select("customer_id", "product_id", "day").cast({"customer_id": pl.Int64})
            for block in customer_blocks(history.lines)
        ]
        lines = pl.concat(blocks)
        self._matrix = PurchaseMatrix(lines, lines["product_id"].unique().sort().to_list())
        self._days = lines.select("customer_id", "day").unique()
        self._first = first_purchase_days(history, product_ids)

    def of(self, product_id: str, launch_day: int, customer_ids: NDArray[np.int64], days: int) -> FirstDays:
        """What happened in the first days of one launch.

        Args:
            product_id: The product.
            launch_day: Its first day, as days since 1970-01-01.
            customer_ids: Everyone scored, shape (customers,).
            days: Whole days on sale.
        """
        first = pl.col("day").is_between(launch_day, launch_day + days - 1)
        bought = self._first.filter((pl.col("product_id") == product_id) & first)["customer_id"].to_numpy()
        ordered = self._days.filter(first)["customer_id"].to_numpy()
        everyone = self._matrix.before(launch_day)
        return FirstDays(
            days=days,
            bought=np.isin(customer_ids, bought),
            ordered=np.isin(customer_ids, ordered),
            before=everyone[self._matrix.rows_of(customer_ids)],
            everyone=everyone,
        )


def on_sale(products: pl.DataFrame, cycles: pl.DataFrame, history: History, horizon_days: int) -> pl.DataFrame:
    """The products asked about as the shop sells them, found by id, or else by title (the latest of that title).

    Args:
        products: `new_products.NEW_PRODUCT_SCHEMA`.
        cycles: What `life_cycle.compute_life_cycles` says of the history.
        history: What is known.
        horizon_days: The window.

    Returns:
        The same columns: `product_id` and `launch_day` are the shop's, and so is what the file does not tell (type,
        vendor, tags, price).

    Raises:
        LaunchError: A product has no sale before the cutoff, or its window is over.
    """
    rows = [_sold_as(row, cycles, history, horizon_days) for row in products.iter_rows(named=True)]
    return pl.DataFrame(rows, schema=products.schema)


def _sold_as(row: dict[str, Any], cycles: pl.DataFrame, history: History, horizon_days: int) -> dict[str, Any]:
    found = _in_shop(row, cycles)
    if found is None:
        raise LaunchError(
            f'"{row["title"]}" has no sale before {history.cutoff.date()}. Give the product_id or title it is sold '
            "under, or leave out --sales-so-far."
        )
    if not 0 < history.cutoff_day - found["launch_day"] < horizon_days:
        raise LaunchError(
            f'"{row["title"]}" was launched on {EPOCH + dt.timedelta(days=found["launch_day"])}; on '
            f"{history.cutoff.date()} its first {horizon_days} days were not under way. Give another day with --as-of."
        )
    told = {name: found[name] if value is None else value for name, value in row.items() if name in found}
    return {**row, **told, "product_id": found["product_id"], "launch_day": found["launch_day"]}


def _in_shop(row: dict[str, Any], cycles: pl.DataFrame) -> dict[str, Any] | None:
    title = str(row["title"]).casefold()
    named = [str(name or "").casefold() == title for name in cycles["title"]]
    for found in (
        cycles.filter(pl.col("product_id") == row["product_id"]),
        cycles.filter(pl.Series(named, dtype=pl.Boolean)),
    ):
        if found.height:
            return found.row(-1, named=True)
    return None
