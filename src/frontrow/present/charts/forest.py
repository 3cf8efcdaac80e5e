"""A forest plot: the effect of each campaign with its interval, and below them all campaigns together."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import polars as pl
from markupsafe import Markup

from frontrow.campaign.uplift.intervals import Interval
from frontrow.campaign.uplift.pooled_campaigns import PooledOutcome
from frontrow.campaign.uplift.verdict import format_bounds, format_points
from frontrow.present.charts.drawing import ACCENT, INK, MUTED, draw_svg
from frontrow.present.wording import minus

# Altair takes a quarter of a second to import: it is there once a chart is drawn.
if TYPE_CHECKING:
    import altair as alt

TOGETHER: Final = "All together"
NEXT: Final = "Campaigns like these"
LONGEST_NAME: Final = 26
SHORTER_NAME: Final = 18
"""Where there is little room."""
WIDE_ENOUGH: Final = 600
"""Narrower drawings leave the figures to the table."""
_ROW: Final = 36
_SIGNED: Final = "datum.value == 0 ? '0' : format(datum.value, '+.3~f')"


@dataclass(frozen=True)
class _Row:
    label: str
    value: float
    interval: Interval
    weight: float
    is_pooled: bool


def draw_forest(conversion: PooledOutcome, *, name: str, width: int) -> Markup:
    """Draw the effects of several campaigns on the share that bought.

    Args:
        conversion: The pooled effect.
        name: Unique on the page.
        width: Width of the drawing.
    """
    import altair as alt

    figures = width >= WIDE_ENOUGH
    rows = _to_table(_list_rows(conversion, LONGEST_NAME if figures else SHORTER_NAME))
    low, high = _limits(rows)
    # the interval of two campaigns or three may be ten times as wide as all others: it ends where the axis does
    rows = rows.with_columns(pl.col("low", "high").clip(low, high))
    # the figures stand to the right of the intervals
    right = high + (high - low) * 0.45 if figures else high
    scale = alt.Scale(domain=[low, right], nice=False)
    title = "difference, percentage points" if figures else "points"
    x = alt.X("value:Q", title=title, scale=scale).axis(tickCount=6, labelExpr=_SIGNED)
    y = alt.Y("row:O", title=None).axis(
        labelExpr=f"{json.dumps(rows['label'].to_list())}[datum.value]",
        ticks=False,
        domain=False,
        labelPadding=8,
        labelLimit=0,
        minExtent=10 + 7.4 * max(len(label) for label in rows["label"]),
    )
    colour = alt.condition("datum.pooled", alt.value(ACCENT), alt.value(INK))
    base = alt.Chart(rows).encode(y=y)
    each, together = base.transform_filter("!datum.pooled"), base.transform_filter("datum.pooled")
    size = alt.Size("weight:Q", scale=alt.Scale(domain=[0, 1], range=[30, 420])).legend(None)
    layers: list[alt.Chart] = [
        alt.Chart(pl.DataFrame({"value": [0.0]})).mark_rule(color=MUTED, strokeDash=[5, 4]).encode(x=x),
        base.mark_rule(strokeWidth=2).encode(x=alt.X("low:Q"), x2="high:Q", color=colour),
        each.mark_point(shape="square", color=INK, filled=True, opacity=1).encode(x=x, size=size),
        together.mark_point(shape="diamond", color=ACCENT, filled=True, size=220, opacity=1).encode(x=x),
    ]
    if figures:
        words = base.mark_text(align="right", fontSize=13, color=INK)
        layers.append(words.encode(x=alt.value("width"), text="figures:N"))
    return draw_svg(alt.layer(*layers), name=name, width=width, height=70 + _ROW * rows.height)


def _limits(rows: pl.DataFrame) -> tuple[float, float]:
    """Both ends of the axis: all intervals but the last, with some room, and zero."""
    others = rows.head(rows.height - 1)
    low, high = min(0.0, *others["low"]), max(0.0, *others["high"])
    room = (high - low or 1.0) * 0.06
    return low - room, high + room


def _list_rows(conversion: PooledOutcome, longest_name: int) -> list[_Row]:
    fixed, random = conversion.pooled.fixed, conversion.pooled.random
    rows = [
        _Row(_shorten(effect.name, longest_name), effect.difference, effect.interval, weight, is_pooled=False)
        for effect, weight in zip(conversion.effects, fixed.weights, strict=True)
    ]
    rows.append(_Row(TOGETHER, fixed.value, fixed.interval, 1.0, is_pooled=True))
    return [*rows, _Row(NEXT, random.value, random.interval, 1.0, is_pooled=True)]


def _shorten(name: str, longest: int) -> str:
    return name if len(name) <= longest else f"{name[: longest - 1]}…"


def _to_table(rows: Sequence[_Row]) -> pl.DataFrame:
    """In percentage points; an interval of two campaigns may be far wider than all shares there are."""
    table = []
    for number, row in enumerate(rows):
        ends = row.interval.clipped(-1.0, 1.0)
        figures = minus(f"{format_points(row.value)} {format_bounds(row.interval)}")
        table.append(
            (number, row.label, 100 * row.value, 100 * ends.low, 100 * ends.high, row.weight, row.is_pooled, figures)
        )
    schema = ["row", "label", "value", "low", "high", "weight", "pooled", "figures"]
    return pl.DataFrame(table, schema=schema, orient="row")
