"""How many of the buyers each model's list reaches, as a drawing."""

from __future__ import annotations

from typing import Final

import altair as alt
import numpy as np
import polars as pl
from markupsafe import Markup

from frontrow.launch.backtest.scores import LAUNCH_MODEL
from frontrow.launch.classify.classification import Classification
from frontrow.metrics import classification as metrics
from frontrow.present.charts.drawing import ACCENT, MUTED, svg
from frontrow.present.wording import NARROW_SPACE

OTHERS: Final = ("#d9a441", "#b8774a", "#7a6fa8", "#5b8db8", "#8a9299")
"""Lines of the other models, in the order of the table."""

_STEPS: Final = 60
_PERCENT: Final = f"round(100 * datum.value) + '{NARROW_SPACE}%'"


def found_buyers(found: Classification) -> Markup:
    """Share of the buyers tested that a list of each length holds, one line a model."""
    names = found.models["model"].to_list()
    others = [OTHERS[place % len(OTHERS)] for place in range(len(names) - 1)]
    scale = alt.Scale(domain=names, range=[ACCENT if name == LAUNCH_MODEL else others.pop(0) for name in names])
    quarters = [0, 0.25, 0.5, 0.75, 1]
    x = alt.X("contacted:Q", title="customers contacted, best first").axis(
        labelExpr=_PERCENT, values=quarters, grid=False
    )
    y = alt.Y("reached:Q", title="buyers found").axis(labelExpr=_PERCENT, values=quarters)
    curves = _curves(found, names)
    colour = alt.Color("model:N", scale=scale).legend(columns=2, symbolType="stroke")
    lines = alt.Chart(curves).mark_line(strokeWidth=1.8).encode(x=x, y=y, color=colour)
    ours = alt.Chart(curves.filter(pl.col("model") == LAUNCH_MODEL)).mark_line(strokeWidth=3.5, color=ACCENT)
    chance = alt.Chart(pl.DataFrame({"contacted": [0.0, 1.0], "reached": [0.0, 1.0]}))
    diagonal = chance.mark_line(color=MUTED, strokeDash=[5, 4], strokeWidth=1.5).encode(x=x, y=y)
    return svg(alt.layer(diagonal, lines, ours.encode(x=x, y=y)), name="classified", width=440, height=380)


def _curves(found: Classification, names: list[str]) -> pl.DataFrame:
    """Denser at the top of the list, where the curves bend."""
    labels = found.scores["bought"].to_numpy()
    lengths = np.unique(np.ceil(np.linspace(0.0, 1.0, _STEPS) ** 2 * len(labels))).tolist()
    rows = []
    for name in names:
        scores = found.scores[name].to_numpy()
        for length in lengths:
            reached = metrics.buyers_at(labels, scores, int(length)) / max(labels.sum(), 1.0)
            rows.append((name, length / len(labels), reached))
    return pl.DataFrame(rows, schema=["model", "contacted", "reached"], orient="row")
