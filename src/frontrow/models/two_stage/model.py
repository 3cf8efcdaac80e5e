"""A fitted two-stage recommender: candidates from its sources, ordered by its ranker."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from frontrow.errors import ArtifactError
from frontrow.models.interactions.interactions import Interactions, Queries
from frontrow.models.ranker import FittedRanker, Ranker, concatenate
from frontrow.models.recommender import Fitted, Recommender, recommenders
from frontrow.models.two_stage.best_sources import SourceFinder, find_best_sources
from frontrow.models.two_stage.candidates import Scored, Sources, describe_candidates, score_and_find
from frontrow.models.two_stage.settings import TwoStageSettings
from frontrow.models.two_stage.snapshot import Snapshot, build_snapshot
from frontrow.models.two_stage.training_windows import TrainingRows, build_training_windows
from frontrow.progress import Progress
from frontrow.storage.array_checks import merge_dimensions, shop_dimensions
from frontrow.storage.artifact import read_manifest, write_artifact

KIND = "two stage"

LEAST = -20.0
"""Lowest logit of a candidate; every other product is below it."""

TIE = 1e-4
"""Weight of the first source's score in the logit: it orders candidates that the ranker scores equally, of which there
are many where it learned from few rows."""


@dataclass(frozen=True)
class Stage:
    """The recommender for one kind of customer.

    Attributes:
        sources: The recommenders that find candidates.
        ranker: Orders them; None where there was too little to learn from.
    """

    sources: Sources
    ranker: FittedRanker | None


@dataclass(frozen=True)
class TwoStage:
    """A fitted two-stage recommender.

    Attributes:
        snapshot: Features at the cutoff.
        returning: The stage for customers with a history.
        new: The stage for new customers.
        new_customers: Scores every product for new customers.
        settings: Settings of the fit.
    """

    snapshot: Snapshot
    returning: Stage
    new: Stage
    new_customers: Fitted
    settings: TwoStageSettings

    @classmethod
    def fit(
        cls, interactions: Interactions, ranker: Ranker, settings: TwoStageSettings, *, seed: int, progress: Progress
    ) -> TwoStage:
        """Fit the ranker on past windows, and the sources at the cutoff.

        Args:
            interactions: Everything that may be learned from.
            ranker: Fitted once for each kind of customer.
            settings: Sources, windows and candidates.
            seed: Seed of every fit and sample.
            progress: Called with (steps done, steps).
        """
        settings = settings.of_shop(interactions.shape[0])
        sources = select_recommenders(settings.sources), select_recommenders(settings.new_sources)
        steps = max(settings.windows, settings.new_windows) + 4
        # a copy, so that what is computed of it on demand is freed at the end
        interactions = replace(interactions)
        returning, new = _fit_rankers(
            interactions, sources, ranker, settings, seed=seed, progress=lambda done, _: progress(done, steps)
        )
        progress(steps - 2, steps)
        snapshot = build_snapshot(interactions, settings.on_sale_days)
        (recommender,) = select_recommenders([settings.new_customers]).values()
        new_customers = recommender.fit(interactions, seed=seed)
        # those of new customers first: they hold little, and what they need to fit would come on top of the others
        of_new = Stage(Sources.fit(sources[1], interactions, seed=seed), new)
        of_returning = Stage(Sources.fit(sources[0], interactions, seed=seed), returning)
        progress(steps, steps)
        return cls(snapshot, of_returning, of_new, new_customers, settings)

    def with_customers(self, interactions: Interactions, rows: NDArray[np.int64]) -> TwoStage:
        """The same for other customers; see `recommender.TakesCustomers`.

        Args:
            interactions: Of the other customers.
            rows: Where those of the fit are among them.
        """
        sources = (
            stage.sources.with_customers(select_recommenders(names), interactions, rows)
            for stage, names in ((self.returning, self.settings.sources), (self.new, self.settings.new_sources))
        )
        returning, new = (
            replace(stage, sources=others) for stage, others in zip((self.returning, self.new), sources, strict=True)
        )
        return replace(self, snapshot=self.snapshot.with_customers(interactions), returning=returning, new=new)

    def scores(self, queries: Queries) -> NDArray[np.float32]:
        """The logit of the probability that a customer who orders within the horizon buys each product.

        For a customer with a history, products that are no candidates score below -20. Where there was too little to
        learn a ranker from, these are the first source's scores instead.
        """
        scores = np.empty((len(queries), len(self.snapshot.products)), dtype=np.float32)
        for stage, positions, block in self._blocks(queries):
            scores[positions] = self._score(stage, self._find(stage, block))
        return scores

    def scores_and_sources(self, queries: Queries) -> tuple[NDArray[np.float32], SourceFinder]:
        """Score, and remember what is needed to name sources; see `recommend.sources.ScoresWithSources`."""
        scores = np.empty((len(queries), len(self.snapshot.products)), dtype=np.float32)
        parts = []
        for stage, positions, block in self._blocks(queries):
            scored = self._find(stage, block)
            scores[positions] = self._score(stage, scored)
            parts.append((stage, positions, scored))

        def find_sources(lists: NDArray[np.int64]) -> NDArray[np.str_]:
            names = [*self.returning.sources.fitted, *self.new.sources.fitted]
            origins = np.full(lists.shape, "", dtype=f"U{max(map(len, names))}")
            for stage, positions, scored in parts:
                best = find_best_sources(scored, lists[positions])
                origins[positions] = np.array(list(stage.sources.fitted))[best]
            origins[lists < 0] = ""
            return origins

        return scores, find_sources

    @property
    def probability_horizon_days(self) -> int | None:
        """Horizon in days of the probabilities whose logits `scores` gives, for a customer who orders within it.

        None where there was too little to learn from, because scores then give an order and no probabilities.
        """
        horizon_days = self.settings.horizon_days
        new = self.new.ranker is not None or getattr(self.new_customers, "horizon_days", None) == horizon_days
        return horizon_days if new and self.returning.ranker is not None else None

    def sources(self, queries: Queries, lists: NDArray[np.int64]) -> NDArray[np.str_]:
        """The source in whose own list each product ranks highest; see `recommend.sources.HasSources`.

        Args:
            queries: The customers.
            lists: Columns of the listed products, -1 for none; shape (queries, length).
        """
        return self.scores_and_sources(queries)[1](lists)

    def _blocks(self, queries: Queries) -> Iterator[tuple[Stage, NDArray[np.int64], Queries]]:
        """Queries of one stage at a time, with their positions."""
        for stage, mask in ((self.returning, queries.rows >= 0), (self.new, queries.rows < 0)):
            positions = np.flatnonzero(mask)
            step = stage.sources.block_rows(len(self.snapshot.products))
            for start in range(0, len(positions), step):
                block = positions[start : start + step]
                yield stage, block, Queries(queries.rows[block], queries.context[block])

    def _find(self, stage: Stage, queries: Queries) -> Scored:
        settings = self.settings
        count = settings.candidates if stage is self.returning else settings.new_candidates
        return score_and_find(self.snapshot, stage.sources, queries, count)

    def _score(self, stage: Stage, scored: Scored) -> NDArray[np.float32]:
        return self._score_returning(scored) if stage is self.returning else self._score_new(scored)

    def _score_returning(self, scored: Scored) -> NDArray[np.float32]:
        first, cells = scored.scores[0].full(), scored.cells
        if self.returning.ranker is None:
            return first
        logits = self._rank(self.returning.sources, self.returning.ranker, scored)
        # products that are no candidates are ordered by the first source, as close to LEAST as possible
        highest = np.maximum(first.max(axis=1, initial=0), -first.min(axis=1, initial=0))
        all_logits = first / np.maximum(highest, np.finfo(np.float32).tiny)[:, None]
        of_cells = np.maximum(logits + np.float32(TIE) * all_logits[cells], np.float32(LEAST))
        all_logits += np.float32(LEAST - 2)
        all_logits[cells] = of_cells
        return np.asarray(all_logits)

    def _score_new(self, scored: Scored) -> NDArray[np.float32]:
        all_logits = np.array(self.new_customers.scores(scored.queries))
        if self.new.ranker is not None:
            cells, logits = scored.cells, self._rank(self.new.sources, self.new.ranker, scored)
            all_logits[cells] += self.settings.new_share * (logits - all_logits[cells])
        return all_logits

    def _rank(self, sources: Sources, ranker: FittedRanker, scored: Scored) -> NDArray[np.float32]:
        """The logits of the candidates, corrected for the negatives left out of the fit."""
        logits = ranker.scores(describe_candidates(self.snapshot, sources, scored))
        return logits + np.float32(np.log(self.settings.negatives))

    def save(self, folder: Path) -> None:
        """Write the sources, the rankers and the snapshot; no order line, nothing personal."""
        self.snapshot.save(folder / "snapshot")
        for name, stage in {"returning": self.returning, "new": self.new}.items():
            stage.sources.save(folder / name)
            if stage.ranker is not None:
                stage.ranker.save(folder / name / "ranker")
        self.new_customers.save(folder / "new_customers")
        has_ranker = [self.returning.ranker is not None, self.new.ranker is not None]
        write_artifact(folder, KIND, {}, {"settings": asdict(self.settings), "has_ranker": has_ranker})

    def dimensions(self) -> dict[str, int]:
        """Return the number of customers and products; see `array_checks.check_model`.

        Raises:
            ValueError: The parts do not fit each other.
        """
        stages = (self.returning, self.new)
        sources = [source for stage in stages for source in stage.sources.fitted.values()]
        return merge_dimensions(*(shop_dimensions(part) for part in (self.snapshot, *sources, self.new_customers)))

    @classmethod
    def load(cls, folder: Path, ranker: Ranker) -> TwoStage:
        """Read back what `save` wrote.

        Args:
            folder: The folder given to `save`.
            ranker: The ranker that was fitted.

        Raises:
            ArtifactError: The folder holds no such model, or a damaged one.
        """
        manifest = read_manifest(folder, KIND)
        try:
            values: dict[str, Any] = manifest["settings"]
            tuples = {name: tuple(value) for name, value in values.items() if isinstance(value, list)}
            settings = TwoStageSettings(**(values | tuples))
            kinds = {"returning": settings.sources, "new": settings.new_sources}
            returning, new = (
                Stage(
                    Sources.load(select_recommenders(names), folder / kind),
                    ranker.load(folder / kind / "ranker") if has_ranker else None,
                )
                for (kind, names), has_ranker in zip(kinds.items(), manifest["has_ranker"], strict=True)
            )
            (recommender,) = select_recommenders([settings.new_customers]).values()
            new_customers = recommender.load(folder / "new_customers")
            model = cls(Snapshot.load(folder / "snapshot"), returning, new, new_customers, settings)
            model.dimensions()
            return model
        except (KeyError, TypeError, ValueError) as error:
            raise ArtifactError(f"{folder} holds a damaged model. Fit it again.") from error


def select_recommenders(names: Sequence[str]) -> dict[str, Recommender]:
    """Recommenders by file name, in order; KeyError for an unknown name."""
    available = recommenders()
    return {name: available[name] for name in names}


def _fit_rankers(
    interactions: Interactions,
    sources: tuple[Mapping[str, Recommender], Mapping[str, Recommender]],
    ranker: Ranker,
    settings: TwoStageSettings,
    *,
    seed: int,
    progress: Progress,
) -> tuple[FittedRanker | None, FittedRanker | None]:
    """The rankers of customers with a history and of new ones; the rows that they learn from are freed at the end."""
    windows = build_training_windows(interactions, sources, settings, seed=seed, progress=progress)
    returning = _fit_ranker(ranker, windows.returning, seed)
    return returning, _fit_ranker(ranker, windows.new, seed) if windows.first_orders >= settings.least_new else None


def _fit_ranker(ranker: Ranker, rows: Sequence[TrainingRows], seed: int) -> FittedRanker | None:
    """None where every candidate was bought, or none, because nothing can be learned from that."""
    filled = [block for block in rows if len(block.candidates)]
    bought = sum(int(block.bought.sum()) for block in filled)
    if bought in (0, sum(len(block.candidates) for block in filled)):
        return None
    candidates = concatenate([block.candidates for block in filled])
    return ranker.fit(candidates, np.concatenate([block.bought for block in filled]), seed=seed)
