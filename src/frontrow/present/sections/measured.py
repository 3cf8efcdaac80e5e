"""What the sections of a measured campaign's page show."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from typing import Any, Final

from frontrow.campaign.record.campaign import Campaign
from frontrow.campaign.uplift.intervals import Interval
from frontrow.campaign.uplift.measurement import Measurement, ProductMeasurement
from frontrow.campaign.uplift.uplift import Uplift
from frontrow.campaign.uplift.verdict import describe_cuped_gain, format_bounds, format_points
from frontrow.present.charts import uplift as measured_chart
from frontrow.present.charts.uplift import Line
from frontrow.present.sections.campaign_facts import CHANNELS, contact_cost
from frontrow.present.wording import ABSENT, count, counted, decimal, instant, minus, percent

MOST_PRODUCTS: Final = 6
"""Products drawn along their lists; `measured.json` has them all."""

OUTCOMES: Final[Mapping[str, str]] = {
    "conversion": "bought it, %",
    "units": "units",
    "revenue": "revenue of it",
    "any_revenue": "revenue of all products",
    "margin": "margin",
}


def facts(found: Measurement, campaign: Campaign) -> list[tuple[str, str]]:
    """Pairs of a term and what was measured, as they are shown."""
    contacted, held_out = found.overall[0].contacted, found.overall[0].held_out
    told = [
        ("Products" if len(found.products) > 1 else "Product", "; ".join(map(_product, found.products))),
        ("Channel", CHANNELS[campaign.channel]),
        ("Contacted", f"{counted(contacted, 'customer', 'customers')}, whether they read it or not"),
        ("Held out by lot", f"{count(held_out)}, {percent(held_out / (contacted + held_out))} of both"),
        ("Orders known until", instant(found.as_of)),
    ]
    if found.contact_cost:
        told.append(("Cost", f"{contact_cost(found.contact_cost, found.currency)} a contact"))
    if found.forgotten:
        told.append(("Forgotten since", f"{counted(found.forgotten, 'customer', 'customers')}, who count nowhere"))
    return told


def compared(found: Measurement) -> dict[str, Any]:
    """Contacted against held-out: what `measured_compared.html` shows."""
    bought = _bought(found)
    return {
        "charts": (measured_chart.bought(bought), measured_chart.differences(_lines(found, bought))),
        "several": len(found.products) > 1,
        "rows": [_row(one) for name in OUTCOMES if (one := found.overall_of(name)) is not None],
        "cuped": describe_cuped_gain(bought),
        "products": [_product_row(one) for one in found.products] if len(found.products) > 1 else [],
    }


def along_the_lists(found: Measurement) -> dict[str, Any]:
    """By tenths of each list: what `measured_deciles.html` shows."""
    told = [one for one in found.products if one.qini is not None and one.deciles["difference"].count()]
    shown = [
        {
            "title": one.title,
            "charts": [
                (kind, measured_chart.along_the_list(one.deciles, name=f"tenths{place}-{kind}", width=width))
                for kind, width in (("wide", 860), ("narrow", 400))
            ],
            "rows": [_tenth(row) for row in one.deciles.iter_rows(named=True)],
            "qini": _qini(one),
        }
        for place, one in enumerate(told[:MOST_PRODUCTS])
    ]
    return {"products": shown, "unshown": len(told) - len(shown)}


def _bought(found: Measurement) -> Uplift:
    return next(one for one in found.overall if one.outcome == "conversion")


def _lines(found: Measurement, bought: Uplift) -> list[Line]:
    whole = Line("All products" if len(found.products) > 1 else "Bought it", bought.difference, bought.interval)
    if len(found.products) == 1:
        adjusted = bought.adjusted
        return [whole] if adjusted is None else [whole, Line("With CUPED", adjusted.difference, adjusted.interval)]
    own = [(one.title, one.uplifts[0]) for one in found.products if one.uplifts]
    return [whole, *(Line(title, one.difference, one.interval) for title, one in own[:MOST_PRODUCTS])]


def _product(one: ProductMeasurement) -> str:
    days = f"{one.window.start:%Y-%m-%d} to {one.window.end:%Y-%m-%d}, that day not counted"
    return f"{one.title}, sold as {one.window.sold_as}, {days}"


def _row(one: Uplift) -> tuple[str, str, str, str, str, str, str]:
    scale, digits = (100, 2) if one.outcome == "conversion" else (1, 3 if one.outcome == "units" else 2)
    relative = f"{_sign(one.relative)}{percent(abs(one.relative))}" if isfinite(one.relative) else ABSENT
    return (
        OUTCOMES[one.outcome],
        decimal(one.contacted_mean * scale, digits),
        decimal(one.held_out_mean * scale, digits),
        minus(decimal(one.difference * scale, digits, signed=True)),
        _ends(one.interval, scale, digits),
        relative,
        _percents(one.relative_interval),
    )


def _product_row(one: ProductMeasurement) -> tuple[str, str, str, str, str]:
    if not one.uplifts:
        return one.title, "", "", "too few", "fewer than two in a group"
    bought = one.uplifts[0]
    contacted, held_out = percent(bought.contacted_mean, 2), percent(bought.held_out_mean, 2)
    return (
        one.title,
        contacted,
        held_out,
        minus(format_points(bought.difference)),
        minus(format_bounds(bought.interval)),
    )


def _tenth(row: Mapping[str, Any]) -> tuple[str, str, tuple[str, str], tuple[str, str], tuple[str, str]]:
    known = row["difference"] is not None
    shares = [percent(row[name], 1) if known else ABSENT for name in ("contacted_mean", "held_out_mean")]
    sizes = [f"of {count(row[name])}" for name in ("contacted", "held_out")]
    difference = (ABSENT, "")
    if known:
        difference = (
            minus(format_points(row["difference"])),
            minus(f"{format_points(row['low'])} to {format_points(row['high'])}"),
        )
    return str(row["decile"]), percent(row["mean_score"], 1), (shares[0], sizes[0]), (shares[1], sizes[1]), difference


def _qini(one: ProductMeasurement) -> tuple[str, str] | None:
    """The coefficient and its interval; None where no order is better than another."""
    if one.qini is None or not isfinite(one.qini.coefficient):
        return None
    return minus(decimal(one.qini.coefficient, 3, signed=True)), _ends(one.qini.interval, 1, 3)


def _ends(interval: Interval, scale: float, digits: int) -> str:
    told = [
        decimal(end * scale, digits, signed=True) if isfinite(end) else "no bound"
        for end in (interval.low, interval.high)
    ]
    return minus(" to ".join(told))


def _percents(interval: Interval) -> str:
    if not isfinite(interval.low) and not isfinite(interval.high):
        return "no bound"
    told = [
        f"{_sign(end)}{percent(abs(end))}" if isfinite(end) else "no bound" for end in (interval.low, interval.high)
    ]
    return " to ".join(told)


def _sign(value: float) -> str:
    return "−" if value < 0 else "+"
