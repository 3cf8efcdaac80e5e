"""RFM groups: recency, frequency and money in five classes each, and the ten groups that marketers name after them."""

from __future__ import annotations

from typing import Final

import polars as pl

CLASSES: Final = 5

GROUPS: Final = {
    "champions": "ordered last of all, and most",
    "loyal": "order often, and not long ago",
    "potential loyalists": "ordered lately, a few times so far",
    "new": "ordered lately, for the first time or for little",
    "promising": "ordered not long ago, for the first time or for little",
    "need attention": "in the middle in everything",
    "about to sleep": "ordered some time ago, and seldom",
    "at risk": "ordered often, and not for a long time",
    "cannot lose them": "ordered most of all, and not for a long time",
    "hibernating": "ordered seldom, and not for a long time",
}
"""The usual groups with what their customers have in common, best first."""

GRID: Final = (
    # frequency and money 1 to 5 from left to right; the first row is recency 1, the longest ago
    ("hibernating", "hibernating", "at risk", "at risk", "cannot lose them"),
    ("hibernating", "hibernating", "at risk", "at risk", "cannot lose them"),
    ("about to sleep", "about to sleep", "need attention", "loyal", "loyal"),
    ("promising", "potential loyalists", "potential loyalists", "loyal", "loyal"),
    ("new", "potential loyalists", "potential loyalists", "champions", "champions"),
)
"""The group of each recency score and mean of frequency and money score."""

SCORES: Final = ("recency_score", "frequency_score", "monetary_score")


def add_rfm_groups(customers: pl.DataFrame) -> pl.DataFrame:
    """Add the scores and the group of each customer.

    A score is the fifth of the customers that a customer is in; 5 is the best: ordered last, most often, for the most.
    Customers who are level get the same score: that of the middle of their places. The group is that of the recency
    score and of the mean of the other two, a half rounded up.

    Args:
        customers: `days_since_last_order`, `orders` and `spend` of each.

    Returns:
        The same rows with `SCORES` (Int8) and `rfm_group`.

    Example:
        >>> frame = pl.DataFrame({"days_since_last_order": [1, 400], "orders": [9, 1], "spend": [900.0, 5.0]})
        >>> add_rfm_groups(frame)["rfm_group"].to_list()
        ['loyal', 'hibernating']
    """
    ranked = customers.with_columns(
        _score(-pl.col("days_since_last_order")).alias("recency_score"),
        _score(pl.col("orders")).alias("frequency_score"),
        _score(pl.col("spend")).alias("monetary_score"),
    )
    value = (pl.col("frequency_score").cast(pl.Int32) + pl.col("monetary_score") + 1) // 2
    cell = (pl.col("recency_score").cast(pl.Int32) - 1) * CLASSES + value - 1
    names = [group for row in GRID for group in row]
    return ranked.with_columns(cell.replace_strict(dict(enumerate(names)), return_dtype=pl.String).alias("rfm_group"))


def _score(value: pl.Expr) -> pl.Expr:
    """The fifth that a value lies in, from 1 to 5; ties share the middle of their places."""
    middle = (value.rank("average") - 0.5) / pl.len()
    return (middle * CLASSES).floor().clip(0, CLASSES - 1).cast(pl.Int8) + 1
