"""Where a customer stands among everyone scored for the same launch, on a few simple features."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

NORMAL_SCORE_FEATURES: Final = (
    "lines_180d",
    "order_days_90d",
    "lines_decayed",
    "category_lines",
    "category_recent",
    "affinity_words",
    "affinity_closeness",
)
"""Three simple rules each seen from two or three sides: how much the customer orders, how much of the product's type,
and how much of what resembles it. Of each, more makes a purchase likelier in any shop."""

VECTOR_NORMAL_SCORE_FEATURES: Final = ("vector_affinity", "vector_closeness")
"""What resembles it by its vector, where the shop has product vectors."""

NORMAL_SCORES: Final = "normal_scores"
"""Column of rows whose normal scores were computed before, each an array in the order of the features."""

DECIMALS: Final = 9
"""Values that agree to so many decimals are equal."""


def normal_score_features_of(columns: Collection[str]) -> tuple[str, ...]:
    """The features that are turned into normal scores, given those that a model reads.

    Example:
        >>> len(normal_score_features_of(["lines"])), len(normal_score_features_of(["vector_affinity"]))
        (7, 9)
    """
    has_vectors = VECTOR_NORMAL_SCORE_FEATURES[0] in columns
    return (*NORMAL_SCORE_FEATURES, *(VECTOR_NORMAL_SCORE_FEATURES if has_vectors else ()))


def compute_normal_scores(rows: pl.DataFrame, features: Sequence[str] = NORMAL_SCORE_FEATURES) -> NDArray[np.float64]:
    """Normal scores: where each customer ranks within a launch on each feature, with mean 0 and deviation 1.

    They have no unit and no scale, so they say the same in every shop and every season. Equal values share the
    middle of their ranks (van der Waerden, 1952; Blom, 1958).

    Args:
        rows: `launch` and the features: everyone scored for each launch, or a sample of them with `weight`, how many
            customers a row represents. In any order. Or whole launches with `NORMAL_SCORES`, which are taken.
        features: What `normal_score_features_of` returns.

    Returns:
        Shape (rows, features), in the order of the rows; 0.0 where all customers of a launch are equal.

    Example:
        >>> values = dict.fromkeys(NORMAL_SCORE_FEATURES, [1.0, 5.0, 2.0])
        >>> compute_normal_scores(pl.DataFrame({"launch": [0, 0, 0], **values}))[:, 0].round(2).tolist()
        [-1.22, 1.22, 0.0]
    """
    if NORMAL_SCORES in rows.columns:
        return rows[NORMAL_SCORES].to_numpy()
    normal_scores = np.zeros((rows.height, len(features)))
    if rows.is_empty():
        return normal_scores
    # sums that were added up in another order differ in the last bits, which must not separate equal customers
    values = rows.select(pl.col(features).cast(pl.Float64).round(DECIMALS)).to_numpy()
    weights = rows["weight"].to_numpy() if "weight" in rows.columns else np.ones(rows.height)
    launches = rows["launch"].to_numpy()
    order = np.argsort(launches, kind="stable")
    for members in np.split(order, np.flatnonzero(np.diff(launches[order])) + 1):
        for column in range(len(features)):
            normal_scores[members, column] = _normal_scores(values[members, column], weights[members])
    return normal_scores


def _normal_scores(values: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    from scipy.special import ndtri

    levels, index = np.unique(values, return_inverse=True)
    if len(levels) == 1:
        return np.zeros(len(values))
    customers = np.bincount(index, weights, len(levels))
    total = customers.sum()
    scores = ndtri((np.cumsum(customers) - 0.5 * customers) / total)
    # what np.average does, without its checks, which take most of the time where launches are small
    mean = (scores * customers).sum() / total
    deviation = np.sqrt(((scores - mean) ** 2 * customers).sum() / total)
    return np.asarray(((scores - mean) / deviation)[index])
