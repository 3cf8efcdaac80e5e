"""Customers dealt into parts that hold the same share of buyers."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

FIT: Final = 0
VALIDATION: Final = 1
TEST: Final = 2
PARTS: Final = {FIT: "fit", VALIDATION: "validation", TEST: "test"}


def stratified_parts(
    labels: NDArray[np.float64], *, test_share: float, validation_share: float, seed: int
) -> NDArray[np.int8]:
    """Deal customers by lot into `FIT`, `VALIDATION` and `TEST`, buyers and others each by the same shares.

    Args:
        labels: 1.0 for a buyer, else 0.0; shape (customers,).
        test_share: Of all customers.
        validation_share: Of those not tested.
        seed: The same seed deals the same.

    Returns:
        Shape (customers,), int8.

    Example:
        >>> parts = stratified_parts(np.repeat([1.0, 0.0], [20, 80]), test_share=0.45, validation_share=0.2, seed=1)
        >>> np.bincount(parts[:20]).tolist(), np.bincount(parts[20:]).tolist()
        ([9, 2, 9], [35, 9, 36])
    """
    rng = np.random.default_rng(seed)
    parts = np.empty(len(labels), dtype=np.int8)
    for label in (1.0, 0.0):
        places = rng.permutation(np.flatnonzero(labels == label))
        tested = round(len(places) * test_share)
        validated = round((len(places) - tested) * validation_share)
        parts[places[:tested]] = TEST
        parts[places[tested : tested + validated]] = VALIDATION
        parts[places[tested + validated :]] = FIT
    return parts
