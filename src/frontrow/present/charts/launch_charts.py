"""The charts of the report, each a function from plain figures to inline SVG."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import altair as alt
import polars as pl
from markupsafe import Markup

from frontrow.launch.backtest.scores import LAUNCH_MODEL
from frontrow.present.charts.drawing import ACCENT, ACCENT_SOFT, INK, diagonal, svg
from frontrow.present.sections.answer import Answer
from frontrow.present.sections.timeline import VERDICTS
from frontrow.present.wording import NARROW_SPACE, percent

VERDICT_COLOURS: Final = (ACCENT, "#7fbfb8", "#c9d0d4", "#d9a441", "#b8774a")

_QUARTERS: Final = [0, 0.25, 0.5, 0.75, 1]
_PERCENT: Final = f"round(100 * datum.value) + '{NARROW_SPACE}%'"

_COUNT_TICKS: Final = [step * 10**power for power in range(7) for step in (1, 2, 5)]


def reach(answer: Answer, *, name: str) -> Markup:
    """Share of the expected buyers reached against the share of customers contacted."""
    curve = alt.Chart(pl.DataFrame(answer.curve, schema=["contacted", "reached"], orient="row"))
    x = alt.X("contacted:Q", title="customers contacted, best first", scale=alt.Scale(domain=[0, 1])).axis(
        labelExpr=_PERCENT, values=_QUARTERS, grid=False
    )
    y = alt.Y("reached:Q", title="expected buyers reached", scale=alt.Scale(domain=[0, 1])).axis(
        labelExpr=_PERCENT, values=_QUARTERS
    )
    area = curve.mark_area(color=ACCENT_SOFT, opacity=0.5).encode(x=x, y=y)
    line = curve.mark_line(color=ACCENT, strokeWidth=2.5).encode(x=x, y=y)
    points = alt.Chart(_list_points(answer)).encode(x=x, y=y)
    beside: dict[str, Any] = {"align": "left", "dx": 9, "dy": 6, "fontSize": 13}
    chart = alt.layer(
        area,
        diagonal(0.0, 1.0, "contacted", "reached"),
        line,
        points.mark_point(color=ACCENT, filled=True, size=55, opacity=1),
        # A halo keeps the words apart from the diagonal they cross.
        points.mark_text(**beside, stroke="#e7f2f1", strokeWidth=4, strokeJoin="round").encode(text="label:N"),
        points.mark_text(**beside, color=INK).encode(text="label:N"),
        _note("a random list", 0.68, 0.60),
    )
    return svg(chart, name=name, width=420, height=300)


def average_precision(summary: pl.DataFrame) -> Markup:
    """Mean average precision of each model, with its interval, the launch model first."""
    rows = summary.filter(pl.col("metric") == "average_precision").with_columns(ours=pl.col("model") == LAUNCH_MODEL)
    y = alt.Y("model:N", title=None, sort=rows["model"].to_list()).axis(
        labelLimit=0, minExtent=_label_room(rows["model"]), ticks=False, domain=False, labelPadding=8
    )
    top = max(float(rows["high"].fill_nan(0.0).max() or 0.0), 1e-6) * 1.05  # type: ignore[arg-type]
    x = alt.X("mean:Q", title="average precision", scale=alt.Scale(domain=[0, top])).axis(tickCount=3)
    base = alt.Chart(rows).encode(y=y)
    colour = alt.condition("datum.ours", alt.value(ACCENT), alt.value("#c3cbd0"))
    chart = alt.layer(
        base.mark_bar(size=22).encode(x=x, color=colour),
        base.mark_rule(color=INK, strokeWidth=1.5).encode(x=alt.X("low:Q"), x2="high:Q"),
        base.mark_tick(color=INK, size=8, thickness=1.5).encode(x=alt.X("low:Q")),
        base.mark_tick(color=INK, size=8, thickness=1.5).encode(x=alt.X("high:Q")),
    )
    return svg(chart, name="precision", width=440, height=70 + 42 * rows.height)


def predicted_against_actual(launches: pl.DataFrame) -> Markup:
    """One point a tested launch, both axes logarithmic: on the diagonal, as many came as were predicted."""
    # A logarithmic axis has no zero: fewer than half a buyer is drawn as half of one.
    rows = launches.select(pl.col("predicted_buyers", "actual_buyers").clip(lower_bound=0.5))
    values = [*rows["predicted_buyers"].to_list(), *rows["actual_buyers"].to_list()]
    low, high = min(values) * 0.8, max(values) * 1.25
    scale = alt.Scale(type="log", domain=[low, high], nice=False)
    ticks = [tick for tick in _COUNT_TICKS if low <= tick <= high]
    x = alt.X("predicted_buyers:Q", title="buyers predicted", scale=scale).axis(values=ticks, format=",d")
    y = alt.Y("actual_buyers:Q", title="buyers that came", scale=scale).axis(values=ticks, format=",d")
    points = alt.Chart(rows).mark_point(color=ACCENT, filled=True, size=50, opacity=0.55).encode(x=x, y=y)
    chart = alt.layer(diagonal(low, high, "predicted_buyers", "actual_buyers"), points)
    return svg(chart, name="buyers", width=440, height=330)


def first_sales(table: pl.DataFrame, *, name: str, width: int) -> Markup:
    """Products first sold in each period, stacked by verdict.

    Args:
        table: What `timeline.first_sales` returns.
        name: Unique on the page.
        width: Of the drawing.
    """
    met = [verdict for verdict in VERDICTS if table.filter(pl.col("verdict") == verdict)["products"].sum()]
    colours = dict(zip(VERDICTS, VERDICT_COLOURS, strict=True))
    periods = table["period"].unique(maintain_order=True).to_list()
    order = pl.col("verdict").replace_strict({verdict: place for place, verdict in enumerate(VERDICTS)})
    rows = table.filter(pl.col("verdict").is_in(met)).with_columns(place=order)
    scale = alt.Scale(domain=met, range=[colours[verdict] for verdict in met])
    chart = (
        alt.Chart(rows)
        .mark_bar()
        .encode(
            x=alt.X("period:O", title=None, scale=alt.Scale(paddingInner=0.2)).axis(
                values=_labelled(periods, width), labelAngle=0, labelPadding=7, ticks=False
            ),
            y=alt.Y("products:Q", title="products first sold").axis(tickMinStep=1, tickCount=5),
            color=alt.Color("verdict:N", scale=scale).legend(columns=1 if width < 600 else 0),
            order="place:Q",
        )
    )
    return svg(chart, name=name, width=width, height=300)


def _label_room(labels: pl.Series) -> float:
    """Room for the longest label in a wide font: the reader's may be wider than the one the chart is laid out in."""
    return 8.2 * max(len(label) for label in labels.to_list())


def _labelled(periods: Sequence[str], width: int) -> list[str]:
    """Every n-th period, so that labels stand apart; from the first January where there is one."""
    step = next(step for step in (1, 2, 3, 6, 12, 24, 48) if len(periods) / step * 70 <= width)
    start = next((place for place, period in enumerate(periods) if period.endswith("-01")), 0) % step
    return list(periods[start::step])


def _list_points(answer: Answer) -> pl.DataFrame:
    total = answer.expected or 1.0
    rows = [
        (length / answer.customers, held / total, f"first {percent(share)}: {percent(held / total)}")
        for share, length, held in answer.lists
    ]
    return pl.DataFrame(rows, schema=["contacted", "reached", "label"], orient="row")


def _note(text: str, contacted: float, reached: float) -> alt.Chart:
    place = alt.Chart(pl.DataFrame({"contacted": [contacted], "reached": [reached], "note": [text]}))
    drawn: alt.Chart = place.mark_text(align="left", color="#6b7880", fontSize=13).encode(
        x="contacted:Q", y="reached:Q", text="note:N"
    )
    return drawn
