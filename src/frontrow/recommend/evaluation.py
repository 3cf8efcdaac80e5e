"""Test recommenders on what customers bought in the days after a cutoff: full ranking, intervals, everyone asked."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from frontrow.errors import InputError, MissingExtraError, RecommendationError
from frontrow.models.recommenders.base import Fitted, Progress, Recommender, recommenders, silent
from frontrow.ranking_metrics import ndcg, resampled_ratios
from frontrow.recommend.candidates import ON_SALE_DAYS, on_sale
from frontrow.recommend.index import top_k
from frontrow.recommend.measuring import ACCURACY_AT, VALUE_SCHEMA, Listed, measured
from frontrow.recommend.named import recommender_named
from frontrow.recommend.window import Part, Window, window
from frontrow.shop.folder import replace_file
from frontrow.shop.shop import Shop

SECONDS_SCHEMA: Final = {"model": pl.String(), "fit": pl.Float64(), "lists": pl.Float64()}


@dataclass(frozen=True)
class EvaluationSettings:
    """What is tested.

    Attributes:
        horizon_days: What a customer buys within so many days of the cutoff is a target.
        on_sale_days: Products sold in the last so many days before the cutoff may be listed.
        k: Lengths of list that every measure is taken at; the first one is that of `Evaluation.against`.
        draws: Resamples of customers behind each interval.
    """

    horizon_days: int = 30
    on_sale_days: int = ON_SALE_DAYS
    k: tuple[int, ...] = (10,)
    draws: int = 1_000


@dataclass(frozen=True)
class Evaluation:
    """What was found.

    Attributes:
        values: Tidy: `model`, `customers`, `products`, `metric`, `k`, `value`, `low`, `high` (the 95 % interval from
            resampling customers; null for the coverage of the catalogue, which has none). `accuracy` is the share of
            pairs of customer and target whose product is in the customer's list.
        counts: `customers`, `products`, `tested` (customers), `targets`, and `reachable`: targets that were on sale
            before the cutoff; no recommender here can list another.
        seconds: `model`, `fit`, `lists` (of all customers and both kinds of list), on the wall clock.
        cutoff: Everything learned comes from before.
        candidates: How many products could be listed.
        settings: What was tested.
        seed: Of the fits and the resamples.
        skipped: Recommenders left out because of an extra that is not installed, by file name, with how to install it.
        per_customer: NDCG of each customer at the first k, by model and part, in the same order for every model.
    """

    values: pl.DataFrame
    counts: pl.DataFrame
    seconds: pl.DataFrame
    cutoff: dt.datetime
    candidates: int
    settings: EvaluationSettings
    seed: int
    skipped: dict[str, str]
    per_customer: dict[tuple[str, str, str], NDArray[np.float64]] = field(repr=False)

    def against(self, reference: str) -> pl.DataFrame:
        """How much higher the NDCG of each other model is than the reference's, customer by customer.

        Columns: `model`, `customers`, `products`, `difference` (mean), `low`, `high` (95 %, the same customers
        resampled for both).

        Raises:
            RecommendationError: The reference was not tested.
        """
        if reference not in self.seconds["model"]:
            tested = ", ".join(self.seconds["model"])
            raise RecommendationError(f'"{reference}" was not tested; these were: {tested}. Name one of them.')
        rows = []
        for (model, customers, products), theirs in self.per_customer.items():
            if model != reference:
                gain = theirs - self.per_customer[reference, customers, products]
                found = resampled_ratios(gain[:, None], np.ones((1, 1)), seed=self.seed, draws=self.settings.draws)
                rows.append((model, customers, products, *found[:, 0].tolist()))
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
            "seconds": self.seconds.to_dicts(),
            "skipped": self.skipped,
            # an undefined figure is null to a program, NaN being no JSON
            "values": self.values.with_columns(pl.col("value", "low", "high").fill_nan(None)).to_dicts(),
        }

    def write(self, file: str | Path) -> None:
        """Write `values` to a Parquet file, in one step.

        Raises:
            InputError: The suffix is another.
        """
        file = Path(file)
        if file.suffix.lower() != ".parquet":
            raise InputError("is not .parquet", file=file, advice="Choose that suffix.")
        with replace_file(file) as staged:
            self.values.write_parquet(staged)


def evaluate(
    shop: Shop,
    cutoff: dt.datetime | dt.date | None = None,
    *,
    models: Sequence[str] = (),
    only: bool = False,
    settings: EvaluationSettings | None = None,
    seed: int = 0,
    progress: Progress = silent,
) -> Evaluation:
    """Fit recommenders on everything before a cutoff and test them on what customers then buy.

    Returning customers (an order before the cutoff) are known by their history and the context of their last order;
    new ones by the context of their first order alone. Every customer who buys in the window is asked about, every
    product on sale is ranked, and a target counts although it was first sold after the cutoff.

    Args:
        shop: The shop, with orders on both sides of the cutoff.
        cutoff: An instant, a date, or None for the latest whose window has closed.
        models: File names of recommenders that have to be there, tested first.
        only: Test no other; else every other recommender whose extra is installed stands beside them.
        settings: What is tested.
        seed: The same seed gives the same result.
        progress: Called with the models done, in fractions, and their number.

    Raises:
        MissingExtraError: A model named in `models` needs an extra that is not installed.
        RecommendationError: A model is not known, or the history does not reach to the end of the window.

    Example:
        >>> from frontrow.synthetic import SyntheticShop
        >>> found = evaluate(SyntheticShop(customers=200, seed=1).shop(), models=["popular"], only=True)
        >>> found.values.filter(metric="ndcg").select("customers", "products").rows()
        [('returning', 'all'), ('returning', 'never bought'), ('new', 'all')]
    """
    settings = settings or EvaluationSettings()
    chosen = _chosen(models, only)
    start = cutoff if cutoff is not None else shop.as_of().cutoff - dt.timedelta(days=settings.horizon_days)
    cut = window(shop, start, settings.horizon_days)
    candidates = on_sale(cut.known, settings.on_sale_days)
    values, seconds, skipped, per_customer = [], [], {}, {}
    for number, (name, recommender) in enumerate(chosen.items()):
        began = time.perf_counter()
        try:
            fitted = recommender.fit(cut.known, seed=seed, progress=_share(progress, number, len(chosen)))
        except MissingExtraError as error:
            if name in models:
                raise
            skipped[name] = str(error)
            continue
        fit_seconds = time.perf_counter() - began
        began = time.perf_counter()
        listed = [_listed(fitted, part, candidates, settings) for part in cut.parts]
        seconds.append((name, fit_seconds, time.perf_counter() - began))
        for one in listed:
            values.append(measured(name, one, settings.k, seed=seed, draws=settings.draws))
            hits = one.hits[:, : settings.k[0]]
            per_customer[name, one.part.customers, one.part.products] = ndcg(hits, one.part.wanted)
        progress(number + 1, len(chosen))
    return Evaluation(
        values=pl.concat(values) if values else pl.DataFrame(schema=VALUE_SCHEMA),
        counts=_counts(cut, candidates),
        seconds=pl.DataFrame(seconds, schema=SECONDS_SCHEMA, orient="row"),
        cutoff=shop.as_of(start).cutoff,
        candidates=int(candidates.sum()),
        settings=settings,
        seed=seed,
        skipped=skipped,
        per_customer=per_customer,
    )


def _chosen(models: Sequence[str], only: bool) -> dict[str, Recommender]:
    """Those named, in their order, then the others."""
    named = {name: recommender_named(name) for name in models}
    return (
        named
        if only and named
        else {**named, **{name: one for name, one in sorted(recommenders().items()) if name not in named}}
    )


def _listed(fitted: Fitted, part: Part, candidates: NDArray[np.bool_], settings: EvaluationSettings) -> Listed:
    longest = max(*settings.k, *ACCURACY_AT)
    return Listed(part, top_k(fitted, part.queries, k=longest, candidates=candidates, hidden=part.hidden), candidates)


def _share(progress: Progress, number: int, total: int) -> Progress:
    """A fit's own progress as a share of the whole; what is left of it are the lists."""
    return lambda done, of: progress(number + 0.9 * done / max(of, 1e-9), total)


def _counts(cut: Window, candidates: NDArray[np.bool_]) -> pl.DataFrame:
    rows = [
        (
            part.customers,
            part.products,
            len(part.queries),
            int(part.wanted.sum()),
            int(candidates[part.targets.indices].sum()),
        )
        for part in cut.parts
    ]
    return pl.DataFrame(rows, schema=["customers", "products", "tested", "targets", "reachable"], orient="row")
