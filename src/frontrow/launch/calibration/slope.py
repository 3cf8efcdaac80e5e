"""How far apart probabilities of one launch lie: a slope of their logits, and the shift that gives them their sum."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]

SLOPES = np.round(np.arange(0.5, 2.01, 0.05), 2)
"""The slopes tried."""

SLOPE_SD = 0.3
"""Slopes lie about 1 with this standard deviation, before launches have shown otherwise."""

BIN = 0.1
"""Logits closer than this count as one when slopes are compared."""

FARTHEST = 30.0
"""Logits beyond this are cut: probabilities of 0 and 1 have none."""


def logits(probabilities: Vector) -> Vector:
    """log(p / (1 - p)), cut at +-`FARTHEST`.

    Example:
        >>> logits(np.array([0.5, 0.0])).tolist()
        [0.0, -30.0]
    """
    with np.errstate(divide="ignore"):
        told = np.log(probabilities) - np.log1p(-probabilities)
    return np.asarray(np.clip(told, -FARTHEST, FARTHEST))


def logistic(values: Vector) -> Vector:
    """1 / (1 + exp(-x)): the probability of a logit."""
    return np.asarray(1.0 / (1.0 + np.exp(-values)))


def with_sum(values: Vector, weights: Vector, total: float) -> Vector:
    """Logits moved by one number along the last axis, so that their probabilities add up to `total`.

    Args:
        values: Logits, shape (..., n).
        weights: Customers that each stands for, shape (n,).
        total: Buyers; kept between nobody and nearly everyone.

    Returns:
        Logits, shape (..., n), each row in the order it had.

    Example:
        >>> moved = with_sum(np.array([-3.0, -1.0]), np.ones(2), 1.0)
        >>> round(float(logistic(moved).sum()), 9)
        1.0
    """
    wanted = float(np.clip(total, 1e-9, 0.999 * weights.sum()))
    moved = np.asarray(values, dtype=np.float64)
    for _ in range(100):
        told = logistic(moved)
        off = (weights * told).sum(axis=-1, keepdims=True) - wanted
        step = off / np.maximum((weights * told * (1.0 - told)).sum(axis=-1, keepdims=True), 1e-12)
        moved = moved - np.clip(step, -1.0, 1.0)
        if np.abs(off).max() < 1e-10 * max(wanted, 1.0):
            break
    return moved


def profile(values: Vector, bought: Vector, weights: Vector) -> Vector:
    """Log likelihood of one past launch at each of `SLOPES`, its sum being known; shape (slopes,), 0 at a slope of 1.

    Args:
        values: Raw logits of its customers, shape (n,).
        bought: 1.0 where the customer bought, shape (n,).
        weights: Customers that each row stands for, shape (n,).
    """
    if bought.sum() == 0:
        return np.zeros(len(SLOPES))
    cells, place = np.unique(np.floor(values / BIN).astype(np.int64), return_inverse=True)
    customers = np.bincount(place, weights, len(cells)).astype(np.float64)
    middle = np.bincount(place, weights * values, len(cells)) / customers
    buyers = np.bincount(place, weights * bought, len(cells))
    told = with_sum(SLOPES[:, None] * middle, customers, float(buyers.sum()))  # (slopes, cells)
    likelihood = (buyers * told - customers * np.logaddexp(0.0, told)).sum(axis=1)
    return np.asarray(likelihood - likelihood[np.argmin(np.abs(SLOPES - 1.0))])


def best_slope(profiles: NDArray[np.float64], weights: Vector) -> float:
    """The slope that past launches make most likely.

    A slope in place of any monotone curve (Platt, 1999): it has one number to learn, and keeps every rank.

    Args:
        profiles: One `profile` a launch, shape (launches, slopes).
        weights: How much each launch counts, shape (launches,).
    """
    prior = -((SLOPES - 1.0) ** 2) / (2.0 * SLOPE_SD**2)
    return float(SLOPES[np.argmax(weights @ profiles + prior)])
