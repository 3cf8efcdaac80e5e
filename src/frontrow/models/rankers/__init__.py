"""Rankers order the candidates that recommenders find: one file per ranker, listed by `rankers()`.

Plug-ins only. They may import `models.ranker`, `models.neural` and `storage`.
"""

from __future__ import annotations

import sys

from frontrow.discovery import load_plugins, look_up
from frontrow.errors import RecommendationError
from frontrow.models.ranker import Ranker


def ranker_named(name: str) -> Ranker:
    """Return the ranker in `models/rankers/NAME.py`.

    Raises:
        RecommendationError: There is no such file; the message lists the rankers.

    Example:
        >>> ranker_named("boosted_trees").name
        'boosted trees'
    """
    return look_up(rankers(), name, kind="ranker", error=RecommendationError)


def rankers() -> dict[str, Ranker]:
    """Return every ranker in this folder, by file name."""
    return {name: ranker() for name, ranker in load_plugins(sys.modules[__name__], "Ranker").items()}
