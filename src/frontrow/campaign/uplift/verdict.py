"""What a measured uplift means, in plain sentences, also where the data allow no conclusion."""

from __future__ import annotations

from frontrow.campaign.experiment.power_analysis import holdout_needed
from frontrow.campaign.uplift.intervals import Interval
from frontrow.campaign.uplift.uplift import Uplift


def describe_conversion(conversion: Uplift) -> str:
    """Whether the campaign did anything, from the effect on conversion.

    Example:
        >>> from frontrow.campaign.uplift.uplift import estimate_uplift
        >>> uplift = estimate_uplift([1, 0] * 50 + [1, 0, 0, 0] * 25, [True] * 100 + [False] * 100)
        >>> describe_conversion(uplift)[:82]
        'The campaign sold more: 50.00 % of the contacted bought, 25.00 % of the held-out: '
    """
    rates = f"{conversion.contacted_mean:.2%} of the contacted bought, {conversion.held_out_mean:.2%} of the held-out"
    rates = rates.replace("%", " %")
    figures = f"{rates}: {format_points(conversion.difference)} {format_bounds(conversion.interval)} points."
    if conversion.significant:
        direction = "more" if conversion.difference > 0 else "less"
        return f"The campaign sold {direction}: {figures} {_caused(conversion)}".rstrip()
    return (
        f"No effect was detected: {figures} With {conversion.held_out:,} held out, only a difference of "
        f"{abs(conversion.minimum_detectable_effect) * 100:.2f} points or more would be detected four times in five"
        f"{_holdout_needed(conversion)}."
    )


def describe_cuped_gain(conversion: Uplift) -> str:
    """How much of the variance CUPED removed, in a sentence; empty where it removed nothing.

    Example:
        >>> from frontrow.campaign.uplift.uplift import estimate_uplift
        >>> bought, contacted = [1, 0] * 50 + [1, 0, 0, 0] * 25, [True] * 100 + [False] * 100
        >>> uplift = estimate_uplift(bought, contacted, covariate=[0.4, 0.1] * 100)
        >>> describe_cuped_gain(uplift)
        'CUPED, with the predicted probability, left 35.7 % of the variance: as sure as with 2.80 times the customers.'
    """
    if conversion.adjusted is None or not 0 < conversion.adjusted.variance_ratio < 1:
        return ""
    left = conversion.adjusted.variance_ratio
    return (
        f"CUPED, with the predicted probability, left {left:.1%} of the variance".replace("%", " %")
        + f": as sure as with {1 / left:.2f} times the customers."
    )


def describe_margin(margin: Uplift, contact_cost: float, currency: str = "") -> str:
    """The margin over everyone contacted, and what the contacts cost.

    Args:
        margin: The uplift of margin per customer.
        contact_cost: Cost of one contact.
        currency: ISO 4217 code, or empty.

    Example:
        >>> from frontrow.campaign.uplift.uplift import estimate_uplift
        >>> uplift = estimate_uplift([5.0, 0.0] * 50 + [5.0, 0.0, 0.0, 0.0] * 25, [True] * 100 + [False] * 100)
        >>> describe_margin(uplift, 0.5, "EUR")[:70]
        'Over the 100 contacted the margin was +125.00 EUR [+59.44, +190.56] ag'
    """
    more, low, high = (value * margin.contacted for value in (margin.difference, margin.welch.low, margin.welch.high))
    text = f"Over the {margin.contacted:,} contacted the margin was {more:+,.2f}{f' {currency}' * bool(currency)}"
    text += f" [{low:+,.2f}, {high:+,.2f}] against contacting nobody"
    spent = contact_cost * margin.contacted
    return f"{text}; the contacts cost {spent:,.2f}, which leaves {more - spent:+,.2f}." if spent else f"{text}."


def format_points(share: float) -> str:
    """A difference of shares in percentage points, with its sign.

    Example:
        >>> format_points(0.0123)
        '+1.23'
    """
    return f"{share * 100:+.2f}"


def format_bounds(interval: Interval) -> str:
    """An interval of shares, in percentage points.

    Example:
        >>> format_bounds(Interval(-0.005, 0.02))
        '[-0.50, +2.00]'
    """
    return f"[{format_points(interval.low)}, {format_points(interval.high)}]"


def _caused(conversion: Uplift) -> str:
    share, interval = conversion.incremental_share, conversion.incremental_interval
    if share is None or interval is None or share <= 0:
        return ""
    buyers = conversion.contacted_mean * conversion.contacted
    low, high = (end * buyers for end in (interval.clipped(0, 1).low, interval.clipped(0, 1).high))
    return (
        f"Of the {buyers:,.0f} contacted who bought, about {share * buyers:,.0f} "
        f"[{low:,.0f}, {high:,.0f}] would not have bought otherwise."
    )


def _holdout_needed(conversion: Uplift) -> str:
    """The hold-out that would have shown a difference as small as the measured one, as the end of a sentence."""
    customers, base, rate = (
        conversion.contacted + conversion.held_out,
        conversion.held_out_mean,
        conversion.contacted_mean,
    )
    if conversion.difference == 0 or not (0 < base < 1 and 0 < rate < 1):
        return ""
    needed = holdout_needed(base, rate / base - 1, customers)
    if needed is None:
        return f"; the measured difference would not be detected even with half of the {customers:,} held out"
    if needed <= conversion.held_out:
        return ""
    return f"; to detect the measured difference, {needed:,} of the {customers:,} would have to be held out"
