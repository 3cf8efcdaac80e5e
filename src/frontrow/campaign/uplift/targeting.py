"""Did the ranking put those first whom the campaign persuades? Uplift by decile, Qini curve and Qini coefficient.

A predicted probability of buying is not a prediction of the effect: the likeliest buyers may buy anyway.

**Qini curve** (Radcliffe, "Using control groups to target on predicted lift", Direct Marketing Analytics Journal,
2007): of the `n` best-scored customers, contacted and held-out alike,

    q(n) = R_c(n) - R_h(n) N_c(n) / N_h(n)

where `R` are buyers (or money) and `N` customers of the contacted and the held-out among them; `q` is `R_c` as long as
nobody held out is among them. It has a point at 0 and at the end of each run of equal scores, linear in between.

**Qini coefficient**: the area between the curve and the straight line to its end, over that area for the best
possible order: buyers contacted first, then everyone else, buyers held out last. 1 is that order, 0 is no better than
random, below 0 is worse. `sklift.metrics.qini_auc_score` gives the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray

from frontrow.campaign.uplift.groups import FEWEST
from frontrow.campaign.uplift.intervals import Interval
from frontrow.campaign.uplift.uplift import USUAL, UpliftSettings, estimate_uplift
from frontrow.errors import CampaignError
from frontrow.metrics.bootstrap import percentile_interval, poisson_weights

DECILES: Final = 10
QINI_SETTINGS: Final = UpliftSettings(draws=500)
"""Fewer resamples than for an uplift, because each takes longer."""


@dataclass(frozen=True)
class Qini:
    """The curve and its coefficient.

    Attributes:
        curve: `customers` int64 (0 to all) and `gained` float64: what contacting the best-scored so many gained, in
            buyers or money.
        coefficient: Without a unit; NaN where no order is better than another.
        interval: Percentile bootstrap of the coefficient over customers (Efron, 1979), a Poisson weight each.
    """

    curve: pl.DataFrame
    coefficient: float
    interval: Interval


def qini_curve(outcome: ArrayLike, score: ArrayLike, contacted: ArrayLike) -> pl.DataFrame:
    """The Qini curve of any outcome: `customers`, `gained`.

    Args:
        outcome: One number a customer, shape (customers,).
        score: Higher is contacted earlier; same shape.
        contacted: Whether each was contacted; the others were held out.

    Example:
        >>> qini_curve([1, 0, 1, 0], [0.9, 0.8, 0.2, 0.1], [True, False, False, True])["gained"].to_list()
        [0.0, 1.0, 1.0, 0.5, 0.0]
    """
    ranked = _Ranked.of(outcome, score, contacted)
    customers, gained = ranked.curve(np.ones(len(ranked.outcome)))
    return pl.DataFrame({"customers": customers.astype(np.int64), "gained": gained})


def qini(
    bought: ArrayLike,
    score: ArrayLike,
    contacted: ArrayLike,
    *,
    seed: int = 0,
    settings: UpliftSettings = QINI_SETTINGS,
) -> Qini:
    """The Qini curve and coefficient of an outcome that is 0 or 1.

    Args:
        bought: 0 or 1 a customer, shape (customers,).
        score: Higher is contacted earlier; same shape.
        contacted: Whether each was contacted; the others were held out.
        seed: Seed of the bootstrap.
        settings: Level and draws.

    Raises:
        CampaignError: The outcome has other numbers, or nobody was contacted or held out.

    Example:
        >>> round(qini([1, 0, 1, 0], [0.9, 0.8, 0.2, 0.1], [True, False, False, True]).coefficient, 3)
        0.833
    """
    ranked = _Ranked.of(bought, score, contacted)
    if not np.isin(ranked.outcome, (0.0, 1.0)).all():
        raise CampaignError("The Qini coefficient is for an outcome that is 0 or 1. Use qini_curve for money.")
    return Qini(
        curve=qini_curve(bought, score, contacted),
        coefficient=ranked.coefficient(np.ones(len(ranked.outcome))),
        interval=_resampled_interval(ranked, seed, settings),
    )


def uplift_by_decile(
    outcome: ArrayLike, score: ArrayLike, contacted: ArrayLike, *, seed: int = 0, settings: UpliftSettings = USUAL
) -> pl.DataFrame:
    """The uplift in each tenth of the customers, best-scored first; equal scores are cut in the order given.

    Args:
        outcome: One number a customer, shape (customers,).
        score: Higher is contacted earlier; same shape.
        contacted: Whether each was contacted; the others were held out.
        seed: Seed of the bootstrap.
        settings: Level and draws.

    Returns:
        `decile` (1 the best-scored), `mean_score`, `contacted`, `held_out` (customers), `contacted_mean`,
        `held_out_mean`, `difference`, `low`, `high`; null from the means on where a group has fewer than two customers.

    Example:
        >>> table = uplift_by_decile([1, 0] * 20, range(40, 0, -1), [True, True, False, False] * 10)
        >>> table.height, table["contacted"].sum(), table["mean_score"][0]
        (10, 20, 38.5)
    """
    y, is_contacted = _check_groups(outcome, score, contacted)
    scores = np.asarray(score, dtype=np.float64)
    order = np.argsort(-scores, kind="stable")
    rows: list[dict[str, float | None]] = []
    for decile, part in enumerate(np.array_split(order, DECILES), 1):
        sizes = int(is_contacted[part].sum()), int((~is_contacted[part]).sum())
        if not len(part):
            continue
        row = {"decile": decile, "mean_score": float(scores[part].mean()), "contacted": sizes[0], "held_out": sizes[1]}
        if min(sizes) < FEWEST:
            missing = dict.fromkeys(("contacted_mean", "held_out_mean", "difference", "low", "high"))
            rows.append({**row, **missing})
            continue
        uplift = estimate_uplift(y[part], is_contacted[part], seed=seed, settings=settings)
        means = {name: getattr(uplift, name) for name in ("contacted_mean", "held_out_mean", "difference")}
        rows.append({**row, **means, "low": uplift.interval.low, "high": uplift.interval.high})
    return pl.DataFrame(rows, infer_schema_length=None)


def _resampled_interval(ranked: _Ranked, seed: int, settings: UpliftSettings) -> Interval:
    weights = poisson_weights(len(ranked.outcome), seed=seed, draws=settings.draws)
    coefficients = np.array([ranked.coefficient(weight) for weight in weights])
    defined = coefficients[~np.isnan(coefficients)]
    if len(defined) == 0:
        return Interval(float("nan"), float("nan"))
    low, high = percentile_interval(defined, settings.level)
    return Interval(float(low), float(high))


def _check_groups(
    outcome: ArrayLike, score: ArrayLike, contacted: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """The outcome as numbers, and who was contacted; raises an error where a group is empty or lengths differ."""
    y, is_contacted = np.asarray(outcome, dtype=np.float64), np.asarray(contacted, dtype=bool)
    if not (y.shape == is_contacted.shape == np.shape(score)):
        raise ValueError("outcome, score and contacted must be vectors of one length")
    if is_contacted.all() or not is_contacted.any():
        raise CampaignError("The effect along the score needs customers contacted and customers held out.")
    return y, is_contacted


@dataclass(frozen=True)
class _Ranked:
    """Customers in order of the score, best first.

    Attributes:
        outcome: Float64, shape (customers,).
        contacted: Boolean, same shape.
        ends: Last position of each run of equal scores, shape (runs,).
    """

    outcome: NDArray[np.float64]
    contacted: NDArray[np.bool_]
    ends: NDArray[np.int64]

    @classmethod
    def of(cls, outcome: ArrayLike, score: ArrayLike, contacted: ArrayLike) -> _Ranked:
        """See `qini_curve`."""
        y, is_contacted = _check_groups(outcome, score, contacted)
        scores = np.asarray(score, dtype=np.float64)
        order = np.argsort(-scores, kind="stable")
        return cls(y[order], is_contacted[order], np.append(np.flatnonzero(np.diff(scores[order])), len(y) - 1))

    def curve(self, weight: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Customers and what they gained down to the end of each run, from 0 on, every customer weighted."""
        reached = weight * self.contacted
        all_customers, customers = np.cumsum(weight)[self.ends], np.cumsum(reached)[self.ends]
        all_gains, gains = (np.cumsum(each * self.outcome)[self.ends] for each in (weight, reached))
        return np.append(0.0, all_customers), np.append(
            0.0, _gained(gains, customers, all_gains - gains, all_customers - customers)
        )

    def coefficient(self, weight: NDArray[np.float64]) -> float:
        """Area of the curve over that of the best order; NaN where the latter is not positive."""
        best_area = _area(*self._best(weight))
        return _area(*self.curve(weight)) / best_area if best_area > 0 else float("nan")

    def _best(self, weight: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The curve of the best order: buyers contacted, everyone else, buyers held out."""
        # Sums, not products of matrices: those start threads, which cost more than they save here.
        bought, contacted = weight * self.outcome, weight * self.contacted
        reached, held_out = contacted.sum(), weight.sum() - contacted.sum()
        buyers = (bought * self.contacted).sum(), (bought * ~self.contacted).sum()
        gained = _gained(
            np.full(3, buyers[0]),
            np.array([buyers[0], reached, reached]),
            np.array([0.0, 0.0, buyers[1]]),
            np.array([0.0, held_out - buyers[1], held_out]),
        )
        return np.array([0.0, buyers[0], reached + held_out - buyers[1], reached + held_out]), np.append(0.0, gained)


def _gained(
    gains: NDArray[np.float64],
    customers: NDArray[np.float64],
    held_out_gains: NDArray[np.float64],
    held_out: NDArray[np.float64],
) -> NDArray[np.float64]:
    ratio = np.divide(customers, held_out, out=np.zeros(len(held_out)), where=held_out > 0)
    return np.asarray(gains - held_out_gains * ratio)


def _area(customers: NDArray[np.float64], gained: NDArray[np.float64]) -> float:
    """Between a curve and the straight line to its end."""
    return float(np.trapezoid(gained, customers) - gained[-1] * customers[-1] / 2)
