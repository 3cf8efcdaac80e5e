"""Candidates and their sources, found without looking at every product, against a search that does."""

from __future__ import annotations

from typing import Final

import numpy as np
import pytest

from frontrow.models import sparse_products
from frontrow.models.interactions.interactions import Interactions, Queries
from frontrow.models.recommender import recommenders
from frontrow.models.split_scores import SplitScorer
from frontrow.models.two_stage.best_sources import find_best_sources
from frontrow.models.two_stage.candidates import Scored, Sources, score_and_find
from frontrow.models.two_stage.settings import TwoStageSettings
from frontrow.models.two_stage.snapshot import Snapshot, build_snapshot
from frontrow.testing.recommenders import planted

COUNT: Final = 6


@pytest.fixture(params=[-1.0, np.inf], ids=["tables", "sparse"], autouse=True)
def pairs(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> float:
    """Multiplications a cell from which there is a table of scores: each test sees one of every source, and none."""
    monkeypatch.setattr(sparse_products, "TABLE_PAIRS", request.param)
    return float(request.param)


@pytest.fixture(scope="module")
def fitted() -> tuple[Interactions, Snapshot, Sources]:
    _, interactions = planted()
    # a few products have left the shop
    snapshot = build_snapshot(interactions, 40)
    names = TwoStageSettings().sources
    available = recommenders()
    return interactions, snapshot, Sources.fit({name: available[name] for name in names}, interactions, seed=0)


def score(fitted: tuple[Interactions, Snapshot, Sources], queries: Queries | None = None) -> Scored:
    interactions, snapshot, sources = fitted
    return score_and_find(snapshot, sources, queries or interactions.queries(), COUNT)


def test_candidates_are_those_of_a_search_through_all_products(
    fitted: tuple[Interactions, Snapshot, Sources],
) -> None:
    interactions, snapshot, sources = fitted
    expected = np.zeros(interactions.shape, dtype=np.bool_)
    bought = interactions.counts().toarray() > 0
    for source in sources.fitted.values():
        scores = np.where(snapshot.on_sale, source.scores(interactions.queries()), 0)
        for counted in (scores, np.where(bought, 0, scores)):
            least = np.sort(counted, axis=1)[:, -COUNT][:, None]
            expected |= (counted >= least) & (counted > 0)
    position, column = score(fitted).cells
    assert list(zip(position, column, strict=True)) == list(zip(*np.nonzero(expected), strict=True))


def test_scores_of_candidates_are_those_of_the_sources(fitted: tuple[Interactions, Snapshot, Sources]) -> None:
    interactions, _, sources = fitted
    scored = score(fitted)
    for source, found, top, cell_scores in zip(
        sources.fitted.values(), scored.scores, scored.tops, scored.cell_scores, strict=True
    ):
        scores = source.scores(interactions.queries())
        np.testing.assert_array_equal(found.full(), scores)
        np.testing.assert_array_equal(cell_scores, scores[scored.cells])
        np.testing.assert_array_equal(top.highest(), np.maximum(scores.max(axis=1), 0))
    assert sum(isinstance(source, SplitScorer) for source in sources.fitted.values()) == len(sources.fitted) - 1


def test_blocks_of_customers_have_the_same_candidates(fitted: tuple[Interactions, Snapshot, Sources]) -> None:
    queries, whole = fitted[0].queries(), score(fitted)
    part = score(fitted, queries.block(10, 17))
    inside = (whole.cells[0] >= 10) & (whole.cells[0] < 17)
    np.testing.assert_array_equal(part.cells[0] + 10, whole.cells[0][inside])
    np.testing.assert_array_equal(part.cells[1], whole.cells[1][inside])
    np.testing.assert_array_equal(part.cell_scores, whole.cell_scores[:, inside])


def test_sources_are_those_of_a_search_through_all_products(fitted: tuple[Interactions, Snapshot, Sources]) -> None:
    interactions, _, sources = fitted
    scores = np.stack([source.scores(interactions.queries()) for source in sources.fitted.values()])
    lists = np.random.default_rng(0).integers(0, interactions.shape[1], (interactions.shape[0], 5))
    listed = np.take_along_axis(scores, np.broadcast_to(lists, (len(scores), *lists.shape)), axis=2)
    ranks = np.stack([(scores > listed[:, :, place, None]).sum(axis=2) for place in range(5)], axis=2)
    np.testing.assert_array_equal(find_best_sources(score(fitted), lists), ranks.argmin(axis=0))
