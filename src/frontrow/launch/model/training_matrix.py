"""The training rows of past launches and of pseudo-launches, as arrays with one weight a row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from frontrow.features.launch import features_of
from frontrow.launch.model.episodes import feature_matrix
from frontrow.models.gradient_boosting import BinnedRows, BoostingSettings

SIZE_FEATURES: Final = ("closeness_of_nearest", "buyers_of_nearest")
"""What says how many buyers a launch finds. A pseudo-launch knows nothing of that, so a model that learned from
pseudo-launches does not read them."""


@dataclass(frozen=True)
class TrainingMatrix:
    """What a launch model is fitted on.

    Attributes:
        features: Names of the columns of `rows`.
        rows: Shape (rows, features), float32; NaN where unknown.
        labels: Shape (rows,), 1.0 where the customer bought.
        weights: Shape (rows,): how many customers a row represents, less for those of pseudo-launches.
    """

    features: tuple[str, ...]
    rows: NDArray[np.float32]
    labels: NDArray[np.float64]
    weights: NDArray[np.float64]

    @classmethod
    def collect(cls, parts: Sequence[tuple[pl.DataFrame, float]], *, without_size: bool) -> TrainingMatrix:
        """Put rows together.

        Args:
            parts: What `episodes.build_episodes` returns, each with what its rows count; at least one.
            without_size: Leave `SIZE_FEATURES` out.
        """
        features = features_of(parts[0][0].columns)
        if without_size:
            features = drop_size_features(features)
        return cls(
            features,
            np.concatenate([feature_matrix(rows, features) for rows, _ in parts]),
            np.concatenate([rows["bought"].to_numpy() for rows, _ in parts]),
            np.concatenate([share * rows["weight"].to_numpy() for rows, share in parts]),
        )

    def bin(self, settings: BoostingSettings) -> BinnedRows:
        """The same rows as trees are fitted on them.

        Args:
            settings: Of all fits, but for the number of trees.
        """
        return BinnedRows.bin(self.rows, self.labels, self.weights, self.features, settings)

    @property
    def has_both_labels(self) -> bool:
        """Whether some bought and some did not."""
        return bool((self.labels == 1.0).any() and (self.labels == 0.0).any())


def drop_size_features(features: tuple[str, ...]) -> tuple[str, ...]:
    """The features that a model of launches and pseudo-launches reads.

    Example:
        >>> drop_size_features(("lines", "buyers_of_nearest"))
        ('lines',)
    """
    return tuple(name for name in features if name not in SIZE_FEATURES)
