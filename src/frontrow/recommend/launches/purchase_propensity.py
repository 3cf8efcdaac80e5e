"""The probability to buy a launch of a customer who orders, learned from what such customers did at past launches.

A list is for a customer who comes. Whoever did not order within a launch's horizon is left out of the training rows,
which nobody knows on the day; that is right for the rank in a list, and would be wrong for an audience.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import expit

from frontrow.launch.calibration.calibration import CalibrationSettings
from frontrow.launch.classify.cohort import filter_ordered_in_window
from frontrow.launch.model.calibrated_model import FOLDER
from frontrow.launch.model.launch_model import LaunchModel
from frontrow.launch.model.walk_forward import Fold, WalkForward
from frontrow.recommend.launches.order_propensity import estimate_order_propensity
from frontrow.shop.history import History
from frontrow.storage.fit_cache import load_or_fit
from frontrow.storage.json_file import parse_json, to_json_text
from frontrow.storage.pointer import is_sealed, seal

Vector = NDArray[np.float64]

PRIOR: Final = (0.0, 1.0, 1.0, -0.5)
"""`weights` without past launches: the raw odds to buy, divided by the root of the odds to order."""

PRIOR_STRENGTH: Final = 10.0
"""The penalty on half the squared distance from `PRIOR`."""

MIN_PROBABILITY: Final = 1e-6
"""Probabilities nearer to 0 or 1 are replaced by this."""

MIN_ORDER_PROPENSITY: Final = 0.01
"""The same for the probability to order."""

TRAINING_ROW_SCHEMA: Final = {
    "launch": pl.Int32(),
    "customer_id": pl.Int64(),
    "cutoff_day": pl.Int32(),
    # the raw probability of a model that knew only what came before the launch, and its mean over all it scored
    "raw": pl.Float64(),
    "mean_raw": pl.Float64(),
    # `estimate_order_propensity` on the launch's day
    "order_propensity": pl.Float64(),
    "bought": pl.Float64(),
    # customers that the row stands for, an old launch counting less
    "weight": pl.Float64(),
}


@dataclass(frozen=True)
class PurchasePropensity:
    """A logistic regression of three probabilities (Platt, 1999, has one of them).

    What a launch model says of a launch is far less certain than how it ranks customers, and the probability to buy
    divided by that to order, both being estimates, is too high where the second happens to be too low. So each of the
    three has a weight of its own.

    Attributes:
        weights: A constant; of log(mean raw probability of the launch); of a customer's raw logit above that; of
            the logit of the probability to order.
    """

    weights: tuple[float, float, float, float] = PRIOR

    @classmethod
    def fit(cls, training_rows: pl.DataFrame) -> PurchasePropensity:
        """Learn from `TRAINING_ROW_SCHEMA`; without a row, the weights are `PRIOR`.

        Example:
            >>> PurchasePropensity.fit(pl.DataFrame(schema=TRAINING_ROW_SCHEMA)).weights
            (0.0, 1.0, 1.0, -0.5)
        """
        # a fifth of a second to import, which a server need not wait for at its start
        from scipy.optimize import minimize

        names = ("raw", "mean_raw", "order_propensity", "bought", "weight")
        raw, mean_raw, orders, bought, weight = (training_rows[name].to_numpy() for name in names)
        features, prior = _features(raw, mean_raw, orders), np.array(PRIOR)

        def loss(weights: Vector) -> tuple[float, Vector]:
            value, offset = features @ weights, weights - prior
            likelihood = weight @ (np.logaddexp(0.0, value) - bought * value)
            gradient = features.T @ (weight * (expit(value) - bought))
            return float(likelihood + 0.5 * PRIOR_STRENGTH * offset @ offset), gradient + PRIOR_STRENGTH * offset

        constant, size, customer, ordering = minimize(loss, prior, jac=True, method="L-BFGS-B").x
        return cls((float(constant), float(size), float(customer), float(ordering)))

    def predict(self, raw: NDArray[np.float64], order_propensity: Vector) -> NDArray[np.float64]:
        """Predict the probability of each customer to buy, should they order.

        Args:
            raw: Raw probabilities of everyone scored, shape (customers, launches).
            order_propensity: Shape (customers,); NaN counts as the lowest of the others.

        Returns:
            Of the shape of `raw`.

        Example:
            >>> PurchasePropensity().predict(np.array([[0.02], [0.02]]), np.array([0.1, 0.5])).round(2).ravel().tolist()
            [0.06, 0.02]
        """
        mean = np.broadcast_to(raw.mean(axis=0), raw.shape)
        features = _features(raw.ravel(), mean.ravel(), np.repeat(order_propensity, raw.shape[1]))
        return np.asarray(expit(features @ np.array(self.weights))).reshape(raw.shape)


def load_or_fit_purchase_propensity(
    history: History, model: LaunchModel, *, folder: Path, walk_forward: Callable[[], WalkForward], seed: int = 0
) -> PurchasePropensity:
    """Read what was learned from the past launches of a history back, or learn and cache it.

    Args:
        history: What to learn from.
        model: Fitted on it; the cached weights belong to it alone.
        folder: The shop's folder; four numbers are cached in `models/` there.
        walk_forward: Makes the walk-forward fits of the same history, settings and seed; called only where there is
            something to learn.
        seed: Of these fits.

    Raises:
        LaunchError: There is too little history to learn from launches.
    """

    def load(file: Path) -> PurchasePropensity:
        content = file.read_bytes()
        if not is_sealed(content):
            raise ValueError("the weights were changed after they were saved")
        constant, size, customer, ordering = (float(weight) for weight in parse_json(content)["weights"])
        return PurchasePropensity((constant, size, customer, ordering))

    return load_or_fit(
        folder / FOLDER,
        history.cutoff,
        {"seed": seed, "settings": repr(model.settings), "ensembles": model.boosting.ensembles},
        load=load,
        fit=lambda: PurchasePropensity.fit(build_training_rows(history, walk_forward())),
        save=lambda propensity, file: file.write_bytes(seal(to_json_text({"weights": propensity.weights}).encode())),
        suffix="-purchase-propensity.json",
    )


def build_training_rows(
    history: History, walk_forward: WalkForward, calibration: CalibrationSettings | None = None
) -> pl.DataFrame:
    """Collect what walk-forward models said of their launches, including launches with next to no buyers.

    Args:
        history: What to learn from; the horizon of every launch in it has ended.
        walk_forward: Through the past launches of the history.
        calibration: How fast a launch loses weight.

    Returns:
        `TRAINING_ROW_SCHEMA`, by launch and customer: a sample of those who ordered within `horizon_days` of a launch.
    """
    calibration = calibration or CalibrationSettings()
    if not walk_forward.fitted:
        return pl.DataFrame(schema=TRAINING_ROW_SCHEMA)
    horizon_days = walk_forward.fitted[0][1].settings.horizon_days
    age = history.cutoff_day - horizon_days - pl.col("cutoff_day")
    ordered = filter_ordered_in_window(_score(walk_forward.rows, walk_forward.fitted), history, horizon_days)
    weighted = ordered.with_columns(weight=pl.col("weight") * 0.5 ** (age / calibration.half_life_days))
    return _add_order_propensity(weighted, history, horizon_days).select(list(TRAINING_ROW_SCHEMA))


def _score(rows: pl.DataFrame, fitted: Sequence[tuple[Fold, LaunchModel]]) -> pl.DataFrame:
    """`TRAINING_ROW_SCHEMA` but for `order_propensity`, each fold's launches scored by its own model."""
    schema = pl.Schema({name: dtype for name, dtype in TRAINING_ROW_SCHEMA.items() if name != "order_propensity"})
    parts = [schema.to_frame()]
    for (first, last), model in fitted:
        fold_rows = rows.filter(pl.col("cutoff_day").is_between(first, last))
        scored = fold_rows.with_columns(model.probability(fold_rows).alias("raw"))
        mean = (pl.col("raw") * pl.col("weight")).sum() / pl.col("weight").sum()
        parts.append(scored.with_columns(mean_raw=mean.over("launch")).select(list(schema)).cast(schema))
    return pl.concat(parts)


def _add_order_propensity(rows: pl.DataFrame, history: History, horizon_days: int) -> pl.DataFrame:
    parts = [rows.with_columns(order_propensity=pl.lit(None, pl.Float64)).clear()]
    for (day,), launch_rows in rows.group_by("cutoff_day"):
        earlier_history = history.as_of(int(str(day)))
        customer_ids = launch_rows["customer_id"].to_numpy()
        propensity = estimate_order_propensity(earlier_history, customer_ids, horizon_days=horizon_days)
        parts.append(launch_rows.with_columns(order_propensity=pl.Series(propensity)))
    return pl.concat(parts).sort("launch", "customer_id")


def _features(raw: Vector, mean_raw: Vector, order_propensity: Vector) -> NDArray[np.float64]:
    """Shape (rows, 4); see `PurchasePropensity.weights`."""
    is_known = np.isfinite(order_propensity)
    lowest = np.nanmin(order_propensity) if is_known.any() else 1.0
    orders = np.clip(np.where(is_known, order_propensity, lowest), MIN_ORDER_PROPENSITY, 1 - MIN_ORDER_PROPENSITY)
    clipped = np.clip(raw, MIN_PROBABILITY, 1 - MIN_PROBABILITY)
    size = np.log(np.clip(mean_raw, MIN_PROBABILITY, 1 - MIN_PROBABILITY))
    customer = np.log(clipped / (1 - clipped)) - size
    return np.column_stack([np.ones(len(raw)), size, customer, np.log(orders / (1 - orders))])
