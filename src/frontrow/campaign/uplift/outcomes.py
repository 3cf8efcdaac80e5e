"""What each customer of a campaign did in its window: bought the product, units, revenue, margin, anything at all."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from frontrow.errors import CampaignError
from frontrow.shop.shop import History

OUTCOMES: Final = ("conversion", "units", "revenue", "margin", "any_revenue")
"""`conversion`: 1 for a buyer of the product, else 0. `units` of it. `revenue` of it: quantity * price - discount.
`margin` earned on it, where it is known. `any_revenue`: of all products, whether a campaign only moved sales about."""


@dataclass(frozen=True)
class Window:
    """The days whose orders count, and what the product became.

    Attributes:
        sold_as: The shop's product id.
        start: First instant that counts.
        end: First instant that no longer counts.
    """

    sold_as: str
    start: dt.datetime
    end: dt.datetime


@dataclass(frozen=True)
class Margin:
    """What a sale earns; the first that is given counts.

    Attributes:
        cost: Of a unit: earned are revenue less cost.
        per_unit: Earned on a unit sold at its full price: discounts on the lines are taken off.
    """

    cost: float | None = None
    per_unit: float | None = None

    @property
    def known(self) -> bool:
        """Whether either is given."""
        return self.cost is not None or self.per_unit is not None

    def of_lines(self) -> pl.Expr:
        """Margin of an order line; null where it is not known."""
        if self.cost is not None:
            return _revenue() - pl.col("quantity") * self.cost
        if self.per_unit is not None:
            return pl.col("quantity") * self.per_unit - pl.col("discount")
        return pl.lit(None, pl.Float64)


def outcomes(
    assignment: pl.DataFrame,
    history: History,
    windows: Mapping[str, Window],
    margins: Mapping[str, Margin] | None = None,
) -> pl.DataFrame:
    """The outcomes of everyone assigned; who bought nothing has zeros.

    Args:
        assignment: `product_id` (as asked) and `customer_id`, with any other columns; each pair once.
        history: Orders that reach into the windows.
        windows: By product as asked.
        margins: By product as asked; none for an unknown margin.

    Returns:
        The assignment's rows and columns, in its order, and `OUTCOMES` as float64; `margin` is null for the products
        whose margin is not known.

    Raises:
        CampaignError: A product has no window.
    """
    missing = set(assignment["product_id"].unique()) - set(windows)
    if missing:
        raise CampaignError(f"Nothing says when and as what {', '.join(sorted(missing))} was sold.")
    margins = margins or {}
    parts = [
        _of_product(rows, history, windows[str(product)], margins.get(str(product), Margin()))
        for (product,), rows in assignment.with_row_index("place").group_by("product_id", maintain_order=True)
    ]
    return pl.concat(parts).sort("place").drop("place")


def _of_product(rows: pl.DataFrame, history: History, window: Window, margin: Margin) -> pl.DataFrame:
    own = pl.col("product_id") == window.sold_as
    bought = (
        history.lines.filter(_instant() >= _utc(window.start), _instant() < _utc(window.end))
        .join(rows.lazy().select("customer_id"), on="customer_id", how="semi")
        .group_by("customer_id")
        .agg(
            own.any().cast(pl.Float64).alias("conversion"),
            pl.col("quantity").filter(own).sum().cast(pl.Float64).alias("units"),
            _revenue().filter(own).sum().alias("revenue"),
            margin.of_lines().filter(own).sum().alias("margin"),
            _revenue().sum().alias("any_revenue"),
        )
        .collect()
    )
    filled = rows.join(bought, on="customer_id", how="left", maintain_order="left")
    known = [name for name in OUTCOMES if margin.known or name != "margin"]
    return filled.with_columns(
        *(pl.col(name).fill_null(0.0) for name in known),
        *(pl.lit(None, pl.Float64).alias(name) for name in OUTCOMES if name not in known),
    )


def _revenue() -> pl.Expr:
    return pl.col("quantity") * pl.col("price") - pl.col("discount")


def _instant() -> pl.Expr:
    return pl.col("ordered_at").dt.convert_time_zone("UTC")


def _utc(instant: dt.datetime) -> pl.Expr:
    return pl.lit(instant.astimezone(dt.UTC), pl.Datetime("us", "UTC"))


def catalogue_cost(products: pl.DataFrame, product_id: str) -> float | None:
    """What a unit costs the shop, as its catalogue says; None where it does not.

    Example:
        >>> catalogue_cost(pl.DataFrame({"product_id": ["pot"], "cost": [2.5]}), "pot")
        2.5
    """
    rows: list[Any] = products.filter(pl.col("product_id") == product_id)["cost"].to_list()
    return float(rows[0]) if rows and rows[0] is not None else None
