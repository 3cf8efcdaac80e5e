"""How many buyers a launch finds, given how many the model says: the level, learned from earlier launches."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]

TRUST = 0.5
"""What of a forecast's distance (in logs) from the usual one is believed, before launches have shown otherwise."""

TRUST_STRENGTH = 50.0
"""How much evidence it takes to believe otherwise: launches times the variance of their log forecasts."""

FACTOR_STRENGTH = 3.0
"""How much it takes to move the factor away from 1, in launches about."""

SPREAD = 0.6
"""Variance of a launch's size about its forecast, relative to its square: the more, the less a large one outweighs."""


@dataclass(frozen=True)
class Level:
    """Expected buyers = factor * usual^(1 - trust) * forecast^trust.

    Attributes:
        usual: Geometric mean of the model's forecasts for earlier launches, in buyers.
        trust: Between 0 (every launch is like the others) and 1 (forecasts differ by as much as launches do).
        factor: Buyers that came for each one expected.
    """

    usual: float
    trust: float
    factor: float

    @classmethod
    def fit(cls, forecasts: Vector, buyers: Vector, weights: Vector) -> Level:
        """Learn from earlier launches.

        The slope is a ridge regression of log buyers on log forecasts, drawn towards `TRUST`. The factor is a ratio
        of sums in which a launch weighs as in a Gamma-Poisson regression of variance m + `SPREAD` m^2.

        Args:
            forecasts: Sum of the model's raw probabilities, one a launch, positive.
            buyers: How many bought, one a launch.
            weights: How much each launch counts.

        Example:
            >>> level = Level.fit(np.array([10.0, 20.0, 40.0]), np.array([5.0, 10.0, 20.0]), np.ones(3))
            >>> round(level.trust, 2), bool(level.buyers(20.0) < 20.0)
            (0.51, True)
        """
        logs = np.log(forecasts)
        middle = float(np.average(logs, weights=weights))
        away = logs - middle
        found = np.log(buyers + 0.5)
        moved = float((weights * away * (found - np.average(found, weights=weights))).sum())
        spread = float((weights * away**2).sum())
        trust = min(max((TRUST_STRENGTH * TRUST + moved) / (TRUST_STRENGTH + spread), 0.0), 1.0)
        expected = np.exp(middle + trust * away)
        counts = weights / (1.0 + SPREAD * expected)
        factor = (FACTOR_STRENGTH + (counts * buyers).sum()) / (FACTOR_STRENGTH + (counts * expected).sum())
        return cls(float(np.exp(middle)), trust, float(factor))

    def buyers(self, forecast: float) -> float:
        """Buyers expected of a launch for which the model's raw probabilities add up to `forecast`.

        Example:
            >>> round(Level(usual=20.0, trust=0.5, factor=0.5).buyers(80.0), 9)
            20.0
        """
        return float(self.factor * self.usual ** (1.0 - self.trust) * max(forecast, 1e-12) ** self.trust)


def left_out(forecasts: Vector, buyers: Vector, weights: Vector, weeks: NDArray[np.int64]) -> Vector:
    """Buyers expected of each earlier launch by a level learned from the launches of other weeks.

    Launches come in ranges, and those of one week share their luck: a level that has seen the week would seem surer
    than it is. Where all launches are of one week, that one teaches.
    """
    expected = np.zeros(len(forecasts))
    for week in np.unique(weeks):
        own = weeks == week
        taught = ~own if (~own).any() else own
        level = Level.fit(forecasts[taught], buyers[taught], weights[taught])
        expected[own] = [level.buyers(forecast) for forecast in forecasts[own]]
    return expected
