"""The metrics of a model's lists, with their intervals, and the result of an evaluation of recommenders."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from frontrow.errors import RecommendationError
from frontrow.metrics.bootstrap import bootstrap_ratios
from frontrow.metrics.ranking import PER_QUERY, Hits, catalogue_coverage, find_hits, novelty
from frontrow.recommend.candidates import ON_SALE_DAYS
from frontrow.recommend.evaluate.window import CustomerGroup
from frontrow.recommend.registry import DEFAULT_MODEL
from frontrow.storage.table_output import TableFile

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
class EvaluationSettings:
    """Settings of an evaluation.

    Attributes:
        horizon_days: A purchase within so many days of the cutoff is a target.
        on_sale_days: Products sold in so many days before the cutoff may be listed.
        k: Lengths of list at which every metric is taken; `Evaluation.compare_with` takes the first.
        draws: Resamples of customers behind each interval.
    """

    horizon_days: int = 30
    on_sale_days: int = ON_SALE_DAYS
    k: tuple[int, ...] = (10,)
    draws: int = 1_000


@dataclass(frozen=True)
class Evaluation:
    """The result of an evaluation.

    Attributes:
        values: Tidy: `model`, `customers`, `products`, `metric`, `k`, `value`, `low`, `high` (the 95 % interval from
            resampling customers; null for the coverage of the catalogue, which has none). `novelty` is the mean
            self-information of what is listed, in bits; `accuracy` the share of pairs of customer and target whose
            product is in the customer's list.
        counts: `customers`, `products`, `tested` (customers), `targets`, and `reachable`: targets that were on sale
            before the cutoff; no recommender here can list another.
        costs: `model`; `fit_seconds` and `lists_seconds` (of all customers and all kinds of list) on the wall clock,
            `fit_cpu_seconds` and `lists_cpu_seconds` of the processor; `peak_mb`, memory at its peak during
            both, above what was held before the shop was read (see `peak_memory`); null where that is not known.
        cutoff: Everything learned comes from before.
        candidates: How many products could be listed.
        settings: The settings.
        seed: Of the fits and the resamples.
        skipped: Recommenders left out because of an extra that is not installed, by file name, with how to install it.
        per_customer: NDCG of each customer at the first k, by model and group, in the same order for every model.
    """

    values: pl.DataFrame
    counts: pl.DataFrame
    costs: pl.DataFrame
    cutoff: dt.datetime
    candidates: int
    settings: EvaluationSettings
    seed: int
    skipped: dict[str, str]
    per_customer: dict[tuple[str, str, str], NDArray[np.float64]] = field(repr=False)

    @property
    def reference(self) -> str:
        """What the others are compared with: the default model, or the first where that was not tested."""
        models = self.costs["model"].to_list()
        return DEFAULT_MODEL if DEFAULT_MODEL in models else str(models[0])

    def compare_with(self, reference: str) -> pl.DataFrame:
        """Compute how much higher the NDCG of each other model is than the reference's, customer by customer.

        Columns: `model`, `customers`, `products`, `difference` (mean), `low`, `high` (95 %, the same customers
        resampled for both).

        Raises:
            RecommendationError: The reference was not tested.
        """
        if reference not in self.costs["model"]:
            models = ", ".join(self.costs["model"])
            raise RecommendationError(f'"{reference}" was not tested; these were: {models}. Name one of them.')
        rows = []
        for (model, customers, products), values in self.per_customer.items():
            if model != reference:
                gain = values - self.per_customer[reference, customers, products]
                estimate = bootstrap_ratios(gain[:, None], np.ones((1, 1)), seed=self.seed, draws=self.settings.draws)
                rows.append((model, customers, products, *estimate[:, 0].tolist()))
        names = ("model", "customers", "products")
        schema = {**dict.fromkeys(names, pl.String()), **dict.fromkeys(("difference", "low", "high"), pl.Float64())}
        return pl.DataFrame(rows, schema=schema, orient="row")

    def to_dict(self) -> dict[str, Any]:
        """What `--json` prints."""
        return {
            "cutoff": self.cutoff.isoformat(),
            "settings": asdict(self.settings),
            "seed": self.seed,
            "candidates": self.candidates,
            "counts": self.counts.to_dicts(),
            "costs": self.costs.to_dicts(),
            "reference": self.reference,
            "differences": self.compare_with(self.reference).to_dicts(),
            "skipped": self.skipped,
            # JSON has no NaN: a program reads null for a metric that is not defined
            "values": self.values.with_columns(pl.col("value", "low", "high").fill_nan(None)).to_dicts(),
        }

    def write(self, file: str | Path) -> None:
        """Write `values` to a CSV, Parquet or JSON lines file, by its suffix, in one step.

        Raises:
            InputError: The suffix is another.
        """
        TableFile.choose(file).write(self.values)


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
