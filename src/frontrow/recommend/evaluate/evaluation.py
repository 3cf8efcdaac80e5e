"""Test recommenders on what customers bought in the days after a cutoff: full ranking, intervals, every customer."""

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
from frontrow.recommend.candidates import is_on_sale
from frontrow.recommend.evaluate.peak_memory import MemoryWatch
from frontrow.recommend.evaluate.results import (
    ACCURACY_AT,
    METRIC_SCHEMA,
    Evaluation,
    EvaluationSettings,
    GroupLists,
    compute_metrics,
)
from frontrow.recommend.evaluate.window import EvaluationWindow, build_evaluation_window
from frontrow.recommend.index import top_k
from frontrow.recommend.registry import get_recommender
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

    Every customer who buys in the window is tested, new ones by the context of their first order. Every product on sale
    is ranked, and a target counts even when it was first sold after the cutoff.

    Args:
        shop: The shop, with orders on both sides of the cutoff.
        cutoff: An instant, a date, or None for the latest whose window has closed.
        models: File names of recommenders that have to be tested, tested first.
        only: Test no other; else every other recommender whose extra is installed is tested too.
        settings: Horizon, lengths of list, and resamples.
        seed: The same seed gives the same result.
        progress: Called with the models done, in fractions, and their number.

    Raises:
        MissingExtraError: A model named in `models` needs an extra that is not installed.
        RecommendationError: A model is unknown, or the history does not reach to the end of the window.

    Example:
        >>> from frontrow.synthetic import SyntheticShop
        >>> evaluation = evaluate(SyntheticShop(customers=200, seed=1).shop(), models=["popular"], only=True)
        >>> evaluation.values.filter(metric="ndcg").select("customers", "products").rows()
        [('returning', 'all'), ('returning', 'never bought'), ('new', 'all')]
    """
    settings, watch = settings or EvaluationSettings(), MemoryWatch()
    selected = _select_recommenders(models, only)
    history = shop.as_of()
    start = cutoff if cutoff is not None else history.cutoff - dt.timedelta(days=settings.horizon_days)
    window = build_evaluation_window(history, start, settings.horizon_days)
    evaluator = _Evaluator(window, is_on_sale(window.train, settings.on_sale_days), settings, seed, watch)
    results, skipped = dict[str, _ModelResult](), dict[str, str]()
    for number, (name, recommender) in enumerate(selected.items()):
        try:
            results[name] = evaluator.run(name, recommender, _share_of(progress, number, len(selected)))
        except MissingExtraError as error:
            if name in models:
                raise
            skipped[name] = str(error)
        progress(number + 1, len(selected))
    return Evaluation(
        values=pl.concat([pl.DataFrame(schema=METRIC_SCHEMA), *(result.values for result in results.values())]),
        counts=_count_targets(window, evaluator.candidates),
        costs=pl.DataFrame([(name, *result.costs) for name, result in results.items()], COST_SCHEMA, orient="row"),
        cutoff=history.instant(start),
        candidates=int(evaluator.candidates.sum()),
        settings=settings,
        seed=seed,
        skipped=skipped,
        per_customer={(name, *group): ndcg for name, result in results.items() for group, ndcg in result.ndcg.items()},
    )


@dataclass(frozen=True)
class _ModelResult:
    """A recommender's metrics, its NDCG of each customer by group, and its costs, in the order of `COST_SCHEMA`."""

    values: pl.DataFrame
    ndcg: dict[tuple[str, str], NDArray[np.float64]]
    costs: tuple[float | None, ...]


@dataclass(frozen=True)
class _Evaluator:
    """What is the same for every recommender."""

    window: EvaluationWindow
    candidates: NDArray[np.bool_]
    settings: EvaluationSettings
    seed: int
    watch: MemoryWatch

    def run(self, name: str, recommender: Recommender, progress: Progress) -> _ModelResult:
        train, groups, settings = self.window.train, self.window.groups, self.settings
        self.watch.restart()
        clocks = [_read_clocks()]
        fitted = recommender.fit(train, seed=self.seed, progress=progress)
        clocks.append(_read_clocks())
        longest = max(*settings.k, *ACCURACY_AT)
        lists = [
            top_k(fitted, group.queries, k=longest, candidates=self.candidates, hidden=group.hidden) for group in groups
        ]
        clocks.append(_read_clocks())
        peak = self.watch.peak()
        information = self_information(buyers(train), train.shape[0])
        by_group = [
            GroupLists(group, columns, self.candidates, information)
            for group, columns in zip(groups, lists, strict=True)
        ]
        (fit, listing), (fit_cpu, listing_cpu) = np.diff(clocks, axis=0).T.tolist()
        return _ModelResult(
            pl.concat(
                [compute_metrics(name, part, settings.k, seed=self.seed, draws=settings.draws) for part in by_group]
            ),
            {
                (part.group.customers, part.group.products): ndcg(
                    part.hits[:, : settings.k[0]], part.group.target_counts
                )
                for part in by_group
            },
            (fit, listing, fit_cpu, listing_cpu, peak),
        )


def _read_clocks() -> tuple[float, float]:
    """Seconds on the wall and of the processor, all threads together."""
    return time.perf_counter(), time.process_time()


def _select_recommenders(models: Sequence[str], only: bool) -> dict[str, Recommender]:
    """The named ones, in their order, then the others."""
    selected = {name: get_recommender(name) for name in models}
    return selected if only and selected else selected | {**recommenders(), **selected}


def _share_of(progress: Progress, number: int, total: int) -> Progress:
    """A fit's own progress as a share of the evaluation's; the last tenth of a model is for its lists."""
    return lambda done, of: progress(number + 0.9 * done / max(of, 1e-9), total)


def _count_targets(window: EvaluationWindow, candidates: NDArray[np.bool_]) -> pl.DataFrame:
    rows = [
        (
            group.customers,
            group.products,
            len(group.queries),
            int(group.target_counts.sum()),
            int(candidates[group.targets.indices].sum()),
        )
        for group in window.groups
    ]
    return pl.DataFrame(rows, schema=["customers", "products", "tested", "targets", "reachable"], orient="row")
