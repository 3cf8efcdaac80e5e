"""A fitted two-stage recommender: candidates from its sources, ordered by its ranker."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from frontrow.errors import ArtifactError
from frontrow.models.interactions.interactions import Interactions, Queries
from frontrow.models.ranker import FittedRanker, Ranker
from frontrow.models.recommender import Fitted, Recommender, recommenders
from frontrow.models.two_stage.candidates import described
from frontrow.models.two_stage.fit import Named, Stage, fit_stages
from frontrow.models.two_stage.lessons import block_rows, found
from frontrow.models.two_stage.settings import TwoStageSettings
from frontrow.models.two_stage.sources import Cells, load_sources
from frontrow.models.two_stage.standing import Standing
from frontrow.progress import Progress
from frontrow.storage.artifact import read_manifest, write_artifact

KIND = "two stage"
RANKER = "ranker"
LEARNED = "learned"
KINDS = ("returning", "new")

LEAST = -20.0
"""The logit that no candidate falls below, and nothing else reaches."""

TIE = 1e-4
"""Part of the logit that the first source decides: equal candidates, of which few lessons make many, stand by it."""


@dataclass(frozen=True)
class TwoStage:
    """What was learned.

    Attributes:
        standing: How things stand at the cutoff.
        returning: For customers with a history.
        new: For customers never seen.
        learned: Scores every product for customers never seen.
        settings: Of the fit.
    """

    standing: Standing
    returning: Stage
    new: Stage
    learned: Fitted
    settings: TwoStageSettings

    @classmethod
    def fit(
        cls, interactions: Interactions, ranker: Ranker, settings: TwoStageSettings, *, seed: int, progress: Progress
    ) -> TwoStage:
        """Learn; see `fit.fit_stages`."""
        named = Named(_named(settings.sources), _named(settings.new_sources))
        stages = fit_stages(interactions, named, ranker, settings, seed=seed, progress=progress)
        learned = _named([settings.new_customers])[settings.new_customers].fit(interactions, seed=seed)
        return cls(*stages, learned, settings)

    def scores(self, queries: Queries) -> NDArray[np.float32]:
        """The logit of the chance that a customer who orders buys it within the window.

        Of a customer with a history, what is no candidate stays below -20; where there was too little to learn a ranker
        from, the first source's scores are given instead.
        """
        scores = np.empty((len(queries), len(self.standing.products)), dtype=np.float32)
        for stage, seen in ((self.returning, queries.rows >= 0), (self.new, queries.rows < 0)):
            rows = np.flatnonzero(seen)
            step = block_rows(len(stage.sources.fitted), scores.shape[1])
            for start in range(0, len(rows), step):
                asked = rows[start : start + step]
                part = Queries(queries.rows[asked], queries.context[asked])
                scores[asked] = self._returning(part) if stage is self.returning else self._new(part)
        return scores

    @property
    def chance_days(self) -> int | None:
        """Scores are logits of the chance to buy within so many days, of a customer who orders in them.

        None where there was too little to learn from: what stands in for a ranker gives an order and no chances.
        """
        new = self.new.ranker is not None or getattr(self.learned, "window_days", None) == self.settings.window_days
        return self.settings.window_days if new and self.returning.ranker is not None else None

    def sources(self, queries: Queries, lists: NDArray[np.int64]) -> NDArray[np.str_]:
        """The source in whose own list each product stands highest; see `recommend.retrieve.sources.Sourced`."""
        origins = np.full(lists.shape, "", dtype=f"U{max(map(len, self._names()))}")
        for stage, seen in ((self.returning, queries.rows >= 0), (self.new, queries.rows < 0)):
            rows = np.flatnonzero(seen)
            step = block_rows(len(stage.sources.fitted), len(self.standing.products))
            for start in range(0, len(rows), step):
                asked = rows[start : start + step]
                scores = stage.sources.scores(Queries(queries.rows[asked], queries.context[asked]))
                origins[asked] = np.array(list(stage.sources.fitted))[_highest(scores, lists[asked])]
        origins[lists < 0] = ""
        return origins

    def _returning(self, queries: Queries) -> NDArray[np.float32]:
        if self.returning.ranker is None:
            return next(iter(self.returning.sources.fitted.values())).scores(queries)
        scores, cells, ranked = self._ranked(self.returning, self.returning.ranker, queries)
        # whatever is no candidate stands by its first source, as close to LEAST as may be
        first = scores[0] / np.maximum(np.abs(scores[0]).max(axis=1, keepdims=True), np.finfo(np.float32).tiny)
        whole = np.asarray(LEAST - 2 + first, dtype=np.float32)
        whole[cells] = np.maximum(ranked + np.float32(TIE) * first[cells], LEAST)
        return whole

    def _new(self, queries: Queries) -> NDArray[np.float32]:
        whole = np.array(self.learned.scores(queries))
        if self.new.ranker is not None:
            _, cells, ranked = self._ranked(self.new, self.new.ranker, queries)
            whole[cells] += self.settings.new_share * (ranked - whole[cells])
        return whole

    def _ranked(
        self, stage: Stage, ranker: FittedRanker, queries: Queries
    ) -> tuple[NDArray[np.float32], Cells, NDArray[np.float32]]:
        """What the sources think, the candidates, and their logits, set right for the negatives left out of the fit."""
        scores, cells = found(self.standing, stage.sources, queries, self.settings.candidates)
        logits = ranker.scores(described(self.standing, stage.sources, queries, scores, cells))
        return scores, cells, logits + np.float32(np.log(self.settings.negatives))

    def save(self, folder: Path) -> None:
        """Write the sources, the rankers and how things stood; no order line, nothing personal."""
        self.standing.save(folder / "standing")
        for name, stage in zip(KINDS, (self.returning, self.new), strict=True):
            stage.sources.save(folder / name)
            if stage.ranker is not None:
                stage.ranker.save(folder / name / RANKER)
        self.learned.save(folder / LEARNED)
        ranked = [self.returning.ranker is not None, self.new.ranker is not None]
        write_artifact(folder, KIND, {}, {"settings": asdict(self.settings), "ranked": ranked})

    @classmethod
    def load(cls, folder: Path, ranker: Ranker) -> TwoStage:
        """Read it back; see `Recommender.load`.

        Raises:
            ArtifactError: The folder holds no such model, or a damaged one.
        """
        manifest = read_manifest(folder, KIND)
        try:
            told: dict[str, Any] = {
                name: tuple(one) if isinstance(one, list) else one for name, one in manifest["settings"].items()
            }
            settings = TwoStageSettings(**told)
            returning, new = (
                _stage(folder / kind, names, ranker if ranked else None)
                for kind, names, ranked in zip(
                    KINDS, (settings.sources, settings.new_sources), manifest["ranked"], strict=True
                )
            )
            learned = _named([settings.new_customers])[settings.new_customers].load(folder / LEARNED)
            return cls(Standing.load(folder / "standing"), returning, new, learned, settings)
        except (KeyError, TypeError, ValueError) as error:
            raise ArtifactError(f"{folder} holds a damaged model. Fit it again.") from error

    def _names(self) -> list[str]:
        return [*self.returning.sources.fitted, *self.new.sources.fitted]


def _highest(scores: NDArray[np.float32], lists: NDArray[np.int64]) -> NDArray[np.int64]:
    """The source that gives each listed product its highest place; scores are (sources, queries, products)."""
    best = np.empty(lists.shape, dtype=np.int64)
    for place in range(lists.shape[1]):
        own = np.take_along_axis(scores, np.broadcast_to(lists[:, place, None], (*scores.shape[:2], 1)), axis=2)
        best[:, place] = (scores > own).sum(axis=2).argmin(axis=0)
    return best


def _stage(folder: Path, names: Sequence[str], ranker: Ranker | None) -> Stage:
    sources = load_sources(_named(names), folder)
    return Stage(sources, ranker.load(folder / RANKER) if ranker is not None else None)


def _named(names: Sequence[str]) -> dict[str, Recommender]:
    """Recommenders by file name, in order; KeyError for a name that none has."""
    known = recommenders()
    return {name: known[name] for name in names}
