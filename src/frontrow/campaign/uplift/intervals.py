"""Confidence intervals of a share, and of the difference and the ratio of two means, from closed formulas."""

from __future__ import annotations

import math
from dataclasses import dataclass

from frontrow.errors import CampaignError


@dataclass(frozen=True)
class Interval:
    """Lower and upper end of an interval; infinite where the data give no bound.

    Attributes:
        low: Lower end.
        high: Upper end.
    """

    low: float
    high: float

    def contains(self, value: float) -> bool:
        """Whether a value lies inside, ends included.

        Example:
            >>> Interval(-1.0, 2.0).contains(0.0)
            True
        """
        return self.low <= value <= self.high

    def clipped(self, lower: float, upper: float) -> Interval:
        """The interval with both ends clipped to two bounds.

        Args:
            lower: Smallest value of an end.
            upper: Largest value of an end.

        Example:
            >>> Interval(-0.2, 0.5).clipped(0.0, 1.0)
            Interval(low=0.0, high=0.5)
        """
        return Interval(min(max(self.low, lower), upper), min(max(self.high, lower), upper))


def wilson(share: float, customers: float, level: float) -> Interval:
    """Wilson's score interval of a share (Wilson, 1927): valid with few buyers, and with none.

    Args:
        share: Buyers over customers.
        customers: Number of customers; a fraction where it is an effective size.
        level: Coverage of the interval, such as .95.

    Example:
        >>> bounds = wilson(0.0, 100, 0.95)
        >>> round(bounds.low, 4), round(bounds.high, 4)
        (0.0, 0.037)
    """
    z = normal_quantile(level)
    middle = (share + z**2 / (2 * customers)) / (1 + z**2 / customers)
    half = z / (1 + z**2 / customers) * math.sqrt(share * (1 - share) / customers + z**2 / (4 * customers**2))
    # what rounding leaves at either end
    return Interval(0.0 if share == 0 else middle - half, 1.0 if share == 1 else middle + half)


def difference_interval(first: float, first_bounds: Interval, second: float, second_bounds: Interval) -> Interval:
    """Interval of `first - second` from an interval of each (MOVER; Newcombe, 1998, method 10, from Wilson's).

    Args:
        first: The mean of the first group.
        first_bounds: Interval of that mean.
        second: The mean of the second group.
        second_bounds: Interval of that mean.

    Example:
        >>> bounds = difference_interval(0.5, Interval(0.4, 0.6), 0.2, Interval(0.1, 0.3))
        >>> round(bounds.low, 3), round(bounds.high, 3)
        (0.159, 0.441)
    """
    low = first - second - math.hypot(first - first_bounds.low, second_bounds.high - second)
    high = first - second + math.hypot(first_bounds.high - first, second - second_bounds.low)
    return Interval(low, high)


def ratio_interval(first: float, first_bounds: Interval, second: float, second_bounds: Interval) -> Interval:
    """Interval of `first / second` from an interval of each (MOVER; Donner and Zou, 2012).

    It holds 1 exactly when `difference_interval` holds 0; with symmetric bounds it is Fieller's.

    Args:
        first: The numerator.
        first_bounds: Interval of the numerator.
        second: The denominator, zero or more; the ratio is unbounded where its interval reaches below zero.
        second_bounds: Interval of the denominator.

    Example:
        >>> bounds = ratio_interval(0.5, Interval(0.4, 0.6), 0.2, Interval(0.1, 0.3))
        >>> round(bounds.low, 3), round(bounds.high, 3)
        (1.569, 5.097)
    """
    product = first * second
    if second_bounds.low < 0:
        return Interval(-math.inf, math.inf)
    low_first, high_first = (2 * first - end for end in (first_bounds.low, first_bounds.high))
    low_second, high_second = (2 * second - end for end in (second_bounds.low, second_bounds.high))
    numerator = first_bounds.low * low_first
    denominator = second_bounds.low * low_second
    root = math.sqrt(max(product**2 - numerator * second_bounds.high * high_second, 0.0))
    other = math.sqrt(max(product**2 - first_bounds.high * high_first * denominator, 0.0))
    # The lower end in the form that does not divide by what may be zero.
    low = numerator / (product + root) if product + root else 0.0
    return Interval(low, (product + other) / denominator if denominator > 0 else math.inf)


def normal_quantile(level: float) -> float:
    """Half-width in standard errors of an interval that covers `level`.

    Raises:
        CampaignError: The level is not between 0 and 1.

    Example:
        >>> round(normal_quantile(0.95), 3)
        1.96
    """
    from scipy.stats import norm

    if not 0 < level < 1:
        raise CampaignError(f"An interval cannot cover {level:g}. Give a level such as 0.95.")
    return float(norm.ppf((1 + level) / 2))
