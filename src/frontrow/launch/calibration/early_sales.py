"""Early sales: what the first days say of the customers who have not bought yet, and of how many will."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from frontrow.launch.calibration.calibration import Calibration
from frontrow.launch.calibration.parameters import Vector, logistic, logits, shift_to_sum

SIMILARITY_WEIGHT = 0.2
"""What similarity to the early buyers adds: standard deviations of the logit for each standard deviation of its own."""

HALF_WEIGHT_BUYERS = 3.0
"""With this many early buyers, half of that weight."""

ORDERED_PENALTY = 0.15
"""What an order since the launch without the product subtracts, in standard deviations of the logit."""


@dataclass(frozen=True)
class EarlySales:
    """What happened since a launch to everyone who was scored at its midnight.

    Attributes:
        days_on_sale: Whole days on sale.
        bought: Who bought within them, shape (customers,).
        ordered: Who ordered anything within them, shape (customers,).
        purchases: What each had bought before the launch: order lines, shape (customers, products).
        all_purchases: The same of all customers of the shop, shape (all customers, products).
    """

    days_on_sale: int
    bought: NDArray[np.bool_]
    ordered: NDArray[np.bool_]
    purchases: sparse.csr_matrix
    all_purchases: sparse.csr_matrix


@dataclass(frozen=True)
class UpdatedForecast:
    """What is expected of a launch after its first days.

    Attributes:
        scores: Higher is more likely, of those who have not bought yet, in the order they had; shape (customers,).
        probabilities: That each of them buys within the rest of the window.
        remaining_buyers: Buyers expected within it, the sum of the probabilities.
    """

    scores: Vector
    probabilities: Vector
    remaining_buyers: float


def update_forecast(raw: Vector, sales: EarlySales, calibration: Calibration) -> UpdatedForecast:
    """Probabilities of those who have not bought yet.

    Args:
        raw: The model's raw probabilities at the midnight of the launch, of everyone scored.
        sales: What happened since.
        calibration: Fitted on earlier launches.
    """
    scores = update_scores(raw, sales)
    expected = calibration.in_the_large.buyers(float(raw.sum()))
    remaining = calibration.remaining_buyers(expected, sales.days_on_sale, float(sales.bought.sum()))
    if len(scores) == 0:
        return UpdatedForecast(scores, scores, 0.0)
    shifted = shift_to_sum(calibration.slope * scores, np.ones(len(scores)), remaining)
    return UpdatedForecast(scores, logistic(shifted), remaining)


def update_scores(raw: Vector, sales: EarlySales) -> Vector:
    """Logits of those who have not bought yet, adjusted by the first days of sales; needs no calibration.

    Args:
        raw: See `update_forecast`.
        sales: What happened since the launch.
    """
    rest = ~sales.bought
    scores = logits(raw)[rest]
    if len(scores) == 0 or scores.std() == 0.0:
        return scores
    buyers = float(sales.bought.sum())
    weight = SIMILARITY_WEIGHT * buyers / (buyers + HALF_WEIGHT_BUYERS)
    similarity = _residual(scores, similarity_to_buyers(raw, sales)[rest]) if buyers else np.zeros(len(scores))
    return np.asarray(scores + scores.std() * (weight * similarity - ORDERED_PENALTY * sales.ordered[rest]))


def similarity_to_buyers(raw: Vector, sales: EarlySales) -> Vector:
    """How much more each customer resembles the early buyers than the expected ones; shape (customers,).

    A customer is the vector of the products bought before the launch, rare ones weighing more (inverse document
    frequency), of length 1. The mean vector of the early buyers less that of everyone, weighted by their raw
    probabilities, is multiplied with each.

    Args:
        raw: See `update_forecast`.
        sales: What happened since the launch.
    """
    buyers_of_product = np.asarray((sales.all_purchases > 0).sum(axis=0)).ravel()
    customers = int((np.diff(sales.all_purchases.indptr) > 0).sum())
    inverse_frequency = np.log((1.0 + customers) / (1.0 + buyers_of_product))
    vectors = (sales.purchases > 0).astype(np.float64) @ sparse.diags(inverse_frequency)
    lengths = np.sqrt(np.asarray(vectors.multiply(vectors).sum(axis=1)).ravel())
    vectors = sparse.diags(1.0 / np.maximum(lengths, 1e-12)) @ vectors
    early = vectors.T @ sales.bought.astype(np.float64) / max(float(sales.bought.sum()), 1.0)
    expected = vectors.T @ raw / max(float(raw.sum()), 1e-12)
    return np.asarray(vectors @ (early - expected))


def _residual(scores: Vector, similarity: Vector) -> Vector:
    """What the similarity adds to the scores: its residual from a parabola of them, in standard deviations."""
    standardized = (scores - scores.mean()) / scores.std()
    design = np.column_stack([np.ones(len(standardized)), standardized, standardized**2])
    residual = similarity - design @ np.linalg.lstsq(design, similarity, rcond=None)[0]
    spread = residual.std()
    return np.asarray(residual / spread if spread > 1e-12 else np.zeros(len(residual)))
