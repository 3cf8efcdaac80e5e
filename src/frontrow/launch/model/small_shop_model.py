"""The part of the launch model that knows the answer before the first launch: normal scores, corrected by a few trees.

Trees need some forty launches before they rank as well as one good column does. Normal scores of a few simple features
rank well in every shop from the start, because all that has to be learned is one weight for their sum. The launch model
takes most of its score from here while launches are few, and nothing once there are enough.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from frontrow.errors import ArtifactError
from frontrow.features.normal_scores import normal_score_features_of
from frontrow.launch.calibration.parameters import logits, shift_to_sum
from frontrow.launch.model.training_matrix import TrainingMatrix
from frontrow.models.anchored_regression import AnchoredRegression
from frontrow.models.gradient_boosting import BinnedRows, BoostingSettings, GradientBoosting

ENOUGH_LAUNCHES: Final = 160
"""From this many launches on, trees that learned from the shop's own launches stand alone."""

MOST_WEIGHT: Final = 0.9
"""Weight of the normal scores beside the trees when there is next to no launch; it falls to 0 at `ENOUGH_LAUNCHES`."""

CORRECTION_TREES: Final = 60
"""Trees that correct the regression on normal scores: few, so that few launches cannot lead them far from it."""

CORRECTION_SHARE: Final = 0.5
"""How much of their correction counts: half of it ranks better than all of it while launches are few."""

FOLDER: Final = "small_shop"
"""Where a saved launch model keeps it."""


def small_shop_weight(launches: int) -> float:
    """Weight of the normal scores in a launch model that learned from so many launches.

    Example:
        >>> small_shop_weight(0), small_shop_weight(80), small_shop_weight(500)
        (1.0, 0.45, 0.0)
    """
    return 1.0 if launches == 0 else MOST_WEIGHT * max(0.0, 1.0 - launches / ENOUGH_LAUNCHES)


@dataclass(frozen=True)
class SmallShopModel:
    """A regression on normal scores, and trees that correct it.

    Attributes:
        regression: Over `features.normal_scores.normal_score_features_of` what the trees read.
        correction: Trees that started from what the regression says.
        correction_share: How much of the correction counts; 0.0 without any launch to learn from.
        weight: Of this model in the launch model; the trees beside it have the rest.
        shift: Added to the log-odds of both together, so that they find as many buyers as the training rows had.
    """

    regression: AnchoredRegression
    correction: GradientBoosting
    correction_share: float
    weight: float
    shift: float

    @classmethod
    def fit(
        cls,
        training: TrainingMatrix,
        binned: BinnedRows,
        normal_scores: NDArray[np.float64],
        trees: GradientBoosting,
        *,
        settings: BoostingSettings,
        launches: int,
        seed: int,
    ) -> SmallShopModel:
        """Fit both.

        Args:
            training: Of launches and pseudo-launches.
            binned: The same rows, as the trees were fitted on them.
            normal_scores: Of their rows, shape (rows, features).
            trees: Fitted on the same rows; this model will stand beside them.
            settings: Of the correction, but for the number of trees.
            launches: How many past launches there are among the training rows, without the pseudo-launches.
            seed: See `GradientBoosting.fit`.
        """
        regression = AnchoredRegression.fit(normal_scores, training.labels, training.weights)
        correction = GradientBoosting.fit_binned(
            binned,
            replace(settings, trees=min(settings.trees, CORRECTION_TREES)),
            seed=seed,
            start=regression.log_odds(normal_scores),
        )
        share = CORRECTION_SHARE if launches else 0.0
        model = cls(regression, correction, share, small_shop_weight(launches), 0.0)
        log_odds = model.mix(
            logits(trees.probability(training.rows)), correction.log_odds(training.rows), normal_scores
        )
        shifted = shift_to_sum(log_odds, training.weights, float((training.weights * training.labels).sum()))
        return replace(model, shift=float(shifted[0] - log_odds[0]))

    def mix(
        self, trees: NDArray[np.float64], correction: NDArray[np.float64], normal_scores: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Log-odds of the launch model.

        Args:
            trees: Log-odds by the trees that stand beside it, shape (rows,).
            correction: What `correction.log_odds` returned, shape (rows,).
            normal_scores: Shape (rows, features).
        """
        own = self.regression.log_odds(normal_scores) + self.correction_share * correction
        return np.asarray((1.0 - self.weight) * trees + self.weight * own + self.shift)

    def save(self, folder: Path) -> None:
        """Write it below the folder of a launch model."""
        about = {
            "regression": self.regression.to_dict(),
            "correction_share": self.correction_share,
            "weight": self.weight,
            "shift": self.shift,
        }
        self.correction.save(folder / FOLDER, about)

    @classmethod
    def load(cls, folder: Path, features: tuple[str, ...]) -> SmallShopModel:
        """Read it back from the folder of a launch model.

        Args:
            folder: The launch model's.
            features: What its trees read.

        Raises:
            ArtifactError: It is missing, damaged, or of other features.
        """
        correction, manifest = GradientBoosting.load(folder / FOLDER)
        try:
            shares = _parse_shares(manifest, correction, features)
            columns = len(normal_score_features_of(features))
            return cls(AnchoredRegression.from_dict(manifest["regression"], columns), correction, *shares)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise ArtifactError(f"{folder} holds a damaged model. Fit it again.") from error


def select_normal_score_columns(features: tuple[str, ...], prefix: str) -> list[pl.Expr]:
    """The columns that normal scores are made of, under names with a prefix, to be kept until all rows are there.

    Args:
        features: What the trees read.
        prefix: Of the names.
    """
    return [pl.col(name).cast(pl.Float64).alias(prefix + name) for name in normal_score_features_of(features)]


def restore_normal_score_columns(rows: pl.DataFrame, features: tuple[str, ...], prefix: str) -> pl.DataFrame:
    """`launch`, `weight` where it is there, and what `select_normal_score_columns` kept, under its own names."""
    keys = [name for name in ("launch", "weight") if name in rows.columns]
    return rows.select(*keys, *(pl.col(prefix + name).alias(name) for name in normal_score_features_of(features)))


def _parse_shares(
    manifest: Mapping[str, Any], correction: GradientBoosting, features: tuple[str, ...]
) -> tuple[float, float, float]:
    share, weight, shift = (float(manifest[name]) for name in ("correction_share", "weight", "shift"))
    if not (0.0 <= share <= 1.0 and 0.0 <= weight <= 1.0 and np.isfinite(shift)) or correction.features != features:
        raise ValueError("the shares must be between 0 and 1, and the features those of the trees")
    return share, weight, shift
