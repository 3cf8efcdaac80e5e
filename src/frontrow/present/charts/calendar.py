"""A calendar of campaigns: one bar a campaign, from its first day until its orders no longer count."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import polars as pl
from markupsafe import Markup

from frontrow.present.campaign_survey import SurveyedCampaign
from frontrow.present.charts.drawing import ACCENT, ACCENT_SOFT, INK, MUTED, draw_svg

# Altair takes a quarter of a second to import: it is there once a chart is drawn.
if TYPE_CHECKING:
    import altair as alt

MAX_CAMPAIGNS: Final = 24
"""Campaigns drawn, the latest; the table has all of them."""

MEASURED: Final = "measured"
RUNNING: Final = "not measured yet"
NOT_SENT: Final = "not recorded as sent"
COLOURS: Final = {MEASURED: ACCENT, RUNNING: "#d9a441", NOT_SENT: "#c9d0d4"}
WIDE_ENOUGH: Final = 600
"""Narrower drawings have their legend in one column, or it would be cut off."""
LONG_CALENDAR: Final = 400
"""Days from which on months are enough."""
LONGEST_NAME: Final = 26
_ROW: Final = 34


def draw_calendar(
    campaigns: Sequence[SurveyedCampaign],
    today: dt.date,
    *,
    drawn_on: dt.date | None = None,
    name: str = "calendar",
    width: int = 860,
) -> Markup | None:
    """Draw the windows of campaigns, the latest first.

    Args:
        campaigns: The latest planned first; those whose days are not known are left out.
        today: Marked by a line.
        drawn_on: The day the global control group was drawn, marked by another; None for none.
        name: Unique on the page.
        width: Width of the drawing.

    Returns:
        The drawing; None where no campaign has known days.
    """
    import altair as alt

    rows = _list_rows(campaigns)
    if not rows.height:
        return None
    marks = [day for day in (today, drawn_on) if day is not None]
    days = [*rows["start"], *rows["until"], *marks]
    room = dt.timedelta(days=max((max(days) - min(days)).days // 40, 1))
    scale = alt.Scale(domain=[_milliseconds(min(days) - room), _milliseconds(max(days) + room)], nice=False, type="utc")
    x = alt.X("start:T", title=None, scale=scale).axis(
        format=_date_format((max(days) - min(days)).days),
        tickCount=max(2, width // 150),
        labelFlush=False,
        labelOverlap="greedy",
        labelSeparation=12,
    )
    y = alt.Y("row:O", title=None).axis(
        labelExpr=_label_expression(rows),
        ticks=False,
        domain=False,
        labelPadding=8,
        labelLimit=0,
        minExtent=_label_room(rows),
    )
    shown = [state for state in COLOURS if state in rows["bar"].to_list()]
    colour = alt.Color("bar:N", scale=alt.Scale(domain=shown, range=[COLOURS[state] for state in shown])).legend(
        symbolType="square", columns=1 if width < WIDE_ENOUGH else 0
    )
    base = alt.Chart(rows).encode(y=y)
    chart = alt.layer(
        base.mark_bar(height=14, cornerRadius=2).encode(x=x, x2="until:T", color=colour),
        base.transform_filter("isValid(datum.sent)")
        .mark_tick(color=INK, size=20, thickness=2)
        .encode(x=alt.X("sent:T")),
        *_mark_days(today, drawn_on),
    )
    return draw_svg(chart, name=name, width=width, height=(130 if width < WIDE_ENOUGH else 90) + _ROW * rows.height)


def _list_rows(campaigns: Sequence[SurveyedCampaign]) -> pl.DataFrame:
    dated = [
        (campaign, campaign.started_on or campaign.contacted_on, campaign.until)
        for campaign in campaigns
        if campaign.until is not None and (campaign.started_on or campaign.contacted_on) is not None
    ]
    return pl.DataFrame(
        [
            (row, _shorten(campaign.name), start, until, campaign.contacted_on, _bar(campaign))
            for row, (campaign, start, until) in enumerate(dated[:MAX_CAMPAIGNS])
        ],
        schema={
            "row": pl.Int64(),
            "label": pl.String(),
            "start": pl.Date(),
            "until": pl.Date(),
            "sent": pl.Date(),
            "bar": pl.String(),
        },
        orient="row",
    )


def _bar(campaign: SurveyedCampaign) -> str:
    if campaign.state == "measured":
        return MEASURED
    return RUNNING if campaign.recorded else NOT_SENT


def _shorten(name: str) -> str:
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…"


def _label_expression(rows: pl.DataFrame) -> str:
    """The names by row: two campaigns may have the same name, so the axis is of numbers."""
    import json

    return f"{json.dumps(rows['label'].to_list())}[datum.value]"


def _label_room(rows: pl.DataFrame) -> int:
    """Room for the longest name in a wide font: the reader's may be wider than the one the chart is laid out in."""
    return 16 + 8 * max(len(name) for name in rows["label"])


def _date_format(days: int) -> str:
    """Days where the calendar shows weeks, months where it shows years."""
    return "%-d %b %Y" if days < LONG_CALENDAR else "%b %Y"


def _mark_days(today: dt.date, drawn_on: dt.date | None) -> list[alt.LayerChart | alt.FacetChart]:
    import altair as alt

    marks = [(today, "today", MUTED, [5, 4])]
    if drawn_on is not None:
        marks.append((drawn_on, "control group drawn", ACCENT_SOFT, [2, 3]))
    layers = []
    for day, words, colour, dash in marks:
        at = alt.Chart(pl.DataFrame({"start": [day], "words": [words]})).encode(x=alt.X("start:T"))
        text = at.mark_text(align="center", dy=-8, fontSize=12, color=INK).encode(y=alt.value(0), text="words:N")
        layers.append(alt.layer(at.mark_rule(color=colour, strokeDash=dash, strokeWidth=2), text))
    return layers


def _milliseconds(day: dt.date) -> float:
    return dt.datetime.combine(day, dt.time(), dt.UTC).timestamp() * 1000
