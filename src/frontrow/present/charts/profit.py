"""Expected profit against the length of the list, with its band and the chosen length marked."""

from __future__ import annotations

from typing import Any, Final

import altair as alt
import polars as pl
from markupsafe import Markup

from frontrow.campaign.economics.profit_curve import ProfitCurve
from frontrow.present.charts.drawing import ACCENT, ACCENT_SOFT, INK, MUTED, svg
from frontrow.present.wording import count, money

HEIGHT: Final = 330

WIDE_ENOUGH: Final = 600
"""Narrower drawings have the words at the chosen length on two lines, or they would be cut off."""


def profit(curve: ProfitCurve, length: int, currency: str, *, name: str, width: int) -> Markup:
    """Draw it.

    Args:
        curve: What lists earn.
        length: Of the list chosen, 0 for none.
        currency: Of every amount.
        name: Unique on the page.
        width: Of the drawing.
    """
    told = curve.points()
    scale = alt.Scale(domain=[0, curve.table.height - 1], nice=False)
    x = alt.X("length:Q", title="customers on the list, likeliest first", scale=scale).axis(
        format=",d", grid=False, tickCount=max(3, width // 120)
    )
    y = alt.Y("profit:Q", title=f"expected profit{f', {currency}' if currency else ''}").axis(
        format=_form(told), tickCount=6
    )
    base = alt.Chart(told).encode(x=x)
    chart = alt.layer(
        base.mark_area(color=ACCENT_SOFT, opacity=0.6).encode(y=alt.Y("low:Q"), y2="high:Q"),
        alt.Chart(pl.DataFrame({"profit": [0.0]})).mark_rule(color=MUTED).encode(y=y),
        base.mark_line(color=MUTED, strokeDash=[5, 4], strokeWidth=1.8).encode(y=alt.Y("random:Q")),
        base.mark_line(color=ACCENT, strokeWidth=2.5).encode(y=y),
        *_mark(curve, length, currency, x, y, break_line=width < WIDE_ENOUGH),
    )
    return svg(chart, name=name, width=width, height=HEIGHT)


def _mark(curve: ProfitCurve, length: int, currency: str, x: alt.X, y: alt.Y, *, break_line: bool) -> list[alt.Chart]:
    """A line at the chosen length, and on it what is chosen and what that earns."""
    customers, row = curve.table.height - 1, curve.table.row(length, named=True)
    words = (f"{count(length)} customers", money(row["profit"], currency))
    label = "\n".join(words) if break_line else ": ".join(words)
    place = pl.DataFrame({"length": [length], "profit": [row["profit"]], "label": [label]})
    right = length <= customers / 2
    text: dict[str, Any] = {
        **{"align": "left" if right else "right", "dx": 9 if right else -9, "dy": -30 if break_line else -12},
        **{"fontSize": 14, "fontWeight": 600, "lineBreak": "\n"},
    }
    at = alt.Chart(place).encode(x=x)
    return [
        at.mark_rule(color=INK, strokeDash=[2, 3]),
        at.mark_point(color=ACCENT, filled=True, size=80, opacity=1).encode(y=y),
        # A halo keeps the words apart from the lines they cross.
        at.mark_text(**text, stroke="#f2f8f7", strokeWidth=5, strokeJoin="round").encode(y=y, text="label:N"),
        at.mark_text(**text, color=INK).encode(y=y, text="label:N"),
    ]


def _form(told: pl.DataFrame) -> str:
    """Cents only where the whole curve is small change."""
    largest = max(abs(float(told[name].abs().max() or 0.0)) for name in ("low", "high"))  # type: ignore[arg-type]
    return ",.2f" if largest < 10 else ",.0f"
