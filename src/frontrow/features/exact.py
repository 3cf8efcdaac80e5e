"""Sums that are the same to the last bit on every engine, however the rows are ordered and partitioned.

A sum of floats depends on the order in which they are added: in a group that a cluster spreads over its machines, on
how it does so. Whole numbers do not. So each row is rounded once, to a whole number of small units, and 64-bit whole
numbers are added up; only what is left at the end is a float again.

Logarithms and exponentials may differ between engines in their last bit. Rounded to units, such a difference is gone,
unless the value lies within it of the middle between two units: a test goes through every age, every count and every
price in cents that a shop may have.
"""

from __future__ import annotations

from math import log
from typing import Final

import narwhals as nw

MONEY: Final = 10_000
"""Units of one unit of the shop's currency: a hundredth of a cent. Sums may reach 9.2e14."""

WEIGHT: Final = 2**32
"""Units of 1.0 of what a purchase counts: 2.3e-10. Sums may reach 2.1e9."""

LOG_PRICE: Final = 2**16
"""Units of 1.0 of the logarithm of a price: 0.0015 % of the price. The squares of 1.8 million lines can be added up,
whatever the prices."""

HALVINGS: Final = 32
"""After so many half-lives nothing is left: a weight is one unit there."""

MOST_LINES: Final = 1_500_000
"""Order lines of one customer that can be added up without an overflow, whatever they hold."""

MOST_MONEY: Final = 9e14
"""In the shop's currency: what all lines together may come to."""


def to_units(value: nw.Expr, units: int) -> nw.Expr:
    """Round a float to a whole number of units.

    Args:
        value: float64.
        units: How many make 1.0.

    Returns:
        int64; halves are rounded up.

    Example:
        >>> import polars as pl
        >>> frame = nw.from_native(pl.DataFrame({"spend": [0.1, 0.2, -0.3]}))
        >>> frame.select(to_units(nw.col("spend"), MONEY).sum())["spend"].to_list()
        [0]
    """
    return (value * float(units) + 0.5).floor().cast(nw.Int64)


def from_units(total: nw.Expr, units: int) -> nw.Expr:
    """A whole number of units as a float.

    Args:
        total: int64.
        units: How many make 1.0.
    """
    amount = total.cast(nw.Float64)
    # by a column: Polars divides by a number as it multiplies by its inverse, which has another last bit
    return amount / (amount * 0.0 + float(units))


def round_to(value: nw.Expr, units: int) -> nw.Expr:
    """A float rounded to a multiple of a unit, as a float.

    Args:
        value: float64.
        units: How many make 1.0; a power of two, by which every engine divides exactly.
    """
    return (value * float(units) + 0.5).floor() / float(units)


def sum_exactly(value: nw.Expr, units: int) -> nw.Expr:
    """The sum of floats, each rounded to units first.

    Args:
        value: float64, null where there is nothing to add.
        units: How many make 1.0.
    """
    return from_units(to_units(value, units).sum(), units)


def decay(age: nw.Expr, days: float) -> nw.Expr:
    """What a purchase counts at an age: e times less for each of so many days.

    Args:
        age: In days, float64.
        days: In which the weight falls e times.

    Returns:
        float64, a multiple of a unit of `WEIGHT`.
    """
    return round_to((age * (-1.0 / days)).exp(), WEIGHT)


def halve(age: nw.Expr, days: float) -> nw.Expr:
    """What a purchase counts at an age: half for each of so many days. See `decay`.

    Args:
        age: In days, float64.
        days: In which the weight falls by half.
    """
    weight = round_to((age * (-log(2) / days)).exp(), WEIGHT)
    return nw.when(age > HALVINGS * days).then(0.0).otherwise(weight)
