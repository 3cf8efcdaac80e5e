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
    sources: Mapping[str, Recommender],
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
        sources: Find candidates for customers with a history.
        new: Answers for customers never seen.
        ranker: Fitted on lessons of returning customers.
        settings: Windows, candidates.
        seed: Of every fit, and of the sample of negatives.
        progress: Called with (steps done, steps).
    """
    steps = settings.windows + 4
    lessons = _lessons(known, sources, settings, seed, lambda done, _: progress(done, steps))
    ranked = _ranked(ranker, lessons, seed)
    progress(steps - 2, steps)
    stages = Stage(fit_sources(sources, known, seed=seed), ranked), Stage(fit_sources(new, known, seed=seed), None)
    progress(steps, steps)
    return standing(known, settings.on_sale_days), *stages


def _lessons(
    known: Interactions, sources: Mapping[str, Recommender], settings: TwoStageSettings, seed: int, progress: Progress
) -> list[Lesson]:
    """Windows one before the other, the last one ending at the cutoff."""
    found: list[Lesson] = []
    for number in range(settings.windows):
        before, asked = window(known, known.day - (number + 1) * settings.window_days, settings.window_days)
        if before.lines.height == 0:
            break
        stand, fitted = standing(before, settings.on_sale_days), fit_sources(sources, before, seed=seed)
        rng = np.random.default_rng([seed, number])
        found.extend(lesson(stand, fitted, asked, settings.candidates, settings.negatives, rng))
        progress(number + 1, settings.windows)
    return found


def _ranked(ranker: Ranker, lessons: Sequence[Lesson], seed: int) -> FittedRanker | None:
    """Nothing can be learned where everything was bought, or nothing."""
    told = [one for one in lessons if len(one.candidates)]
    bought = sum(int(one.bought.sum()) for one in told)
    if bought in (0, sum(len(one.candidates) for one in told)):
        return None
    whole = joined([one.candidates for one in told])
    return ranker.fit(whole, np.concatenate([one.bought for one in told]), seed=seed)
