"""Warnings about a file that was read in parts: those of its parts are added up to the ones of the whole."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Self


class Remark(str):
    """A warning about some rows of a file, as text.

    Attributes:
        kind: The same for the warnings that are added up.
        sentence: Makes the text of a number of rows.
        rows: The number of rows.
        row: The first of them, whose sentence it is.
    """

    __slots__ = ("kind", "row", "rows", "sentence")

    kind: str
    sentence: Callable[[int], str]
    row: int
    rows: int

    def __new__(cls, kind: str, sentence: Callable[[int], str], rows: int, row: int = 0) -> Self:
        """Make the text."""
        remark = super().__new__(cls, sentence(rows))
        remark.kind, remark.sentence, remark.rows, remark.row = kind, sentence, rows, row
        return remark

    def __reduce__(self) -> tuple[type[str], tuple[str]]:
        """A copy is the text alone."""
        return str, (str(self),)


def add_up(warnings: Iterable[str]) -> tuple[str, ...]:
    """Return the warnings of the parts of a file as those of the whole, each once, in the order in which they came.

    Example:
        >>> odd = "{} odd rows".format
        >>> add_up([Remark("odd", odd, 2), "in UTF-16", Remark("odd", odd, 3), "in UTF-16"])
        ('5 odd rows', 'in UTF-16')
    """
    merged: dict[str, str] = {}
    for warning in warnings:
        if not isinstance(warning, Remark):
            merged.setdefault(warning, warning)
            continue
        before = merged.get(warning.kind)
        if isinstance(before, Remark):
            first = min(before, warning, key=lambda remark: remark.row)
            warning = Remark(warning.kind, first.sentence, before.rows + warning.rows, first.row)  # noqa: PLW2901
        merged[warning.kind] = warning
    return tuple(merged.values())
