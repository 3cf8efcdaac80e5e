"""What every ranker has to keep: a test class of two lines inherits all of it.

Example::

    class TestBoostedTrees(RankerContract):
        ranker = boosted_trees.Ranker()
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
from numpy.typing import NDArray

from frontrow.errors import ArtifactError
from frontrow.metrics import classification as metrics
from frontrow.models.ranker import Candidates, FittedRanker, Ranker

FEATURES = 6
TYPES, COUNTRIES = 4, 3
HISTORY = 5


def candidates_of(
    features: NDArray[np.float32],
    *,
    product: NDArray[np.int64],
    country: NDArray[np.int64],
    history: NDArray[np.int64],
    products: int,
) -> Candidates:
    """Candidates in the shape that rankers get them in, as many of each query; no vendor is known.

    Args:
        features: Shape (rows, features).
        product: Of each row.
        country: Of each query.
        history: Products of each query, the latest first; shape (queries, length).
        products: How many there are.
    """
    query = np.repeat(np.arange(len(history)), len(features) // max(1, len(history)))
    codes = np.column_stack([product, product % TYPES, np.full(len(product), -1), country[query]])
    return Candidates(
        query.astype(np.int32),
        product.astype(np.int32),
        features,
        tuple(f"f{place}" for place in range(features.shape[1])),
        codes.astype(np.int32),
        (products, TYPES, 0, COUNTRIES),
        history.astype(np.int32),
        products,
    )


def bought_at(logits: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.bool_]:
    """Draw what is bought at these chances."""
    return np.asarray(rng.random(len(logits)) < 1 / (1 + np.exp(-logits)))


def planted_candidates(
    seed: int, *, queries: int = 200, each: int = 25, products: int = 40
) -> tuple[Candidates, NDArray[np.bool_], NDArray[np.float64]]:
    """Candidates of which two features tell what is bought, one of them not always known; about one in five is.

    Returns:
        Candidates, what was bought, and the true logits.
    """
    rng = np.random.default_rng(seed)
    features = rng.normal(size=(queries * each, FEATURES))
    logits = 1.5 * features[:, 0] - features[:, 1] - 2
    unknown = rng.random(len(features)) < 0.2
    logits[unknown] = 1.5 * features[unknown, 0] - 1
    features[unknown, 1] = np.nan
    features[:, 2] = np.exp(3 * features[:, 2])
    made = candidates_of(
        features.astype(np.float32),
        product=rng.integers(0, products, len(features)),
        country=rng.integers(0, COUNTRIES, queries),
        history=rng.integers(-1, products, (queries, HISTORY)),
        products=products,
    )
    return made, bought_at(logits, rng), logits


class RankerContract:
    """The promises of `frontrow.models.ranker.Ranker`.

    Attributes:
        ranker: The ranker under test.
        auc_missed: On candidates never seen, how far below the AUC of the true chances it is at most.
    """

    ranker: ClassVar[Ranker]
    auc_missed: ClassVar[float] = 0.03

    def test_recovers_planted_truth(self) -> None:
        """On candidates never seen it comes near the order of the true chances, and near their level."""
        asked, bought, logits = planted_candidates(1)
        scores = self._fitted().scores(asked)
        truth = bought.astype(np.float64)
        assert metrics.auc(truth, logits) - self.auc_missed < metrics.auc(truth, scores.astype(np.float64)) < 1
        assert abs(float(np.mean(1 / (1 + np.exp(-scores)))) - truth.mean()) < 0.06

    def test_the_same_seed_gives_the_same_scores(self) -> None:
        """To the bit, and the candidates are left as they were."""
        made, bought, _ = planted_candidates(0)
        before = [array.copy() for array in _arrays(made)]
        again = self.ranker.fit(made, bought, seed=5).scores(made)
        np.testing.assert_array_equal(again, self._fitted().scores(made))
        for one, other in zip(_arrays(made), before, strict=True):
            np.testing.assert_array_equal(one, other)

    def test_saved_and_read_back_it_scores_the_same(self, tmp_path: Path) -> None:
        """To the bit; a damaged file is refused, and so is a folder with nothing in it."""
        made, _, _ = planted_candidates(1)
        self._fitted().save(tmp_path / "ranker")
        read = self.ranker.load(tmp_path / "ranker")
        np.testing.assert_array_equal(read.scores(made), self._fitted().scores(made))
        for path in (tmp_path / "ranker").iterdir():
            whole = path.read_bytes()
            path.write_bytes(whole[: len(whole) // 2])
            with pytest.raises(ArtifactError):
                self.ranker.load(tmp_path / "ranker")
            path.write_bytes(whole)
        with pytest.raises(ArtifactError):
            self.ranker.load(tmp_path / "nothing")

    def test_no_candidates_no_scores(self) -> None:
        """An empty block is no error, with queries that found nothing or with none."""
        made, _, _ = planted_candidates(0)
        none = made.select(np.zeros(len(made), dtype=np.bool_))
        for empty in (none, replace(none, history=none.history[:0])):
            scores = self._fitted().scores(empty)
            assert scores.shape == (0,)
            assert scores.dtype == np.float32

    def test_what_was_never_seen_has_a_score(self) -> None:
        """Products, types and countries with codes of their own, or none; features not known, or far out."""
        made, _, _ = planted_candidates(1)
        strange = [
            replace(made, product=made.product + 1000, categories=made.categories + 1000),
            replace(made, categories=np.full_like(made.categories, -1), history=np.full_like(made.history, -1)),
            replace(made, history=made.history + 1000),
            replace(made, features=np.full_like(made.features, np.nan)),
            replace(made, features=made.features * np.float32(1e9)),
        ]
        for one in strange:
            scores = self._fitted().scores(one)
            assert scores.dtype == np.float32
            assert np.isfinite(scores).all()

    def test_blocks_of_queries_give_the_scores_of_all(self) -> None:
        """But for the rounding of sums in another order."""
        made, _, _ = planted_candidates(1)
        half = made.query < len(made.history) // 3
        blocks = np.empty(len(made), dtype=np.float32)
        for rows in (half, ~half):
            blocks[rows] = self._fitted().scores(made.select(rows))
        np.testing.assert_allclose(blocks, self._fitted().scores(made), rtol=1e-4, atol=1e-5)

    def test_a_feature_that_is_never_known_does_no_harm(self) -> None:
        """A column without a number, one that never changes, and a customer of whom all was bought."""
        made, bought, _ = planted_candidates(0, queries=40)
        features = made.features.copy()
        features[:, 3], features[:, 4] = np.nan, 1
        bought = bought | (made.query == 7)
        scores = self.ranker.fit(replace(made, features=features), bought, seed=0).scores(made)
        assert np.isfinite(scores).all()
        assert metrics.auc(bought.astype(np.float64), scores.astype(np.float64)) > 0.7

    def test_it_tells_how_far_it_is(self) -> None:
        """Progress rises to its end."""
        made, bought, _ = planted_candidates(0, queries=20)
        steps: list[tuple[float, float]] = []
        self.ranker.fit(made, bought, seed=0, progress=lambda done, most: steps.append((done, most)))
        assert steps == sorted(steps)
        assert steps[-1][0] == steps[-1][1]

    def _fitted(self) -> FittedRanker:
        if type(self) not in _FITTED:
            made, bought, _ = planted_candidates(0)
            _FITTED[type(self)] = self.ranker.fit(made, bought, seed=5)
        return _FITTED[type(self)]


_FITTED: dict[type[RankerContract], FittedRanker] = {}


def _arrays(made: Candidates) -> Sequence[NDArray[np.generic]]:
    return made.query, made.product, made.features, made.categories, made.history
