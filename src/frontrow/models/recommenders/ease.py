"""A shallow autoencoder from products to products, in closed form (EASE, Steck, WWW 2019)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

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
    """Of the autoencoder.

    Attributes:
        regularization: Weight of the squared weights in the loss.
        half_life_days: An order line so old counts half of one made now; a cell is the root of what they add up to.
        most_products: Only so many products are weighed against one another, those with most customers: memory grows
            with the square of their number (12 bytes a pair during the fit, 4 after it), time with its cube. The others
            stand below, by what is popular.
    """

    regularization: float = 100.0
    half_life_days: float = 180.0
    most_products: int = 10_000


@dataclass(frozen=True)
class Ease(ArrayModel):
    """What was learned.

    Attributes:
        columns: The products weighed, ascending, shape (weighed,).
        history: Of each customer, shape (customers, weighed).
        weights: From each product to the others, zero to itself, shape (weighed, weighed).
        popular: Scores of a customer never seen, in [0, 1), shape (products,).
    """

    columns: NDArray[np.int64]
    history: sparse.csr_matrix
    weights: NDArray[np.float32]
    popular: NDArray[np.float32]

    def scores(self, queries: Queries) -> NDArray[np.float32]:
        """Weights from what each customer bought, added up; of one who bought nothing, what is popular."""
        bought = self.history[np.maximum(queries.rows, 0)]
        known = bought @ self.weights
        lowest = known.min(axis=1, initial=0, keepdims=True)
        scores = np.asarray(lowest + self.popular - 1, dtype=np.float32)
        scores[:, self.columns] = known
        scores[queries.is_new | (np.diff(bought.indptr) == 0)] = self.popular
        return scores

    def similar(self, products: NDArray[np.int64]) -> NDArray[np.float32]:
        """The weights to every product, those below zero too; 0 of products not weighed."""
        alike = np.zeros((len(products), len(self.popular)), dtype=np.float32)
        place = np.searchsorted(self.columns, products)
        weighed = np.isin(products, self.columns)
        alike[np.ix_(weighed, self.columns)] = self.weights[place[weighed]]
        return alike


class Recommender:
    """Each product from all others: ridge regression with no weight from a product to itself."""

    name = "EASE"
    extra = None
    compares_products = True

    def __init__(self, settings: EaseSettings | None = None) -> None:
        self.settings = settings or EaseSettings()

    def fit(self, interactions: Interactions, *, seed: int, progress: Progress = no_progress) -> Ease:  # noqa: ARG002
        """Solve; nothing is drawn.

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
        """See `base.Recommender.load`."""
        return Ease.load(folder)


def ease_weights(history: sparse.csr_matrix, regularization: float) -> NDArray[np.float32]:
    """The closed form: B = I - P / diag(P) with P = (X'X + regularization I)^-1, column by column.

    X'X + regularization I is symmetric and positive, so P comes from its Cholesky factor: half the work of a general
    inverse, and steady enough for single precision, which halves it again.

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
    # it is symmetric, so that turning it is only to say that it lies as LAPACK wants it
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
