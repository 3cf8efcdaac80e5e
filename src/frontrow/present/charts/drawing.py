"""From a chart to SVG that stands inline in a page: no network, no fonts of its own, as wide as its box."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import polars as pl
from markupsafe import Markup

# Altair takes a quarter of a second to import: it is there once a chart is drawn.
if TYPE_CHECKING:
    import altair as alt

FONT: Final = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"
ACCENT: Final = "#0b6e6e"
ACCENT_SOFT: Final = "#cfe5e3"
MUTED: Final = "#9aa5ad"
INK: Final = "#1f2a30"
FAINT: Final = "#e3e8ea"

_AXIS: Final = {
    "domainColor": MUTED,
    "gridColor": FAINT,
    "labelColor": "#4b5a63",
    "labelFontSize": 13,
    "tickColor": MUTED,
    "titleColor": "#4b5a63",
    "titleFontSize": 13,
    "titleFontWeight": "normal",
    "titlePadding": 8,
}
_CONFIG: Final[dict[str, Any]] = {
    "aria": False,
    "background": "transparent",
    "font": FONT,
    "axis": _AXIS,
    "legend": {
        "columnPadding": 24,
        "labelColor": INK,
        "labelFontSize": 13,
        "labelLimit": 0,
        "orient": "top",
        "symbolType": "square",
        "title": None,
    },
    "view": {"stroke": None},
}


def draw_svg(chart: alt.Chart | alt.LayerChart | alt.FacetChart, *, name: str, width: int, height: int) -> Markup:
    """Draw a chart.

    Args:
        chart: With its data inside.
        name: Unique on the page; ids within the drawing start with it, since charts drawn apart share ids.
        width: Of the whole drawing, in the units its fonts are sized in; the page scales it.
        height: Of the whole drawing.
    """
    import altair as alt
    import vl_convert

    spec = chart.properties(
        width=width, height=height, autosize=alt.AutoSizeParams(type="fit", contains="padding")
    ).to_dict()
    drawn = vl_convert.vegalite_to_svg(spec, config=_CONFIG, allowed_base_urls=[])
    return Markup(_inline(drawn, name))


def _inline(drawn: str, name: str) -> str:
    """Without fixed size and name-space addresses, which HTML does not need, and with ids of its own."""
    head, rest = drawn.split(">", 1)
    view = re.search(r'viewBox="[^"]*"', head)
    ids = {old: f"{name}-{number}" for number, old in enumerate(dict.fromkeys(re.findall(r'\bid="([^"]+)"', rest)))}
    for old, new in ids.items():
        rest = rest.replace(f'id="{old}"', f'id="{new}"').replace(f"url(#{old})", f"url(#{new})")
    return f'<svg class="chart" {view.group(0) if view else ""} aria-hidden="true">{rest}'


def draw_diagonal(low: float, high: float, x: str, y: str) -> alt.Chart:
    """A dashed line on which two quantities are equal.

    Args:
        low: Value of both at its start.
        high: Value of both at its end.
        x: Name of the quantity on the horizontal axis.
        y: Name of the quantity on the vertical axis.
    """
    import altair as alt

    line = alt.Chart(pl.DataFrame({x: [low, high], y: [low, high]}))
    drawn: alt.Chart = line.mark_line(color=MUTED, strokeDash=[5, 4], strokeWidth=1.5).encode(x=f"{x}:Q", y=f"{y}:Q")
    return drawn
