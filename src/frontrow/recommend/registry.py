"""Recommenders by the name of their file."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from frontrow.discovery import look_up
from frontrow.errors import RecommendationError
from frontrow.models.recommender import Recommender, recommenders

DEFAULT_MODEL: Final = "two_stage"
"""The recommender of a shop that names none, and the one that the others are compared with."""

SIMILARITY_MODEL: Final = "item_to_item"
"""The recommender that compares products for one that cannot."""


def get_recommender(name: str) -> Recommender:
    """Look up the recommender in `models/recommenders/NAME.py`.

    Raises:
        RecommendationError: The name is unknown; the message lists the available ones.

    Example:
        >>> get_recommender("item_to_item").name
        'item-to-item'
    """
    return look_up(recommenders(), name, kind="recommender", error=RecommendationError)


def is_trained(model: str) -> bool:
    """Whether a text is the folder of a trained recommender rather than the name of a recommender.

    Raises:
        RecommendationError: It is neither.

    Example:
        >>> is_trained("item_to_item")
        False
    """
    names = recommenders()
    if model in names:
        return False
    if Path(model).is_dir():
        return True
    raise RecommendationError(
        f'"{model}" is neither a recommender nor the folder of a trained one. Recommenders: '
        f"{', '.join(sorted(names))}. Train one with: frontrow train"
    )
