"""Candidates as tensors: what every network reads a batch of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from frontrow.models.neural.ranking.categories import Categories
from frontrow.models.neural.ranking.scaling import Scaling
from frontrow.models.neural.ranking.settings import NetworkSettings
from frontrow.models.ranker import Candidates
from frontrow.storage.artifact import ArrayModel


@dataclass(frozen=True)
class Batch:
    """Some candidates.

    Attributes:
        dense: Scaled features and their flags; float32 (rows, width).
        categories: Rows of the embedding tables; int32 (rows, categories).
        crosses: Pairs of categories that are remembered, 0 for others; int32 (rows, pairs).
        history: Rows of the products the customer bought last, 0 where there are no more; int32 (rows, length).
    """

    dense: Tensor
    categories: Tensor
    crosses: Tensor
    history: Tensor


@dataclass(frozen=True)
class Rows:
    """All candidates, the history once a query.

    Attributes:
        whole: Its history has no rows.
        query: Of each candidate; int64 (rows,).
        history: int32 (queries, length).
    """

    whole: Batch
    query: Tensor
    history: Tensor

    def __len__(self) -> int:
        return len(self.query)

    def batch(self, rows: Tensor | slice) -> Batch:
        """Some of them."""
        whole = self.whole
        return Batch(whole.dense[rows], whole.categories[rows], whole.crosses[rows], self.history[self.query[rows]])


@dataclass(frozen=True)
class Inputs(ArrayModel):
    """How candidates are read.

    Attributes:
        scaling: Of the features.
        categories: Their codes, and pairs of them.
        history: Products of the history that are looked at.
    """

    scaling: Scaling
    categories: Categories
    history: int

    @classmethod
    def of(cls, candidates: Candidates, settings: NetworkSettings) -> Inputs:
        """Learn the scale and the categories from the candidates that the network learns from."""
        crossed = settings.network == "wide_and_deep"
        return cls(
            Scaling.of(candidates.features),
            Categories.of(candidates.categories, settings.least_rows, crossed=crossed),
            settings.history if settings.network == "din" else 0,
        )

    def read(self, candidates: Candidates) -> Rows:
        """The tensors of some candidates."""
        found = self.categories.found(candidates.categories)
        past = self.categories.products(candidates.history[:, : self.history])
        whole = Batch(
            torch.from_numpy(self.scaling.scaled(candidates.features)),
            torch.from_numpy(found),
            torch.from_numpy(self.categories.crosses(found)),
            torch.zeros((0, self.history), dtype=torch.int32),
        )
        return Rows(whole, torch.from_numpy(candidates.query.astype(np.int64)), torch.from_numpy(past))
