"""The contract of an embedder: it turns a customer's history before a cutoff into a short vector for classifiers.

An embedder is one file of `models/embeddings` with a class `Embedder`; `frontrow classify --embedding` finds it by its
file name.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from frontrow.models.interactions.interactions import Interactions, Queries


class FittedEmbedder(Protocol):
    """An embedder after `fit`."""

    def customer_embeddings(self, queries: Queries) -> NDArray[np.float32]:
        """Return a vector for each customer, new customers included; finite float32 of shape (queries, dimensions)."""
        ...


class Embedder(Protocol):
    """An embedder before `fit`.

    Attributes:
        name: Name in tables.
    """

    name: str

    def fit(self, interactions: Interactions, *, seed: int) -> FittedEmbedder:
        """Fit the embedder; the same seed and interactions give the same vectors.

        Args:
            interactions: The order lines before the cutoff.
            seed: Seed of all random numbers.

        Raises:
            MissingExtraError: A package that the embedder needs is not installed.
        """
        ...
