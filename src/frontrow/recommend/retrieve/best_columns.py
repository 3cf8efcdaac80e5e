"""The k highest cells of each row, found without sorting the row: what the exact index spends its time on."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

MANY = 4
"""A row is worth a bound when it is at least so many times as long as twice its list."""


def best_columns(scores: NDArray[np.float32], k: int) -> NDArray[np.int64]:
    """Columns of the k highest cells of each row, by falling score, equal scores by column.

    A first pass folds the row into groups of columns. The k-th highest of the groups' maxima is below or equal to the
    k-th highest cell, for k cells at least are that high; so only the few cells that reach it have to be sorted. Rows
    with many equal cells get their exact k-th cell by a partial sort instead.

    Args:
        scores: Shape (rows, columns); -inf is never listed.
        k: How many.

    Returns:
        Shape (rows, min(k, columns)), int64, -1 where a row has no more cells.

    Raises:
        ValueError: A score is NaN.

    Example:
        >>> best_columns(np.array([[1.0, 3.0, 3.0, -np.inf]], dtype=np.float32), 3).tolist()
        [[1, 2, 0]]
    """
    k = min(k, scores.shape[1])
    groups = max(4 * k, 128)
    if scores.shape[1] < MANY * groups:
        return _listed(scores, _reaching(scores, k), k)
    bound = _bound(scores, k, groups)
    mask = scores >= bound[:, None]
    found = _nonzero(mask)
    counts = np.bincount(found // scores.shape[1], minlength=len(scores))
    crowded = (counts > 8 * k) | (bound == -np.inf)
    if not crowded.any():
        return _packed(scores, found, counts, k)
    best = np.empty((len(scores), k), dtype=np.int64)
    best[crowded] = _listed(scores[crowded], _reaching(scores[crowded], k), k)
    best[~crowded] = _listed(scores[~crowded], mask[~crowded], k)
    return best


def _bound(scores: NDArray[np.float32], k: int, groups: int) -> NDArray[np.float32]:
    """A value that at least k cells of each row reach, shape (rows,)."""
    columns = scores.shape[1]
    width = columns // groups
    # a group is every `groups`-th column: maxima of long rows add up faster than maxima of short pieces
    highest = scores[:, :groups].copy()
    for one in range(1, width):
        np.maximum(highest, scores[:, one * groups : (one + 1) * groups], out=highest)
    rest = columns - width * groups
    np.maximum(highest[:, :rest], scores[:, width * groups :], out=highest[:, :rest])
    _refuse_nan(highest)
    return np.partition(highest, groups - k, axis=1)[:, groups - k]


def _reaching(scores: NDArray[np.float32], k: int) -> NDArray[np.bool_]:
    """The cells above the k-th highest of each row, and of those equal to it the first ones, k in all."""
    _refuse_nan(scores)
    least = np.partition(scores, scores.shape[1] - k, axis=1)[:, scores.shape[1] - k, None]
    above, equal = scores > least, scores == least
    room = k - above.sum(axis=1, keepdims=True)
    return np.asarray((above | (equal & (np.cumsum(equal, axis=1) <= room))) & (scores > -np.inf))


def _listed(scores: NDArray[np.float32], mask: NDArray[np.bool_], k: int) -> NDArray[np.int64]:
    return _packed(scores, _nonzero(mask), mask.sum(axis=1), k)


def _packed(
    scores: NDArray[np.float32], found: NDArray[np.int64], counts: NDArray[np.int64], k: int
) -> NDArray[np.int64]:
    """Sort the cells found, given by their place in the flattened scores, `counts` of them in each row."""
    rows = len(scores)
    wide = max(k, int(counts.max(initial=0)))
    row = np.repeat(np.arange(rows), counts)
    place = np.arange(len(found)) - np.repeat(np.cumsum(counts) - counts, counts)
    column = np.full((rows, wide), -1, dtype=np.int64)
    column[row, place] = found - row * scores.shape[1]
    fallen = np.full((rows, wide), np.inf, dtype=np.float32)
    fallen[row, place] = -scores.reshape(-1)[found] if scores.flags.c_contiguous else -scores[row, column[row, place]]
    # stable, and cells stand by column: equal scores stay so
    order = np.argsort(fallen, axis=1, kind="stable")[:, :k]
    return np.take_along_axis(column, order, axis=1)


def _nonzero(mask: NDArray[np.bool_]) -> NDArray[np.int64]:
    """`np.flatnonzero`, eight cells at a time: nearly all of them are False."""
    flat = mask.reshape(-1)
    whole = len(flat) // 8 * 8
    words = np.flatnonzero(flat[:whole].view(np.uint64))
    inside = flat[:whole].reshape(-1, 8)[words]
    row, column = np.nonzero(inside)
    return np.concatenate([words[row] * 8 + column, whole + np.flatnonzero(flat[whole:])])


def _refuse_nan(scores: NDArray[np.float32]) -> None:
    if np.isnan(scores).any():
        raise ValueError("a recommender gave a score that is no number; every score has to be finite")
