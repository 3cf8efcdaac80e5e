"""How much each signal counts for what is chosen among many: the conditional logit (McFadden, 1974)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special


@dataclass(frozen=True)
class Choice:
    """What was chosen from one offer.

    Attributes:
        signals: Of each product offered; shape (products, signals), float64.
        chosen: How often it was; shape (products,), float64.
    """

    signals: NDArray[np.float64]
    chosen: NDArray[np.float64]


def choice_weights(choices: Sequence[Choice], penalty: float) -> NDArray[np.float64]:
    """The weights under which what was chosen is most likely, each product's odds being exp(signals @ weights).

    Only how products of one offer differ is learned from, not how much is chosen of each offer.

    Args:
        choices: One at least.
        penalty: Weight of half the squared weights of signals with standard deviation 1, in choices.

    Returns:
        Shape (signals,), float64.

    Example:
        >>> offer = Choice(np.array([[0.0], [1.0]]), np.array([1.0, 3.0]))
        >>> bool(np.isclose(choice_weights([offer], penalty=1e-9)[0], np.log(3), atol=1e-4))
        True
    """
    signals = np.concatenate([one.signals for one in choices])
    spread = signals.std(axis=0)
    spread[spread == 0] = 1.0
    told = signals / spread
    chosen = np.concatenate([one.chosen for one in choices])
    starts = np.cumsum([0, *(len(one.chosen) for one in choices)])
    offers = [slice(start, stop) for start, stop in pairwise(starts)]

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        odds = told @ weights
        likely = np.concatenate([special.log_softmax(odds[one]) for one in offers])
        expected = np.concatenate([chosen[one].sum() * np.exp(likely[one]) for one in offers])
        return (
            float(penalty / 2 * weights @ weights - chosen @ likely),
            penalty * weights + told.T @ (expected - chosen),
        )

    found = optimize.minimize(loss, np.zeros(told.shape[1]), jac=True, method="L-BFGS-B")
    return np.asarray(found.x / spread)
