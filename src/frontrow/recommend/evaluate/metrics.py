"""From lists to figures: every measure of one model on one part of the customers, each with its interval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from frontrow.metrics.bootstrap import bootstrap_ratios
from frontrow.metrics.ranking import PER_QUERY, Hits, catalogue_coverage, find_hits, novelty
from frontrow.recommend.evaluate.window import Part

ACCURACY_AT: Final = (1, 5, 10, 50, 100)
"""Where the top-k accuracy of a two-tower retrieval model is commonly told (TensorFlow Recommenders)."""

VALUE_SCHEMA: Final = {
    "model": pl.String(),
    "customers": pl.String(),
    "products": pl.String(),
    "metric": pl.String(),
    "k": pl.Int64(),
    "value": pl.Float64(),
    "low": pl.Float64(),
    "high": pl.Float64(),
}


@dataclass(frozen=True)
class Listed:
    """A model's lists for a part.

    Attributes:
        part: Who was asked about.
        lists: Product columns as `index.top_k` gives them, shape (queries, longest k).
        candidates: What could be listed, shape (products,).
        information: Self-information of each product in bits, shape (products,).
    """

    part: Part
    lists: NDArray[np.int64]
    candidates: NDArray[np.bool_]
    information: NDArray[np.float64]

    @cached_property
    def hits(self) -> Hits:
        """Where the lists hold a target."""
        return find_hits(self.lists, self.part.targets)


def measured(model: str, listed: Listed, k: Sequence[int], *, seed: int, draws: int) -> pl.DataFrame:
    """Every measure at each k, novelty, coverage, and the accuracy at `ACCURACY_AT`, in `VALUE_SCHEMA`."""
    wanted = listed.part.wanted
    ones = np.ones(len(wanted))
    told = [
        *[((name, at), PER_QUERY[name](listed.hits[:, :at], wanted), ones) for at in k for name in PER_QUERY],
        *[(("novelty", at), *novelty(listed.lists[:, :at], listed.information)) for at in k],
        *[(("accuracy", at), listed.hits[:, :at].sum(axis=1), wanted) for at in ACCURACY_AT],
    ]
    parts = np.column_stack([part for _, part, _ in told]).astype(np.float64)
    wholes = np.column_stack([whole for _, _, whole in told]).astype(np.float64)
    ratios = bootstrap_ratios(parts, wholes, seed=seed, draws=draws)
    rows = [(*name, *ratios[:, place].tolist()) for place, (name, _, _) in enumerate(told)]
    rows += [("coverage", at, catalogue_coverage(listed.lists[:, :at], listed.candidates), None, None) for at in k]
    about = (model, listed.part.customers, listed.part.products)
    return pl.DataFrame([(*about, *row) for row in rows], schema=VALUE_SCHEMA, orient="row")
