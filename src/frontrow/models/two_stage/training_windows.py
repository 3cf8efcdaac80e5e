"""What a ranker learns from: candidates at earlier cutoffs, and which were bought in the window that followed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from frontrow.models.interactions.interactions import Interactions
from frontrow.models.interactions.split import PurchaseWindow, WindowPurchases, split_at
from frontrow.models.popularity.country import country_names
from frontrow.models.ranker import Candidates
from frontrow.models.recommender import Recommender
from frontrow.models.two_stage.candidates import Sources, describe_candidates, score_and_find
from frontrow.models.two_stage.settings import TwoStageSettings
from frontrow.models.two_stage.snapshot import Snapshot, build_snapshot
from frontrow.progress import Progress


@dataclass(frozen=True)
class TrainingRows:
    """Candidates with their labels.

    Attributes:
        candidates: The candidates.
        bought: Whether each was bought within the window; shape (candidates,), bool.
    """

    candidates: Candidates
    bought: NDArray[np.bool_]


@dataclass(frozen=True)
class TrainingWindows:
    """Training rows of all windows.

    Attributes:
        returning: Rows of customers with a history.
        new: Rows of new customers.
        first_orders: Number of customers whose first order lies in one of the windows for new customers.
    """

    returning: Sequence[TrainingRows]
    new: Sequence[TrainingRows]
    first_orders: int


def build_training_windows(
    interactions: Interactions,
    sources: tuple[Mapping[str, Recommender], Mapping[str, Recommender]],
    settings: TwoStageSettings,
    *,
    seed: int,
    progress: Progress,
) -> TrainingWindows:
    """Go back window by window from the cutoff, as long as there are lines before the window and customers are missing.

    Args:
        interactions: Everything before the cutoff.
        sources: Recommenders that find candidates for customers with a history, and for new customers.
        settings: Number and length of the windows, number of customers and candidates.
        seed: Seed of the fits of the sources, and of the samples.
        progress: Called with (windows done, windows).
    """
    rows: tuple[list[TrainingRows], list[TrainingRows]] = ([], [])
    most_windows = (settings.windows, settings.new_windows)
    missing = [settings.customers, settings.customers]
    first_orders = 0
    countries = country_names(interactions.lines)
    for number in range(max(most_windows)):
        sizes = [
            min(count, settings.customers // settings.least_windows) if number < most else 0
            for count, most in zip(missing, most_windows, strict=True)
        ]
        window = _build_window(interactions, sources, settings, countries, number, sizes, seed) if any(sizes) else None
        if window is None:
            break
        for kind, (kind_rows, window_rows) in enumerate(zip(rows, (window.returning, window.new), strict=True)):
            kind_rows.extend(window_rows)
            missing[kind] -= sum(len(block.candidates.history) for block in window_rows)
        first_orders += window.first_orders
        progress(number + 1, max(most_windows))
    return TrainingWindows(*rows, first_orders)


def _build_window(
    interactions: Interactions,
    sources: tuple[Mapping[str, Recommender], Mapping[str, Recommender]],
    settings: TwoStageSettings,
    countries: tuple[str, ...],
    number: int,
    sizes: Sequence[int],
    seed: int,
) -> TrainingWindows | None:
    """The rows of one window, counted back from the cutoff, of so many customers with a history and new ones at most.

    None where there is no line before the window.
    """
    cutoff_day = interactions.cutoff_day - (number + 1) * settings.horizon_days
    window = _split(interactions, cutoff_day, settings.horizon_days)
    if window.before.lines.height == 0:
        return None
    rng = np.random.default_rng([seed, number])
    # features of single customers are computed for those who are learned from, and new customers have none
    sample = window.returning.sample(sizes[0], rng) if sizes[0] else None
    nobody = np.zeros(0, dtype=np.int64)
    snapshot = build_snapshot(
        window.before, settings.on_sale_days, countries, described=nobody if sample is None else sample.queries.rows
    )
    rows: tuple[list[TrainingRows], list[TrainingRows]] = ([], [])
    if sample is not None and len(sample.queries):
        fitted = Sources.fit(sources[0], window.before, seed=seed)
        rows[0].extend(build_training_rows(snapshot, fitted, sample, settings.candidates, settings.negatives, rng))
    if sizes[1] and len(window.new.queries):
        fitted = Sources.fit(sources[1], window.before, seed=seed)
        sample = window.new.sample(sizes[1], rng)
        rows[1].extend(build_training_rows(snapshot, fitted, sample, settings.new_candidates, settings.negatives, rng))
    return TrainingWindows(*rows, len(window.new.queries) if sizes[1] else 0)


def _split(interactions: Interactions, cutoff_day: int, horizon_days: int) -> PurchaseWindow:
    """Split at an earlier cutoff; the purchases before it are selected among all, which are counted once."""
    window, purchases = split_at(interactions, cutoff_day, horizon_days), interactions.purchases
    return replace(window, before=replace(window.before, counted=purchases.select(purchases.day < cutoff_day)))


def build_training_rows(
    snapshot: Snapshot,
    sources: Sources,
    purchases: WindowPurchases,
    count: int,
    negatives: float,
    rng: np.random.Generator,
) -> list[TrainingRows]:
    """Describe the candidates that were bought and a sample of the others, a block of customers at a time.

    Args:
        snapshot: Features at the window's cutoff.
        sources: Find candidates; fitted on what lies before the window.
        purchases: Customers who bought something in the window, and what.
        count: Number of candidates per source; see `candidates.find_candidates`.
        negatives: Share of the candidates not bought that is described.
        rng: Draws the sample.
    """
    products = len(snapshot.products)
    step = sources.block_rows(products)
    rows, keys = [], purchases.keys
    for start in range(0, len(purchases.queries), step):
        queries = purchases.queries.block(start, start + step)
        scored = score_and_find(snapshot, sources, queries, count)
        position, column = scored.cells
        first, end = np.searchsorted(keys, np.array([start, start + len(queries)]) * products)
        is_bought = np.zeros(len(queries) * products, dtype=np.bool_)
        is_bought[keys[first:end] - start * products] = True
        bought = is_bought[position * products + column]
        drawn = bought | (rng.random(len(bought)) < negatives)
        rows.append(TrainingRows(describe_candidates(snapshot, sources, scored.select(drawn)), bought[drawn]))
    return rows
