"""Fields that several objects of the Admin API share, as the columns of an export."""

from __future__ import annotations

from typing import Final

import polars as pl

MONEY: Final = pl.Struct({"shopMoney": pl.Struct({"amount": pl.String()})})
"""An amount in the shop's own currency; Shopify writes amounts as text."""

ADDRESS: Final = pl.Struct(
    dict.fromkeys(("company", "city", "provinceCode", "countryCodeV2", "phone"), pl.String()),
)
TEXTS: Final = pl.List(pl.String())
STAMP: Final = "%Y-%m-%d %H:%M:%S %z"


def amount(field: str) -> pl.Expr:
    """Return an amount as a number.

    Example:
        >>> price = pl.DataFrame({"price": [{"shopMoney": {"amount": "12.50"}}]})
        >>> price.select(amount("price")).item()
        12.5
    """
    return pl.col(field).struct.field("shopMoney").struct.field("amount").cast(pl.Float64, strict=False)


def instant(field: str, time_zone: str) -> pl.Expr:
    """Return an instant as an export writes it, by the clock of the shop.

    Example:
        >>> orders = pl.DataFrame({"createdAt": ["2026-05-14T10:23:45Z"]})
        >>> orders.select(instant("createdAt", "Europe/Berlin")).item()
        '2026-05-14 12:23:45 +0200'
    """
    text = pl.col(field).str.replace("Z$", "+00:00")
    moment = text.str.to_datetime("%Y-%m-%dT%H:%M:%S%.f%:z", time_zone="UTC", strict=False)
    return moment.dt.convert_time_zone(time_zone).dt.strftime(STAMP)


def joined(field: str) -> pl.Expr:
    """Return a list of texts as one text, separated by commas; null for none."""
    text = pl.col(field).list.join(", ")
    return pl.when(text != "").then(text)


def yes_or_no(condition: pl.Expr) -> pl.Expr:
    """Return a truth value as an export writes it; null stays null."""
    return pl.when(condition).then(pl.lit("yes")).when(~condition).then(pl.lit("no"))
