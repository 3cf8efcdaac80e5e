"""What a campaign earned: over everyone contacted, against contacting nobody."""

from __future__ import annotations

from typing import Any

from frontrow.campaign.uplift.intervals import Interval
from frontrow.campaign.uplift.measurement import Measurement
from frontrow.campaign.uplift.uplift import Uplift
from frontrow.present.wording import NARROW_SPACE, decimal, minus, money

Row = tuple[str, str, str, bool]
"""What is counted, how much more of it, from and to, and whether it is the line that sums up."""


def earned(found: Measurement) -> dict[str, Any]:
    """What the template `measured_earned.html` shows."""
    contacted, spent = found.overall[0].contacted, found.contact_cost * found.overall[0].contacted
    rows = [
        _row(name, effect, found.currency)
        for outcome, name in (
            ("conversion", "buyers"),
            ("units", "units"),
            ("revenue", "revenue of it"),
            ("any_revenue", "revenue of all products"),
            ("margin", "margin"),
        )
        if (effect := found.overall_of(outcome)) is not None
    ]
    margin = found.overall_of("margin")
    if margin is not None and spent:
        rows.append(("cost of the contacts", money(-spent, found.currency), "", False))
    if margin is not None:
        rows.append(_left(margin, spent, found.currency))
    return {"contacted": contacted, "rows": rows, "margin": margin is not None}


def _row(name: str, effect: Uplift, currency: str) -> Row:
    more, ends = _over_all(effect, 0.0)
    if effect.outcome in ("conversion", "units"):
        return name, *_figures(more, ends, 10.0, 1), False
    return name, *_money(more, ends, currency), False


def _left(margin: Uplift, spent: float, currency: str) -> Row:
    return "what is left", *_money(*_over_all(margin, spent), currency), True


def _over_all(effect: Uplift, spent: float) -> tuple[float, Interval]:
    """The effect and its interval over everyone contacted, less what was spent."""
    number, interval = effect.contacted, effect.interval
    low, high = (one * number - spent for one in (interval.low, interval.high))
    return effect.difference * number - spent, Interval(low, high)


def _money(more: float, ends: Interval, currency: str) -> tuple[str, str]:
    told, interval = _figures(more, ends, 100.0, 2)
    return told + (f"{NARROW_SPACE}{currency}" if currency else ""), interval


def _figures(more: float, ends: Interval, small: float, digits: int) -> tuple[str, str]:
    """A figure and its interval with their signs; decimals only where all three are small.

    Example:
        >>> _figures(30.0, Interval(-5.5, 120.25), 100.0, 2)
        ('+30', '−6 to +120')
    """
    exact = digits if max(abs(one) for one in (more, ends.low, ends.high)) < small else 0
    told = [minus(decimal(one, exact, signed=True)) for one in (more, ends.low, ends.high)]
    return told[0], f"{told[1]} to {told[2]}"
