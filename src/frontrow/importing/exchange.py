"""Amounts in another currency than the shop's: converted by a stated rate, or left out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import polars as pl

from frontrow.errors import InputError, ShopError
from frontrow.tables.parse import parse_numbers
from frontrow.tables.text_table import filled_rows, read_text_table

COLUMNS: Final = ("currency", "month", "rate")
ADVICE: Final = (
    "Write rates such as CAD=0.74, or the name of a CSV file with the columns currency, month (2026-03, or empty for "
    "all) and rate."
)
LARGEST_RATE: Final = 1e9
"""Above what a unit of any currency is worth in any other; larger numbers stand in the wrong column."""

EVERY_MONTH: Final = ""
NO_RATE: Final = "no exchange rate for "
MONTH: Final = re.compile(r"\d{4}-(0[1-9]|1[0-2])")
CODE: Final = re.compile(r"[A-Z]{3}")


@dataclass(frozen=True)
class ExchangeRates:
    """What a unit of other currencies is worth in the shop's.

    Attributes:
        rates: By ISO 4217 code: by month (`2026-03`) what one unit is worth. The month "" holds for all months; a
            month that is missing has the rate of the latest one before it.

    Example:
        >>> ExchangeRates.parse("CAD=0.74, EUR=1.08").rates["CAD"]
        {'': 0.74}
    """

    rates: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    @classmethod
    def parse(cls, text: str) -> ExchangeRates:
        """Return the rates in a text such as `CAD=0.74, EUR=1.08`, or in the CSV file that it names.

        Raises:
            InputError: The file cannot be used.
            ShopError: The text is neither.
        """
        if "=" not in text:
            return cls._read(Path(text))
        rates: dict[str, dict[str, float]] = {}
        for pair in text.split(","):
            code, _, rate = pair.partition("=")
            rates.setdefault(_check_code(code), {})[EVERY_MONTH] = _check_rate(rate)
        return cls(rates)

    @classmethod
    def _read(cls, file: Path) -> ExchangeRates:
        rows = filled_rows(read_text_table(file, ADVICE, required=("currency", "rate")), COLUMNS)
        numbers = parse_numbers(rows, "rate")
        rates: dict[str, dict[str, float]] = {}
        for (row, code, month), rate in zip(rows.select("row", "currency", "month").iter_rows(), numbers, strict=True):
            if not CODE.fullmatch((code or "").strip().upper()):
                advice = "Write a code of three letters, such as CAD."
                raise InputError("is not a currency", file=file, row=row, column="currency", advice=advice)
            if month and not MONTH.fullmatch(month):
                raise InputError("is not a month", file=file, row=row, column="month", advice="Write 2026-03, say.")
            if rate is None or not 0 < rate < LARGEST_RATE:
                advice = "Write what one unit is worth in the shop's currency, such as 0.74."
                raise InputError("is not a rate", file=file, row=row, column="rate", advice=advice)
            months = rates.setdefault(code.strip().upper(), {})
            if months.setdefault(month or EVERY_MONTH, rate) != rate:
                advice = "Leave one rate for each currency and month."
                raise InputError("is another rate than one above it", file=file, row=row, column="rate", advice=advice)
        return cls(rates)

    @classmethod
    def from_dict(cls, values: object) -> ExchangeRates:
        """Return the rates that `to_dict` wrote.

        Raises:
            ValueError: They are not by currency and month.
        """
        if not isinstance(values, Mapping):
            raise ValueError("expected rates by currency")
        rates: dict[str, dict[str, float]] = {}
        for code, months in values.items():
            if not isinstance(months, Mapping) or not CODE.fullmatch(str(code)):
                raise ValueError("expected rates by currency and month")
            for month, rate in months.items():
                if (
                    (month and not MONTH.fullmatch(str(month)))
                    or isinstance(rate, bool | str)
                    or not 0 < rate < LARGEST_RATE
                ):
                    raise ValueError("expected a rate by month")
                rates.setdefault(code, {})[month] = float(rate)
        return cls(rates)

    def to_dict(self) -> dict[str, dict[str, float]]:
        """The rates as plain values, for JSON."""
        return {code: dict(months) for code, months in self.rates.items()}


def find_currency(orders: pl.DataFrame) -> str:
    """Return the most common currency of the orders that are purchases; empty where none is stated.

    Args:
        orders: With `dropped`, and `currency` where the source has it.

    Example:
        >>> find_currency(pl.DataFrame({"currency": ["USD", "EUR", "EUR"], "dropped": [None] * 3}))
        'EUR'
    """
    if "currency" not in orders.columns:
        return ""
    return most_common_currency(orders.filter(pl.col("dropped").is_null()).group_by("currency").len("orders"))


def most_common_currency(counts: pl.DataFrame) -> str:
    """Return the currency of most orders; empty where none is stated.

    Args:
        counts: Numbers of `orders` by `currency`, one currency in several rows or in one.
    """
    sums = counts.drop_nulls("currency").group_by("currency").agg(pl.col("orders").sum())
    codes = sums.sort(["orders", "currency"], descending=[True, False])["currency"].cast(pl.String)
    return str(codes[0]) if codes.len() else ""


def add_rates(orders: pl.DataFrame, currency: str, rates: ExchangeRates) -> pl.DataFrame:
    """Add `rate`, what a unit of each order's currency is worth; orders without one get the reason in `dropped`.

    Args:
        orders: Orders with `ordered_at`, `dropped`, and `currency` where the source has it.
        currency: The shop's.
        rates: What other currencies are worth.
    """
    if "currency" not in orders.columns or not (orders["currency"].drop_nulls() != currency).any():
        return orders
    months = orders.select("currency", month=pl.col("ordered_at").dt.strftime("%Y-%m")).unique()
    stated = _rates_by_month(months.filter(pl.col("month").is_not_null()), rates)
    month = pl.col("ordered_at").dt.strftime("%Y-%m")
    orders = orders.with_columns(month=month).join(
        stated, on=["currency", "month"], how="left", nulls_equal=True, maintain_order="left"
    )
    own = pl.col("currency").is_null() | (pl.col("currency") == currency)
    rate = pl.when(own).then(1.0).otherwise("rate")
    reason = pl.when(~own & pl.col("rate").is_null()).then(pl.lit(NO_RATE) + pl.col("currency"))
    return orders.with_columns(rate=rate, dropped=pl.coalesce("dropped", reason)).drop("month")


def _rates_by_month(months: pl.DataFrame, rates: ExchangeRates) -> pl.DataFrame:
    """Return `currency`, `month` and `rate`, where there is one: that of the latest month not after it."""
    rows = []
    for code, month in months.iter_rows():
        earlier = [start for start in rates.rates.get(code or "", {}) if start <= month]
        if earlier:
            rows.append((code, month, rates.rates[code][max(earlier)]))
    return pl.DataFrame(rows, schema={"currency": pl.String, "month": pl.String, "rate": pl.Float64}, orient="row")


def _check_code(text: str) -> str:
    code = text.strip().upper()
    if not CODE.fullmatch(code):
        raise ShopError(f'"{text.strip()}" is not a currency. Write CAD=0.74, or the name of a CSV file.')
    return code


def _check_rate(text: str) -> float:
    try:
        rate = float(text)
    except ValueError:
        rate = 0.0
    if not 0 < rate < LARGEST_RATE:
        raise ShopError(f'"{text.strip()}" is not a rate. Write what one unit is worth, such as CAD=0.74.')
    return rate
