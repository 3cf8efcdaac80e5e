"""Boosted trees that correct a simpler model's expectations: they start from its log odds, or its log rates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]
Rows = NDArray[np.float32]


@dataclass(frozen=True)
class CorrectionSettings:
    """Hyper-parameters in LightGBM's terms, chosen on cutoffs that are in no reported figure.

    Attributes:
        trees: Number of boosting rounds.
        learning_rate: Weight of each round.
        leaves: Largest number of leaves per tree.
        min_rows_in_leaf: Smallest number of rows per leaf.
        feature_share: Share of the features that each tree may use.
        l2: Penalty on a leaf's weight.
        bins: Largest number of bins per feature.
    """

    trees: int = 80
    learning_rate: float = 0.05
    leaves: int = 7
    min_rows_in_leaf: int = 100
    feature_share: float = 0.4
    l2: float = 5.0
    bins: int = 63


OBJECTIVES: Final = {"chance": "binary", "count": "poisson"}
"""LightGBM's name of what is predicted: whether something happens, or how often."""


class Correction:
    """What has to be added to the log odds, or the log rate, that each row started from.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> x = rng.normal(size=(2_000, 1)).astype(np.float32)
        >>> count = rng.poisson(np.where(x[:, 0] > 0, 3.0, 1.0)).astype(np.float64)
        >>> trees = Correction.fit(x, count, np.zeros(2_000), predicts="count", seed=0)
        >>> np.exp(trees.correct(np.array([[1.0], [-1.0]], dtype=np.float32))).round().tolist()
        [3.0, 1.0]
    """

    def __init__(self, booster: Any | None) -> None:
        self._booster = booster

    @classmethod
    def fit(
        cls,
        rows: Rows,
        outcomes: Vector,
        starts: Vector,
        *,
        predicts: Literal["chance", "count"],
        seed: int,
        settings: CorrectionSettings | None = None,
    ) -> Correction:
        """Fit the trees.

        Args:
            rows: Shape (rows, features); NaN where unknown.
            outcomes: 0 or 1, or a count; shape (rows,).
            starts: What the simpler model says: log odds, or the logarithm of the expected count.
            predicts: What the outcomes are.
            seed: The same seed on the same rows gives the same trees.
            settings: Hyper-parameters; the defaults if None.
        """
        import lightgbm

        if not len(outcomes) or outcomes.min() == outcomes.max():
            # everyone did the same: there is nothing to tell rows apart by
            return cls(None)
        settings = CorrectionSettings() if settings is None else settings
        dataset = lightgbm.Dataset(
            rows,
            outcomes,
            init_score=starts,
            params={"max_bin": settings.bins, "verbosity": -1, "num_threads": 1},
        )
        parameters = {
            "objective": OBJECTIVES[predicts],
            "learning_rate": settings.learning_rate,
            "num_leaves": settings.leaves,
            "min_data_in_leaf": settings.min_rows_in_leaf,
            "feature_fraction": settings.feature_share,
            "lambda_l2": settings.l2,
            "boost_from_average": False,
            "num_threads": 1,
            "seed": seed % 2**31,
            "deterministic": True,
            "force_col_wise": True,
            "verbosity": -1,
        }
        return cls(lightgbm.train(parameters, dataset, num_boost_round=settings.trees))

    def correct(self, rows: Rows) -> Vector:
        """What the trees add to each row's log odds or log rate; shape (rows,)."""
        if self._booster is None or len(rows) == 0:
            return np.zeros(len(rows))
        return np.asarray(self._booster.predict(rows, raw_score=True, num_threads=1), dtype=np.float64)
