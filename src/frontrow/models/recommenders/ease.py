"""A shallow autoencoder from products to products, in closed form (EASE, Steck, WWW 2019)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.linalg import lapack

from frontrow.models.interactions.interactions import Interactions, Queries
from frontrow.models.popularity.popularity import buyers, recent_popularity
from frontrow.models.top_k import top_positions
from frontrow.progress import Progress, no_progress
from frontrow.storage.artifact import ArrayModel


@dataclass(frozen=True)
class EaseSettings:
    """Settings of EASE.

    Attributes:
        regularization: Weight of the squared weights in the loss.
        half_life_days: Age in days at which an order line counts half; a cell is the root of their sum.
        most_products: Number of products with weights, those with most customers. Memory grows with the square of this
            number (12 bytes per pair during the fit, 4 after it), time with its cube. The other products rank below, by
            popularity.
    """

    regularization: float = 100.0
    half_life_days: float = 180.0
    most_products: int = 10_000


@dataclass(frozen=True)
class Ease(ArrayModel):
    """Fitted weights.

    Attributes:
        columns: Products with weights, ascending, shape (weighted,).
        history: History of each customer, shape (customers, weighted).
        weights: Weight from each product to the others, zero to itself, shape (weighted, weighted).
        popular: Scores in [0, 1) of new customers, shape (products,).
    """

    columns: NDArray[np.int64]
    history: sparse.csr_matrix
    weights: NDArray[np.float32]
    popular: NDArray[np.float32]

    shapes: ClassVar = {
        "columns": ("weighted",),
        "history": ("customers", "weighted"),
        "weights": ("weighted", "weighted"),
        "popular": ("products",),
    }
    indices: ClassVar = {"columns": "products"}

    def scores(self, queries: Queries) -> NDArray[np.float32]:
        """Sum of the weights from what each customer bought; popularity for a customer without a purchase."""
        bought = self.history[np.maximum(queries.rows, 0)]
        sums = bought @ self.weights
        lowest = sums.min(axis=1, initial=0, keepdims=True)
        scores = np.asarray(lowest + self.popular - 1, dtype=np.float32)
        scores[:, self.columns] = sums
        scores[queries.is_new | (np.diff(bought.indptr) == 0)] = self.popular
        return scores

    def similar(self, products: NDArray[np.int64]) -> NDArray[np.float32]:
        """Weights to every product, also negative ones; 0 for products without weights."""
        similarity = np.zeros((len(products), len(self.popular)), dtype=np.float32)
        row = np.searchsorted(self.columns, products)
        has_weights = np.isin(products, self.columns)
        similarity[np.ix_(has_weights, self.columns)] = self.weights[row[has_weights]]
        return similarity


class Recommender:
    """Ridge regression of each product on all others."""

    name = "EASE"
    extra = None
    compares_products = True

    def __init__(self, settings: EaseSettings | None = None) -> None:
        self.settings = settings or EaseSettings()

    def fit(self, interactions: Interactions, *, seed: int, progress: Progress = no_progress) -> Ease:  # noqa: ARG002
        """See `Recommender.fit`; nothing is random.

        Example:
            >>> from frontrow.testing.recommenders import hand_made_interactions
            >>> lines = [(7, "bulb", 0), (7, "pot", 0), (8, "pot", 0)]
            >>> interactions = hand_made_interactions(lines)
            >>> Recommender(EaseSettings(regularization=1.0)).fit(interactions, seed=0).weights.round(2)
            array([[0.  , 0.5 ],
                   [0.33, 0.  ]], dtype=float32)
        """
        settings = self.settings
        columns = np.sort(top_positions(buyers(interactions), settings.most_products))
        history = interactions.counts(half_life_days=settings.half_life_days)[:, columns]
        history.data = np.sqrt(history.data)
        return Ease(columns, history, ease_weights(history, settings.regularization), recent_popularity(interactions))

    def load(self, folder: Path) -> Ease:
        """See `Recommender.load`."""
        return Ease.load(folder)


def ease_weights(history: sparse.csr_matrix, regularization: float) -> NDArray[np.float32]:
    """The closed form: B = I - P / diag(P) with P = (X'X + regularization I)^-1, column by column.

    X'X + regularization I is symmetric and positive, so P comes from its Cholesky factor: half the work of a general
    inverse, and stable enough for single precision, which halves it again.

    Args:
        history: X, shape (customers, products), float32.
        regularization: Above zero.

    Returns:
        Shape (products, products), float32, zero on the diagonal.

    Raises:
        ValueError: The regularization is too small for single precision.

    Example:
        >>> ease_weights(sparse.csr_matrix(np.array([[1, 1], [0, 1]], dtype=np.float32)), 1.0).round(2)
        array([[0.  , 0.5 ],
               [0.33, 0.  ]], dtype=float32)
    """
    # the matrix is symmetric: transposing it only declares the memory layout that LAPACK needs
    gram: NDArray[np.float32] = (history.T @ history).toarray().T
    gram[np.diag_indices_from(gram)] += regularization
    if not len(gram):
        return gram
    factor, failed = lapack.spotrf(gram, lower=True, overwrite_a=True, clean=False)
    inverse, singular = lapack.spotri(factor, lower=True, overwrite_c=True)
    if failed or singular:
        raise ValueError(f"with a regularization of {regularization} the products cannot be told apart; raise it")
    weights: NDArray[np.float32] = np.tril(inverse, -1)
    weights += weights.T
    weights /= -np.diag(inverse)
    np.fill_diagonal(weights, 0)
    return np.ascontiguousarray(weights)
