"""The contract of an embedding: a customer's history before a cutoff as a short vector, for a classifier to read.

An embedding is one file of this folder with a class `Embedder`; `frontrow classify --embedding` asks for it by the
name of its file.
"""

from __future__ import annotations

import importlib
import importlib.util
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from frontrow.discovery import load_plugins
from frontrow.models.interactions.interactions import Interactions, Queries


class Fitted(Protocol):
    """An embedding that has learned."""

    def customer_embeddings(self, queries: Queries) -> NDArray[np.float32]:
        """A vector for each customer asked about, those never seen included.

        Returns:
            Finite float32 of shape (queries, dimensions).
        """
        ...


class Embedder(Protocol):
    """What classification asks of an embedding.

    Attributes:
        name: As it stands in tables.
    """

    name: str

    def fit(self, interactions: Interactions, *, seed: int) -> Fitted:
        """Learn; the same seed on the same interactions gives the same vectors.

        Raises:
            MissingExtraError: A package it needs is not installed.
        """
        ...


def embedders() -> dict[str, Embedder]:
    """Every embedding of this folder, by file name.

    Example:
        >>> "svd" in embedders()
        True
    """
    import frontrow.models.embeddings as here

    return {name: one() for name, one in load_plugins(here, "Embedder").items()}


def default_embedding() -> str:
    """The two-tower's where its framework is installed, else the decomposition that needs none.

    Example:
        >>> default_embedding() in embedders()
        True
    """
    there = importlib.util.find_spec("torch") is not None and "two_tower" in embedders()
    return "two_tower" if there else "svd"
