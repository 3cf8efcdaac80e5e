"""How good the stated probabilities and intervals were at past launches."""

from __future__ import annotations

from typing import Any

from frontrow.launch.backtest.backtest import Backtest
from frontrow.present.charts.reliability import intervals, reliability
from frontrow.present.wording import percent


def section(found: Backtest | None) -> dict[str, Any] | None:
    """What the template `reliability.html` shows; None where no launch had enough before it to calibrate on."""
    if found is None or found.forecasts.launches.is_empty():
        return None
    forecasts = found.forecasts
    told = forecasts.summary()
    most = forecasts.deciles.row(-1, named=True)
    difference = told["log_loss_difference"]
    return {
        **told,
        "unsold": forecasts.launches.filter(forecasts.launches["actual_buyers"] == 0).height,
        "most_said": percent(most["predicted"], 1),
        "most_came": percent(most["actual"], 1),
        "off": percent(told["expected_calibration_error"], 2),
        "sharper": "better" if difference["high"] < 0 else "worse" if difference["low"] > 0 else "open",
        "deciles_chart": reliability(forecasts.deciles),
        "intervals_chart": intervals(forecasts.launches),
    }
