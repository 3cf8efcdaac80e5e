"""Charts about launches: the reach of a list, models beside each other, forecasts, and launches in time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import polars as pl
from markupsafe import Markup

from frontrow.launch.backtest.scores import LAUNCH_MODEL
from frontrow.launch.classify.classification import Classification
from frontrow.launch.life_cycle import LAUNCH, RELISTING, SEASONAL_RETURN, STILL_OPEN, TOO_FEW_BUYERS
from frontrow.metrics import classification as metrics
from frontrow.present.charts.drawing import ACCENT, ACCENT_SOFT, INK, MUTED, draw_diagonal, draw_svg
from frontrow.present.wording import NARROW_SPACE

# Altair takes a quarter of a second to import: it is there once a chart is drawn.
if TYPE_CHECKING:
    import altair as alt

VERDICTS: Final = (LAUNCH, STILL_OPEN, TOO_FEW_BUYERS, SEASONAL_RETURN, RELISTING)
"""Drawn from the axis upward. What was on sale when the history began has no launch date, so it is only counted."""

VERDICT_COLOURS: Final = (ACCENT, "#7fbfb8", "#c9d0d4", "#d9a441", "#b8774a")

_QUARTERS: Final = [0, 0.25, 0.5, 0.75, 1]
_PERCENT: Final = f"round(100 * datum.value) + '{NARROW_SPACE}%'"

_COUNT_TICKS: Final = [step * 10**power for power in range(7) for step in (1, 2, 5)]


def draw_reach(curve: Sequence[tuple[float, float]], lists: Sequence[tuple[float, float, str]], *, name: str) -> Markup:
    """Share of the expected buyers reached against the share of customers contacted.

    Args:
        curve: Share contacted and share reached, both from 0 to 1, ascending.
        lists: Share contacted, share reached and label of some lists.
        name: Unique on the page.
    """
    import altair as alt

    line_data = alt.Chart(pl.DataFrame(curve, schema=["contacted", "reached"], orient="row"))
    x = alt.X("contacted:Q", title="customers contacted, best first", scale=alt.Scale(domain=[0, 1])).axis(
        labelExpr=_PERCENT, values=_QUARTERS, grid=False
    )
    y = alt.Y("reached:Q", title="expected buyers reached", scale=alt.Scale(domain=[0, 1])).axis(
        labelExpr=_PERCENT, values=_QUARTERS
    )
    area = line_data.mark_area(color=ACCENT_SOFT, opacity=0.5).encode(x=x, y=y)
    line = line_data.mark_line(color=ACCENT, strokeWidth=2.5).encode(x=x, y=y)
    points = alt.Chart(pl.DataFrame(lists, schema=["contacted", "reached", "label"], orient="row")).encode(x=x, y=y)
    beside: dict[str, Any] = {"align": "left", "dx": 9, "dy": 6, "fontSize": 13}
    chart = alt.layer(
        area,
        draw_diagonal(0.0, 1.0, "contacted", "reached"),
        line,
        points.mark_point(color=ACCENT, filled=True, size=55, opacity=1),
        # A halo keeps the words apart from the diagonal they cross.
        points.mark_text(**beside, stroke="#e7f2f1", strokeWidth=4, strokeJoin="round").encode(text="label:N"),
        points.mark_text(**beside, color=INK).encode(text="label:N"),
        _note("a random list", 0.68, 0.60),
    )
    return draw_svg(chart, name=name, width=420, height=300)


def draw_average_precision(summary: pl.DataFrame) -> Markup:
    """Mean average precision of each model, with its interval, the launch model first."""
    import altair as alt

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
    return draw_svg(chart, name="precision", width=440, height=70 + 42 * rows.height)


def draw_predicted_against_actual(launches: pl.DataFrame) -> Markup:
    """One point a tested launch, both axes logarithmic: on the diagonal, as many came as were predicted."""
    import altair as alt

    # A logarithmic axis has no zero: fewer than half a buyer is drawn as half of one.
    rows = launches.select(pl.col("predicted_buyers", "actual_buyers").clip(lower_bound=0.5))
    values = [*rows["predicted_buyers"].to_list(), *rows["actual_buyers"].to_list()]
    low, high = min(values) * 0.8, max(values) * 1.25
    scale = alt.Scale(type="log", domain=[low, high], nice=False)
    ticks = [tick for tick in _COUNT_TICKS if low <= tick <= high]
    x = alt.X("predicted_buyers:Q", title="buyers predicted", scale=scale).axis(values=ticks, format=",d")
    y = alt.Y("actual_buyers:Q", title="buyers that came", scale=scale).axis(values=ticks, format=",d")
    points = alt.Chart(rows).mark_point(color=ACCENT, filled=True, size=50, opacity=0.55).encode(x=x, y=y)
    chart = alt.layer(draw_diagonal(low, high, "predicted_buyers", "actual_buyers"), points)
    return draw_svg(chart, name="buyers", width=440, height=330)


def draw_first_sales(table: pl.DataFrame, *, name: str, width: int) -> Markup:
    """Products first sold in each period, stacked by verdict.

    Args:
        table: What `sections.launches.count_first_sales` returns.
        name: Unique on the page.
        width: Of the drawing.
    """
    import altair as alt

    present = [verdict for verdict in VERDICTS if table.filter(pl.col("verdict") == verdict)["products"].sum()]
    colours = dict(zip(VERDICTS, VERDICT_COLOURS, strict=True))
    periods = table["period"].unique(maintain_order=True).to_list()
    order = pl.col("verdict").replace_strict({verdict: position for position, verdict in enumerate(VERDICTS)})
    rows = table.filter(pl.col("verdict").is_in(present)).with_columns(position=order)
    scale = alt.Scale(domain=present, range=[colours[verdict] for verdict in present])
    chart = (
        alt.Chart(rows)
        .mark_bar()
        .encode(
            x=alt.X("period:O", title=None, scale=alt.Scale(paddingInner=0.2)).axis(
                values=_choose_labels(periods, width), labelAngle=0, labelPadding=7, ticks=False
            ),
            y=alt.Y("products:Q", title="products first sold").axis(tickMinStep=1, tickCount=5),
            color=alt.Color("verdict:N", scale=scale).legend(columns=1 if width < 600 else 0),
            order="position:Q",
        )
    )
    return draw_svg(chart, name=name, width=width, height=300)


def _label_room(labels: pl.Series) -> float:
    """Room for the longest label in a wide font: the reader's may be wider than the one the chart is laid out in."""
    return 8.2 * max(len(label) for label in labels.to_list())


def _choose_labels(periods: Sequence[str], width: int) -> list[str]:
    """Every n-th period, so that labels stand apart; from the first January where there is one."""
    step = next(step for step in (1, 2, 3, 6, 12, 24, 48) if len(periods) / step * 70 <= width)
    start = next((index for index, period in enumerate(periods) if period.endswith("-01")), 0) % step
    return list(periods[start::step])


def _note(text: str, contacted: float, reached: float) -> alt.Chart:
    import altair as alt

    position = alt.Chart(pl.DataFrame({"contacted": [contacted], "reached": [reached], "note": [text]}))
    drawn: alt.Chart = position.mark_text(align="left", color="#6b7880", fontSize=13).encode(
        x="contacted:Q", y="reached:Q", text="note:N"
    )
    return drawn


MISSED: Final = "#b8774a"
BAND: Final = "#b9d9d6"

_SHARE_TICKS: Final = [step * 10.0**power for power in range(-6, 1) for step in (1, 3)]
_PRECISE_PERCENT: Final = f"format(100 * datum.value, '.1~r') + '{NARROW_SPACE}%'"
_INTERVAL_TICKS: Final = [step * 10**power for power in range(7) for step in (1, 3)]


def draw_reliability(deciles: pl.DataFrame) -> Markup:
    """One point a tenth of the customers, both axes logarithmic: on the diagonal, as many bought as was said.

    Args:
        deciles: `launch.backtest.forecasts.RELIABILITY_SCHEMA`.
    """
    import altair as alt

    shares = [*deciles["predicted"].to_list(), *deciles["actual"].to_list()]
    # A logarithmic axis has no zero: a tenth in which nobody bought stands at the edge.
    low, high = min((share for share in shares if share > 0), default=1e-4) * 0.6, max(*shares, 1e-3) * 1.6
    rows = deciles.select(pl.col("predicted", "actual").clip(lower_bound=low))
    scale = alt.Scale(type="log", domain=[low, high], nice=False)
    ticks = [tick for tick in _SHARE_TICKS if low <= tick <= high]
    x = alt.X("predicted:Q", title="predicted probability", scale=scale).axis(values=ticks, labelExpr=_PRECISE_PERCENT)
    y = alt.Y("actual:Q", title="share that bought", scale=scale).axis(values=ticks, labelExpr=_PRECISE_PERCENT)
    points = alt.Chart(rows).mark_point(color=ACCENT, filled=True, size=80, opacity=0.9).encode(x=x, y=y)
    return draw_svg(
        alt.layer(draw_diagonal(low, high, "predicted", "actual"), points), name="deciles", width=440, height=330
    )


def draw_intervals(launches: pl.DataFrame) -> Markup:
    """One line a launch, from the lower to the upper end of its interval, and a point where the buyers came out.

    Args:
        launches: `launch.backtest.forecasts.FORECAST_SCHEMA`.
    """
    import altair as alt

    covered = pl.col("actual_buyers").is_between("low", "high")
    # A logarithmic axis has no zero: fewer than half a buyer is drawn as half of one.
    rows = launches.sort("predicted_buyers", "product_id").select(
        pl.int_range(pl.len()).alias("position"),
        covered.alias("covered"),
        pl.col("low", "high", "actual_buyers").clip(lower_bound=0.5),
    )
    highest = max(*rows["high"].to_list(), *rows["actual_buyers"].to_list()) * 1.2
    lowest = min(*rows["low"].to_list(), *rows["actual_buyers"].to_list()) * 0.8
    scale = alt.Scale(type="log", domain=[lowest, highest], nice=False)
    ticks = [tick for tick in _INTERVAL_TICKS if lowest <= tick <= highest]
    x = alt.X("position:Q", title="past launches, smallest expected first", scale=alt.Scale(padding=6)).axis(
        labels=False, ticks=False, grid=False
    )
    y = alt.Y("low:Q", title="buyers", scale=scale).axis(values=ticks, format=",d")
    thick = max(1.2, min(7.0, 260 / rows.height))
    base = alt.Chart(rows).encode(x=x)
    colour = alt.condition("datum.covered", alt.value(ACCENT), alt.value(MISSED))
    chart = alt.layer(
        base.mark_rule(color=BAND, strokeWidth=thick).encode(y=y, y2="high:Q"),
        base.mark_point(filled=True, size=34, opacity=0.9).encode(y=alt.Y("actual_buyers:Q"), color=colour),
    )
    return draw_svg(chart, name="intervals", width=440, height=330)


OTHERS: Final = ("#d9a441", "#b8774a", "#7a6fa8", "#5b8db8", "#8a9299")
"""Lines of the other models, in the order of the table."""

_CURVE_POINTS: Final = 60


def draw_buyers_reached(classification: Classification) -> Markup:
    """Share of the buyers tested that a list of each length holds, one line a model."""
    import altair as alt

    names = classification.models["model"].to_list()
    others = [OTHERS[index % len(OTHERS)] for index in range(len(names) - 1)]
    scale = alt.Scale(domain=names, range=[ACCENT if name == LAUNCH_MODEL else others.pop(0) for name in names])
    x = alt.X("contacted:Q", title="customers contacted, best first").axis(
        labelExpr=_PERCENT, values=_QUARTERS, grid=False
    )
    y = alt.Y("reached:Q", title="buyers found").axis(labelExpr=_PERCENT, values=_QUARTERS)
    curves = _reach_curves(classification, names)
    colour = alt.Color("model:N", scale=scale).legend(columns=2, symbolType="stroke")
    lines = alt.Chart(curves).mark_line(strokeWidth=1.8).encode(x=x, y=y, color=colour)
    ours = alt.Chart(curves.filter(pl.col("model") == LAUNCH_MODEL)).mark_line(strokeWidth=3.5, color=ACCENT)
    random_list = alt.Chart(pl.DataFrame({"contacted": [0.0, 1.0], "reached": [0.0, 1.0]}))
    diagonal = random_list.mark_line(color=MUTED, strokeDash=[5, 4], strokeWidth=1.5).encode(x=x, y=y)
    return draw_svg(alt.layer(diagonal, lines, ours.encode(x=x, y=y)), name="classified", width=440, height=380)


def _reach_curves(classification: Classification, names: list[str]) -> pl.DataFrame:
    """Denser at the top of the list, where the curves bend."""
    labels = classification.scores["bought"].to_numpy()
    lengths = np.unique(np.ceil(np.linspace(0.0, 1.0, _CURVE_POINTS) ** 2 * len(labels))).tolist()
    rows = []
    for name in names:
        scores = classification.scores[name].to_numpy()
        for length in lengths:
            reached = metrics.buyers_at(labels, scores, int(length)) / max(labels.sum(), 1.0)
            rows.append((name, length / len(labels), reached))
    return pl.DataFrame(rows, schema=["model", "contacted", "reached"], orient="row")
