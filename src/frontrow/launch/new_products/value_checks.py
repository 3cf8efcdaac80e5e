"""Prices, titles and launch dates of new products that lie far from everything the shop has sold."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import polars as pl

from frontrow.launch.new_products.finding import Finding
from frontrow.launch.new_products.sold_products import to_date
from frontrow.masking import describe_value
from frontrow.shop.history import History
from frontrow.tables.nearest_name import fold_name, fold_plural

LONG_PAST_DAYS: Final = 90
"""A launch date that lies further back than this, of a product nobody has bought: within a quarter of a year goods may
have been late, beyond it the date or the history is wrong."""

FAR_AHEAD_DAYS: Final = 365
"""A launch date further ahead than this: who is scored ordered within a year, and will have ordered or left by then."""

FEWEST_PRICES: Final = 5
"""With fewer sold products that have a price, the lowest and the highest say too little."""


def check_prices(new: pl.DataFrame, cycles: pl.DataFrame, currency: str) -> Iterator[Finding]:
    """Prices below or above everything that was sold.

    Args:
        new: New products, with their `row` in the file.
        cycles: What `life_cycle.compute_life_cycles` returns.
        currency: The shop's.
    """
    prices = cycles["price"].drop_nulls()
    if len(prices) < FEWEST_PRICES:
        return
    low, high = float(prices.min()), float(prices.max())  # type: ignore[arg-type]
    money = f" {currency}" if currency else ""
    for row, price in new.select("row", "price").drop_nulls().iter_rows():
        if not low <= price <= high:
            bound = "below" if price < low else "above"
            yield Finding(
                "warning",
                row,
                "price",
                f"{price:,.2f}{money} is {bound} everything the shop has sold, {low:,.2f} to {high:,.2f}",
                "Check it: no past launch says who buys at such a price.",
            )


def check_titles(new: pl.DataFrame, cycles: pl.DataFrame) -> Iterator[Finding]:
    """Titles that share no word with any sold one, and titles of the same words as a sold one.

    Args:
        new: New products, with their `row` in the file.
        cycles: What `life_cycle.compute_life_cycles` returns.
    """
    words = {word for title in cycles["title"].drop_nulls() for word in _words(title)}
    first_days = {
        _word_key(title): (title, day) for title, day in cycles.select("title", "first_day").iter_rows() if title
    }
    for row, title in new.select("row", "title").iter_rows():
        namesake = first_days.get(_word_key(title))
        if namesake is not None:
            yield Finding(
                "warning",
                row,
                "title",
                f"{describe_value(title)} has the words of {describe_value(namesake[0])}, on sale since "
                f"{to_date(namesake[1])}",
                "Where it is the same product, write its title or product_id: as it is, who has it is ranked too.",
            )
        if not _words(title) & words:
            yield Finding(
                "warning",
                row,
                "title",
                f"{describe_value(title)} shares no word with any title that the shop has sold",
                "Hardly anything similar can be counted: customers are ranked by little more than their habits. Write "
                "the title as the shop writes its titles.",
            )


def check_launch_days(new: pl.DataFrame, history: History) -> Iterator[Finding]:
    """Launch dates long past, or more than a year ahead.

    Args:
        new: New products, with their `row` in the file.
        history: What is known.
    """
    for row, launch_day in new.select("row", "launch_day").iter_rows():
        ahead = launch_day - history.cutoff_day
        day, cutoff = to_date(launch_day), history.cutoff.date()
        if ahead < -LONG_PAST_DAYS:
            yield Finding(
                "warning",
                row,
                "launch_date",
                f"{day} is {-ahead:,} days before {cutoff}, up to which orders are known, and nobody has bought it",
                "Buyers are predicted from the latter day on. Correct the date, or give the product_id or title that "
                "it is sold under.",
            )
        elif ahead > FAR_AHEAD_DAYS:
            yield Finding(
                "warning",
                row,
                "launch_date",
                f"{day} is {ahead:,} days after {cutoff}, up to which orders are known",
                "Who is likely to buy today may not be by then. Correct the date, or import the orders since.",
            )


def _words(title: str) -> set[str]:
    """The words of a title, as singulars; without any letter or digit, the title itself."""
    return {fold_plural(word) for word in fold_name(title).split()}


def _word_key(title: str) -> tuple[str, ...]:
    """The words of a title as singulars, in any order."""
    return tuple(sorted(fold_plural(word) for word in fold_name(title).split()))
