"""What put a product into a list: the source among a model's candidates, the model, a pin, a launch, the basket."""

from __future__ import annotations

from typing import Final, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from frontrow.models.interactions.interactions import Queries
from frontrow.models.recommender import Scorer

PINNED: Final = "pinned"
LAUNCH: Final = "launch"
BASKET: Final = "basket"


@runtime_checkable
class Sourced(Protocol):
    """What a fitted recommender that draws on several sources can do besides."""

    def sources(self, queries: Queries, lists: NDArray[np.int64]) -> NDArray[np.str_]:
        """The source that each listed product came from.

        Args:
            queries: The customers.
            lists: Product columns, -1 for none; shape (queries, k).

        Returns:
            Names, of the shape of `lists`.
        """
        ...


@runtime_checkable
class GivesChances(Protocol):
    """What a fitted recommender whose scores are chances says of them.

    Attributes:
        chance_days: Its scores are the chance, on the logit scale, that a customer who orders within so many days buys
            the product; None where it had too little to learn chances from.
    """

    chance_days: int | None


def chance_days(fitted: Scorer) -> int | None:
    """The days that the chances of a fitted recommender are about; None where its scores are none."""
    return fitted.chance_days if isinstance(fitted, GivesChances) else None


def sources_of(model: str, fitted: Scorer, queries: Queries, lists: NDArray[np.int64]) -> NDArray[np.str_]:
    """The source of each listed product; the model's own name where it does not say."""
    if isinstance(fitted, Sourced):
        return fitted.sources(queries, lists)
    return np.full(lists.shape, model)
