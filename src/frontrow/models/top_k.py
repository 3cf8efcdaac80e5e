"""The k highest cells of each row, exactly, found without sorting the row; of equal cells, the first columns."""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Number = TypeVar("Number", bound=np.generic)

LONG_ROW = 4
"""A row is folded into groups of columns when it has at least so many times as many columns as groups."""

SORTED_CELLS = 2_000_000
"""Cells in the working space of a partial sort of rows of several lengths, about."""

CROWDED = 4
"""A row in which more than so many times k cells reach the bound is cut to k cells before it is sorted."""


def top_columns(scores: NDArray[np.floating[Any]], k: int) -> NDArray[np.int64]:
    """Columns of the k highest cells of each row, by falling score, equal scores by column.

    Args:
        scores: Shape (rows, columns); a cell of -inf is never listed.
        k: Number of columns per row.

    Returns:
        Shape (rows, min(k, columns)), int64; -1 where a row has no more cells.

    Raises:
        ValueError: A score is NaN.

    Example:
        >>> top_columns(np.array([[1.0, 3.0, 3.0, -np.inf]], dtype=np.float32), 3).tolist()
        [[1, 2, 0]]
    """
    k = min(k, scores.shape[1])
    if k == 0:
        return np.empty((len(scores), 0), dtype=np.int64)
    cells, counts = _reaching(scores, k)
    rows, width = len(scores), max(k, int(counts.max(initial=0)))
    row = np.repeat(np.arange(rows), counts)
    position = np.arange(len(cells)) - np.repeat(np.cumsum(counts) - counts, counts)
    column = np.full((rows, width), -1, dtype=np.int64)
    column[row, position] = cells - row * scores.shape[1]
    negative = np.full((rows, width), np.inf, dtype=scores.dtype)
    negative[row, position] = (
        -scores.reshape(-1)[cells] if scores.flags.c_contiguous else -scores[row, column[row, position]]
    )
    # a stable sort of cells that are in order of column: equal scores stay in that order
    order = np.argsort(negative, axis=1, kind="stable")[:, :k]
    return np.take_along_axis(column, order, axis=1)


def top_positions(values: NDArray[np.floating[Any]], k: int) -> NDArray[np.int64]:
    """Positions of the k highest values, by falling value, equal values by position; `top_columns` of one row.

    Args:
        values: Shape (values,); -inf is never listed.
        k: Number of positions.

    Example:
        >>> top_positions(np.array([0.5, 2.0, 0.5]), 2).tolist()
        [1, 0]
    """
    positions = top_columns(values[None], k)[0]
    return np.asarray(positions[positions >= 0])


def top_positive_cells(scores: NDArray[np.float32], k: int) -> sparse.csr_matrix:
    """The k highest cells of each row that are above zero, or as many as there are.

    Args:
        scores: Shape (rows, columns).
        k: Number of cells per row.

    Returns:
        The same shape, float32, columns ascending.

    Example:
        >>> top_positive_cells(np.array([[0.5, 0.0, 2.0, 0.5]], dtype=np.float32), 2).toarray().tolist()
        [[0.5, 0.0, 2.0, 0.0]]
    """
    bound = np.full(len(scores), np.finfo(np.float32).tiny, dtype=np.float32)
    if scores.shape[1] > k:
        bound = np.maximum(bound, kth_highest(_group_maxima(scores, k), k))
    cells, counts = true_cells(scores >= bound[:, None])
    column = (cells - np.repeat(np.arange(len(counts)) * scores.shape[1], counts)).astype(np.int32)
    ends = np.concatenate([[0], np.cumsum(counts)])
    values = scores.reshape(-1)[cells]
    return top_stored_cells(sparse.csr_matrix((values, column, ends), shape=scores.shape), k)


def cells_reaching(
    scores: NDArray[np.float32], k: int, counted: NDArray[np.bool_] | None = None
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The cells above zero that reach the k-th highest of each row, and some that are a little lower.

    Args:
        scores: Shape (rows, columns).
        k: Number of cells per row.
        counted: Columns whose cells are counted up to the k-th; None for all.

    Returns:
        Positions in the flattened scores, ascending, and their number per row.

    Example:
        >>> cells, counts = cells_reaching(np.array([[0.5, 0.0, 2.0, 0.5]], dtype=np.float32), 2)
        >>> cells.tolist(), counts.tolist()
        ([0, 2, 3], [3])
    """
    bound = np.full(len(scores), np.finfo(np.float32).tiny, dtype=np.float32)
    if scores.shape[1] > k:
        among = scores if counted is None or counted.all() else np.where(counted, scores, np.float32(0))
        bound = np.maximum(bound, kth_highest(_group_maxima(among, k), k))
    return true_cells(scores >= bound[:, None])


def reach_of_runs(
    counted: NDArray[np.float32], values: NDArray[np.float32], counts: NDArray[np.int64], k: int
) -> NDArray[np.bool_]:
    """Which values above zero reach the k-th highest of their run, and some that are a little lower.

    Args:
        counted: What is counted up to the k-th: the values, or 0.
        values: The runs, one after the other.
        counts: Length of each run.
        k: Rank, 1 for the highest.

    Example:
        >>> values = np.array([3, 1, 2, 5], dtype=np.float32)
        >>> reach_of_runs(values, values, np.array([3, 1]), 1).tolist()
        [True, False, False, True]
    """
    bound = np.full(len(counts), np.finfo(np.float32).tiny, dtype=np.float32)
    if counts.max(initial=0) > k:
        bound = np.maximum(bound, kth_highest(_group_maxima(pad_runs(counted, counts), k), k))
    return np.asarray(values >= np.repeat(bound, counts))


def pad_runs(values: NDArray[Number], counts: NDArray[np.int64]) -> NDArray[Number]:
    """One row for each run of values, filled up with 0.

    Args:
        values: The runs, one after the other.
        counts: Length of each.

    Example:
        >>> pad_runs(np.array([3, 1, 2]), np.array([1, 2])).tolist()
        [[3, 0], [1, 2]]
    """
    padded = np.zeros((len(counts), int(counts.max(initial=0))), dtype=values.dtype)
    padded[np.arange(padded.shape[1]) < counts[:, None]] = values
    return padded


def top_stored_cells(cells: sparse.csr_matrix, k: int) -> sparse.csr_matrix:
    """The k highest stored cells of each row.

    Args:
        cells: Columns ascending in each row.
        k: Number of cells per row.

    Example:
        >>> top_stored_cells(sparse.csr_matrix(np.array([[3.0, 1.0, 2.0]])), 2).toarray().tolist()
        [[3.0, 0.0, 2.0]]
    """
    counts = np.diff(cells.indptr)
    if counts.max(initial=0) <= k:
        return cells
    crowded = counts > k
    row = np.repeat(np.arange(len(counts)), counts)
    # only rows that have to lose cells are looked at
    bound = np.full(len(counts), -np.inf, dtype=cells.data.dtype)
    bound[crowded] = _kth_of_crowded(cells.data[crowded[row]], counts[crowded], k)
    remaining = np.flatnonzero(_first_reaching(cells.data, row, counts, bound, k))
    ends = np.concatenate([[0], np.cumsum(np.minimum(counts, k))])
    return sparse.csr_matrix((cells.data[remaining], cells.indices[remaining], ends), shape=cells.shape)


def _first_reaching(
    values: NDArray[Any], row: NDArray[np.int64], counts: NDArray[np.int64], bound: NDArray[Any], k: int
) -> NDArray[np.bool_]:
    """Which values of each run are above its bound, and of those equal to it the first, k in all.

    Args:
        values: The runs, one after the other.
        row: Number of the run of each.
        counts: Length of each run.
        bound: The k-th highest of each run, or what is below all of it where it has fewer.
        k: Number of values of a run.
    """
    equal, above = values == bound[row], values > bound[row]
    room = k - np.bincount(row[above], minlength=len(counts))
    number = np.cumsum(equal)
    number -= np.repeat(np.concatenate([[0], number])[np.cumsum(counts) - counts], counts)
    return np.asarray(above | (equal & (number <= room[row])))


def _kth_of_crowded(values: NDArray[Any], counts: NDArray[np.int64], k: int) -> NDArray[Any]:
    """The k-th highest value of each run, each of k values at least; runs of a similar length at a time."""
    starts = np.cumsum(counts) - counts
    least = np.empty(len(counts), dtype=values.dtype)
    by_length = np.argsort(counts, kind="stable")
    lengths = counts[by_length]
    first = 0
    while first < len(by_length):
        # at most a quarter of the working space is empty
        longest = lengths[first] * 5 // 4
        end = int(np.searchsorted(lengths, longest, side="right"))
        end = min(end, first + max(1, SORTED_CELLS // int(longest)))
        runs = by_length[first:end]
        width = int(counts[runs].max())
        position = np.arange(width)
        is_cell = position < counts[runs, None]
        padded = np.full((len(runs), width), -np.inf, dtype=values.dtype)
        padded[is_cell] = values[(starts[runs, None] + position)[is_cell]]
        least[runs] = kth_highest(padded, k)
        first = end
    return least


def kth_highest(scores: NDArray[np.floating[Any]], k: int) -> NDArray[np.floating[Any]]:
    """The k-th highest cell of each row, shape (rows,).

    Args:
        scores: Shape (rows, columns), with at least k columns.
        k: Rank of the cell, 1 for the highest.
    """
    return np.asarray(np.partition(scores, scores.shape[1] - k, axis=1)[:, scores.shape[1] - k])


def _reaching(scores: NDArray[np.floating[Any]], k: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The k highest cells of each row and some that are a little lower, never one of -inf; see `true_cells`."""
    highest = _group_maxima(scores, k)
    if np.isnan(highest).any():
        raise ValueError("a recommender gave a score that is no number; every score has to be finite")
    bound = kth_highest(highest, k)
    cells, counts = true_cells(scores >= bound[:, None])
    crowded = (counts > CROWDED * k) | (bound == -np.inf)
    if not crowded.any():
        return cells, counts
    row = np.repeat(np.arange(len(counts)), counts)
    values = scores[row, cells - row * scores.shape[1]]
    bound[~crowded] = -np.inf
    # the k-th highest of a row is its bound, unless k cells are above that
    above = crowded[row] & (values > bound[row])
    counts_above = np.bincount(row[above], minlength=len(counts))
    higher = counts_above >= k
    bound[higher] = _kth_of_crowded(values[above & higher[row]], counts_above[higher], k)
    remaining = _first_reaching(values, row, counts, bound, k) & (values > -np.inf)
    return cells[remaining], np.bincount(row[remaining], minlength=len(counts))


def _group_maxima(scores: NDArray[np.floating[Any]], k: int) -> NDArray[np.floating[Any]]:
    """The highest cell of each group of columns where rows are long, else every cell; shape (rows, groups).

    The k-th highest of these maxima is at most the k-th highest cell of the row, because at least k cells reach it.
    """
    columns, groups = scores.shape[1], max(4 * k, 128)
    if columns < LONG_ROW * groups:
        return scores
    width = columns // groups
    # a group is every `groups`-th column: maxima of long rows add up faster than maxima of short pieces
    highest = scores[:, :groups].copy()
    for start in range(groups, width * groups, groups):
        np.maximum(highest, scores[:, start : start + groups], out=highest)
    rest = columns - width * groups
    np.maximum(highest[:, :rest], scores[:, width * groups :], out=highest[:, :rest])
    return highest


def true_cells(mask: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Positions of the true cells in the flattened mask, and their number per row.

    Args:
        mask: Shape (rows, columns).

    Example:
        >>> cells, counts = true_cells(np.array([[False, True], [True, True]]))
        >>> cells.tolist(), counts.tolist()
        ([1, 2, 3], [1, 2])
    """
    cells = np.flatnonzero(mask)
    return cells, np.bincount(cells // max(mask.shape[1], 1), minlength=len(mask))
