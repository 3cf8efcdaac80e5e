"""Means of the contacted and of the held-out, stratum by stratum, and what is needed to compare them.

Several products measured at once are strata: each may have held out another share of its customers, so the groups as a
whole differ even where nothing works. Each stratum is compared within itself, and the strata are put together by their
contacted customers: the effect on those who were contacted.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from frontrow.errors import CampaignError

FEWEST = 2
"""Customers in each group of a stratum; fewer have no variance."""


@dataclass(frozen=True)
class Groups:
    """Who was contacted, in strata that have enough of both groups.

    Attributes:
        kept: Positions of the customers in these strata, in the order given.
        cell: Twice the stratum's number, plus one for the contacted; shape (kept,).
        sizes: Customers by stratum and group, held out first; shape (strata, 2).
    """

    kept: NDArray[np.int64]
    cell: NDArray[np.int64]
    sizes: NDArray[np.int64]

    @property
    def weights(self) -> NDArray[np.float64]:
        """Share of each stratum in the contacted; shape (strata,)."""
        return np.asarray(self.sizes[:, 1] / self.sizes[:, 1].sum())

    @classmethod
    def of(cls, contacted: ArrayLike, strata: ArrayLike | None = None) -> Groups:
        """Sort customers into cells.

        Args:
            contacted: Whether each customer was, shape (customers,); the others were held out.
            strata: Any value a customer, such as the product; one stratum by default.

        Raises:
            CampaignError: No stratum has two customers of each group.

        Example:
            >>> Groups.of([True, True, False, False, True]).sizes
            array([[2, 3]])
        """
        was = np.asarray(contacted, dtype=bool)
        names = np.zeros(len(was), dtype=np.int64) if strata is None else np.asarray(strata)
        values, stratum = np.unique(names, return_inverse=True)
        sizes = np.bincount(2 * stratum + was, minlength=2 * len(values)).reshape(-1, 2)
        enough = sizes.min(axis=1) >= FEWEST
        if not enough.any():
            raise CampaignError(
                f"{int(was.sum()):,} contacted and {int((~was).sum()):,} held out cannot be compared. "
                f"Each group of a product needs {FEWEST} customers or more."
            )
        kept = np.flatnonzero(enough[stratum])
        number = np.cumsum(enough) - 1
        return cls(kept, 2 * number[stratum[kept]] + was[kept], sizes[enough])


@dataclass(frozen=True)
class GroupMean:
    """The mean of one group, its strata weighed as in the contacted.

    Attributes:
        customers: In the group.
        mean: Of the outcome.
        variance: Of the mean: unbiased variance over customers, strata weighed.
        spread: `sum of variance^2 / (customers - 1)` over strata, for Satterthwaite's degrees of freedom.
    """

    customers: int
    mean: float
    variance: float
    spread: float

    @property
    def effective_customers(self) -> float:
        """Of an outcome that is 0 or 1: the customers of a plain sample whose share varies as much."""
        binomial = self.mean * (1 - self.mean) / (self.customers - 1)
        return self.customers * binomial / self.variance if self.variance > 0 else float(self.customers)


def group_means(outcome: NDArray[np.float64], groups: Groups) -> tuple[GroupMean, GroupMean]:
    """Means of the held-out and of the contacted.

    Example:
        >>> groups = Groups.of([False, False, True, True])
        >>> held_out, contacted = group_means(np.array([0.0, 2.0, 3.0, 3.0]), groups)
        >>> held_out.mean, held_out.variance, contacted.mean, contacted.variance
        (1.0, 1.0, 3.0, 0.0)
    """
    count = groups.sizes.ravel()
    means = np.bincount(groups.cell, outcome[groups.kept], len(count)) / count
    squares = np.bincount(groups.cell, (outcome[groups.kept] - means[groups.cell]) ** 2, len(count))
    variances = (squares / (count - 1) / count).reshape(-1, 2) * groups.weights[:, None] ** 2
    spreads = variances**2 / (groups.sizes - 1)
    held_out, contacted = (
        GroupMean(
            customers=int(groups.sizes[:, side].sum()),
            mean=float(groups.weights @ means.reshape(-1, 2)[:, side]),
            variance=float(variances[:, side].sum()),
            spread=float(spreads[:, side].sum()),
        )
        for side in (0, 1)
    )
    return held_out, contacted
