"""The shop's launches in time: how many first sales each month held, and what became of them."""

from __future__ import annotations

from typing import Final

import polars as pl

from frontrow.launch.life_cycle import CATALOGUE_START, LAUNCH, RELISTING, SEASONAL_RETURN, STILL_OPEN, TOO_FEW_BUYERS

VERDICTS: Final = (LAUNCH, STILL_OPEN, TOO_FEW_BUYERS, SEASONAL_RETURN, RELISTING)
"""Drawn from the axis upward. What was on sale when the history began has no launch date, so it is only counted."""

MOST_BARS: Final = 48


def first_sales(cycles: pl.DataFrame) -> pl.DataFrame:
    """Products by period of launch and verdict.

    Args:
        cycles: What `life_cycle.compute_life_cycles` returns.

    Returns:
        `period` (such as 2025-03, 2025 when the history is long), `verdict`, `products`; every period and verdict
        once, zeros included, so that an empty month shows.
    """
    dated = cycles.filter(pl.col("verdict") != CATALOGUE_START).with_columns(date=pl.col("launch_day").cast(pl.Date))
    if dated.height == 0:
        return pl.DataFrame(schema={"period": pl.String, "verdict": pl.String, "products": pl.UInt32})
    first, last = dated["date"].min(), dated["date"].max()
    months = pl.date_range(pl.lit(first).dt.month_start(), pl.lit(last), "1mo", eager=True)
    form = "%Y-%m" if len(months) <= MOST_BARS else "%Y"
    grid = pl.DataFrame({"period": months.dt.strftime(form).unique(maintain_order=True)}).join(
        pl.DataFrame({"verdict": list(VERDICTS)}), how="cross"
    )
    counted = dated.group_by(period=pl.col("date").dt.strftime(form), verdict="verdict").agg(products=pl.len())
    return grid.join(counted, on=["period", "verdict"], how="left", maintain_order="left").with_columns(
        pl.col("products").fill_null(0)
    )


def verdict_counts(cycles: pl.DataFrame) -> dict[str, int]:
    """Products by verdict, those never met included as zero."""
    met = dict(cycles.group_by("verdict").agg(pl.len()).iter_rows())
    return {verdict: int(met.get(verdict, 0)) for verdict in (*VERDICTS, CATALOGUE_START)}
