"""Bootstrap of two group means: each group of each stratum is drawn anew, its size kept (Efron, 1979).

Customers with one value are exchangeable, so a resample is one multinomial draw of how often each distinct value comes
up: exact, and quick, because most customers of a campaign bought nothing.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from frontrow.campaign.uplift.groups import Groups

AT_ONCE = 4_000_000
"""Counts held in memory at once: 32 MB."""


def resampled_means(
    outcome: NDArray[np.float64], groups: Groups, *, seed: int, draws: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Means of the held-out and of the contacted in each resample; both of shape (draws,).

    Args:
        outcome: One number a customer, shape (customers,).
        groups: Who was contacted.
        seed: The draws repeat exactly.
        draws: How many resamples.

    Example:
        >>> groups = Groups.of([False] * 50 + [True] * 50)
        >>> held_out, contacted = resampled_means(np.arange(100.0), groups, seed=0, draws=1_000)
        >>> held_out.shape, bool(abs(contacted.mean() - 74.5) < 0.5)
        ((1000,), True)
    """
    generator = np.random.default_rng(seed)
    order = np.argsort(groups.cell, kind="stable")
    cells = np.split(outcome[groups.kept][order], np.cumsum(groups.sizes.ravel())[:-1])
    means = np.zeros((draws, 2))
    for number, values in enumerate(cells):
        means[:, number % 2] += groups.weights[number // 2] * _means(values, draws, generator)
    return means[:, 0], means[:, 1]


def _means(values: NDArray[np.float64], draws: int, generator: np.random.Generator) -> NDArray[np.float64]:
    distinct, count = np.unique(values, return_counts=True)
    chances = count / count.sum()
    step = max(AT_ONCE // len(distinct), 1)
    parts = [
        generator.multinomial(len(values), chances, size=min(step, draws - start)) @ distinct
        for start in range(0, draws, step)
    ]
    return np.asarray(np.concatenate(parts) / len(values))
