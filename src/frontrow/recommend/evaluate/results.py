"""The settings and the result of an evaluation of recommenders."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from frontrow.errors import RecommendationError
from frontrow.metrics.bootstrap import bootstrap_ratios
from frontrow.recommend.candidates import ON_SALE_DAYS
from frontrow.recommend.registry import DEFAULT_MODEL
from frontrow.storage.folder import check_output_file, replace_file


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
        """Write `values` to a Parquet file, in one step.

        Raises:
            InputError: The suffix is another.
        """
        with replace_file(check_output_file(file, ".parquet")) as staged:
            self.values.write_parquet(staged)
