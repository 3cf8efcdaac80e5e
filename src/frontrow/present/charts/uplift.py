"""The drawings of what a campaign caused: who bought in both groups, the differences, and along the list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import altair as alt
import polars as pl
from markupsafe import Markup

from frontrow.campaign.uplift.intervals import Interval
from frontrow.campaign.uplift.uplift import Uplift
from frontrow.campaign.uplift.verdict import format_points
from frontrow.present.charts.drawing import ACCENT, INK, MUTED, svg
from frontrow.present.wording import NARROW_SPACE, percent

HELD_OUT: Final = "#b3bdc3"
GROUPS: Final = ("contacted", "held out")
_PERCENT: Final = f"format(100 * datum.value, '.3~f') + '{NARROW_SPACE}%'"
_WIDTH: Final = 440
# Room for the longer name in a wide font: the reader's may be wider than the one the chart is laid out in.
_LABELS: Final = 82
_SIGNED: Final = "datum.value == 0 ? '0' : format(datum.value, '+.3~f')"
_ROW: Final = 62


@dataclass(frozen=True)
class Line:
    """A difference as it is drawn.

    Attributes:
        label: Of what.
        difference: Contacted less held-out, as a share.
        interval: Its own.
    """

    label: str
    difference: float
    interval: Interval


def bought(effect: Uplift) -> Markup:
    """The share that bought, of the contacted and of the held-out."""
    shares = (effect.contacted_mean, effect.held_out_mean)
    rows = pl.DataFrame({"group": GROUPS, "share": shares, "label": [percent(one, 2) for one in shares]})
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
    return svg(alt.layer(base.mark_bar(size=30).encode(color=colour), words), name="bought", width=_WIDTH, height=180)


def differences(lines: Sequence[Line]) -> Markup:
    """Each difference with its interval, in percentage points; the label stands above, for titles are long."""
    rows = pl.DataFrame(
        [
            (place, f"{one.label}: {format_points(one.difference)}", 100 * one.difference, *_ends(one.interval))
            for place, one in enumerate(lines)
        ],
        schema=["place", "label", "difference", "low", "high"],
        orient="row",
    )
    low, high = min(0.0, *rows["low"]), max(0.0, *rows["high"])
    room = (high - low or 1.0) * 0.06
    scale = alt.Scale(domain=[low - room, high + room], nice=False)
    x = alt.X("difference:Q", title="difference, percentage points", scale=scale).axis(tickCount=6, labelExpr=_SIGNED)
    y = alt.Y("place:O", title=None, axis=None)
    base = alt.Chart(rows).encode(y=y)
    chart = alt.layer(
        alt.Chart(pl.DataFrame({"difference": [0.0]})).mark_rule(color=MUTED, strokeDash=[5, 4]).encode(x=x),
        base.mark_rule(color=INK, strokeWidth=2).encode(x=alt.X("low:Q"), x2="high:Q"),
        base.mark_tick(color=INK, size=10, thickness=2).encode(x=alt.X("low:Q")),
        base.mark_tick(color=INK, size=10, thickness=2).encode(x=alt.X("high:Q")),
        base.mark_point(color=ACCENT, filled=True, size=90, opacity=1).encode(x=x),
        base.mark_text(align="left", dy=-19, fontSize=13, color=INK).encode(x=alt.value(4), text="label:N"),
    )
    return svg(chart, name="differences", width=_WIDTH, height=60 + _ROW * max(rows.height, 2))


def along_the_list(deciles: pl.DataFrame, *, name: str, width: int) -> Markup:
    """The share that bought in each tenth of the list, of both groups.

    Args:
        deciles: What `targeting.uplift_by_decile` returns.
        name: Unique on the page.
        width: Of the drawing.
    """
    known = deciles.drop_nulls("difference")
    rows = pl.concat(
        known.select("decile", pl.lit(group).alias("group"), share=pl.col(column))
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
    return svg(chart, name=name, width=width, height=280)


def _ends(interval: Interval) -> tuple[float, float]:
    clipped = interval.clipped(-1.0, 1.0)
    return 100 * clipped.low, 100 * clipped.high
