"""What each customer of a campaign did in its window: bought the product, units, revenue, margin, anything at all."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from frontrow.errors import CampaignError
from frontrow.schema import revenue
from frontrow.shop.history import History

OUTCOMES: Final = ("conversion", "units", "revenue", "margin", "any_revenue")
"""`conversion`: 1 for a buyer of the product, else 0. `units` of it. `revenue` of it: quantity * price - discount.
`margin` earned on it, where known. `any_revenue`: of all products; shows whether a campaign only shifted sales."""


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
    """What a sale earns; the first attribute that is given counts.

    Attributes:
        cost: Cost of a unit: the margin is revenue less cost.
        per_unit: Margin of a unit sold at its full price: discounts on the lines are subtracted.
    """

    cost: float | None = None
    per_unit: float | None = None

    @property
    def is_known(self) -> bool:
        """Whether either attribute is given."""
        return self.cost is not None or self.per_unit is not None

    def line_margin(self) -> pl.Expr:
        """Margin of an order line; null where it is unknown."""
        if self.cost is not None:
            return _revenue() - pl.col("quantity") * self.cost
        if self.per_unit is not None:
            return pl.col("quantity") * self.per_unit - pl.col("discount")
        return pl.lit(None, pl.Float64)


def customer_outcomes(
    assignment: pl.DataFrame,
    history: History,
    windows: Mapping[str, Window],
    margins: Mapping[str, Margin] | None = None,
) -> pl.DataFrame:
    """The outcomes of everyone assigned; customers who bought nothing have zeros.

    Args:
        assignment: `product_id` (as planned) and `customer_id`, with any other columns; each pair once.
        history: Orders that reach into the windows.
        windows: By product id as planned.
        margins: By product id as planned; without an entry the margin is unknown.

    Returns:
        The assignment's rows and columns, in its order, and `OUTCOMES` as float64; `margin` is null for the products
        whose margin is unknown.

    Raises:
        CampaignError: A product has no window.
    """
    missing = set(assignment["product_id"].unique()) - set(windows)
    if missing:
        raise CampaignError(f"No window is given for the products {', '.join(sorted(missing))}.")
    margins = margins or {}
    parts = [
        _product_outcomes(rows, history, windows[str(product)], margins.get(str(product), Margin()))
        for (product,), rows in assignment.with_row_index("position").group_by("product_id", maintain_order=True)
    ]
    return pl.concat(parts).sort("position").drop("position")


def _product_outcomes(rows: pl.DataFrame, history: History, window: Window, margin: Margin) -> pl.DataFrame:
    is_product = pl.col("product_id") == window.sold_as
    bought = (
        history.lines.filter(_instant() >= _utc(window.start), _instant() < _utc(window.end))
        .join(rows.lazy().select("customer_id"), on="customer_id", how="semi")
        .group_by("customer_id")
        .agg(
            is_product.any().cast(pl.Float64).alias("conversion"),
            pl.col("quantity").filter(is_product).sum().cast(pl.Float64).alias("units"),
            _revenue().filter(is_product).sum().alias("revenue"),
            margin.line_margin().filter(is_product).sum().alias("margin"),
            _revenue().sum().alias("any_revenue"),
        )
        .collect()
    )
    filled = rows.join(bought, on="customer_id", how="left", maintain_order="left")
    measured = [name for name in OUTCOMES if margin.is_known or name != "margin"]
    return filled.with_columns(
        *(pl.col(name).fill_null(0.0) for name in measured),
        *(pl.lit(None, pl.Float64).alias(name) for name in OUTCOMES if name not in measured),
    )


def _revenue() -> pl.Expr:
    expression: pl.Expr = revenue(*(pl.col(name) for name in ("quantity", "price", "discount", "refunded")))
    return expression


def _instant() -> pl.Expr:
    return pl.col("ordered_at").dt.convert_time_zone("UTC")


def _utc(instant: dt.datetime) -> pl.Expr:
    return pl.lit(instant.astimezone(dt.UTC), pl.Datetime("us", "UTC"))


def catalogue_cost(products: pl.DataFrame, product_id: str) -> float | None:
    """What a unit costs the shop according to its catalogue; None where the catalogue has no cost.

    Args:
        products: The shop's (`schema.PRODUCT_SCHEMA`).
        product_id: The shop's id.

    Example:
        >>> catalogue_cost(pl.DataFrame({"product_id": ["pot"], "cost": [2.5]}), "pot")
        2.5
    """
    rows: list[Any] = products.filter(pl.col("product_id") == product_id)["cost"].to_list()
    return float(rows[0]) if rows and rows[0] is not None else None
