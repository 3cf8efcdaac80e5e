"""A fitted two-stage recommender: candidates from its sources, ordered by its ranker."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from frontrow.artifact import read_manifest, write_artifact
from frontrow.errors import ArtifactError
from frontrow.models.rankers.base import Ranker
from frontrow.models.recommenders.base import Progress, Recommender
from frontrow.models.recommenders.interactions import Interactions, Queries
from frontrow.models.two_stage.candidates import described
from frontrow.models.two_stage.fit import Stage, fit_stages
from frontrow.models.two_stage.lessons import block_rows, found
from frontrow.models.two_stage.settings import TwoStageSettings
from frontrow.models.two_stage.sources import load_sources
from frontrow.models.two_stage.standing import Standing

KIND = "two stage"
RANKER = "ranker"
KINDS = ("returning", "new")

LEAST = -20.0
"""The logit that no candidate falls below, and nothing else reaches."""


@dataclass(frozen=True)
class TwoStage:
    """What was learned.

    Attributes:
        standing: How things stand at the cutoff.
        returning: For customers with a history.
        new: For customers never seen.
        candidates: Products taken from each source.
        shift: Added to the logits of the rankers, which learned from a share of the negatives only.
    """

    standing: Standing
    returning: Stage
    new: Stage
    candidates: int
    shift: float

    @classmethod
    def fit(
        cls, known: Interactions, ranker: Ranker, settings: TwoStageSettings, *, seed: int, progress: Progress
    ) -> TwoStage:
        """Learn; see `fit.fit_stages`."""
        sources, new = _named(settings.sources), _named((settings.new_customers,))
        stages = fit_stages(known, sources, new, ranker, settings, seed=seed, progress=progress)
        return cls(*stages, settings.candidates, float(np.log(settings.negatives)))

    def scores(self, queries: Queries) -> NDArray[np.float32]:
        """The logit of the chance that a customer who orders buys it within the window; of no candidate, below -20.

        Where there was too little to learn a ranker from, the first source's scores instead.
        """
        scores = np.empty((len(queries), len(self.standing.products)), dtype=np.float32)
        for stage, seen in ((self.returning, queries.rows >= 0), (self.new, queries.rows < 0)):
            rows = np.flatnonzero(seen)
            step = block_rows(len(stage.sources.fitted), scores.shape[1])
            for start in range(0, len(rows), step):
                asked = rows[start : start + step]
                scores[asked] = self._block(stage, Queries(queries.rows[asked], queries.context[asked]))
        return scores

    def _block(self, stage: Stage, queries: Queries) -> NDArray[np.float32]:
        if stage.ranker is None:
            return next(iter(stage.sources.fitted.values())).scores(queries)
        scores, cells = found(self.standing, stage.sources, queries, self.candidates)
        # whatever is no candidate stands by its first source, as close to LEAST as may be
        first = scores[0] / np.maximum(np.abs(scores[0]).max(axis=1, keepdims=True), np.finfo(np.float32).tiny)
        whole = np.asarray(LEAST - 2 + first, dtype=np.float32)
        ranked = stage.ranker.scores(described(self.standing, stage.sources, queries, scores, cells))
        whole[cells] = np.maximum(ranked + self.shift, LEAST)
        return whole

    def save(self, folder: Path) -> None:
        """Write the sources, the rankers and how things stood; no order line, nothing personal."""
        self.standing.save(folder / "standing")
        for name, stage in zip(KINDS, (self.returning, self.new), strict=True):
            stage.sources.save(folder / name)
            if stage.ranker is not None:
                stage.ranker.save(folder / name / RANKER)
        about = {"candidates": self.candidates, "shift": self.shift, "ranked": self._ranked()}
        write_artifact(folder, KIND, {}, {**about, "sources": [list(one) for one in self._sources()]})

    @classmethod
    def load(cls, folder: Path, ranker: Ranker) -> TwoStage:
        """Read it back; see `Recommender.load`.

        Raises:
            ArtifactError: The folder holds no such model, or a damaged one.
        """
        manifest = read_manifest(folder, KIND)
        try:
            returning, new = (
                _stage(folder / kind, names, ranker if ranked else None)
                for kind, names, ranked in zip(KINDS, manifest["sources"], manifest["ranked"], strict=True)
            )
            stand = Standing.load(folder / "standing")
            return cls(stand, returning, new, int(manifest["candidates"]), float(manifest["shift"]))
        except (KeyError, TypeError, ValueError) as error:
            raise ArtifactError(f"{folder} holds a damaged model. Fit it again.") from error

    def _ranked(self) -> tuple[bool, bool]:
        return self.returning.ranker is not None, self.new.ranker is not None

    def _sources(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        return tuple(self.returning.sources.fitted), tuple(self.new.sources.fitted)


def _stage(folder: Path, names: Sequence[str], ranker: Ranker | None) -> Stage:
    sources = load_sources(_named(names), folder)
    return Stage(sources, ranker.load(folder / RANKER) if ranker is not None else None)


def _named(names: Sequence[str]) -> dict[str, Recommender]:
    """Sources by file name, in order."""
    found: dict[str, Recommender] = {}
    for name in names:
        if not name.isidentifier():
            raise ValueError(f"{name!r} is no name of a recommender")
        found[name] = importlib.import_module(f"frontrow.models.recommenders.{name}").Recommender()
    return found
