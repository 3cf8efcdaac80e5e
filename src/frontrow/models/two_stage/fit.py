"""Fit a two-stage recommender: lessons from past windows, a ranker, and the sources as they are at the cutoff."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from frontrow.models.rankers.base import FittedRanker, Ranker, joined
from frontrow.models.recommenders.base import Progress, Recommender
from frontrow.models.recommenders.interactions import Interactions
from frontrow.models.two_stage.lessons import Lesson, lesson, window
from frontrow.models.two_stage.settings import TwoStageSettings
from frontrow.models.two_stage.sources import Sources, fit_sources
from frontrow.models.two_stage.standing import Standing, standing


@dataclass(frozen=True)
class Lessons:
    """Of returning customers and of new ones, and how many of the latter there were."""

    returning: list[Lesson]
    new: list[Lesson]
    new_customers: int


@dataclass(frozen=True)
class Stage:
    """One kind of customer: who finds candidates, and who orders them; no ranker where there was too little to learn.

    Attributes:
        sources: The recommenders that find candidates.
        ranker: Orders them.
    """

    sources: Sources
    ranker: FittedRanker | None


def fit_stages(
    known: Interactions,
    returning: Mapping[str, Recommender],
    new: Mapping[str, Recommender],
    ranker: Ranker,
    settings: TwoStageSettings,
    *,
    seed: int,
    progress: Progress,
) -> tuple[Standing, Stage, Stage]:
    """How things stand at the cutoff, and the stages for returning and for new customers.

    Args:
        known: What may be learned from.
        returning: Sources for customers with a history.
        new: Sources for customers never seen.
        ranker: Fitted once for each kind of customer.
        settings: Windows, candidates.
        seed: Of every fit, and of the sample of negatives.
        progress: Called with (steps done, steps).
    """
    steps = max(settings.windows, settings.new_windows) + 2
    lessons = _lessons(known, returning, new, settings, seed, lambda done, _: progress(done, steps))
    rankers = (
        _ranked(ranker, lessons.returning, seed),
        _ranked(ranker, lessons.new if lessons.new_customers >= settings.least_new else [], seed),
    )
    progress(steps - 1, steps)
    sources = fit_sources(returning, known, seed=seed), fit_sources(new, known, seed=seed)
    progress(steps, steps)
    return standing(known, settings.on_sale_days), Stage(sources[0], rankers[0]), Stage(sources[1], rankers[1])


def _lessons(
    known: Interactions,
    returning: Mapping[str, Recommender],
    new: Mapping[str, Recommender],
    settings: TwoStageSettings,
    seed: int,
    progress: Progress,
) -> Lessons:
    """Windows one before the other, the last one ending at the cutoff."""
    found = Lessons([], [], 0)
    count = max(settings.windows, settings.new_windows)
    for number in range(count):
        before, old, first = window(known, known.day - (number + 1) * settings.window_days, settings.window_days)
        if before.lines.height == 0:
            break
        stand, rng = standing(before, settings.on_sale_days), np.random.default_rng([seed, number])
        asked = (settings.candidates, settings.negatives, rng)
        if number < settings.windows:
            found.returning.extend(lesson(stand, fit_sources(returning, before, seed=seed), old, *asked))
        if number < settings.new_windows:
            found.new.extend(lesson(stand, fit_sources(new, before, seed=seed), first, *asked))
            found = Lessons(found.returning, found.new, found.new_customers + len(first.queries))
        progress(number + 1, count)
    return found


def _ranked(ranker: Ranker, lessons: Sequence[Lesson], seed: int) -> FittedRanker | None:
    """Nothing can be learned where everything was bought, or nothing."""
    told = [one for one in lessons if len(one.candidates)]
    bought = sum(int(one.bought.sum()) for one in told)
    if bought in (0, sum(len(one.candidates) for one in told)):
        return None
    whole = joined([one.candidates for one in told])
    return ranker.fit(whole, np.concatenate([one.bought for one in told]), seed=seed)
