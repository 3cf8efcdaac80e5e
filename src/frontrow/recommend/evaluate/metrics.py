"""From lists to metrics: every metric of a model on a group of customers, with its interval."""

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
from frontrow.recommend.evaluate.window import CustomerGroup

ACCURACY_AT: Final = (1, 5, 10, 50, 100)
"""Where the top-k accuracy of a two-tower retrieval model is commonly reported (TensorFlow Recommenders)."""

METRIC_SCHEMA: Final = {
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
class GroupLists:
    """A model's lists for a group of customers.

    Attributes:
        group: The customers and their targets.
        lists: Product columns as `index.top_k` gives them, shape (queries, longest k).
        candidates: What could be listed, shape (products,).
        information: Self-information of each product in bits, shape (products,).
    """

    group: CustomerGroup
    lists: NDArray[np.int64]
    candidates: NDArray[np.bool_]
    information: NDArray[np.float64]

    @cached_property
    def hits(self) -> Hits:
        """Where the lists hold a target."""
        return find_hits(self.lists, self.group.targets)


def compute_metrics(model: str, lists: GroupLists, k: Sequence[int], *, seed: int, draws: int) -> pl.DataFrame:
    """Compute every metric at each k, novelty, coverage, and the accuracy at `ACCURACY_AT`.

    Args:
        model: File name of the model.
        lists: Its lists for a group.
        k: Lengths of list.
        seed: Of the resamples.
        draws: Resamples of customers behind each interval.

    Returns:
        `METRIC_SCHEMA`.
    """
    counts, hits = lists.group.target_counts, lists.hits
    ones = np.ones(len(counts))
    sums = [
        *[((name, at), PER_QUERY[name](hits[:, :at], counts), ones) for at in k for name in PER_QUERY],
        *[(("novelty", at), *novelty(lists.lists[:, :at], lists.information)) for at in k],
        *[(("accuracy", at), hits[:, :at].sum(axis=1), counts) for at in ACCURACY_AT],
    ]
    numerators = np.column_stack([numerator for _, numerator, _ in sums]).astype(np.float64)
    denominators = np.column_stack([denominator for _, _, denominator in sums]).astype(np.float64)
    ratios = bootstrap_ratios(numerators, denominators, seed=seed, draws=draws)
    rows = [(*metric, *ratios[:, column].tolist()) for column, (metric, _, _) in enumerate(sums)]
    rows += [("coverage", at, catalogue_coverage(lists.lists[:, :at], lists.candidates), None, None) for at in k]
    keys = (model, lists.group.customers, lists.group.products)
    return pl.DataFrame([(*keys, *row) for row in rows], schema=METRIC_SCHEMA, orient="row")
