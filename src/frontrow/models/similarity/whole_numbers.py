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


def choose_units(rows: int, largest: float) -> float:
    """How many units make 1.0, so many that no sum over the rows of products of two weights overflows.

    Args:
        rows: Number of rows.
        largest: A power of two that no weight exceeds, whatever the data, so that the units depend on nothing but the
            number of rows.
    """
    rows_bits = int(np.ceil(np.log2(rows + 1)))
    return float(2.0 ** ((SUM_BITS - rows_bits) // 2) / largest)


def count_units(weights: sparse.csr_matrix, largest: float, *, rows: int | None = None) -> sparse.csr_matrix:
    """Turn weights into whole numbers of units.

    Args:
        weights: None below zero; a cell above zero stays above it.
        largest: See `choose_units`.
        rows: The rows of all blocks, of which these are some; None where these are all.

    Returns:
        The same cells, int64.

    Raises:
        ValueError: A weight is larger than that.

    Example:
        >>> whole = count_units(sparse.csr_matrix(np.array([[0.5, 1e-30]])), largest=1.0)
        >>> whole.toarray().tolist() == [[int(choose_units(1, largest=1.0)) // 2, 1]]
        True
    """
    if weights.data.max(initial=0) > largest:
        raise ValueError(f"a weight is larger than {largest}")
    units = choose_units(weights.shape[0] if rows is None else rows, largest)
    whole = np.maximum(np.floor(weights.data.astype(np.float64) * units + 0.5), weights.data > 0)
    counted = (whole.astype(np.int64), weights.indices, weights.indptr)
    return sparse.csr_matrix(counted, shape=weights.shape)
