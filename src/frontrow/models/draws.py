"""Draws that depend on what is drawn for alone, not on how many were drawn before: the same in any order and block."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def draw_pairs(customer_ids: NDArray[np.int64], launch_keys: NDArray[np.uint64] | np.uint64) -> NDArray[np.float64]:
    """A repeatable draw for each (customer, launch) pair, independent of which other pairs there are.

    Mixes both numbers with the finaliser of SplitMix64 (Steele, Lea and Flood, 2014).

    Args:
        customer_ids: Shape (pairs,).
        launch_keys: A number of each pair's launch, shape (pairs,), or of the only one.

    Returns:
        Even between 0 and 1, shape (pairs,): a pair is in a sample of some rate if its draw is below the rate.

    Example:
        >>> draws = draw_pairs(np.arange(10_000), np.full(10_000, 7, dtype=np.uint64))
        >>> 900 < int((draws < 0.1).sum()) < 1100
        True
    """
    with np.errstate(over="ignore"):
        z = customer_ids.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15) + launch_keys
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z ^= z >> np.uint64(31)
    return np.asarray((z >> np.uint64(11)).astype(np.float64) * 2.0**-53)
