"""Embedders turn customers into short vectors: one file per embedder, listed by `embedders()`.

Plug-ins only. They may import `models.embedding`, `models.interactions`, `models.recommenders` and `models.similarity`.
"""

from __future__ import annotations

import importlib.util
import sys

from frontrow.discovery import create_plugins
from frontrow.models.embedding import Embedder


def embedders() -> dict[str, Embedder]:
    """Return every embedder in this folder, by file name.

    Example:
        >>> "svd" in embedders()
        True
    """
    return create_plugins(sys.modules[__name__], "Embedder")


def default_embedding() -> str:
    """Return the name of the two-tower embedder if torch is installed, else of the singular value decomposition.

    Example:
        >>> default_embedding() in embedders()
        True
    """
    has_torch = importlib.util.find_spec("torch") is not None
    return "two_tower" if has_torch and "two_tower" in embedders() else "svd"
