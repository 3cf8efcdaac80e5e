"""Test recommenders on what customers bought in the days after a cutoff: full ranking, intervals, everyone asked."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from frontrow.errors import MissingExtraError
from frontrow.metrics.ranking import ndcg, self_information
from frontrow.models.popularity.popularity import buyers
from frontrow.models.recommender import Recommender, recommenders
from frontrow.progress import Progress, no_progress
from frontrow.recommend.evaluate.metrics import ACCURACY_AT, VALUE_SCHEMA, Listed, measured
from frontrow.recommend.evaluate.peak_memory import MemoryWatch
from frontrow.recommend.evaluate.results import Evaluation, EvaluationSettings
from frontrow.recommend.evaluate.window import Window, window
from frontrow.recommend.registry import recommender_named
from frontrow.recommend.retrieve.candidates import on_sale
from frontrow.recommend.retrieve.index import top_k
from frontrow.shop.shop import Shop

COST_SCHEMA: Final = {
    "model": pl.String(),
    **dict.fromkeys(("fit_seconds", "lists_seconds", "fit_cpu_seconds", "lists_cpu_seconds", "peak_mb"), pl.Float64()),
}


def evaluate(
    shop: Shop,
    cutoff: dt.datetime | dt.date | None = None,
    *,
    models: Sequence[str] = (),
    only: bool = False,
    settings: EvaluationSettings | None = None,
    seed: int = 0,
    progress: Progress = no_progress,
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
    settings, watch = settings or EvaluationSettings(), MemoryWatch()
    chosen = _chosen(models, only)
    history = shop.as_of()
    start = cutoff if cutoff is not None else history.cutoff - dt.timedelta(days=settings.horizon_days)
    cut = window(history, start, settings.horizon_days)
    candidates = on_sale(cut.known, settings.on_sale_days)
    tested: dict[str, _Tested] = {}
    skipped: dict[str, str] = {}
    for number, (name, recommender) in enumerate(chosen.items()):
        step = _share(progress, number, len(chosen))
        try:
            tested[name] = _tested(name, recommender, cut, candidates, settings, seed, step, watch)
        except MissingExtraError as error:
            if name in models:
                raise
            skipped[name] = str(error)
        progress(number + 1, len(chosen))
    return Evaluation(
        values=pl.concat([pl.DataFrame(schema=VALUE_SCHEMA), *(one.values for one in tested.values())]),
        counts=_counts(cut, candidates),
        costs=pl.DataFrame([(name, *one.costs) for name, one in tested.items()], COST_SCHEMA, orient="row"),
        cutoff=history.instant(start),
        candidates=int(candidates.sum()),
        settings=settings,
        seed=seed,
        skipped=skipped,
        per_customer={(name, *part): gain for name, one in tested.items() for part, gain in one.ndcg.items()},
    )


@dataclass(frozen=True)
class _Tested:
    """A recommender's figures, its NDCG of each customer by part, and what it cost, in the order of `COST_SCHEMA`."""

    values: pl.DataFrame
    ndcg: dict[tuple[str, str], NDArray[np.float64]]
    costs: tuple[float | None, ...]


def _tested(
    name: str,
    recommender: Recommender,
    cut: Window,
    candidates: NDArray[np.bool_],
    settings: EvaluationSettings,
    seed: int,
    progress: Progress,
    watch: MemoryWatch,
) -> _Tested:
    watch.restart()
    clocks = [_clocks()]
    fitted = recommender.fit(cut.known, seed=seed, progress=progress)
    clocks.append(_clocks())
    longest = max(*settings.k, *ACCURACY_AT)
    found = [top_k(fitted, part.queries, k=longest, candidates=candidates, hidden=part.hidden) for part in cut.parts]
    clocks.append(_clocks())
    peak = watch.height()
    information = self_information(buyers(cut.known), cut.known.shape[0])
    listed = [Listed(part, one, candidates, information) for part, one in zip(cut.parts, found, strict=True)]
    (fit, lists), (fit_cpu, lists_cpu) = np.diff(clocks, axis=0).T.tolist()
    return _Tested(
        pl.concat([measured(name, one, settings.k, seed=seed, draws=settings.draws) for one in listed]),
        {
            (one.part.customers, one.part.products): ndcg(one.hits[:, : settings.k[0]], one.part.wanted)
            for one in listed
        },
        (fit, lists, fit_cpu, lists_cpu, peak),
    )


def _clocks() -> tuple[float, float]:
    """Seconds on the wall and of the processor, all threads together."""
    return time.perf_counter(), time.process_time()


def _chosen(models: Sequence[str], only: bool) -> dict[str, Recommender]:
    """Those named, in their order, then the others."""
    named = {name: recommender_named(name) for name in models}
    return (
        named
        if only and named
        else {**named, **{name: one for name, one in sorted(recommenders().items()) if name not in named}}
    )


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
