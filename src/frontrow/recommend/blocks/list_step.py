"""The step that makes the lists of a block of customers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

import polars as pl

from frontrow.models.interactions.blocks import number_block
from frontrow.recommend.blocks.learned import with_customers
from frontrow.recommend.lists import ROW_SCHEMA, Recommendations, build_recommendations
from frontrow.recommend.rerank.rerank import EFFECT_SCHEMA
from frontrow.recommend.rerank.rules import Rules
from frontrow.recommend.sources import find_probability_horizon
from frontrow.recommend.trained import TrainedRecommender
from frontrow.storage.packed_folder import PackedFolder

SUMMARY: Final = pl.Struct(
    {
        "customers": pl.Int64(),
        "active": pl.Int64(),
        "without_order": pl.Int64(),
        "short": pl.Int64(),
        "effects": pl.List(pl.Struct(dict(EFFECT_SCHEMA))),
    }
)

BLOCK_LIST_SCHEMA: Final = {"customer_id": pl.Int64(), **ROW_SCHEMA, "summary": SUMMARY}
"""Lists of a block. The first row has its `summary`, and neither a customer nor a product; a customer whose list is
empty has a row without a product."""


@dataclass(frozen=True)
class ListsOfBlock:
    """A step: order lines of whole customers in, their lists out.

    Attributes:
        trained: Made by `learned.learn_recommender`; or where it was saved, which every machine can reach; or what was
            saved, where there is no such place.
        rules: The rules of the shop.
        k: Length of the lists.
        active_days: Customers with an order in the last so many days before the cutoff are active.
        everyone: Whether the others get a list, too.
    """

    trained: TrainedRecommender | Path | PackedFolder
    rules: Rules
    k: int
    active_days: int
    everyone: bool = False

    def __call__(self, lines: pl.DataFrame) -> pl.DataFrame:
        """Make the lists.

        Returns:
            `BLOCK_LIST_SCHEMA`, by customer and rank.
        """
        trained = self.trained if isinstance(self.trained, TrainedRecommender) else _load(self.trained)
        cutoff_day = trained.past_purchases.cutoff_day
        if not self.everyone:
            lines = lines.filter(pl.col("day").max().over("customer_id") >= cutoff_day - self.active_days)
        interactions = number_block(lines, trained.sold_items.select("product_id"), cutoff_day)
        block = with_customers(trained, interactions)
        lists = block.recommend(block.queries(block.customer_ids), k=self.k, rules=self.rules)
        customers = pl.DataFrame({"customer_id": block.customer_ids}, schema={"customer_id": pl.Int64()})
        are_probabilities = find_probability_horizon(trained.fitted) is not None
        made = build_recommendations(lists, customers, trained.items, scores_are_probabilities=are_probabilities)
        return to_block(made, active=len(block.active(self.active_days)), customers=customers)


def to_block(
    made: Recommendations, *, active: int, customers: pl.DataFrame | None = None, without_order: int = 0
) -> pl.DataFrame:
    """The table of the lists of a block.

    Args:
        made: The lists.
        active: How many of their customers are active.
        customers: `customer_id` of all of them, where some of the lists may be empty.
        without_order: How many of the customers have no order.
    """
    summary = {
        "customers": made.customers,
        "active": active,
        "without_order": without_order,
        "short": made.short,
        "effects": made.effects.to_dicts(),
    }
    parts = [pl.DataFrame({"summary": [summary]}, schema={"summary": SUMMARY}), made.rows]
    if customers is not None:
        parts.append(customers.join(made.rows, on="customer_id", how="anti"))
    return pl.concat(parts, how="diagonal").select(
        pl.col(name).cast(dtype) for name, dtype in BLOCK_LIST_SCHEMA.items()
    )


@lru_cache(maxsize=1)
def _load(saved: Path | PackedFolder) -> TrainedRecommender:
    """Read a recommender once in a process that works on several blocks."""
    if isinstance(saved, Path):
        return TrainedRecommender.load(saved)
    with saved.unpack() as folder:
        return TrainedRecommender.load(folder)
