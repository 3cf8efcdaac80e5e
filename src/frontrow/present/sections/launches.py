"""The life of each product: which first sales were launches, and why the others do not count."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import polars as pl

from frontrow.launch.life_cycle import LAUNCH
from frontrow.present.section import Section, Table

COLUMNS: Final = (
    "product_id",
    "title",
    "launch_date",
    "first_order",
    "last_order",
    "days_between",
    "buyers",
    "buyers_before",
    "buyers_in_horizon",
    "units",
    "revenue",
    "verdict",
)
"""Columns of the table that is written and printed as JSON."""

SHOWN: Final[Mapping[str, str]] = {
    "product_id": "product",
    "title": "title",
    "launch_date": "first",
    "last_order": "last",
    "days_between": "days",
    "buyers": "buyers",
    "buyers_before": "before",
    "buyers_in_horizon": "in horizon",
    "units": "units",
    "revenue": "revenue",
    "verdict": "verdict",
}
TITLE_LENGTH: Final = 34


def build_table(cycles: pl.DataFrame) -> pl.DataFrame:
    """Life cycles with dates instead of day numbers.

    Args:
        cycles: What `compute_life_cycles` returns.
    """
    return cycles.with_columns(
        launch_date=pl.col("launch_day").cast(pl.Date),
        first_order=pl.col("first_day").cast(pl.Date),
        last_order=pl.col("last_day").cast(pl.Date),
        days_between=pl.col("days_sold"),
        revenue=pl.col("revenue").round(2),
    ).select(COLUMNS)


def build_sections(
    table: pl.DataFrame, *, horizon_days: int, currency: str, top: int, all_products: bool
) -> list[Section]:
    """How many first sales were launches, and the latest of them.

    Args:
        table: What `build_table` returns.
        horizon_days: Days after the launch within which a purchase counts.
        currency: The shop's.
        top: Number of rows.
        all_products: Whether products whose first sale was not a launch are listed too.
    """
    counts = table["verdict"].value_counts(sort=True)
    listed = table if all_products else table.filter(table["verdict"] == LAUNCH)
    shown = listed.reverse().head(top)
    columns = {name: heading for name, heading in SHOWN.items() if all_products or name != "verdict"}
    title = (
        f"{'Products' if all_products else 'Launches'}, latest first ({shown.height} of {listed.height}; before: "
        f"buyers who were customers before; in horizon: those who bought within {horizon_days} days; "
        f"revenue in {currency or 'the shop currency'})"
    )
    rows = [[_cell(name, row[name]) for name in columns] for row in shown.iter_rows(named=True)]
    numeric = tuple(heading for name, heading in columns.items() if name not in ("product_id", "title", "verdict"))
    verdicts = Table(
        "What the first sales were",
        ("verdict", "products"),
        [(verdict, str(products)) for verdict, products in counts.rows()],
        numeric=("products",),
    )
    return [Section("launches", "", (verdicts, Table(title, tuple(columns.values()), rows, numeric)))]


def _cell(name: str, value: object) -> str | None:
    if value is None and name != "title":
        return None
    if name == "title":
        return str(value)[:TITLE_LENGTH]
    return f"{value:,.0f}" if name == "revenue" else str(value)
