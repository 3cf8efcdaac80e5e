"""Candidates as input of the networks: scaled features, embedding rows of categories, and purchase histories."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.special import ndtri
from torch import Tensor

from frontrow.models.neural.settings import RankingSettings
from frontrow.models.ranker import Candidates
from frontrow.storage.array_checks import is_partition
from frontrow.storage.artifact import ArrayModel

MAX_KNOTS = 100
"""Maximum number of quantiles stored per feature."""

SAMPLE_ROWS = 50_000
"""Approximate number of rows from which the quantiles are computed."""

PRODUCT, COUNTRY = 0, 3
"""Columns of `Candidates.categories`."""

CATEGORIES = 4
"""Product, product type, vendor and country."""

CATEGORY_PAIRS = ((0, COUNTRY), (1, COUNTRY), (2, COUNTRY))
"""Product, product type and vendor, each with the country."""


@dataclass(frozen=True)
class FeatureScaling(ArrayModel):
    """Replaces each feature by its normal score: the standard normal quantile of the share of smaller values.

    Scores are interpolated linearly between quantiles and constant outside of them, so no value is ever extreme.
    Missing values become 0, and a feature with missing values gets an additional column that is 1 where it is missing.

    Attributes:
        knots: Quantiles of each feature, ascending, one feature after the other; float64 (knots,).
        scores: Normal score of each knot; float64 (knots,).
        starts: First knot of each feature, and the end of the last; int64 (features + 1,).
        with_missing: Features with missing values; int64 (features with missing values,).
    """

    knots: NDArray[np.float64]
    scores: NDArray[np.float64]
    starts: NDArray[np.int64]
    with_missing: NDArray[np.int64]

    shapes: ClassVar = {
        "knots": ("knots",),
        "scores": ("knots",),
        "starts": ("features+1",),
        "with_missing": ("features with missing values",),
    }
    indices: ClassVar = {"with_missing": "features"}

    def check(self, dimensions: Mapping[str, int]) -> None:  # noqa: ARG002
        """See `array_checks.check_model`."""
        if not is_partition(self.starts, len(self.knots)):
            raise ValueError("the quantiles of a feature have no end")

    @classmethod
    def fit(cls, features: NDArray[np.float32]) -> FeatureScaling:
        """Compute the quantiles from evenly spaced rows; float32 (rows, features)."""
        sample = features[:: max(1, len(features) // SAMPLE_ROWS)]
        columns = [_quantiles(column[np.isfinite(column)].astype(np.float64)) for column in sample.T]
        is_known = np.isfinite(sample)
        return cls(
            np.concatenate([knots for knots, _ in columns]) if columns else np.zeros(0),
            np.concatenate([scores for _, scores in columns]) if columns else np.zeros(0),
            np.cumsum([0, *(len(knots) for knots, _ in columns)]),
            np.flatnonzero(is_known.any(axis=0) & ~is_known.all(axis=0)),
        )

    @property
    def width(self) -> int:
        """Number of columns of the scaled features."""
        return len(self.starts) - 1 + len(self.with_missing)

    def scale(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the normal scores, and the columns for missing values; float32 (rows, width).

        Example:
            >>> rows = np.array([[1.0], [2.0], [100.0], [np.nan]], dtype=np.float32)
            >>> FeatureScaling.fit(rows).scale(rows).astype(np.float64).round(2).tolist()
            [[-0.97, 0.0], [0.0, 0.0], [0.97, 0.0], [0.0, 1.0]]
        """
        scaled = np.zeros((len(features), self.width), dtype=np.float32)
        for column, (start, end) in enumerate(zip(self.starts[:-1], self.starts[1:], strict=True)):
            if start < end:
                scaled[:, column] = np.interp(features[:, column], self.knots[start:end], self.scores[start:end])
        is_known = np.isfinite(features)
        scaled[:, : features.shape[1]][~is_known] = 0
        scaled[:, features.shape[1] :] = ~is_known[:, self.with_missing]
        return scaled


def _quantiles(values: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return quantiles, and the normal score of each: that of the middle of all values equal to it."""
    if len(values) == 0:
        return np.zeros(0), np.zeros(0)
    values = np.sort(values)
    knots = np.unique(np.quantile(values, np.linspace(0, 1, MAX_KNOTS), method="nearest"))
    below, up_to = (np.searchsorted(values, knots, side=side) for side in ("left", "right"))
    return knots, ndtri((below + up_to) / (2 * len(values)))


@dataclass(frozen=True)
class CategoryRows(ArrayModel):
    """Embedding row of each category code, from 1 per category; row 0 is for unknown and rare codes.

    Attributes:
        rows: Rows of the codes, one category after the other; int32 (codes,).
        starts: First code of each category, and the end of the last; int64 (categories + 1,).
        pair_keys: Keys of the frequent `CATEGORY_PAIRS`, ascending; int64 (pairs,), empty if no network uses them.
    """

    rows: NDArray[np.int32]
    starts: NDArray[np.int64]
    pair_keys: NDArray[np.int64]

    shapes: ClassVar = {"rows": ("codes",), "starts": (CATEGORIES + 1,), "pair_keys": ("pairs",)}
    indices: ClassVar = {"rows": "codes+1"}

    def check(self, dimensions: Mapping[str, int]) -> None:  # noqa: ARG002
        """See `array_checks.check_model`."""
        if not is_partition(self.starts, len(self.rows)):
            raise ValueError("the codes of a category have no end")

    @classmethod
    def fit(cls, codes: NDArray[np.int32], min_rows: int, *, with_pairs: bool) -> CategoryRows:
        """Number the codes, and optionally the pairs, that occur in enough rows.

        Args:
            codes: Codes of the categories, -1 for unknown; int32 (rows, categories).
            min_rows: Minimum number of rows of a code or pair.
            with_pairs: Whether to number the pairs too.

        Example:
            >>> codes = np.array([[0, 0, -1, 1], [2, 0, -1, 1], [2, 0, -1, 1]], dtype=np.int32)
            >>> categories = CategoryRows.fit(codes, min_rows=2, with_pairs=True)
            >>> categories.encode(np.array([[2, 5, 0, 1], [0, 0, -1, 0]], dtype=np.int32)).tolist()
            [[1, 0, 0, 1], [0, 1, 0, 0]]
            >>> categories.sizes
            (2, 2, 1, 2)
        """
        counts = [np.bincount(column[column >= 0]) for column in codes.T]
        numbered = [np.where(count >= min_rows, np.cumsum(count >= min_rows), 0) for count in counts]
        starts = np.cumsum([0, *(len(count) for count in counts)])
        single = cls(np.concatenate(numbered).astype(np.int32), starts, np.zeros(0, dtype=np.int64))
        if not with_pairs:
            return single
        keys, key_counts = np.unique(single._keys(single.encode(codes)), return_counts=True)
        return cls(single.rows, single.starts, keys[(key_counts >= min_rows) & (keys >= 0)])

    @property
    def sizes(self) -> tuple[int, ...]:
        """Number of embedding rows of each category."""
        return tuple(int(rows.max(initial=0)) + 1 for rows in self._rows_by_category())

    def encode(self, codes: NDArray[np.int32]) -> NDArray[np.int32]:
        """Return the row of each code; int32 (rows, categories)."""
        columns = [_take(rows, column) for rows, column in zip(self._rows_by_category(), codes.T, strict=True)]
        return np.column_stack(columns).astype(np.int32)

    def encode_products(self, products: NDArray[np.int32]) -> NDArray[np.int32]:
        """Return the row of each product column, -1 for none; the shape is kept."""
        return _take(self._rows_by_category()[PRODUCT], products)

    def encode_pairs(self, rows: NDArray[np.int32]) -> NDArray[np.int32]:
        """Return the number of each of the `CATEGORY_PAIRS` from 1, 0 for a rare pair; int32 (rows, pairs).

        Args:
            rows: Result of `encode`.
        """
        if len(self.pair_keys) == 0:
            return np.zeros((len(rows), len(CATEGORY_PAIRS)), dtype=np.int32)
        keys = self._keys(rows)
        positions = np.minimum(np.searchsorted(self.pair_keys, keys), len(self.pair_keys) - 1)
        return np.where(self.pair_keys[positions] == keys, positions + 1, 0).astype(np.int32)

    def _keys(self, rows: NDArray[np.int32]) -> NDArray[np.int64]:
        """Return a number for each pair, -1 where one of the two is unknown."""
        largest = max(self.sizes)
        pairs = []
        for pair, (left, right) in enumerate(CATEGORY_PAIRS):
            key = (np.int64(pair) * largest + rows[:, left]) * largest + rows[:, right]
            pairs.append(np.where((rows[:, left] > 0) & (rows[:, right] > 0), key, -1))
        return np.column_stack(pairs)

    def _rows_by_category(self) -> list[NDArray[np.int32]]:
        return [self.rows[start:end] for start, end in zip(self.starts[:-1], self.starts[1:], strict=True)]


def _take(rows: NDArray[np.int32], codes: NDArray[np.int32]) -> NDArray[np.int32]:
    padded = np.append(rows, np.int32(0))
    is_valid = (codes >= 0) & (codes < len(rows))
    return np.asarray(padded[np.where(is_valid, codes, len(rows))])


@dataclass(frozen=True)
class Batch:
    """Some candidates.

    Attributes:
        dense: Scaled features; float32 (rows, width).
        categories: Rows of the embedding tables; int32 (rows, categories).
        pairs: Numbers of the category pairs, 0 for rare ones; int32 (rows, pairs).
        history: Embedding rows of the customer's last products, 0 for none; int32 (rows, length).
    """

    dense: Tensor
    categories: Tensor
    pairs: Tensor
    history: Tensor


@dataclass(frozen=True)
class EncodedCandidates:
    """All candidates; histories are stored once per query.

    Attributes:
        dense: See `Batch`.
        categories: See `Batch`.
        pairs: See `Batch`.
        query: Query of each candidate; int64 (rows,).
        history: Embedding rows of each query's last products; int32 (queries, length).
    """

    dense: Tensor
    categories: Tensor
    pairs: Tensor
    query: Tensor
    history: Tensor

    def __len__(self) -> int:
        return len(self.query)

    def batch(self, rows: Tensor | slice) -> Batch:
        """Return some of the candidates."""
        return Batch(self.dense[rows], self.categories[rows], self.pairs[rows], self.history[self.query[rows]])


@dataclass(frozen=True)
class CandidateEncoder(ArrayModel):
    """Turns candidates into tensors.

    Attributes:
        scaling: Scaling of the features.
        categories: Embedding rows of the categories.
        history: Number of products of the history that the network reads.
    """

    scaling: FeatureScaling
    categories: CategoryRows
    history: int

    @classmethod
    def fit(cls, candidates: Candidates, settings: RankingSettings) -> CandidateEncoder:
        """Learn scaling and categories from the candidates that the network is fitted on.

        Args:
            candidates: The candidates.
            settings: Which network, and the minimum number of rows of a category.
        """
        with_pairs = settings.network == "wide_and_deep"
        return cls(
            FeatureScaling.fit(candidates.features),
            CategoryRows.fit(candidates.categories, settings.min_rows, with_pairs=with_pairs),
            settings.history if settings.network == "din" else 0,
        )

    def encode(self, candidates: Candidates) -> EncodedCandidates:
        """Return candidates as tensors."""
        rows = self.categories.encode(candidates.categories)
        history = self.categories.encode_products(candidates.history[:, : self.history])
        return EncodedCandidates(
            torch.from_numpy(self.scaling.scale(candidates.features)),
            torch.from_numpy(rows),
            torch.from_numpy(self.categories.encode_pairs(rows)),
            torch.from_numpy(candidates.query.astype(np.int64)),
            torch.from_numpy(history),
        )
