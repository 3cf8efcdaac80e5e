"""Rankers order the candidates that recommenders find: one or more rankers per file, listed by `rankers()`.

Plug-ins only. They may import `models.ranker`, `models.neural` and `storage`.
"""

from __future__ import annotations

import sys

from frontrow.discovery import create_plugins, look_up
from frontrow.errors import RecommendationError
from frontrow.models.ranker import Ranker


def get_ranker(name: str) -> Ranker:
    """Return a ranker by its name in `rankers()`.

    Raises:
        RecommendationError: There is no such ranker; the message lists the available ones.

    Example:
        >>> get_ranker("boosted_trees").name
        'boosted trees'
    """
    return look_up(rankers(), name, kind="ranker", error=RecommendationError)


def rankers() -> dict[str, Ranker]:
    """Return every ranker in this folder, by file name or the name of the variant."""
    return create_plugins(sys.modules[__name__], "Ranker")
