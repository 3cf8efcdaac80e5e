"""Rules worked out for one shelf: masks, limits and pins by column, ready for every block of customers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from frontrow.errors import RecommendationError
from frontrow.recommend.rerank.diversify import Columns, Diversity, Limit
from frontrow.recommend.rerank.filters import forbidden
from frontrow.recommend.rerank.predicates import Mask
from frontrow.recommend.rerank.repurchase import Bought
from frontrow.recommend.rerank.rules import Rules
from frontrow.recommend.rerank.similarity import Likeness

POOL_PLACES = 10
"""Limits and diversity choose from the model's ranking down to so many times the length of a list."""


@dataclass(frozen=True)
class Ruling:
    """What the lists of every block are made with.

    Attributes:
        k: Length of the lists.
        forbidden: By rule, what nobody is shown; masks over the shelf.
        already_bought: One of `rules.ALREADY_BOUGHT`.
        bought: What customers have bought.
        limits: Of kinds.
        diversity: None for none.
        pins: Row of the shelf of each pin, by rank; shape (pins,).
        ranks: Of the pins, from 1 to k.
    """

    k: int
    forbidden: Mapping[str, Mask]
    already_bought: str
    bought: Bought
    limits: tuple[Limit, ...]
    diversity: Diversity | None
    pins: Columns
    ranks: NDArray[np.int64]

    @cached_property
    def shown(self) -> Mask:
        """What may be shown to anyone; over the shelf."""
        return np.asarray(~np.logical_or.reduce(list(self.forbidden.values())))

    @property
    def in_order(self) -> bool:
        """Whether lists are the model's ranking, less what is forbidden."""
        return not self.limits and self.diversity is None


def ruling(
    shelf: pl.DataFrame,
    rules: Rules,
    *,
    k: int,
    bought: Bought,
    likeness: Likeness,
    hidden: Mapping[str, Mask] | None = None,
) -> Ruling:
    """Work out rules.

    Args:
        shelf: `shelf.SHELF_SCHEMA`.
        rules: The shop's.
        k: Length of the lists.
        bought: What customers have bought, and the cutoff.
        likeness: Of the shelf's products.
        hidden: By reason, what else nobody is shown.

    Raises:
        RecommendationError: A pinned product is not on the shelf.
    """
    place = dict(zip(shelf["product_id"], range(shelf.height), strict=True))
    for pin in rules.pinned:
        if pin.product_id not in place:
            raise RecommendationError(f'The pinned product "{pin.product_id}" is none of this shop. Check its id.')
    pins = sorted((pin.rank, place[pin.product_id]) for pin in rules.pinned if pin.rank <= k)
    most = {"product_type": rules.at_most.per_product_type, "vendor": rules.at_most.per_vendor}
    return Ruling(
        k=k,
        forbidden={"nothing": np.zeros(shelf.height, dtype=np.bool_)}
        | forbidden(shelf, rules, bought.day)
        | dict(hidden or {}),
        already_bought=rules.already_bought,
        bought=bought,
        limits=tuple(_limit(shelf, column, count) for column, count in most.items() if count is not None),
        diversity=Diversity(rules.diversity, likeness, POOL_PLACES * k) if rules.diversity > 0 else None,
        pins=np.array([column for _, column in pins], dtype=np.int64),
        ranks=np.array([rank for rank, _ in pins], dtype=np.int64),
    )


def _limit(shelf: pl.DataFrame, column: str, most: int) -> Limit:
    kind = shelf[column].str.strip_chars().str.to_lowercase()
    codes = kind.cast(pl.Categorical).to_physical().cast(pl.Int64).fill_null(-1).to_numpy()
    return Limit(f"at most {most} per {column.replace('_', ' ')}", codes, most)
