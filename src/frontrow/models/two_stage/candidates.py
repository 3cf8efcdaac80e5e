"""What a ranker is told of the candidates of a block of customers."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from frontrow.models.interactions.interactions import Queries
from frontrow.models.ranker import Candidates
from frontrow.models.two_stage.customer_table import CUSTOMER_FEATURES
from frontrow.models.two_stage.pair_table import PAIR_FEATURES
from frontrow.models.two_stage.product_table import PRODUCT_FEATURES
from frontrow.models.two_stage.sources import Cells, Sources
from frontrow.models.two_stage.standing import CONTEXT_FEATURES, Standing


def described(
    stand: Standing, sources: Sources, queries: Queries, scores: NDArray[np.float32], cells: Cells
) -> Candidates:
    """What a ranker is told of some cells; the customers all have a row, or none has."""
    position, column = cells
    returning = bool((queries.rows >= 0).any())
    country = stand.share.rows(queries)
    found = scores[:, position, column]
    most = np.maximum(scores.max(axis=2, initial=0), np.finfo(np.float32).tiny)
    parts = [found.T, (found / most[:, position]).T, stand.products[column]]
    if returning:
        rows = queries.rows[position]
        parts += [stand.pairs.of(rows, column), stand.customers[rows]]
    context = _context(stand, queries, cells, country, returning)
    return Candidates(
        query=position.astype(np.int32),
        product=column.astype(np.int32),
        features=np.column_stack([*parts, *context]).astype(np.float32, copy=False),
        names=feature_names(tuple(sources.fitted), returning=returning),
        categories=np.column_stack([column, stand.codes[column], country[position]]).astype(np.int32),
        category_sizes=(len(stand.products), *stand.code_counts, len(stand.share.values)),
        history=_history(stand, queries.rows),
        products=len(stand.products),
    )


def feature_names(sources: tuple[str, ...], *, returning: bool) -> tuple[str, ...]:
    """Of the columns of `described`."""
    told = (*(f"score_{name}" for name in sources), *(f"score_of_best_{name}" for name in sources))
    tables = {"product": PRODUCT_FEATURES}
    if returning:
        tables |= {"pair": PAIR_FEATURES, "customer": CUSTOMER_FEATURES}
    named = (f"{table}_{name}" for table, names in tables.items() for name in names)
    return (*told, *named, *CONTEXT_FEATURES)


def _context(
    stand: Standing, queries: Queries, cells: Cells, country: NDArray[np.int64], returning: bool
) -> list[NDArray[np.float32]]:
    """`CONTEXT_FEATURES`."""
    position, column = cells
    rows = queries.rows[position]
    own = np.full((2, len(position)), np.nan, dtype=np.float32)
    if returning:
        means = [CUSTOMER_FEATURES.index(name) for name in ("log_price_mean", "log_buyers_mean")]
        products = [PRODUCT_FEATURES.index(name) for name in ("log_price", "buyers_365d")]
        theirs = stand.products[:, products].copy()
        theirs[:, 1] = np.log1p(theirs[:, 1])
        own = (theirs[column] - stand.customers[rows][:, means]).T
    hour, month = (queries.context[name].cast(pl.Float32).fill_null(np.nan).to_numpy() for name in ("hour", "month"))
    return [stand.share.values[country[position], column], *own, hour[position], month[position]]


def _history(stand: Standing, rows: NDArray[np.int64]) -> NDArray[np.int32]:
    found = stand.history[rows]
    found[rows < 0] = -1
    return found
