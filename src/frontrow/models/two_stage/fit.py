"""Fit a two-stage recommender: lessons from past windows, a ranker, and the sources as they are at the cutoff."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from frontrow.models.interactions.interactions import Interactions
from frontrow.models.interactions.split import split_at
from frontrow.models.popularity.country import country_names
from frontrow.models.ranker import FittedRanker, Ranker, concatenate
from frontrow.models.recommender import Recommender
from frontrow.models.two_stage.lessons import Lesson, lesson
from frontrow.models.two_stage.settings import TwoStageSettings
from frontrow.models.two_stage.sources import Sources, fit_sources
from frontrow.models.two_stage.standing import Standing, standing
from frontrow.progress import Progress


@dataclass(frozen=True)
class Stage:
    """One kind of customer: who finds candidates, and who orders them; no ranker where there was too little to learn.

    Attributes:
        sources: The recommenders that find candidates.
        ranker: Orders them.
    """

    sources: Sources
    ranker: FittedRanker | None


@dataclass(frozen=True)
class Named:
    """Recommenders by file name: sources for customers with a history, and for customers never seen."""

    returning: Mapping[str, Recommender]
    new: Mapping[str, Recommender]


def fit_stages(
    interactions: Interactions,
    named: Named,
    ranker: Ranker,
    settings: TwoStageSettings,
    *,
    seed: int,
    progress: Progress,
) -> tuple[Standing, Stage, Stage]:
    """How things stand at the cutoff, and the stages for returning and for new customers.

    Args:
        interactions: What may be learned from.
        named: Find candidates.
        ranker: Fitted once for each kind of customer.
        settings: Windows, candidates.
        seed: Of every fit, and of the sample of negatives.
        progress: Called with (steps done, steps).
    """
    steps = max(settings.windows, settings.new_windows) + 4
    returning, new, new_customers = _lessons(
        interactions, named, settings, seed, progress=lambda done, _: progress(done, steps)
    )
    rankers = (
        _ranked(ranker, returning, seed),
        _ranked(ranker, new, seed) if new_customers >= settings.least_new else None,
    )
    progress(steps - 2, steps)
    sources = fit_sources(named.returning, interactions, seed=seed), fit_sources(named.new, interactions, seed=seed)
    progress(steps, steps)
    stages = Stage(sources[0], rankers[0]), Stage(sources[1], rankers[1])
    return standing(interactions, settings.on_sale_days), *stages


def _lessons(
    interactions: Interactions, named: Named, settings: TwoStageSettings, seed: int, progress: Progress
) -> tuple[list[Lesson], list[Lesson], int]:
    """Windows one before the other, the last one ending at the cutoff; and how many first orders lie in them."""
    lessons: tuple[list[Lesson], list[Lesson]] = ([], [])
    first_orders = 0
    count = max(settings.windows, settings.new_windows)
    countries = country_names(interactions.lines)
    for number in range(count):
        window = split_at(
            interactions, interactions.cutoff_day - (number + 1) * settings.window_days, settings.window_days
        )
        before = window.before
        if before.lines.height == 0:
            break
        stand = standing(before, settings.on_sale_days, countries, personal=number < settings.windows)
        rng = np.random.default_rng([seed, number])
        kinds = (
            (named.returning, window.returning, settings.windows),
            (named.new, window.new, settings.new_windows),
        )
        for into, (sources, customers, windows) in zip(lessons, kinds, strict=True):
            if number < windows and len(customers.queries):
                fitted = fit_sources(sources, before, seed=seed)
                few = customers.sample(settings.lesson_customers, rng)
                into.extend(lesson(stand, fitted, few, settings.candidates, settings.negatives, rng))
        first_orders += len(window.new.queries) if number < settings.new_windows else 0
        progress(number + 1, count)
    return *lessons, first_orders


def _ranked(ranker: Ranker, lessons: Sequence[Lesson], seed: int) -> FittedRanker | None:
    """Nothing can be learned where everything was bought, or nothing."""
    told = [one for one in lessons if len(one.candidates)]
    bought = sum(int(one.bought.sum()) for one in told)
    if bought in (0, sum(len(one.candidates) for one in told)):
        return None
    whole = concatenate([one.candidates for one in told])
    return ranker.fit(whole, np.concatenate([one.bought for one in told]), seed=seed)
