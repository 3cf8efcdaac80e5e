"""The shop's launches: which first sales were launches, why the others do not count, and how many each month had."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import polars as pl

from frontrow.launch.life_cycle import CATALOGUE_START, LAUNCH, RELISTING, SEASONAL_RETURN
from frontrow.launch.settings import LaunchSettings
from frontrow.present.charts.launches import VERDICTS, draw_first_sales
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

MAX_BARS: Final = 48
"""Months are drawn up to so many; of a longer history, years."""

DRAWINGS: Final = (("wide", 940), ("narrow", 400))
"""Two drawings: one chart cannot be read both across a desk and on a telephone."""


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


def page_values(cycles: pl.DataFrame, settings: LaunchSettings) -> dict[str, Any]:
    """What a page shows of the shop's launches in time.

    Args:
        cycles: What `compute_life_cycles` returns.
        settings: The settings it was computed with.
    """
    sales, counts = count_first_sales(cycles), count_verdicts(cycles)
    return {
        "counts": counts,
        "returned": counts[SEASONAL_RETURN] + counts[RELISTING],
        "settings": settings,
        "charts": [
            (kind, draw_first_sales(sales, name=f"months-{kind}", width=width))
            for kind, width in DRAWINGS
            if sales.height
        ],
    }


def count_first_sales(cycles: pl.DataFrame) -> pl.DataFrame:
    """Products by period of launch and verdict.

    Args:
        cycles: What `compute_life_cycles` returns.

    Returns:
        `period` (such as 2025-03, or 2025 when the history is long), `verdict`, `products`; every period and verdict
        once, zeros included, so that an empty month shows.
    """
    dated = cycles.filter(pl.col("verdict") != CATALOGUE_START).with_columns(date=pl.col("launch_day").cast(pl.Date))
    if dated.height == 0:
        return pl.DataFrame(schema={"period": pl.String, "verdict": pl.String, "products": pl.UInt32})
    first, last = dated["date"].min(), dated["date"].max()
    months = pl.date_range(pl.lit(first).dt.month_start(), pl.lit(last), "1mo", eager=True)
    form = "%Y-%m" if len(months) <= MAX_BARS else "%Y"
    grid = pl.DataFrame({"period": months.dt.strftime(form).unique(maintain_order=True)}).join(
        pl.DataFrame({"verdict": list(VERDICTS)}), how="cross"
    )
    counts = dated.group_by(period=pl.col("date").dt.strftime(form), verdict="verdict").agg(products=pl.len())
    return grid.join(counts, on=["period", "verdict"], how="left", maintain_order="left").with_columns(
        pl.col("products").fill_null(0)
    )


def count_verdicts(cycles: pl.DataFrame) -> dict[str, int]:
    """Products by verdict; verdicts that no product has count zero."""
    counts = dict(cycles.group_by("verdict").agg(pl.len()).iter_rows())
    return {verdict: int(counts.get(verdict, 0)) for verdict in (*VERDICTS, CATALOGUE_START)}


def _cell(name: str, value: object) -> str | None:
    if value is None and name != "title":
        return None
    if name == "title":
        title = str(value)
        return title if len(title) <= TITLE_LENGTH else f"{title[: TITLE_LENGTH - 1]}…"
    return f"{value:,.0f}" if name == "revenue" else str(value)
