"""Means of the contacted and of the held-out, stratum by stratum: plain, resampled, and adjusted by CUPED.

Several products measured at once are strata: each may have held out another share of its customers, so the groups as a
whole differ even where nothing works. Each stratum is compared within itself, and the strata are weighted by their
contacted customers: the effect on those who were contacted.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from frontrow.errors import CampaignError
from frontrow.metrics.bootstrap import bootstrap_means

FEWEST = 2
"""Fewest customers in each group of a stratum; fewer have no variance."""


@dataclass(frozen=True)
class Groups:
    """Who was contacted, in strata that have enough of both groups.

    Attributes:
        rows: Positions of the customers in these strata, in the order given; shape (rows,).
        cell: Twice the stratum's number, plus one for the contacted; shape (rows,).
        sizes: Customers by stratum and group, held out first; shape (strata, 2).
    """

    rows: NDArray[np.int64]
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
            contacted: Whether each customer was contacted, shape (customers,); the others were held out.
            strata: Any value a customer, such as the product; one stratum by default.

        Raises:
            CampaignError: No stratum has two customers of each group.

        Example:
            >>> Groups.of([True, True, False, False, True]).sizes
            array([[2, 3]])
        """
        is_contacted = np.asarray(contacted, dtype=bool)
        names = np.zeros(len(is_contacted), dtype=np.int64) if strata is None else np.asarray(strata)
        values, stratum = np.unique(names, return_inverse=True)
        sizes = np.bincount(2 * stratum + is_contacted, minlength=2 * len(values)).reshape(-1, 2)
        enough = sizes.min(axis=1) >= FEWEST
        if not enough.any():
            contacted_count, held_out_count = int(is_contacted.sum()), int((~is_contacted).sum())
            raise CampaignError(
                f"{contacted_count:,} contacted and {held_out_count:,} held out cannot be compared. "
                f"Each group of a product needs {FEWEST} customers or more."
            )
        rows = np.flatnonzero(enough[stratum])
        number = np.cumsum(enough) - 1
        return cls(rows, 2 * number[stratum[rows]] + is_contacted[rows], sizes[enough])


@dataclass(frozen=True)
class GroupMean:
    """The mean of one group, its strata weighted as in the contacted.

    Attributes:
        customers: Number of customers in the group.
        mean: Mean of the outcome.
        variance: Variance of the mean: unbiased variance over customers, strata weighted.
        spread: `sum of variance^2 / (customers - 1)` over strata, for Satterthwaite's degrees of freedom.
    """

    customers: int
    mean: float
    variance: float
    spread: float

    @property
    def effective_customers(self) -> float:
        """For an outcome that is 0 or 1: the size of a plain sample whose share varies as much."""
        binomial = self.mean * (1 - self.mean) / (self.customers - 1)
        return self.customers * binomial / self.variance if self.variance > 0 else float(self.customers)


def group_means(outcome: NDArray[np.float64], groups: Groups) -> tuple[GroupMean, GroupMean]:
    """Means of the held-out and of the contacted.

    Args:
        outcome: One number a customer, shape (customers,).
        groups: Who was contacted.

    Example:
        >>> groups = Groups.of([False, False, True, True])
        >>> held_out, contacted = group_means(np.array([0.0, 2.0, 3.0, 3.0]), groups)
        >>> held_out.mean, held_out.variance, contacted.mean, contacted.variance
        (1.0, 1.0, 3.0, 0.0)
    """
    count = groups.sizes.ravel()
    means = np.bincount(groups.cell, outcome[groups.rows], len(count)) / count
    squares = np.bincount(groups.cell, (outcome[groups.rows] - means[groups.cell]) ** 2, len(count))
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


def shares_of_difference(outcome: NDArray[np.float64], groups: Groups) -> NDArray[np.float64]:
    """What each customer adds to the difference of the two means, beside what is usual in the group; sums to zero.

    Their squares sum to the variance of the difference. Where customers are in two campaigns, their products sum to the
    covariance of the two differences.

    Args:
        outcome: One number a customer, shape (customers,).
        groups: Who was contacted.

    Returns:
        One number for each of `groups.rows`.

    Example:
        >>> groups = Groups.of([False, False, True, True])
        >>> shares_of_difference(np.array([0.0, 2.0, 3.0, 3.0]), groups).round(3).tolist()
        [0.707, -0.707, 0.0, 0.0]
    """
    count = groups.sizes.ravel()
    means = np.bincount(groups.cell, outcome[groups.rows], len(count)) / count
    # the unbiased variance of each cell, as in `group_means`
    size = np.sqrt(count * (count - 1.0)) / np.repeat(groups.weights, 2)
    sign = np.where(groups.cell % 2 == 1, 1.0, -1.0)
    return np.asarray(sign * (outcome[groups.rows] - means[groups.cell]) / size[groups.cell])


def resampled_means(
    outcome: NDArray[np.float64], groups: Groups, *, seed: int, draws: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Means of the held-out and of the contacted in each resample; both of shape (draws,).

    Args:
        outcome: One number a customer, shape (customers,).
        groups: Who was contacted; each group of each stratum is drawn anew, its size unchanged.
        seed: The same seed gives the same draws.
        draws: Number of resamples.

    Example:
        >>> groups = Groups.of([False] * 50 + [True] * 50)
        >>> held_out, contacted = resampled_means(np.arange(100.0), groups, seed=0, draws=1_000)
        >>> held_out.shape, bool(abs(contacted.mean() - 74.5) < 0.5)
        ((1000,), True)
    """
    order = np.argsort(groups.cell, kind="stable")
    cells = np.split(outcome[groups.rows][order], np.cumsum(groups.sizes.ravel())[:-1])
    means = np.zeros((draws, 2))
    for cell, cell_means in enumerate(bootstrap_means(cells, seed=seed, draws=draws).T):
        means[:, cell % 2] += groups.weights[cell // 2] * cell_means
    return means[:, 0], means[:, 1]


def adjusted_outcome(
    outcome: NDArray[np.float64], covariate: NDArray[np.float64], groups: Groups
) -> NDArray[np.float64]:
    """The outcome less what the covariate predicts of it (CUPED); its mean over all customers does not change.

    The adjusted outcome is `y - theta (x - mean x)` (Deng, Xu, Kohavi and Walker, WSDM 2013). The covariate `x`, here
    the predicted probability, was fixed before the groups were drawn, so the difference of the adjusted means estimates
    the same effect; with `theta = cov(y, x) / var(x)` its variance is smallest: less by the factor
    `1 - correlation^2`. `theta` is computed within groups and strata, so that the effect itself does not enter it. A
    covariate that does not vary changes nothing.

    Args:
        outcome: One number a customer, shape (customers,).
        covariate: Known before the campaign; same shape.
        groups: Who was contacted.

    Example:
        >>> groups = Groups.of([False, False, True, True])
        >>> adjusted_outcome(np.array([1.0, 3.0, 2.0, 4.0]), np.array([0.1, 0.3, 0.1, 0.3]), groups).round(6)
        array([2., 2., 3., 3.])
    """
    x, y = (_centred(values[groups.rows], groups) for values in (covariate, outcome))
    # not as products of vectors, whose last bits depend on the number of processors
    squares = float((x * x).sum())
    theta = float((x * y).sum()) / squares if squares > 0 else 0.0
    return np.asarray(outcome - theta * (covariate - covariate[groups.rows].mean()))


def _centred(values: NDArray[np.float64], groups: Groups) -> NDArray[np.float64]:
    """Values less the mean of their group and stratum."""
    means = np.bincount(groups.cell, values, groups.sizes.size) / groups.sizes.ravel()
    return np.asarray(values - means[groups.cell])
