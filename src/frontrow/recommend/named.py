"""Recommenders by the name of their file, as a person writes it."""

from __future__ import annotations

from frontrow.errors import RecommendationError
from frontrow.models.recommenders.base import Recommender, recommenders


def recommender_named(name: str) -> Recommender:
    """The recommender in `models/recommenders/NAME.py`.

    Raises:
        RecommendationError: There is none.

    Example:
        >>> recommender_named("item_to_item").name
        'item-to-item'
    """
    known = recommenders()
    if name not in known:
        raise RecommendationError(f'There is no recommender "{name}"; there are: {", ".join(sorted(known))}.')
    return known[name]
