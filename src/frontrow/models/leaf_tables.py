"""Trees as tables of the leaves that each value leaves possible: what many rows share is looked up once.

A tree is walked from its root for every row, although rows of one product share what is known of the product, and rows
of one customer what is known of the customer. Here each tree is a word with one bit for each of its leaves. A table
says, for each feature and each interval between its thresholds, which leaves of every tree remain possible. The words
of the features of a row, combined by `and`, leave one bit a tree: its leaf (the idea is QuickScorer's, Lucchese et al.,
2015).

The values of the leaves are added up as whole numbers, so that their order changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from frontrow.models.ranker import FeatureTable

UNITS: Final = 2**44
"""Of 1.0 of a leaf's value."""

MOST_LEAVES: Final = 16
"""Of a tree: one bit each."""

CHUNK_ROWS: Final = 512
"""Rows whose words are combined at a time, so that they stay in the processor's cache."""

# multiplied by a word with a single bit, the highest four bits number the bit (a de Bruijn sequence)
_SEQUENCE: Final = np.uint16(0x09AF)
_ALL: Final = np.uint16(0xFFFF)

MOST_TOGETHER: Final = 4096
"""Intervals of two features that are looked up together: a table of them still stays in the processor's cache, because
few of them occur."""

Words = NDArray[np.uint16]


@dataclass(frozen=True)
class _Intervals:
    """Leaves that remain possible in each interval of one feature.

    Attributes:
        thresholds: Ascending; a value belongs to the first interval whose threshold it does not exceed.
        words: Of each interval, of values above all thresholds, and of a missing one; shape (thresholds + 2, trees).
    """

    thresholds: NDArray[np.float32]
    words: Words

    def numbers(self, values: NDArray[np.float32]) -> NDArray[np.int64]:
        number = np.searchsorted(self.thresholds, values)
        missing = np.isnan(values)
        if missing.any():
            number[missing] = len(self.thresholds) + 1
        return number

    def combine(self, other: _Intervals) -> Words:
        """The words of each interval of this feature with each one of another, which follow each other."""
        return (self.words[:, None] & other.words[None]).reshape(-1, self.words.shape[1])


@dataclass(frozen=True)
class _Lookup:
    """A table of words, and which of them each row has.

    Attributes:
        words: Shape (words, trees).
        numbers: Row of `words` of each row; shape (rows,).
    """

    words: Words
    numbers: NDArray[np.int64]


@dataclass(frozen=True)
class LeafTables:
    """Trees, ready to be added up.

    Attributes:
        leaves: One bit for each leaf of each tree; shape (trees,).
        intervals: By the number of the feature.
        values: Sum of the values of two leaves, one of each tree of a pair, in `UNITS`; shape (pairs, 256).
    """

    leaves: Words
    intervals: dict[int, _Intervals]
    values: NDArray[np.int64]
    _shared: dict[int, tuple[NDArray[np.float32], Words]] = field(default_factory=dict, compare=False)
    _together: dict[tuple[int, int], Words] = field(default_factory=dict, compare=False)

    @classmethod
    def build(cls, trees: Sequence[dict[str, Any]]) -> LeafTables:
        """Take trees apart.

        Args:
            trees: `tree_structure` of LightGBM's `dump_model`.

        Raises:
            ValueError: A tree has more than `MOST_LEAVES` leaves, or asks something else than whether a number is below
                a threshold.
        """
        width = len(trees) + len(trees) % 2
        values = np.zeros((width, MOST_LEAVES), dtype=np.float64)
        nodes: list[_Node] = []
        # a number of trees that is odd is made even by one of a single leaf, whose value is 0
        leaves = np.ones(width, dtype=np.uint16)
        for number, tree in enumerate(trees):
            leaves[number], _ = _collect(tree, number, values, nodes, count=0)
        if np.abs(values).max(axis=1).sum() * UNITS >= np.iinfo(np.int64).max // 2:
            raise ValueError("the values of the leaves are too large to be added up")
        by_feature: dict[int, list[_Node]] = {}
        for node in nodes:
            by_feature.setdefault(node.feature, []).append(node)
        intervals = {feature: _build_intervals(part, width) for feature, part in by_feature.items()}
        units = np.round(values * UNITS).astype(np.int64)
        slots = (np.left_shift(np.uint16(1), np.arange(MOST_LEAVES, dtype=np.uint16)) * _SEQUENCE) >> np.uint16(12)
        by_slot = np.zeros_like(units)
        by_slot[:, slots] = units
        half = width // 2
        pairs = by_slot[:half, None, :] + by_slot[half:, :, None]
        return cls(leaves, intervals, pairs.reshape(half, MOST_LEAVES**2))

    def add_up(self, tables: Sequence[FeatureTable], count: int) -> NDArray[np.int64]:
        """The sum of the values of each row's leaves, in `UNITS`.

        Args:
            tables: The features, in order.
            count: Number of rows.

        Returns:
            Shape (count,).
        """
        width = 2 * len(self.values)
        starts = np.cumsum([0, *(table.values.shape[1] for table in tables)])
        shared = [
            None if table.rows is None else self._words_of(table.values, int(start))
            for table, start in zip(tables, starts, strict=False)
        ]
        lookups = [
            [] if table.rows is not None else self._look_up_together(table.values, int(start))
            for table, start in zip(tables, starts, strict=False)
        ]
        sums = np.empty(count, dtype=np.int64)
        space = np.empty((2, min(CHUNK_ROWS, max(count, 1)), width), dtype=np.uint16)
        for first in range(0, count, CHUNK_ROWS):
            rows = slice(first, min(first + CHUNK_ROWS, count))
            words, taken = space[:, : rows.stop - first]
            words[:] = self.leaves
            for table, table_words, of_table in zip(tables, shared, lookups, strict=True):
                if table_words is not None and table.rows is not None:
                    np.bitwise_and(words, table_words.take(table.rows[rows], axis=0, out=taken, mode="clip"), out=words)
                _restrict(words, taken, of_table, rows)
            sums[rows] = self._add_leaves(words)
        return sums

    def _words_of(self, values: NDArray[np.float32], start: int) -> Words:
        """Words of the rows of a table, kept for the next call with the same table."""
        if start in self._shared and self._shared[start][0] is values:
            return self._shared[start][1]
        words = np.tile(self.leaves, (len(values), 1))
        space = np.empty((CHUNK_ROWS, words.shape[1]), dtype=np.uint16)
        lookups = [
            _Lookup(self.intervals[feature].words, of_rows) for feature, of_rows in self._numbers_of(values, start)
        ]
        for first in range(0, len(values), CHUNK_ROWS):
            part = words[first : first + CHUNK_ROWS]
            _restrict(part, space[: len(part)], lookups, slice(first, first + len(part)))
        self._shared[start] = (values, words)
        return words

    def _look_up_together(self, values: NDArray[np.float32], start: int) -> list[_Lookup]:
        """What the rows of a table leave possible, by two features at a time where that is a small table.

        A feature of the first half is looked up with that of the same place in the second half: of what candidates are
        described by, these are the score of a source and its share of the highest one, which go together.
        """
        half = values.shape[1] // 2
        numbers = dict(self._numbers_of(values, start))
        lookups = []
        for first in [feature for feature in numbers if feature < start + half]:
            second = first + half
            if second not in numbers:
                continue
            pair = self.intervals[first], self.intervals[second]
            if len(pair[0].words) * len(pair[1].words) > MOST_TOGETHER:
                continue
            if (first, second) not in self._together:
                self._together[first, second] = pair[0].combine(pair[1])
            of_rows = numbers.pop(first) * len(pair[1].words) + numbers.pop(second)
            lookups.append(_Lookup(self._together[first, second], of_rows))
        return lookups + [_Lookup(self.intervals[feature].words, of_rows) for feature, of_rows in numbers.items()]

    def _numbers_of(self, values: NDArray[np.float32], start: int) -> list[tuple[int, NDArray[np.int64]]]:
        """Each feature that any tree asks about, and the interval of each row."""
        return [
            (feature, self.intervals[feature].numbers(np.ascontiguousarray(values[:, feature - start])))
            for feature in range(start, start + values.shape[1])
            if feature in self.intervals
        ]

    def _add_leaves(self, words: Words) -> NDArray[np.int64]:
        half = len(self.values)
        slots = (words * _SEQUENCE) >> np.uint16(12)
        cells = (slots[:, :half] | (slots[:, half:] << np.uint16(4))).astype(np.intp)
        cells += np.arange(half) * MOST_LEAVES**2
        return np.asarray(self.values.reshape(-1).take(cells).sum(axis=1))


def _restrict(words: Words, taken: Words, lookups: Sequence[_Lookup], rows: slice) -> None:
    """Leave only what some features make possible; `taken` is working space of the same shape."""
    for lookup in lookups:
        lookup.words.take(lookup.numbers[rows], axis=0, out=taken, mode="clip")
        np.bitwise_and(words, taken, out=words)


@dataclass(frozen=True)
class _Node:
    feature: int
    tree: int
    threshold: float
    left: int
    right: int
    missing_goes_left: bool


def _collect(
    tree: dict[str, Any], number: int, values: NDArray[np.float64], nodes: list[_Node], count: int
) -> tuple[int, int]:
    """Number the leaves below a node; returns the bits of these leaves, and how many leaves there are so far."""
    if "split_feature" not in tree:
        if count == MOST_LEAVES:
            raise ValueError(f"a tree has more than {MOST_LEAVES} leaves")
        values[number, count] = tree["leaf_value"]
        return 1 << count, count + 1
    if tree["decision_type"] != "<=" or tree["missing_type"] == "Zero":
        raise ValueError("a tree asks something else than whether a number is below a threshold")
    left, count = _collect(tree["left_child"], number, values, nodes, count)
    right, count = _collect(tree["right_child"], number, values, nodes, count)
    threshold = float(tree["threshold"])
    goes_left = bool(tree["default_left"]) if tree["missing_type"] == "NaN" else threshold >= 0
    nodes.append(_Node(int(tree["split_feature"]), number, threshold, left, right, goes_left))
    return left | right, count


def _build_intervals(nodes: Sequence[_Node], trees: int) -> _Intervals:
    rounded = [_round_down(node.threshold) for node in nodes]
    thresholds = np.unique(np.array(rounded, dtype=np.float32))
    words = np.full((len(thresholds) + 2, trees), _ALL)
    for node, threshold in zip(nodes, rounded, strict=True):
        end = int(np.searchsorted(thresholds, threshold)) + 1
        words[:end, node.tree] &= _ALL ^ np.uint16(node.right)
        words[end:-1, node.tree] &= _ALL ^ np.uint16(node.left)
        words[-1, node.tree] &= _ALL ^ np.uint16(node.right if node.missing_goes_left else node.left)
    return _Intervals(thresholds, words)


def _round_down(threshold: float) -> np.float32:
    """The highest float32 that does not exceed a threshold: the same float32 numbers are below it."""
    with np.errstate(over="ignore"):
        rounded = np.float32(threshold)
    return np.nextafter(rounded, np.float32(-np.inf)) if float(rounded) > threshold else rounded
