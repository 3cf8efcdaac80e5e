"""Where a customer stands among everyone scored for the same launch, on a few simple features."""

from __future__ import annotations

from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import ndtri

STANDING_FEATURES: Final = (
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

DECIMALS: Final = 9
"""Values that agree to so many decimals are equal."""


def compute_standings(rows: pl.DataFrame) -> NDArray[np.float64]:
    """Turn features into standings: normal scores of the ranks within each launch, of mean 0 and deviation 1.

    A standing has no unit and no scale, so it says the same in every shop and every season. Equal values share the
    middle of their ranks (van der Waerden, 1952; Blom, 1958).

    Args:
        rows: `launch` and `STANDING_FEATURES`: everyone scored for each launch, or a sample of them with `weight`, how
            many customers a row represents. In any order.

    Returns:
        Shape (rows, features of `STANDING_FEATURES`), in the order of the rows; 0.0 where all customers of a launch
        are equal.

    Example:
        >>> values = dict.fromkeys(STANDING_FEATURES, [1.0, 5.0, 2.0])
        >>> compute_standings(pl.DataFrame({"launch": [0, 0, 0], **values}))[:, 0].round(2).tolist()
        [-1.22, 1.22, 0.0]
    """
    standings = np.zeros((rows.height, len(STANDING_FEATURES)))
    if rows.is_empty():
        return standings
    # sums that were added up in another order differ in the last bits, which must not separate equal customers
    values = rows.select(pl.col(STANDING_FEATURES).cast(pl.Float64).round(DECIMALS)).to_numpy()
    weights = rows["weight"].to_numpy() if "weight" in rows.columns else np.ones(rows.height)
    launches = rows["launch"].to_numpy()
    order = np.argsort(launches, kind="stable")
    for members in np.split(order, np.flatnonzero(np.diff(launches[order])) + 1):
        for column in range(len(STANDING_FEATURES)):
            standings[members, column] = _normal_scores(values[members, column], weights[members])
    return standings


def _normal_scores(values: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    levels, index = np.unique(values, return_inverse=True)
    if len(levels) == 1:
        return np.zeros(len(values))
    customers = np.bincount(index, weights, len(levels))
    scores = ndtri((np.cumsum(customers) - 0.5 * customers) / customers.sum())
    mean = np.average(scores, weights=customers)
    deviation = np.sqrt(np.average((scores - mean) ** 2, weights=customers))
    return np.asarray(((scores - mean) / deviation)[index])
