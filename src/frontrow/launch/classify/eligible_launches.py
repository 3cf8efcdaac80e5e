"""Which launches can be classified, and what is said of those that cannot."""

from __future__ import annotations

import datetime as dt
from typing import Final

import polars as pl

from frontrow.errors import LaunchError, require
from frontrow.launch.classify.classification import Launched
from frontrow.launch.settings import LaunchSettings
from frontrow.shop.shop import EPOCH, History

FEWEST_BUYERS: Final = 8
"""With fewer, a part of the customers would be left with one buyer or none."""


def require_classifiers() -> None:
    """Say at once, and not after minutes of fitting, what the classifiers lack.

    Raises:
        MissingExtraError: A package of the extra `neural` is not installed.
    """
    for package in ("torch", "sklearn"):
        require(package, extra="neural")


def launched_product(cycles: pl.DataFrame, product_id: str, history: History) -> pl.DataFrame:
    """The row of `life_cycle.compute_life_cycles` of a product, its launch day as `cutoff_day` beside it.

    Raises:
        LaunchError: It has no sale yet.
    """
    product = cycles.filter(pl.col("product_id") == product_id)
    if product.height == 0 or product["launch_day"].item() >= history.cutoff_day:
        raise LaunchError(
            f'"{product_id}" has no sale before {history.cutoff.date()}. Classifiers learn from a launch\'s own sales; '
            "product ids are listed by: frontrow launches SHOP --all. For a product that nobody has bought: "
            "frontrow audience"
        )
    return product.with_columns(cutoff_day=pl.col("launch_day"))


def refuse_too_few(rows: pl.DataFrame, product_id: str) -> None:
    """Refuse a launch whose customers compared hold fewer than `FEWEST_BUYERS`.

    Raises:
        LaunchError: So it is.
    """
    buyers = int(rows["bought"].sum())
    if buyers < FEWEST_BUYERS:
        raise LaunchError(
            f'"{product_id}" has {buyers} buyers among {rows.height:,} customers compared; classifiers learn from a '
            f"launch's own sales and take at least {FEWEST_BUYERS}. Wait for more sales, or rank customers without "
            "any: frontrow audience"
        )


def launched(product: pl.DataFrame, history: History, settings: LaunchSettings) -> Launched:
    """What is told of the launch of a product, a row as `launched_product` gives it."""
    told = product.row(0, named=True)
    until = min(told["cutoff_day"] + settings.horizon_days, history.cutoff_day)
    return Launched(
        product_id=told["product_id"],
        title=told["title"],
        verdict=told["verdict"],
        launch_date=EPOCH + dt.timedelta(days=told["cutoff_day"]),
        known_until=EPOCH + dt.timedelta(days=until),
    )
