"""Rules applied to the candidate items: masks, limits and pins by column, ready for every block of customers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from frontrow.errors import RecommendationError
from frontrow.recommend.rerank.diversify import Columns, Diversity, Limit, Similarity
from frontrow.recommend.rerank.filters import Mask, build_exclusion_masks
from frontrow.recommend.rerank.past_purchases import PastPurchases
from frontrow.recommend.rerank.rules import Rules

POOL_FACTOR: Final = 10
"""Limits and diversity select from the model's ranking down to so many times the length of a list."""


@dataclass(frozen=True)
class CompiledRules:
    """What the lists of every block of customers are made with.

    Attributes:
        k: Length of the lists.
        excluded: By rule, the products nobody is shown; masks over the candidate items.
        already_bought: One of `rules.ALREADY_BOUGHT`.
        past_purchases: What customers have bought.
        limits: Largest numbers of products of a kind.
        diversity: None for none.
        pins: Candidate item of each pin, by rank; shape (pins,).
        pin_ranks: Of the pins, from 1 to k.
    """

    k: int
    excluded: Mapping[str, Mask]
    already_bought: str
    past_purchases: PastPurchases
    limits: tuple[Limit, ...]
    diversity: Diversity | None
    pins: Columns
    pin_ranks: NDArray[np.int64]

    @cached_property
    def allowed(self) -> Mask:
        """What may be shown to anyone, shape (candidate items,)."""
        return np.asarray(~np.logical_or.reduce(list(self.excluded.values())))

    @property
    def keeps_model_order(self) -> bool:
        """Whether lists are the model's ranking without the excluded products."""
        return not self.limits and self.diversity is None


def compile_rules(
    items: pl.DataFrame,
    rules: Rules,
    *,
    k: int,
    past_purchases: PastPurchases,
    compare: Callable[[], Similarity],
    hidden: Mapping[str, Mask] | None = None,
) -> CompiledRules:
    """Apply rules to the candidate items.

    Args:
        items: `candidates.CANDIDATE_ITEM_SCHEMA`.
        rules: The rules of the shop.
        k: Length of the lists.
        past_purchases: What customers have bought, and the cutoff.
        compare: Makes the similarity of the candidate items; called only where it counts.
        hidden: By reason, what else nobody is shown.

    Raises:
        RecommendationError: A pinned product is not a candidate item.
    """
    row_of = dict(zip(items["product_id"], range(items.height), strict=True))
    for pin in rules.pinned:
        if pin.product_id not in row_of:
            raise RecommendationError(
                f'The pinned product "{pin.product_id}" is not a product of this shop. Check its id.'
            )
    pins = sorted((pin.rank, row_of[pin.product_id]) for pin in rules.pinned if pin.rank <= k)
    maxima = {"product_type": rules.at_most.per_product_type, "vendor": rules.at_most.per_vendor}
    return CompiledRules(
        k=k,
        excluded={"nothing": np.zeros(items.height, dtype=np.bool_)}
        | build_exclusion_masks(items, rules, past_purchases.cutoff_day)
        | dict(hidden or {}),
        already_bought=rules.already_bought,
        past_purchases=past_purchases,
        limits=tuple(_limit(items, column, maximum) for column, maximum in maxima.items() if maximum is not None),
        diversity=Diversity(rules.diversity, compare(), POOL_FACTOR * k) if rules.diversity > 0 else None,
        pins=np.array([column for _, column in pins], dtype=np.int64),
        pin_ranks=np.array([rank for rank, _ in pins], dtype=np.int64),
    )


def _limit(items: pl.DataFrame, column: str, maximum: int) -> Limit:
    kind = items[column].str.strip_chars().str.to_lowercase()
    codes = kind.rank("dense").cast(pl.Int64).fill_null(-1).to_numpy()
    return Limit(f"at most {maximum} per {column.replace('_', ' ')}", codes, maximum)
