"""What is classified: which launches have enough sales, which of their customers, and how these are split."""

from __future__ import annotations

from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from frontrow.errors import LaunchError, require
from frontrow.masking import describe_value
from frontrow.shop.history import History
from frontrow.tables.nearest_name import find_nearest

SCORED: Final = "scored"
BOTH_PERIODS: Final = "both-periods"
COHORTS: Final = (SCORED, BOTH_PERIODS)

FEWEST_BUYERS: Final = 8
"""With fewer, one part of the customers would be left with one buyer or none."""

FIT: Final = 0
VALIDATION: Final = 1
TEST: Final = 2
PARTS: Final = {FIT: "fit", VALIDATION: "validation", TEST: "test"}


def require_classifiers() -> None:
    """Refuse at once, and not after minutes of fitting, where packages of the classifiers are missing.

    Raises:
        MissingExtraError: A package of the extra `neural` is not installed.
    """
    for package in ("torch", "sklearn"):
        require(package, extra="neural")


def find_launch(cycles: pl.DataFrame, product_id: str, history: History) -> pl.DataFrame:
    """The life cycle of a product, with its launch day as `cutoff_day`.

    Args:
        cycles: What `life_cycle.compute_life_cycles` returns for the history.
        product_id: The product.
        history: What is known.

    Raises:
        LaunchError: It has no sale yet.
    """
    product = cycles.filter(pl.col("product_id") == product_id)
    if product.height == 0 or product["launch_day"].item() >= history.cutoff_day:
        nearest = find_nearest(product_id, cycles["product_id"])
        hint = "" if nearest is None else f"Did you mean {nearest}? "
        raise LaunchError(
            f"{describe_value(product_id)} has no sale before {history.cutoff.date()}. {hint}Classifiers learn from a "
            "launch's own sales; product ids are listed by: frontrow launches SHOP --all. For a product that nobody "
            "has bought: frontrow audience"
        )
    return product.with_columns(cutoff_day=pl.col("launch_day"))


def require_buyers(rows: pl.DataFrame, product_id: str) -> None:
    """Refuse a launch with fewer than `FEWEST_BUYERS` buyers among the customers compared.

    Args:
        rows: One row a customer, with `bought`.
        product_id: Named in the error.

    Raises:
        LaunchError: There are too few buyers.
    """
    buyers = int(rows["bought"].sum())
    if buyers < FEWEST_BUYERS:
        raise LaunchError(
            f'"{product_id}" has {buyers} buyers among {rows.height:,} customers compared; classifiers learn from a '
            f"launch's own sales and take at least {FEWEST_BUYERS}. Wait for more sales, or rank customers without "
            "any: frontrow audience"
        )


def filter_ordered_in_window(rows: pl.DataFrame, history: History, horizon_days: int) -> pl.DataFrame:
    """Rows of customers who ordered anything within the horizon of the launch: the notebook's choice of customers.

    It picks customers by what they did afterwards, which nobody knows on the day (`classification` warns wherever it
    is used).

    Args:
        rows: `launch`, `customer_id`, `cutoff_day` and any other columns.
        history: What is known.
        horizon_days: Days from the launch on.

    Example:
        >>> from frontrow.testing.shops import DAY_ZERO, hand_made_shop
        >>> history = hand_made_shop([(1, "pot", 0), (1, "pot", 5), (2, "pot", 0), (2, "pot", 9)]).as_of()
        >>> rows = pl.DataFrame({"launch": [0, 0], "customer_id": [1, 2], "cutoff_day": [DAY_ZERO + 5] * 2})
        >>> filter_ordered_in_window(rows, history, 4)["customer_id"].to_list()
        [1]
    """
    days = history.lines.filter(pl.col("customer_id").is_not_null()).select("customer_id", "day").unique().collect()
    since = pl.col("day") - pl.col("cutoff_day")
    keys = rows.select("launch", "customer_id", "cutoff_day")
    ordered = keys.join(days, on="customer_id", how="inner").filter((since >= 0) & (since < horizon_days))
    return rows.join(ordered, on=["launch", "customer_id"], how="semi", maintain_order="left")


def stratified_parts(
    labels: NDArray[np.float64], *, test_share: float, validation_share: float, seed: int
) -> NDArray[np.int8]:
    """Split customers at random into `FIT`, `VALIDATION` and `TEST`, buyers and others each by the same shares.

    Args:
        labels: 1.0 for a buyer, else 0.0; shape (customers,).
        test_share: Share of all customers.
        validation_share: Share of those not tested.
        seed: The same seed gives the same split.

    Returns:
        Shape (customers,), int8.

    Example:
        >>> parts = stratified_parts(np.repeat([1.0, 0.0], [20, 80]), test_share=0.45, validation_share=0.2, seed=1)
        >>> np.bincount(parts[:20]).tolist(), np.bincount(parts[20:]).tolist()
        ([9, 2, 9], [35, 9, 36])
    """
    rng = np.random.default_rng(seed)
    parts = np.empty(len(labels), dtype=np.int8)
    for label in (1.0, 0.0):
        shuffled = rng.permutation(np.flatnonzero(labels == label))
        tested = round(len(shuffled) * test_share)
        validated = round((len(shuffled) - tested) * validation_share)
        parts[shuffled[:tested]] = TEST
        parts[shuffled[tested : tested + validated]] = VALIDATION
        parts[shuffled[tested + validated :]] = FIT
    return parts
