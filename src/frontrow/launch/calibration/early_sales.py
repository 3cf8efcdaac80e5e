"""The early signal: what the first days of sales say of those who have not bought yet, and of how many will."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from frontrow.launch.calibration.calibration import Calibration
from frontrow.launch.calibration.in_the_large import Vector
from frontrow.launch.calibration.slope import logistic, logits, with_sum

LIKENESS_WEIGHT = 0.2
"""What likeness to the early buyers adds: standard deviations of the logit for each of its own."""

EARLY_BUYERS = 3.0
"""With so many early buyers, half of that weight."""

ORDERED_PENALTY = 0.15
"""What an order since the launch, without the product, takes away, in standard deviations of the logit."""


@dataclass(frozen=True)
class FirstDays:
    """What happened since a launch to everyone who was scored at its midnight.

    Attributes:
        days: Whole days on sale.
        bought: Who bought within them, shape (customers,).
        ordered: Who ordered anything within them, shape (customers,).
        before: What each had bought before the launch: order lines, shape (customers, products).
        everyone: The same of all customers of the shop, shape (all customers, products).
    """

    days: int
    bought: NDArray[np.bool_]
    ordered: NDArray[np.bool_]
    before: sparse.csr_matrix
    everyone: sparse.csr_matrix


@dataclass(frozen=True)
class Updated:
    """What is expected of a launch after its first days.

    Attributes:
        scores: Higher is more likely, of those who have not bought yet, in the order they had; shape (customers,).
        probabilities: Chance that each of them buys within the rest of the window.
        to_come: Buyers expected within it, the sum of the probabilities.
    """

    scores: Vector
    probabilities: Vector
    to_come: float


def updated(raw: Vector, first: FirstDays, calibration: Calibration) -> Updated:
    """Probabilities of those who have not bought yet.

    Args:
        raw: The model's raw probabilities at the midnight of the launch, of everyone scored.
        first: What happened since.
        calibration: Learned from earlier launches.
    """
    scores = rest_scores(raw, first)
    expected = calibration.level.buyers(float(raw.sum()))
    to_come = calibration.to_come(expected, first.days, float(first.bought.sum()))
    if len(scores) == 0:
        return Updated(scores, scores, 0.0)
    told = with_sum(calibration.slope * scores, np.ones(len(scores)), to_come)
    return Updated(scores, logistic(told), to_come)


def rest_scores(raw: Vector, first: FirstDays) -> Vector:
    """Logits of those who have not bought yet, moved by the first days of sales; needs no calibration."""
    rest = ~first.bought
    told = logits(raw)[rest]
    if len(told) == 0 or told.std() == 0.0:
        return told
    found = float(first.bought.sum())
    weight = LIKENESS_WEIGHT * found / (found + EARLY_BUYERS)
    like = _apart_from(told, likeness(raw, first)[rest]) if found else np.zeros(len(told))
    return np.asarray(told + told.std() * (weight * like - ORDERED_PENALTY * first.ordered[rest]))


def likeness(raw: Vector, first: FirstDays) -> Vector:
    """How much more each customer resembles those who bought first than those who were expected to; shape (customers,).

    A customer is the vector of the products bought before the launch, rare ones weighing more (inverse document
    frequency), of length 1. The mean vector of the early buyers less that of everyone, weighed by their raw
    probabilities, is multiplied with each.
    """
    held = np.asarray((first.everyone > 0).sum(axis=0)).ravel()
    shoppers = int((np.diff(first.everyone.indptr) > 0).sum())
    rarity = np.log((1.0 + shoppers) / (1.0 + held))
    vectors = (first.before > 0).astype(np.float64) @ sparse.diags(rarity)
    lengths = np.sqrt(np.asarray(vectors.multiply(vectors).sum(axis=1)).ravel())
    vectors = sparse.diags(1.0 / np.maximum(lengths, 1e-12)) @ vectors
    early = vectors.T @ first.bought.astype(np.float64) / max(float(first.bought.sum()), 1.0)
    expected = vectors.T @ raw / max(float(raw.sum()), 1e-12)
    return np.asarray(vectors @ (early - expected))


def _apart_from(told: Vector, like: Vector) -> Vector:
    """What of the likeness the logits do not say already (a parabola of them), in its own standard deviations."""
    away = (told - told.mean()) / told.std()
    known = np.column_stack([np.ones(len(away)), away, away**2])
    rest = like - known @ np.linalg.lstsq(known, like, rcond=None)[0]
    spread = rest.std()
    return np.asarray(rest / spread if spread > 1e-12 else np.zeros(len(rest)))
