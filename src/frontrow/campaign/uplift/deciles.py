"""The effect by decile of the predicted score: where along the list a contact changed something."""

from __future__ import annotations

from typing import Final

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray

from frontrow.campaign.uplift.effect import LiftSettings
from frontrow.campaign.uplift.groups import FEWEST
from frontrow.campaign.uplift.qini import checked
from frontrow.campaign.uplift.uplift import effect

DECILES: Final = 10


def effect_by_decile(
    outcome: ArrayLike, score: ArrayLike, contacted: ArrayLike, *, seed: int = 0, settings: LiftSettings | None = None
) -> pl.DataFrame:
    """The effect in each tenth of the customers, best-scored first; equal scores are cut in the order given.

    Returns:
        `decile` (1 the best-scored), `mean_score`, `contacted`, `held_out` (customers), `contacted_mean`,
        `held_out_mean`, `difference`, `low`, `high`; null from the means on where fewer than two of a group fell.

    Example:
        >>> table = effect_by_decile([1, 0] * 20, range(40, 0, -1), [True, True, False, False] * 10)
        >>> table.height, table["contacted"].sum(), table["mean_score"][0]
        (10, 20, 38.5)
    """
    y, was = checked(outcome, score, contacted)
    scores = np.asarray(score, dtype=np.float64)
    order = np.argsort(-scores, kind="stable")
    rows = [
        _decile(number, y[part], scores[part], was[part], seed, settings or LiftSettings())
        for number, part in enumerate(np.array_split(order, DECILES), 1)
        if len(part)
    ]
    return pl.DataFrame(rows, infer_schema_length=None)


def _decile(
    number: int,
    y: NDArray[np.float64],
    scores: NDArray[np.float64],
    was: NDArray[np.bool_],
    seed: int,
    settings: LiftSettings,
) -> dict[str, float | None]:
    sizes = int(was.sum()), int((~was).sum())
    told = {"decile": number, "mean_score": float(scores.mean()), "contacted": sizes[0], "held_out": sizes[1]}
    if min(sizes) < FEWEST:
        return {**told, **dict.fromkeys(("contacted_mean", "held_out_mean", "difference", "low", "high"))}
    found = effect(y, was, seed=seed, settings=settings)
    return {
        **told,
        "contacted_mean": found.contacted_mean,
        "held_out_mean": found.held_out_mean,
        "difference": found.difference,
        "low": found.interval.low,
        "high": found.interval.high,
    }
