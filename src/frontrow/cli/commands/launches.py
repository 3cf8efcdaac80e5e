"""frontrow launches: the life of each product, which first sales count as launches, and why the others do not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from frontrow.cli import options, terminal

if TYPE_CHECKING:
    import polars as pl

COLUMNS = (
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


def command(
    shop: options.ShopFolder,
    as_of: options.AsOf = None,
    horizon: options.Horizon = 30,
    launch_dates: options.LaunchDates = None,
    all_products: Annotated[
        bool, typer.Option("--all", help="Show every product, also those that do not count as launches.")
    ] = False,
    limit: Annotated[int, typer.Option(min=1, help="Rows of the table on screen, latest launches first.")] = 20,
    as_json: options.AsJson = False,
) -> None:
    """Show the life of each product: launches, and why other first sales do not count as one."""
    from frontrow.launch.life_cycle import LAUNCH, compute_life_cycles

    history = options.history(shop, as_of, launch_dates)
    settings = options.launch_settings(horizon, 365)
    cycles = compute_life_cycles(history, settings)
    table = _dated(cycles)
    if as_json:
        terminal.as_json(table.to_dicts())
        return
    counts = table["verdict"].value_counts(sort=True)
    terminal.table("What the first sales were", ("verdict", "products"), counts.rows(), numeric=("products",))
    listed = table if all_products else table.filter(table["verdict"] == LAUNCH)
    shown = listed.reverse().head(limit)
    names = ("product", "title", "first", "last", "days", "buyers", "before", "window", "units", "revenue")
    terminal.table(
        f"{'Products' if all_products else 'Launches'}, latest first ({shown.height} of {listed.height}; "
        f"before: buyers who were customers before; window: those who bought within {horizon} days; "
        f"revenue in {history.settings.currency or 'the shop currency'})",
        (*names, "verdict") if all_products else names,
        [_cells(row, all_products) for row in shown.iter_rows(named=True)],
        numeric=[name for name in names if name not in ("product", "title")],
    )


def _dated(cycles: pl.DataFrame) -> pl.DataFrame:
    import polars as pl

    return cycles.with_columns(
        launch_date=pl.col("launch_day").cast(pl.Date),
        first_order=pl.col("first_day").cast(pl.Date),
        last_order=pl.col("last_day").cast(pl.Date),
        days_between=pl.col("days_sold"),
        revenue=pl.col("revenue").round(2),
    ).select(COLUMNS)


def _cells(row: dict[str, object], all_products: bool) -> tuple[object, ...]:
    cells = (
        row["product_id"],
        str(row["title"])[:34],
        row["launch_date"],
        row["last_order"],
        row["days_between"],
        row["buyers"],
        row["buyers_before"],
        row["buyers_in_horizon"],
        row["units"],
        f"{row['revenue']:,.0f}",
    )
    return (*cells, row["verdict"]) if all_products else cells
