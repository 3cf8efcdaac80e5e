"""Which products stand in the softmax of a step: all that its customers bought, and others drawn alike."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor


@dataclass(frozen=True)
class Drawn:
    """The products of a step.

    Attributes:
        columns: Their columns, ascending; int64 (drawn,).
        log_q: Log of the chance of each to be among them; float32 (drawn,).
        places: Place of each target among them; int64 (targets,).
    """

    columns: Tensor
    log_q: Tensor
    places: Tensor


@dataclass(frozen=True)
class Negatives:
    """Draws them.

    Attributes:
        shares: How often each product is a target; float64 (products,), adding up to 1.
        count: How many are drawn beside the targets, each at most once.
    """

    shares: NDArray[np.float64]
    count: int

    @classmethod
    def of(cls, bought: NDArray[np.int64], count: int) -> Negatives:
        """Args: how often each product is bought, shape (products,), and how many to draw."""
        return cls(bought / max(bought.sum(), 1), count)

    def draw(self, targets: NDArray[np.int64], rng: np.random.Generator) -> Drawn:
        """The products of a step with these targets; every product where `count` is as many.

        Example:
            >>> drawn = Negatives.of(np.array([3, 1, 0]), 3).draw(np.array([1, 1]), np.random.default_rng(0))
            >>> drawn.columns.tolist(), drawn.places.tolist(), drawn.log_q.tolist()
            ([0, 1, 2], [1, 1], [0.0, 0.0, 0.0])
        """
        products = len(self.shares)
        if self.count >= products:
            return Drawn(torch.arange(products), torch.zeros(products), torch.from_numpy(targets))
        others = rng.choice(products, self.count, replace=False, shuffle=False)
        columns = np.unique(np.concatenate([targets, others]))
        chance = 1 - (1 - self.shares[columns]) ** len(targets) * (1 - self.count / products)
        return Drawn(
            torch.from_numpy(columns),
            torch.from_numpy(np.log(chance).astype(np.float32)),
            torch.from_numpy(np.searchsorted(columns, targets)),
        )
