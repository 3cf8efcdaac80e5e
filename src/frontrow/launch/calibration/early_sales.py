"""Early sales: what the first days say of the customers who have not bought yet, and of how many will."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

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

VECTOR_UNITS: Final = 2.0**36
"""Units of 1.0 of a sum of customers' vectors: 134 million customers can be added up."""


@dataclass(frozen=True)
class EarlySales:
    """What happened since a launch to everyone who was scored at its midnight.

    Attributes:
        days_on_sale: Whole days on sale.
        bought: Who bought within them, shape (customers,).
        ordered: Who ordered anything within them, shape (customers,).
        similarity: How much more each resembles the early buyers than the expected ones (`similarity_to_buyers`),
            shape (customers,); nothing is read of it where nobody has bought.
    """

    days_on_sale: int
    bought: NDArray[np.bool_]
    ordered: NDArray[np.bool_]
    similarity: Vector


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
    similarity = _residual(scores, sales.similarity[rest]) if buyers else np.zeros(len(scores))
    return np.asarray(scores + scores.std() * (weight * similarity - ORDERED_PENALTY * sales.ordered[rest]))


def similarity_to_buyers(
    raw: Vector, bought: NDArray[np.bool_], purchases: sparse.csr_matrix, inverse_frequency: Vector
) -> Vector:
    """How much more each customer resembles the early buyers than the expected ones; shape (customers,).

    A customer is the vector of the products bought before the launch, rare ones weighing more (inverse document
    frequency), of length 1. The mean vector of the early buyers less that of everyone, weighted by their raw
    probabilities, is multiplied with each.

    Args:
        raw: See `update_forecast`.
        bought: Who bought in the first days.
        purchases: Above zero where a customer had bought a product before the launch, shape (customers, products).
        inverse_frequency: What `compute_inverse_frequency` returns.
    """
    vectors = build_vectors(purchases, inverse_frequency)
    early, expected = sum_vectors(vectors, bought.astype(np.float64)), sum_vectors(vectors, raw)
    return np.asarray(vectors @ compare_sums(early, float(bought.sum()), expected, float(raw.sum())))


def compute_inverse_frequency(buyers: NDArray[np.int64], customers: int) -> Vector:
    """How much each product weighs.

    Args:
        buyers: Customers who bought it before the launch, shape (products,).
        customers: Who bought anything before the launch.
    """
    return np.asarray(np.log((1.0 + customers) / (1.0 + buyers)))


def build_vectors(purchases: sparse.csr_matrix, inverse_frequency: Vector) -> sparse.csr_matrix:
    """Customers as vectors of length 1, see `similarity_to_buyers`."""
    vectors = (purchases > 0).astype(np.float64) @ sparse.diags(inverse_frequency)
    lengths = np.sqrt(np.asarray(vectors.multiply(vectors).sum(axis=1)).ravel())
    return sparse.csr_matrix(sparse.diags(1.0 / np.maximum(lengths, 1e-12)) @ vectors)


def sum_vectors(vectors: sparse.csr_matrix, weights: Vector) -> NDArray[np.int64]:
    """The sum of weighted vectors in units of `VECTOR_UNITS`: whole numbers, the same in any order of the customers.

    Args:
        vectors: What `build_vectors` returns.
        weights: From 0 to 1, shape (customers,).
    """
    weighted = vectors.data * np.repeat(weights, np.diff(vectors.indptr))
    whole = np.floor(weighted * VECTOR_UNITS + 0.5).astype(np.int64)
    units = sparse.csr_matrix((whole, vectors.indices, vectors.indptr), shape=vectors.shape)
    return np.asarray(units.sum(axis=0), dtype=np.int64).ravel()


def compare_sums(early: NDArray[np.int64], buyers: float, expected: NDArray[np.int64], weight: float) -> Vector:
    """The mean vector of the early buyers less that of everyone.

    Args:
        early: `sum_vectors` of the early buyers.
        buyers: How many they are.
        expected: `sum_vectors` of everyone, weighted by the raw probabilities.
        weight: The sum of these.
    """
    return np.asarray((early / max(buyers, 1.0) - expected / max(weight, 1e-12)) / VECTOR_UNITS)


def _residual(scores: Vector, similarity: Vector) -> Vector:
    """What the similarity adds to the scores: its residual from a parabola of them, in standard deviations."""
    standardized = (scores - scores.mean()) / scores.std()
    design = np.column_stack([np.ones(len(standardized)), standardized, standardized**2])
    residual = similarity - design @ np.linalg.lstsq(design, similarity, rcond=None)[0]
    spread = residual.std()
    return np.asarray(residual / spread if spread > 1e-12 else np.zeros(len(residual)))
