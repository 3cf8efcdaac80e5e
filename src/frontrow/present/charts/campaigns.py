"""Charts about campaigns: expected profit by length of the list, and what a campaign caused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import polars as pl
from markupsafe import Markup

from frontrow.campaign.economics.profit_curve import ProfitCurve
from frontrow.campaign.uplift.intervals import Interval
from frontrow.campaign.uplift.uplift import Uplift
from frontrow.campaign.uplift.verdict import format_points
from frontrow.present.charts.drawing import ACCENT, ACCENT_SOFT, INK, MUTED, draw_svg
from frontrow.present.wording import NARROW_SPACE, count, money, percent

# Altair takes a quarter of a second to import: it is there once a chart is drawn.
if TYPE_CHECKING:
    import altair as alt

HEIGHT: Final = 330

WIDE_ENOUGH: Final = 600
"""Narrower drawings have the words at the chosen length on two lines, or they would be cut off."""


def draw_profit(curve: ProfitCurve, length: int, currency: str, *, name: str, width: int) -> Markup:
    """Expected profit against the length of the list, with its band and the chosen length marked.

    Args:
        curve: Expected profit by length.
        length: Length of the list chosen; 0 for none.
        currency: Currency of every amount.
        name: Unique on the page.
        width: Width of the drawing.
    """
    import altair as alt

    points_of_curve = curve.points()
    scale = alt.Scale(domain=[0, curve.table.height - 1], nice=False)
    x = alt.X("length:Q", title="customers on the list, likeliest first", scale=scale).axis(
        format=",d", grid=False, tickCount=max(3, width // 120)
    )
    y = alt.Y("profit:Q", title=f"expected profit{f', {currency}' if currency else ''}").axis(
        format=_number_format(points_of_curve), tickCount=6
    )
    base = alt.Chart(points_of_curve).encode(x=x)
    chart = alt.layer(
        base.mark_area(color=ACCENT_SOFT, opacity=0.6).encode(y=alt.Y("low:Q"), y2="high:Q"),
        alt.Chart(pl.DataFrame({"profit": [0.0]})).mark_rule(color=MUTED).encode(y=y),
        base.mark_line(color=MUTED, strokeDash=[5, 4], strokeWidth=1.8).encode(y=alt.Y("random:Q")),
        base.mark_line(color=ACCENT, strokeWidth=2.5).encode(y=y),
        *_mark_length(curve, length, currency, x, y, break_line=width < WIDE_ENOUGH),
    )
    return draw_svg(chart, name=name, width=width, height=HEIGHT)


def _mark_length(
    curve: ProfitCurve, length: int, currency: str, x: alt.X, y: alt.Y, *, break_line: bool
) -> list[alt.Chart]:
    """A line at the chosen length, and on it what is chosen and what that earns."""
    import altair as alt

    customers, row = curve.table.height - 1, curve.table.row(length, named=True)
    words = (f"{count(length)} customers", money(row["profit"], currency))
    label = "\n".join(words) if break_line else ": ".join(words)
    position = pl.DataFrame({"length": [length], "profit": [row["profit"]], "label": [label]})
    right = length <= customers / 2
    text: dict[str, Any] = {
        **{"align": "left" if right else "right", "dx": 9 if right else -9, "dy": -30 if break_line else -12},
        **{"fontSize": 14, "fontWeight": 600, "lineBreak": "\n"},
    }
    at = alt.Chart(position).encode(x=x)
    return [
        at.mark_rule(color=INK, strokeDash=[2, 3]),
        at.mark_point(color=ACCENT, filled=True, size=80, opacity=1).encode(y=y),
        # A halo keeps the words apart from the lines they cross.
        at.mark_text(**text, stroke="#f2f8f7", strokeWidth=5, strokeJoin="round").encode(y=y, text="label:N"),
        at.mark_text(**text, color=INK).encode(y=y, text="label:N"),
    ]


def _number_format(curve: pl.DataFrame) -> str:
    """Cents only where the whole curve is small change."""
    largest = max(abs(float(curve[name].abs().max() or 0.0)) for name in ("low", "high"))  # type: ignore[arg-type]
    return ",.2f" if largest < 10 else ",.0f"


HELD_OUT: Final = "#b3bdc3"
GROUPS: Final = ("contacted", "held out")
_PERCENT: Final = f"format(100 * datum.value, '.3~f') + '{NARROW_SPACE}%'"
_WIDTH: Final = 440
# Room for the longer name in a wide font: the reader's may be wider than the one the chart is laid out in.
_LABELS: Final = 82
_SIGNED: Final = "datum.value == 0 ? '0' : format(datum.value, '+.3~f')"
_ROW: Final = 62


@dataclass(frozen=True)
class Difference:
    """A difference between contacted and held-out customers, as it is drawn.

    Attributes:
        label: What was compared.
        difference: Contacted less held-out, as a share.
        interval: The interval of the difference.
    """

    label: str
    difference: float
    interval: Interval


def draw_buyers(uplift: Uplift) -> Markup:
    """The share that bought, of the contacted and of the held-out."""
    import altair as alt

    shares = (uplift.contacted_mean, uplift.held_out_mean)
    rows = pl.DataFrame({"group": GROUPS, "share": shares, "label": [percent(share, 2) for share in shares]})
    # room for the words behind the longer bar
    top = max(max(shares) * 1.3, 1e-6)
    x = alt.X("share:Q", title="bought it", scale=alt.Scale(domain=[0, top], nice=False)).axis(
        labelExpr=_PERCENT, tickCount=4
    )
    y = alt.Y("group:N", title=None, sort=list(GROUPS)).axis(
        ticks=False, domain=False, labelPadding=8, labelLimit=0, minExtent=_LABELS
    )
    colour = alt.Color("group:N", scale=alt.Scale(domain=list(GROUPS), range=[ACCENT, HELD_OUT])).legend(None)
    base = alt.Chart(rows).encode(x=x, y=y)
    words = base.mark_text(align="left", dx=8, fontSize=14, fontWeight=600, color=INK).encode(text="label:N")
    return draw_svg(
        alt.layer(base.mark_bar(size=30).encode(color=colour), words), name="bought", width=_WIDTH, height=180
    )


def draw_differences(differences: Sequence[Difference]) -> Markup:
    """Each difference with its interval, in percentage points; the label stands above, for titles are long."""
    import altair as alt

    rows = pl.DataFrame(
        [
            (row, f"{item.label}: {format_points(item.difference)}", 100 * item.difference, *_ends(item.interval))
            for row, item in enumerate(differences)
        ],
        schema=["row", "label", "difference", "low", "high"],
        orient="row",
    )
    low, high = min(0.0, *rows["low"]), max(0.0, *rows["high"])
    room = (high - low or 1.0) * 0.06
    scale = alt.Scale(domain=[low - room, high + room], nice=False)
    x = alt.X("difference:Q", title="difference, percentage points", scale=scale).axis(tickCount=6, labelExpr=_SIGNED)
    y = alt.Y("row:O", title=None, axis=None)
    base = alt.Chart(rows).encode(y=y)
    chart = alt.layer(
        alt.Chart(pl.DataFrame({"difference": [0.0]})).mark_rule(color=MUTED, strokeDash=[5, 4]).encode(x=x),
        base.mark_rule(color=INK, strokeWidth=2).encode(x=alt.X("low:Q"), x2="high:Q"),
        base.mark_tick(color=INK, size=10, thickness=2).encode(x=alt.X("low:Q")),
        base.mark_tick(color=INK, size=10, thickness=2).encode(x=alt.X("high:Q")),
        base.mark_point(color=ACCENT, filled=True, size=90, opacity=1).encode(x=x),
        base.mark_text(align="left", dy=-19, fontSize=13, color=INK).encode(x=alt.value(4), text="label:N"),
    )
    return draw_svg(chart, name="differences", width=_WIDTH, height=60 + _ROW * max(rows.height, 2))


def draw_deciles(deciles: pl.DataFrame, *, name: str, width: int) -> Markup:
    """The share that bought in each tenth of the list, of both groups.

    Args:
        deciles: What `targeting.uplift_by_decile` returns.
        name: Unique on the page.
        width: Width of the drawing.
    """
    import altair as alt

    measured = deciles.drop_nulls("difference")
    rows = pl.concat(
        measured.select("decile", pl.lit(group).alias("group"), share=pl.col(column))
        for group, column in zip(GROUPS, ("contacted_mean", "held_out_mean"), strict=True)
    )
    x = alt.X("decile:O", title="tenth of the list, likeliest first").axis(labelAngle=0, ticks=False)
    # no lower than a tenth of a percent, for lists of which nobody bought
    top = max(1e-3, *rows["share"])
    y = alt.Y("share:Q", title="bought it", scale=alt.Scale(domain=[0, top], nice=True)).axis(
        labelExpr=_PERCENT, tickCount=5
    )
    # the line of the held-out is drawn a shade darker than its bar, to be seen on white
    colours = alt.Scale(domain=list(GROUPS), range=[ACCENT, "#8b979e"])
    base = alt.Chart(rows).encode(x=x, y=y, color=alt.Color("group:N", scale=colours).legend(symbolType="circle"))
    chart = alt.layer(base.mark_line(strokeWidth=2.5), base.mark_point(filled=True, size=70, opacity=1))
    return draw_svg(chart, name=name, width=width, height=280)


def _ends(interval: Interval) -> tuple[float, float]:
    clipped = interval.clipped(-1.0, 1.0)
    return 100 * clipped.low, 100 * clipped.high
