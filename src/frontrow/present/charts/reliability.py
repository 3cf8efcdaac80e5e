"""Drawings of what was said and what came: by tenths of the customers, and launch by launch."""

from __future__ import annotations

from typing import Final

import altair as alt
import polars as pl
from markupsafe import Markup

from frontrow.present.charts.drawing import ACCENT, diagonal, svg
from frontrow.present.wording import NARROW_SPACE

MISSED: Final = "#b8774a"
BAND: Final = "#b9d9d6"

_SHARES: Final = [step * 10.0**power for power in range(-6, 1) for step in (1, 3)]
_PERCENT: Final = f"format(100 * datum.value, '.1~r') + '{NARROW_SPACE}%'"
_COUNTS: Final = [step * 10**power for power in range(7) for step in (1, 3)]


def reliability(deciles: pl.DataFrame) -> Markup:
    """One point a tenth of the customers, both axes logarithmic: on the diagonal, as many bought as was said.

    Args:
        deciles: `backtest_forecasts.RELIABILITY_SCHEMA`.
    """
    both = [*deciles["predicted"].to_list(), *deciles["actual"].to_list()]
    # A logarithmic axis has no zero: a tenth in which nobody bought stands at the edge.
    low, high = min((one for one in both if one > 0), default=1e-4) * 0.6, max(*both, 1e-3) * 1.6
    rows = deciles.select(pl.col("predicted", "actual").clip(lower_bound=low))
    scale = alt.Scale(type="log", domain=[low, high], nice=False)
    ticks = [tick for tick in _SHARES if low <= tick <= high]
    x = alt.X("predicted:Q", title="probability said", scale=scale).axis(values=ticks, labelExpr=_PERCENT)
    y = alt.Y("actual:Q", title="share that bought", scale=scale).axis(values=ticks, labelExpr=_PERCENT)
    points = alt.Chart(rows).mark_point(color=ACCENT, filled=True, size=80, opacity=0.9).encode(x=x, y=y)
    return svg(alt.layer(diagonal(low, high, "predicted", "actual"), points), name="deciles", width=440, height=330)


def intervals(launches: pl.DataFrame) -> Markup:
    """One line a launch, from the lower to the upper end of its interval, and a point where the buyers came out.

    Args:
        launches: `backtest_forecasts.FORECAST_SCHEMA`.
    """
    covered = pl.col("actual_buyers").is_between("low", "high")
    # A logarithmic axis has no zero: fewer than half a buyer is drawn as half of one.
    rows = launches.sort("predicted_buyers", "product_id").select(
        pl.int_range(pl.len()).alias("place"),
        covered.alias("covered"),
        pl.col("low", "high", "actual_buyers").clip(lower_bound=0.5),
    )
    most = max(*rows["high"].to_list(), *rows["actual_buyers"].to_list()) * 1.2
    least = min(*rows["low"].to_list(), *rows["actual_buyers"].to_list()) * 0.8
    scale = alt.Scale(type="log", domain=[least, most], nice=False)
    ticks = [tick for tick in _COUNTS if least <= tick <= most]
    x = alt.X("place:Q", title="past launches, smallest expected first", scale=alt.Scale(padding=6)).axis(
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
    return svg(chart, name="intervals", width=440, height=330)
