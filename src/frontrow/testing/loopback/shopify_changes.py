"""Orders of a shop that change after they were exported: cancelled, given back in part, edited, shipped."""

from __future__ import annotations

import datetime as dt
from typing import Final

import numpy as np
import polars as pl

STAMP: Final = "%Y-%m-%d %H:%M:%S +0000"
KINDS: Final = ("cancelled", "refunded", "edited", "tagged")


def change_orders(rows: pl.DataFrame, share: float, at: dt.datetime, seed: int = 0) -> tuple[pl.DataFrame, list[str]]:
    """Return the export of the same shop after some orders changed, and the names of those orders.

    Args:
        rows: Of an export of orders, as text.
        share: Of the orders that change; those that were cancelled or given back already do not.
        at: When.
        seed: Decides which.
    """
    rng = np.random.default_rng(seed)
    own = rows.filter(pl.col("Financial Status").is_not_null())
    open_orders = own.filter((pl.col("Financial Status") == "paid") & pl.col("Cancelled at").is_null())["Name"]
    count = round(share * own.height)
    names = open_orders.gather(np.sort(rng.choice(open_orders.len(), count, replace=False)))
    fate = pl.DataFrame({"Name": names, "fate": [KINDS[number % len(KINDS)] for number in range(count)]})
    if "Updated at" not in rows.columns:
        rows = rows.with_columns(pl.lit(None, pl.String).alias("Updated at"))
    changed = rows.join(fate, on="Name", how="left", maintain_order="left")
    stamp = at.astimezone(dt.UTC).strftime(STAMP)
    return changed.with_columns(_changes(stamp)).drop("fate"), names.to_list()


def _changes(stamp: str) -> list[pl.Expr]:
    is_first = pl.col("Financial Status").is_not_null()
    cancelled, refunded, edited = (is_first & (pl.col("fate") == kind) for kind in KINDS[:3])
    total, subtotal, price = (pl.col(name).cast(pl.Float64) for name in ("Total", "Subtotal", "Lineitem price"))
    quantity = pl.col("Lineitem quantity").cast(pl.Int64)
    back = (subtotal * 0.25).round(2)
    values = {
        "Cancelled at": pl.when(cancelled).then(pl.lit(stamp)),
        "Financial Status": pl.when(cancelled)
        .then(pl.lit("refunded"))
        .when(refunded)
        .then(pl.lit("partially_refunded")),
        "Refunded Amount": _text(pl.when(cancelled).then(total).when(refunded).then(back)),
        # one unit more of the first item
        "Lineitem quantity": pl.when(edited).then(quantity + 1).cast(pl.String),
        "Subtotal": _text(pl.when(edited).then(subtotal + price)),
        "Total": _text(pl.when(edited).then(total + price)),
        "Tags": pl.when(is_first & (pl.col("fate") == KINDS[3])).then(pl.lit("late, call back")),
    }
    values["Updated at"] = pl.when(is_first & pl.col("fate").is_not_null()).then(pl.lit(stamp))
    return [pl.coalesce(value, pl.col(name)).alias(name) for name, value in values.items()]


def _text(amount: pl.Expr) -> pl.Expr:
    return amount.round(2).cast(pl.String)
