"""Which first sales were launches: the product life-cycle table, and why the others do not count."""

from __future__ import annotations

from typing import Final

import polars as pl

from frontrow.engine import collect, customer_blocks, lazy
from frontrow.errors import LaunchError
from frontrow.features.life_cycle import buyer_totals, product_totals
from frontrow.launch.settings import LaunchSettings
from frontrow.shop.shop import History

LAUNCH: Final = "launch"
CATALOGUE_START: Final = "catalogue start"
SEASONAL_RETURN: Final = "seasonal return under another code"
RELISTING: Final = "relisting under another code"
STILL_OPEN: Final = "window still open"
TOO_FEW_BUYERS: Final = "too few buyers"

SEASONAL_GAP_DAYS: Final = 120
"""The same title off sale for at least this long, then back under another code, is a season's return."""


def compute_life_cycles(history: History, settings: LaunchSettings | None = None) -> pl.DataFrame:
    """The life of every product sold before the history's cutoff; computed once a history and settings.

    Args:
        history: What was known; later sales do not exist. A product whose launch day it states counts as a launch,
            whatever its title or first sale.
        settings: Horizon, catalogue start, fewest buyers.

    Returns:
        One row a product, by launch day: the columns of `schema.PRODUCT_SCHEMA`, `first_day`, `last_day`,
        `launch_day` (the first day unless stated), `days_sold`, `buyers`, `buyers_before`, `buyers_in_horizon`,
        `units`, `revenue`, `price` as on the first order line, and `verdict`: "launch", or why it does not count.
    """
    settings = settings or LaunchSettings()
    key = ("life cycles", settings.horizon_days, settings.catalogue_start_days, settings.min_buyers)
    return history.compute_once(key, lambda: _life_cycles(history, settings))


def closed_launches(cycles: pl.DataFrame) -> pl.DataFrame:
    """The rows of `compute_life_cycles` that one can learn from."""
    return cycles.filter(pl.col("verdict") == LAUNCH)


def _life_cycles(history: History, settings: LaunchSettings) -> pl.DataFrame:
    unknown = sorted(set(history.launch_days) - set(history.products["product_id"]))
    if unknown:
        raise LaunchError(f'A launch date is stated for "{unknown[0]}", which is no product_id of this shop.')
    totals = collect(product_totals(lazy(history.lines)))
    stated = pl.DataFrame(
        {"product_id": list(history.launch_days), "stated_day": list(history.launch_days.values())},
        schema={"product_id": pl.String, "stated_day": pl.Int32},
    )
    dated = totals.join(stated, on="product_id", how="left").with_columns(
        launch_day=pl.coalesce("stated_day", "first_day")
    )
    told = (
        history.products.join(dated, on="product_id", how="inner")
        .join(_first_prices(history), on="product_id", how="left")
        # What it cost when it was new; a catalogue only knows what it costs today.
        .with_columns(price=pl.coalesce("first_price", "price"))
        .drop("first_price")
        .join(_buyers(history, dated, settings), on="product_id", how="left")
        .with_columns(pl.col("buyers", "buyers_before", "buyers_in_horizon").fill_null(0))
        .with_columns(days_sold=pl.col("last_day") - pl.col("first_day"))
    )
    return (
        told.with_columns(verdict=_verdict(told, history, settings)).drop("stated_day").sort("launch_day", "product_id")
    )


def _first_prices(history: History) -> pl.DataFrame:
    """`product_id` and `first_price`: per unit, on the product's first order line."""
    earliest = pl.col("price").sort_by("ordered_at", "order_id", "line_number").first()
    return history.lines.group_by("product_id").agg(first_price=earliest).collect()


def _buyers(history: History, dated: pl.DataFrame, settings: LaunchSettings) -> pl.DataFrame:
    days = lazy(dated.select("product_id", "launch_day"))
    blocks = [
        collect(buyer_totals(lazy(block), days, settings.horizon_days)) for block in customer_blocks(history.lines)
    ]
    return pl.concat(blocks).group_by("product_id").agg(pl.all().sum())


def _verdict(told: pl.DataFrame, history: History, settings: LaunchSettings) -> pl.Series:
    start = told.select(pl.col("first_day").min()).item()
    same_title = _earlier_namesakes(told)
    gap = pl.col("launch_day") - same_title["namesake_last_day"]
    unstated = pl.col("stated_day").is_null()
    renamed = unstated & same_title["namesake_last_day"].is_not_null()
    return told.select(
        pl.when(unstated & (pl.col("first_day") < (start or 0) + settings.catalogue_start_days))
        .then(pl.lit(CATALOGUE_START))
        .when(renamed & (gap >= SEASONAL_GAP_DAYS))
        .then(pl.lit(SEASONAL_RETURN))
        .when(renamed)
        .then(pl.lit(RELISTING))
        .when(pl.col("launch_day") + settings.horizon_days > history.closed_day)
        .then(pl.lit(STILL_OPEN))
        .when(pl.col("buyers_in_horizon") < settings.min_buyers)
        .then(pl.lit(TOO_FEW_BUYERS))
        .otherwise(pl.lit(LAUNCH))
        .alias("verdict")
    ).to_series()


def _earlier_namesakes(told: pl.DataFrame) -> pl.DataFrame:
    """For each row, the last sale of the product of the same title that was first sold before it; null if none."""
    title = pl.col("title").str.to_lowercase().str.extract_all(r"\w+").list.sort().list.join(" ")
    named = told.with_columns(same=title).with_row_index("row")
    return (
        named.sort("first_day", "product_id")
        .with_columns(namesake_last_day=pl.col("last_day").shift(1).over("same"))
        .with_columns(namesake_last_day=pl.when(pl.col("same").fill_null("") != "").then(pl.col("namesake_last_day")))
        .sort("row")
        .select("namesake_last_day")
    )
