"""Weights as whole numbers of small units: their sums are the same in any order, and in any partition of the rows."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

UNITS: Final = 2.0**32
"""Of 1.0 of what a purchase counts; `features.exact.WEIGHT` of the launch features."""

SUM_BITS: Final = 62
"""Of a sum of products of two weights."""


def round_weights(weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Round to units, as floats: sums of them are exact, in any order, up to 2**21.

    Args:
        weights: None below zero.

    Example:
        >>> tenth = round_weights(np.array([0.1]))[0]
        >>> tenth + tenth + tenth == 3 * tenth
        np.True_
    """
    return np.asarray(np.floor(weights * UNITS + 0.5) / UNITS)


def count_units(weights: sparse.csr_matrix, largest: float) -> tuple[sparse.csr_matrix, float]:
    """Turn weights into whole numbers of units so small that no sum over the rows of products of two overflows.

    Args:
        weights: None below zero; a cell above zero stays above it.
        largest: A power of two that no weight exceeds, whatever the data, so that the units depend on nothing but the
            number of rows.

    Returns:
        The same cells, int64, and how many units make 1.0.

    Raises:
        ValueError: A weight is larger than that.

    Example:
        >>> units, size = count_units(sparse.csr_matrix(np.array([[0.5, 1e-30]])), largest=1.0)
        >>> units.toarray().tolist() == [[int(size) // 2, 1]]
        True
    """
    if weights.data.max(initial=0) > largest:
        raise ValueError(f"a weight is larger than {largest}")
    rows_bits = int(np.ceil(np.log2(weights.shape[0] + 1)))
    units = 2.0 ** ((SUM_BITS - rows_bits) // 2) / largest
    whole = np.maximum(np.floor(weights.data.astype(np.float64) * units + 0.5), weights.data > 0)
    counted = (whole.astype(np.int64), weights.indices, weights.indptr)
    return sparse.csr_matrix(counted, shape=weights.shape), units
