"""Recommenders by the name of their file, as a person writes it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from frontrow.discovery import look_up
from frontrow.errors import RecommendationError
from frontrow.models.recommender import Recommender, recommenders

DEFAULT_MODEL: Final = "two_stage"
"""What a shop gets that names no model, and what the others are compared with."""

BASKET_MODEL: Final = "item_to_item"
"""What compares products for a recommender that does not."""


def recommender_named(name: str) -> Recommender:
    """The recommender in `models/recommenders/NAME.py`.

    Raises:
        RecommendationError: There is none.

    Example:
        >>> recommender_named("item_to_item").name
        'item-to-item'
    """
    return look_up(recommenders(), name, kind="recommender", error=RecommendationError)


def is_trained(model: str) -> bool:
    """Whether a person names the folder of a trained recommender, and not a recommender.

    Raises:
        RecommendationError: It is neither.

    Example:
        >>> is_trained("item_to_item")
        False
    """
    known = recommenders()
    if model in known:
        return False
    if Path(model).is_dir():
        return True
    raise RecommendationError(
        f'"{model}" is neither a recommender nor the folder of a trained one. Recommenders: '
        f"{', '.join(sorted(known))}. Train one with: frontrow train"
    )
