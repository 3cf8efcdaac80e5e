"""Products of sparse matrices with few zeros in the result, as tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from frontrow.models.top_k import true_cells

MULTIPLICATIONS: Final = 1_000_000
"""Of cells with cells that are prepared at a time, about, in 20 MB; a row that needs more of them is alone."""

TABLE_PAIRS: Final = 0.1
"""Multiplications for each cell of a product from which a table of it is quicker than a sparse matrix."""


def multiply(left: sparse.csr_matrix, right: sparse.csr_matrix) -> NDArray[Any]:
    """The product of two sparse matrices as a table.

    SciPy goes through all pairs of cells twice, first to find how many cells of the result are above zero. A table
    needs no such number, which takes a third of the time where the rows of `left` meet many cells. The pairs are added
    up in the same order, so that the result is the same to the last bit.

    Args:
        left: Shape (rows, inner).
        right: Shape (inner, columns), of the same dtype.

    Returns:
        Shape (rows, columns), of the dtype of both.

    Example:
        >>> left, right = sparse.csr_matrix([[2, 0], [1, 3]]), sparse.csr_matrix([[1, 0, 4], [0, 5, 1]])
        >>> multiply(left, right).tolist()
        [[2, 0, 8], [1, 15, 7]]
    """
    rows, columns = left.shape[0], right.shape[1]
    table = np.empty((rows, columns), dtype=np.result_type(left.dtype, right.dtype))
    lengths = np.diff(right.indptr)[left.indices]
    ends = np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)])
    for start, end in _group_rows(ends[left.indptr]):
        cells = slice(left.indptr[start], left.indptr[end])
        met = right[left.indices[cells]]
        np.multiply(met.data, np.repeat(left.data[cells], lengths[cells]), out=met.data)
        # a column that is more than once in a row is added up by `toarray`, one after the other
        of_rows = (ends[left.indptr[start : end + 1]] - ends[left.indptr[start]]).astype(met.indices.dtype)
        pairs = sparse.csr_matrix((met.data, met.indices, of_rows), shape=(end - start, columns))
        pairs.toarray(out=table[start:end])
    return table


def multiply_sparse(left: sparse.csr_matrix, right: sparse.csr_matrix) -> sparse.csr_matrix:
    """The product of two sparse matrices, by way of a table where that is quicker.

    Args:
        left: Shape (rows, inner).
        right: Shape (inner, columns), of the same dtype.

    Example:
        >>> multiply_sparse(sparse.csr_matrix([[2, 0], [1, 3]]), sparse.csr_matrix([[1, 0], [0, 5]])).toarray().tolist()
        [[2, 0], [1, 15]]
    """
    shape = (left.shape[0], right.shape[1])
    if not is_table_quicker(count_multiplications(left, right), shape[0] * shape[1]):
        return sparse.csr_matrix(left @ right)
    table = multiply(left, right)
    cells, counts = true_cells(table != 0)
    column = (cells - np.repeat(np.arange(shape[0]) * shape[1], counts)).astype(np.int32)
    ends = np.concatenate([[0], np.cumsum(counts)])
    return sparse.csr_matrix((table.reshape(-1)[cells], column, ends), shape=shape)


def count_multiplications(left: sparse.csr_matrix, right: sparse.csr_matrix) -> int:
    """Number of pairs of cells that are multiplied in the product of two sparse matrices.

    Args:
        left: Shape (rows, inner).
        right: Shape (inner, columns).

    Example:
        >>> left, right = sparse.csr_matrix([[2, 0], [1, 3]]), sparse.csr_matrix([[1, 0, 4], [0, 5, 1]])
        >>> count_multiplications(left, right)
        6
    """
    return int(np.diff(right.indptr)[left.indices].sum(dtype=np.int64))


def is_table_quicker(multiplications: float, cells: int) -> bool:
    """Whether `multiply` is quicker than a sparse matrix.

    Args:
        multiplications: See `count_multiplications`; about as many suffice.
        cells: Of the result.

    Example:
        >>> is_table_quicker(500, cells=1_000), is_table_quicker(5, cells=1_000)
        (True, False)
    """
    return multiplications > TABLE_PAIRS * cells


def _group_rows(ends: NDArray[np.int64]) -> Iterator[tuple[int, int]]:
    """Groups of rows of about `MULTIPLICATIONS`, of one row at least: the first row, and the one after the last.

    Args:
        ends: Multiplications before each row, and of all; shape (rows + 1,).
    """
    start, rows = 0, len(ends) - 1
    while start < rows:
        end = int(np.searchsorted(ends, ends[start] + MULTIPLICATIONS, side="right")) - 1
        end = min(max(end, start + 1), rows)
        yield start, end
        start = end


def stack(blocks: Sequence[sparse.csr_matrix], columns: int) -> sparse.csr_matrix:
    """The rows of several sparse matrices, one below the other; of a single one, the same without a copy.

    Args:
        blocks: Float32, with the same columns.
        columns: How many there are, for a matrix without a row where there is no block.

    Example:
        >>> blocks = [sparse.csr_matrix([[1, 0]], dtype=np.float32), sparse.csr_matrix([[0, 2]], dtype=np.float32)]
        >>> stack(blocks, columns=2).toarray().tolist(), stack([], columns=2).shape
        ([[1.0, 0.0], [0.0, 2.0]], (0, 2))
    """
    if len(blocks) == 1:
        return blocks[0]
    return sparse.csr_matrix(sparse.vstack(blocks or [sparse.csr_matrix(np.zeros((0, columns), dtype=np.float32))]))
