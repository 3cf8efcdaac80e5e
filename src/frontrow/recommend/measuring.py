"""From lists to figures: every measure of one model on one part of the customers, each with its interval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from frontrow.ranking_metrics import PER_QUERY, Hits, coverage, hits_of, resampled_ratios
from frontrow.recommend.window import Part

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
    """

    part: Part
    lists: NDArray[np.int64]
    candidates: NDArray[np.bool_]

    @cached_property
    def hits(self) -> Hits:
        """Where the lists hold a target."""
        return hits_of(self.lists, self.part.targets)


def measured(model: str, listed: Listed, k: Sequence[int], *, seed: int, draws: int) -> pl.DataFrame:
    """Every measure at each k, the coverage, and the accuracy at `ACCURACY_AT`, in the columns of `VALUE_SCHEMA`."""
    wanted = listed.part.wanted
    names = [(metric, length) for length in k for metric in PER_QUERY]
    means = [PER_QUERY[metric](listed.hits[:, :length], wanted) for metric, length in names]
    names += [("accuracy", length) for length in ACCURACY_AT]
    found = [listed.hits[:, :length].sum(axis=1).astype(np.float64) for length in ACCURACY_AT]
    wholes = [np.ones(len(wanted))] * len(means) + [wanted.astype(np.float64)] * len(found)
    parts = np.column_stack([*means, *found])
    ratios = resampled_ratios(parts, np.column_stack(wholes), seed=seed, draws=draws)
    rows = [(*name, *ratios[:, place].tolist()) for place, name in enumerate(names)]
    rows += [("coverage", length, coverage(listed.lists[:, :length], listed.candidates), None, None) for length in k]
    told = (model, listed.part.customers, listed.part.products)
    return pl.DataFrame([(*told, *row) for row in rows], schema=VALUE_SCHEMA, orient="row")
