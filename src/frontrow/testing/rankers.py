"""The contract tests of rankers: a test class of two lines inherits all of them.

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
from frontrow.models.ranker import Candidates, FeatureTable, FittedRanker, Ranker

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
    """Return candidates with the same number of products per query; all vendors are unknown.

    Args:
        features: Shape (rows, features).
        product: Product of each row.
        country: Country of each query.
        history: Products of each query, the latest first; shape (queries, length).
        products: Number of products.
    """
    query = np.repeat(np.arange(len(history)), len(features) // max(1, len(history)))
    codes = np.column_stack([product, product % TYPES, np.full(len(product), -1), country[query]])
    return Candidates(
        query.astype(np.int32),
        product.astype(np.int32),
        (FeatureTable(features),),
        tuple(f"f{column}" for column in range(features.shape[1])),
        codes.astype(np.int32),
        (products, TYPES, 0, COUNTRIES),
        history.astype(np.int32),
        products,
    )


def draw_purchases(logits: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.bool_]:
    """Draw whether each candidate is bought.

    Args:
        logits: Logits of the purchase probabilities.
        rng: Source of the draws.
    """
    return np.asarray(rng.random(len(logits)) < 1 / (1 + np.exp(-logits)))


def planted_candidates(
    seed: int, *, queries: int = 200, each: int = 25, products: int = 40
) -> tuple[Candidates, NDArray[np.bool_], NDArray[np.float64]]:
    """Draw candidates whose purchases depend on two features, one of them with missing values; one in five is bought.

    Args:
        seed: Seed of the draws.
        queries: Number of customers.
        each: Candidates per customer.
        products: Number of products.

    Returns:
        Candidates, whether each was bought, and the true logits.
    """
    rng = np.random.default_rng(seed)
    features = rng.normal(size=(queries * each, FEATURES))
    logits = 1.5 * features[:, 0] - features[:, 1] - 2
    is_missing = rng.random(len(features)) < 0.2
    logits[is_missing] = 1.5 * features[is_missing, 0] - 1
    features[is_missing, 1] = np.nan
    features[:, 2] = np.exp(3 * features[:, 2])
    candidates = candidates_of(
        features.astype(np.float32),
        product=rng.integers(0, products, len(features)),
        country=rng.integers(0, COUNTRIES, queries),
        history=rng.integers(-1, products, (queries, HISTORY)),
        products=products,
    )
    return candidates, draw_purchases(logits, rng), logits


class RankerContract:
    """Tests of what `frontrow.models.ranker.Ranker` promises.

    Attributes:
        ranker: The ranker under test.
        max_auc_gap: On new candidates, the largest accepted distance to the AUC of the true probabilities.
    """

    ranker: ClassVar[Ranker]
    max_auc_gap: ClassVar[float] = 0.03

    def test_recovers_planted_truth(self) -> None:
        """On new candidates, AUC and mean probability are near those of the true probabilities."""
        candidates, bought, logits = planted_candidates(1)
        scores = self._fitted().scores(candidates)
        truth = bought.astype(np.float64)
        assert metrics.auc(truth, logits) - self.max_auc_gap < metrics.auc(truth, scores.astype(np.float64)) < 1
        assert abs(float(np.mean(1 / (1 + np.exp(-scores)))) - truth.mean()) < 0.06

    def test_the_same_seed_gives_the_same_scores(self) -> None:
        """The scores are equal to the bit, and the candidates do not change."""
        candidates, bought, _ = planted_candidates(0)
        before = [array.copy() for array in _arrays(candidates)]
        again = self.ranker.fit(candidates, bought, seed=5).scores(candidates)
        np.testing.assert_array_equal(again, self._fitted().scores(candidates))
        for array, unchanged in zip(_arrays(candidates), before, strict=True):
            np.testing.assert_array_equal(array, unchanged)

    def test_saved_and_loaded_it_gives_the_same_scores(self, tmp_path: Path) -> None:
        """The scores are equal to the bit; a damaged file and a missing folder are errors."""
        candidates, _, _ = planted_candidates(1)
        self._fitted().save(tmp_path / "ranker")
        loaded = self.ranker.load(tmp_path / "ranker")
        np.testing.assert_array_equal(loaded.scores(candidates), self._fitted().scores(candidates))
        for path in (tmp_path / "ranker").iterdir():
            content = path.read_bytes()
            path.write_bytes(content[: len(content) // 2])
            with pytest.raises(ArtifactError):
                self.ranker.load(tmp_path / "ranker")
            path.write_bytes(content)
        with pytest.raises(ArtifactError):
            self.ranker.load(tmp_path / "nothing")

    def test_no_candidates_give_no_scores(self) -> None:
        """An empty block is no error, with or without queries."""
        candidates, _, _ = planted_candidates(0)
        none = candidates.select(np.zeros(len(candidates), dtype=np.bool_))
        for empty in (none, replace(none, history=none.history[:0])):
            scores = self._fitted().scores(empty)
            assert scores.shape == (0,)
            assert scores.dtype == np.float32

    def test_unknown_values_have_a_score(self) -> None:
        """New or missing products, types and countries, and missing or extreme features get finite scores."""
        candidates, _, _ = planted_candidates(1)
        unknown = np.full_like(candidates.categories, -1)
        cases = [
            replace(candidates, product=candidates.product + 1000, categories=candidates.categories + 1000),
            replace(candidates, categories=unknown, history=np.full_like(candidates.history, -1)),
            replace(candidates, history=candidates.history + 1000),
            replace(candidates, tables=(FeatureTable(np.full_like(candidates.features, np.nan)),)),
            replace(candidates, tables=(FeatureTable(candidates.features * np.float32(1e9)),)),
        ]
        for case in cases:
            scores = self._fitted().scores(case)
            assert scores.dtype == np.float32
            assert np.isfinite(scores).all()

    def test_blocks_of_queries_give_the_scores_of_all(self) -> None:
        """Only the rounding of sums may differ."""
        candidates, _, _ = planted_candidates(1)
        first = candidates.query < len(candidates.history) // 3
        blocks = np.empty(len(candidates), dtype=np.float32)
        for rows in (first, ~first):
            blocks[rows] = self._fitted().scores(candidates.select(rows))
        np.testing.assert_allclose(blocks, self._fitted().scores(candidates), rtol=1e-4, atol=1e-5)

    def test_a_feature_without_values_does_no_harm(self) -> None:
        """An empty column, a constant column, and a customer who bought all candidates."""
        candidates, bought, _ = planted_candidates(0, queries=40)
        features = candidates.features.copy()
        features[:, 3], features[:, 4] = np.nan, 1
        bought = bought | (candidates.query == 7)
        scores = self.ranker.fit(replace(candidates, tables=(FeatureTable(features),)), bought, seed=0).scores(
            candidates
        )
        assert np.isfinite(scores).all()
        assert metrics.auc(bought.astype(np.float64), scores.astype(np.float64)) > 0.7

    def test_progress_rises_to_its_end(self) -> None:
        """Progress never falls, and the last call reports the end."""
        candidates, bought, _ = planted_candidates(0, queries=20)
        steps: list[tuple[float, float]] = []
        self.ranker.fit(candidates, bought, seed=0, progress=lambda done, total: steps.append((done, total)))
        assert steps == sorted(steps)
        assert steps[-1][0] == steps[-1][1]

    def _fitted(self) -> FittedRanker:
        if type(self) not in _FITTED:
            candidates, bought, _ = planted_candidates(0)
            _FITTED[type(self)] = self.ranker.fit(candidates, bought, seed=5)
        return _FITTED[type(self)]


_FITTED: dict[type[RankerContract], FittedRanker] = {}


def _arrays(candidates: Candidates) -> Sequence[NDArray[np.generic]]:
    return candidates.query, candidates.product, candidates.features, candidates.categories, candidates.history
