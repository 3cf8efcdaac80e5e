"""The evaluation window: who buys in the days after a cutoff, and what; recommenders are tested on these purchases."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy import sparse

from frontrow.errors import RecommendationError
from frontrow.models.interactions.interactions import Interactions, Queries, build_interactions, order_lines
from frontrow.models.interactions.split import PurchaseWindow, WindowPurchases, number_lines
from frontrow.shop.history import History

RETURNING: Final = "returning"
NEW: Final = "new"
ALL_PRODUCTS: Final = "all"
NEVER_BOUGHT: Final = "never bought"


@dataclass(frozen=True)
class CustomerGroup:
    """Customers who are tested together.

    Attributes:
        customers: `RETURNING` (bought before the cutoff too) or `NEW` (their first order lies in the window).
        products: `ALL_PRODUCTS`, or `NEVER_BOUGHT`: products bought before are neither targets nor listed.
        queries: Customers with a target, by customer number.
        targets: One stored cell for each target that the model can list; shape (queries, products).
        target_counts: Targets of each, including those first sold after the cutoff; shape (queries,), int64.
        hidden: One stored cell for each product not shown to a customer, shape (queries, products); None for none.
    """

    customers: str
    products: str
    queries: Queries
    targets: sparse.csr_matrix
    target_counts: NDArray[np.int64]
    hidden: sparse.csr_matrix | None = None


@dataclass(frozen=True)
class EvaluationWindow:
    """Interactions before the cutoff, and what happens in the days after it.

    Attributes:
        train: All that a recommender may learn from.
        groups: Returning customers on all products, on those they never bought, and new customers.
    """

    train: Interactions
    groups: tuple[CustomerGroup, ...]


def build_evaluation_window(history: History, cutoff: dt.datetime | dt.date, horizon_days: int) -> EvaluationWindow:
    """Split a history in two.

    Args:
        history: Up to the end of the window, or later.
        cutoff: An instant or a date, the beginning of the window.
        horizon_days: Length of the window in days.

    Raises:
        RecommendationError: The history ends before the window does, or begins after the cutoff.

    Example:
        >>> from frontrow.testing.shops import hand_made_shop
        >>> shop = hand_made_shop([(7, "bulb", 0), (7, "pot", 2), (9, "pot", 3), (None, "pot", 3)])
        >>> window = build_evaluation_window(shop.as_of(), shop.midnight(20_001), horizon_days=3)
        >>> [(group.customers, group.target_counts.tolist(), group.targets.nnz) for group in window.groups]
        [('returning', [1], 0), ('returning', [1], 0), ('new', [1], 0)]
    """
    start = history.instant(cutoff)
    end = history.instant(start + dt.timedelta(days=horizon_days))
    if end > history.cutoff:
        raise RecommendationError(
            f"The orders end before {history.cutoff.date()}, so what customers bought until {end.date()} is not known. "
            f"Choose an earlier cutoff than {start.date()}, or a shorter horizon."
        )
    train = build_interactions(history.as_of(start))
    if train.lines.height == 0:
        raise RecommendationError(
            f"No known customer ordered before {start.date()}, so there is nothing to learn from. "
            "Choose a later cutoff."
        )
    window = PurchaseWindow(train, number_lines(_lines_from(start, history.as_of(end)), train))
    purchased = train.counts()
    never_bought = window.returning.never_bought(purchased)
    groups = (
        _group(RETURNING, ALL_PRODUCTS, window.returning),
        _group(RETURNING, NEVER_BOUGHT, never_bought, hidden=purchased[never_bought.customers]),
        _group(NEW, ALL_PRODUCTS, window.new),
    )
    return EvaluationWindow(train, groups)


def _lines_from(start: dt.datetime, history: History) -> pl.DataFrame:
    """Lines of known customers from an instant to the cutoff, each customer's by time."""
    instant = pl.lit(start.astimezone(dt.UTC), pl.Datetime("us", "UTC"))
    lines = order_lines(history).filter(pl.col("ordered_at").dt.convert_time_zone("UTC") >= instant)
    return lines.sort("customer_id", "ordered_at", "order_id", "line_number").collect()


def _group(
    customers: str, products: str, purchases: WindowPurchases, *, hidden: sparse.csr_matrix | None = None
) -> CustomerGroup:
    return CustomerGroup(customers, products, purchases.queries, purchases.targets(), purchases.counts, hidden)
