"""The chance to buy a launch of a customer who orders, learned from what such customers did at past launches."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit

from frontrow.launch.episodes.walk_forward import Walk
from frontrow.launch.model.cache import FOLDER
from frontrow.launch.model.launch_model import LaunchModel
from frontrow.recommend.launches.training_rows import launch_lessons
from frontrow.shop.shop import History
from frontrow.storage.folder import write_text

Vector = NDArray[np.float64]

PRIOR: Final = (0.0, 1.0, 1.0, -0.5)
"""`weights` before launches have shown otherwise: the raw odds to buy, divided by the root of the odds to order."""

PRIOR_STRENGTH: Final = 10.0
"""How firmly: the penalty on half the squared distance from `PRIOR`."""

LEAST: Final = 1e-6
"""Chances nearer to 0 or 1 are taken for this."""

LEAST_ORDERING: Final = 0.01
"""The same of the chance to order."""


@dataclass(frozen=True)
class BuyerChance:
    """A logistic regression of three chances (Platt, 1999, has one of them).

    What a launch model says of a launch is far less sure than how it tells customers apart, and the chance to buy
    divided by that to order, both being estimates, is too high where the second happens to be too low. So each of the
    three has a weight of its own.

    Attributes:
        weights: A constant; of log(mean raw probability of the launch); of a customer's raw logit above that; of
            the logit of the chance to order.
    """

    weights: tuple[float, float, float, float] = PRIOR

    @classmethod
    def fit(cls, lessons: pl.DataFrame) -> BuyerChance:
        """Learn from `launch_lessons.LESSON_SCHEMA`; without a row, `PRIOR` is what is left.

        Example:
            >>> from frontrow.recommend.launches.training_rows import LESSON_SCHEMA
            >>> BuyerChance.fit(pl.DataFrame(schema=LESSON_SCHEMA)).weights
            (0.0, 1.0, 1.0, -0.5)
        """
        told = {name: lessons[name].to_numpy() for name in ("raw", "mean_raw", "ordering", "bought", "weight")}
        x, y, weight = _features(told["raw"], told["mean_raw"], told["ordering"]), told["bought"], told["weight"]
        prior = np.array(PRIOR)

        def loss(weights: Vector) -> tuple[float, Vector]:
            value, off = x @ weights, weights - prior
            likelihood = weight @ (np.logaddexp(0.0, value) - y * value)
            slope = x.T @ (weight * (expit(value) - y))
            return float(likelihood + 0.5 * PRIOR_STRENGTH * off @ off), slope + PRIOR_STRENGTH * off

        constant, size, customer, ordering = minimize(loss, prior, jac=True, method="L-BFGS-B").x
        return cls((float(constant), float(size), float(customer), float(ordering)))

    def of(self, raw: NDArray[np.float64], ordering: Vector) -> NDArray[np.float64]:
        """The chance of each customer, should they order.

        Args:
            raw: Raw probabilities of everyone scored, shape (customers, launches).
            ordering: Chance to order, shape (customers,); of one not known, the lowest of the others is taken.

        Returns:
            Of the shape of `raw`.

        Example:
            >>> BuyerChance().of(np.array([[0.02], [0.02]]), np.array([0.1, 0.5])).round(2).ravel().tolist()
            [0.06, 0.02]
        """
        mean = np.broadcast_to(raw.mean(axis=0), raw.shape)
        x = _features(raw.ravel(), mean.ravel(), np.repeat(ordering, raw.shape[1]))
        return np.asarray(expit(x @ np.array(self.weights))).reshape(raw.shape)


def kept_buyer_chance(
    history: History, model: LaunchModel, *, folder: Path, walk: Callable[[], Walk], seed: int = 0
) -> BuyerChance:
    """Learned from the past launches of a history: read back where it was learned before, else learned and kept.

    Args:
        history: What is known.
        model: Fitted on it; what is kept belongs to it alone.
        folder: The shop's; four numbers go into `models/` there.
        walk: Makes the walk of the same history, settings and seed; asked for only where there is something to learn.
        seed: Of the fits of the walk.

    Raises:
        LaunchError: There is too little history to learn a launch from.
    """
    told = json.dumps([history.cutoff.isoformat(), seed, repr(model.settings), *model.boosting.ensembles])
    name = f"{history.cutoff.date()}-{hashlib.sha256(told.encode()).hexdigest()[:12]}-buyer-chance.json"
    place = folder / FOLDER / name
    with suppress(OSError, ValueError, TypeError):
        constant, size, customer, ordering = (float(one) for one in json.loads(place.read_text("utf-8")))
        return BuyerChance((constant, size, customer, ordering))
    learned = BuyerChance.fit(launch_lessons(history, walk()))
    write_text(json.dumps(learned.weights), place)
    return learned


def _features(raw: Vector, mean: Vector, ordering: Vector) -> NDArray[np.float64]:
    """Shape (rows, 4); see `BuyerChance.weights`."""
    lowest = np.nanmin(ordering) if np.isfinite(ordering).any() else 1.0
    known = np.clip(np.where(np.isfinite(ordering), ordering, lowest), LEAST_ORDERING, 1 - LEAST_ORDERING)
    inside, size = np.clip(raw, LEAST, 1 - LEAST), np.log(np.clip(mean, LEAST, 1 - LEAST))
    return np.column_stack([np.ones(len(raw)), size, np.log(inside / (1 - inside)) - size, np.log(known / (1 - known))])
