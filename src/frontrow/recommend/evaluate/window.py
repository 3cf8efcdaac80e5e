"""Who buys in the window after a cutoff, and what: the questions that recommenders are tested on."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy import sparse

from frontrow.errors import RecommendationError
from frontrow.models.interactions.contexts import first_contexts
from frontrow.models.interactions.interactions import Interactions, Queries, build_interactions, order_lines
from frontrow.shop.shop import History

RETURNING, NEW = "returning", "new"
EVERY, NEVER_BOUGHT = "all", "never bought"


@dataclass(frozen=True)
class Part:
    """Customers tested together.

    Attributes:
        customers: `RETURNING` (bought before the cutoff too) or `NEW` (their first order lies in the window).
        products: `EVERY`, or `NEVER_BOUGHT`: what the customer bought before is no target and not shown.
        queries: Those with a target, by customer.
        targets: A stored cell a target, those with a column only; shape (queries, products).
        wanted: Targets of each, those first sold after the cutoff included; shape (queries,), int64.
        hidden: A stored cell a product not shown to a customer, shape (queries, products); None for nothing.
    """

    customers: str
    products: str
    queries: Queries
    targets: sparse.csr_matrix
    wanted: NDArray[np.int64]
    hidden: sparse.csr_matrix | None


@dataclass(frozen=True)
class Window:
    """What is known at the cutoff, and what happens in the days after it.

    Attributes:
        known: All that a recommender may learn from.
        parts: Returning customers on all products, on those never bought, and new customers.
    """

    known: Interactions
    parts: tuple[Part, ...]


def window(history: History, cutoff: dt.datetime | dt.date, days: int) -> Window:
    """Cut a history in two.

    Raises:
        RecommendationError: The history ends before the window does, or begins after the cutoff.

    Example:
        >>> from frontrow.testing.shops import hand_made_shop
        >>> shop = hand_made_shop([(7, "bulb", 0), (7, "pot", 2), (9, "pot", 3), (None, "pot", 3)])
        >>> cut = window(shop.as_of(), shop.midnight(20_001), days=3)
        >>> [(part.customers, part.products, part.wanted.tolist(), part.targets.nnz) for part in cut.parts]
        [('returning', 'all', [1], 0), ('returning', 'never bought', [1], 0), ('new', 'all', [1], 0)]
    """
    start = history.instant(cutoff)
    end = history.instant(start + dt.timedelta(days=days))
    _refuse_short(history, start, end)
    before, after = history.as_of(start), history.as_of(end)
    known = build_interactions(before)
    if known.lines.height == 0:
        raise RecommendationError(
            f"No known customer ordered before {before.cutoff.date()}, so there is nothing to learn from. "
            "Choose a later cutoff."
        )
    lines = _lines_between(before, after)
    row = pl.DataFrame({"customer_id": known.customer_ids}).with_row_index("row").cast(pl.Int64)
    column = known.products.select("product_id").with_row_index("column").cast({"column": pl.Int64})
    pairs = (
        lines.select("customer_id", "product_id")
        .unique()
        .join(row, on="customer_id", how="left")
        .join(column, on="product_id", how="left")
        .with_columns(pl.col("row", "column").fill_null(-1))
        .sort("customer_id", "product_id")
    )
    returning, new = pairs.filter(pl.col("row") >= 0), pairs.filter(pl.col("row") < 0)
    counts = known.counts()
    parts = (
        _part(known, RETURNING, EVERY, returning),
        _part(known, RETURNING, NEVER_BOUGHT, _never_bought(returning, counts), bought=counts),
        _part(known, NEW, EVERY, new, lines=lines),
    )
    return Window(known, parts)


def _lines_between(before: History, after: History) -> pl.DataFrame:
    """Lines of known customers from one cutoff to the other, each customer's by time."""
    start = pl.lit(before.cutoff.astimezone(dt.UTC), pl.Datetime("us", "UTC"))
    lines = order_lines(after).filter(pl.col("ordered_at").dt.convert_time_zone("UTC") >= start)
    return lines.sort("customer_id", "ordered_at", "order_id", "line_number").collect()


def _never_bought(pairs: pl.DataFrame, history: sparse.csr_matrix) -> pl.DataFrame:
    """Without the pairs that stand in a history, shape (customers, products)."""
    cells = history.tocoo()
    bought = pl.DataFrame({"row": cells.row, "column": cells.col}).cast(pl.Int64)
    return pairs.join(bought, on=["row", "column"], how="anti", maintain_order="left")


def _part(
    known: Interactions,
    customers: str,
    products: str,
    pairs: pl.DataFrame,
    *,
    bought: sparse.csr_matrix | None = None,
    lines: pl.DataFrame | None = None,
) -> Part:
    """Ask about the customers of some pairs, as they stood at the cutoff; or by the first of `lines`, never seen."""
    asked = pairs.group_by("customer_id", "row", maintain_order=True).agg(wanted=pl.len())
    rows = asked["row"].to_numpy()
    query = np.repeat(np.arange(asked.height), asked["wanted"].to_numpy())
    column = pairs["column"].to_numpy()
    inside = column >= 0
    cells = (np.ones(int(inside.sum()), dtype=np.bool_), (query[inside], column[inside]))
    return Part(
        customers,
        products,
        known.queries(rows) if lines is None else Queries(rows, first_contexts(lines, asked["customer_id"])),
        sparse.csr_matrix(cells, shape=(asked.height, known.shape[1])),
        asked["wanted"].to_numpy().astype(np.int64),
        None if bought is None else bought[rows],
    )


def _refuse_short(history: History, start: dt.datetime, end: dt.datetime) -> None:
    if end > history.cutoff:
        raise RecommendationError(
            f"The orders end before {history.cutoff.date()}, so what customers bought until {end.date()} is not known. "
            f"Choose an earlier cutoff than {start.date()}, or a shorter horizon."
        )
