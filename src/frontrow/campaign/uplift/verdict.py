"""What a measured effect means, in plain sentences, also when it means that nothing can be told."""

from __future__ import annotations

from frontrow.campaign.experiment.power_analysis import holdout_needed
from frontrow.campaign.uplift.effect import Effect
from frontrow.campaign.uplift.intervals import Interval


def verdict(bought: Effect) -> str:
    """Whether the campaign did anything, from the effect on conversion.

    Example:
        >>> from frontrow.campaign.uplift.uplift import effect
        >>> found = effect([1, 0] * 50 + [1, 0, 0, 0] * 25, [True] * 100 + [False] * 100)
        >>> verdict(found)[:82]
        'The campaign sold more: 50.00 % of the contacted bought, 25.00 % of the held-out: '
    """
    rates = f"{bought.contacted_mean:.2%} of the contacted bought, {bought.held_out_mean:.2%} of the held-out"
    rates = rates.replace("%", " %")
    told = f"{rates}: {points(bought.difference)} {between(bought.interval)} points."
    if bought.seen:
        return f"The campaign sold {'more' if bought.difference > 0 else 'less'}: {told} {_caused(bought)}".rstrip()
    return (
        f"No effect was seen: {told} With {bought.held_out:,} held out, only a difference of "
        f"{abs(bought.smallest_seen) * 100:.2f} points or more would be seen four times in five"
        f"{_how_many(bought)}."
    )


def gained_by_cuped(bought: Effect) -> str:
    """What the predicted probability took out of the variance; empty where it took nothing.

    Example:
        >>> from frontrow.campaign.uplift.uplift import effect
        >>> probability = [0.4, 0.1] * 100
        >>> found = effect([1, 0] * 50 + [1, 0, 0, 0] * 25, [True] * 100 + [False] * 100, covariate=probability)
        >>> gained_by_cuped(found)
        'CUPED, with the predicted probability, left 35.7 % of the variance: as sure as with 2.80 times the customers.'
    """
    if bought.adjusted is None or not 0 < bought.adjusted.variance_ratio < 1:
        return ""
    left = bought.adjusted.variance_ratio
    return (
        f"CUPED, with the predicted probability, left {left:.1%} of the variance".replace("%", " %")
        + f": as sure as with {1 / left:.2f} times the customers."
    )


def earned(margin: Effect, contact_cost: float, currency: str = "") -> str:
    """The margin over everyone contacted, and what the contacts cost.

    Args:
        margin: The effect on margin a customer.
        contact_cost: Of one contact.
        currency: ISO 4217 code, or nothing.

    Example:
        >>> from frontrow.campaign.uplift.uplift import effect
        >>> found = effect([5.0, 0.0] * 50 + [5.0, 0.0, 0.0, 0.0] * 25, [True] * 100 + [False] * 100)
        >>> earned(found, 0.5, "EUR")[:70]
        'Over the 100 contacted the margin was +125.00 EUR [+59.44, +190.56] ag'
    """
    more, low, high = (value * margin.contacted for value in (margin.difference, margin.welch.low, margin.welch.high))
    told = f"Over the {margin.contacted:,} contacted the margin was {more:+,.2f}{f' {currency}' * bool(currency)}"
    told += f" [{low:+,.2f}, {high:+,.2f}] against contacting nobody"
    spent = contact_cost * margin.contacted
    return f"{told}; the contacts cost {spent:,.2f}, which leaves {more - spent:+,.2f}." if spent else f"{told}."


def points(share: float) -> str:
    """A difference of shares in percentage points, with its sign.

    Example:
        >>> points(0.0123)
        '+1.23'
    """
    return f"{share * 100:+.2f}"


def between(interval: Interval) -> str:
    """An interval of shares, in percentage points.

    Example:
        >>> between(Interval(-0.005, 0.02))
        '[-0.50, +2.00]'
    """
    return f"[{points(interval.low)}, {points(interval.high)}]"


def _caused(bought: Effect) -> str:
    share, interval = bought.incremental_share, bought.incremental_interval
    if share is None or interval is None or share <= 0:
        return ""
    buyers = bought.contacted_mean * bought.contacted
    low, high = (end * buyers for end in (interval.clipped(0, 1).low, interval.clipped(0, 1).high))
    return (
        f"Of the {buyers:,.0f} contacted who bought, about {share * buyers:,.0f} "
        f"[{low:,.0f}, {high:,.0f}] would not have bought otherwise."
    )


def _how_many(bought: Effect) -> str:
    """The hold-out that would have shown a difference as small as the measured one, as the end of a sentence."""
    customers, base, rate = bought.contacted + bought.held_out, bought.held_out_mean, bought.contacted_mean
    if bought.difference == 0 or not (0 < base < 1 and 0 < rate < 1):
        return ""
    needed = holdout_needed(base, rate / base - 1, customers)
    if needed is None:
        return f"; one as small as measured would not be seen with half of the {customers:,} held out"
    if needed <= bought.held_out:
        return ""
    return f"; to see one as small as measured, {needed:,} of the {customers:,} would have to be held out"
