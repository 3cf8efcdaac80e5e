"""Warnings about a file that was read in parts: those of its parts are added up to the ones of the whole."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Self

COUNT: Final = "{count}"
"""What stands for the number of rows in the sentence of a remark."""


class Remark(str):
    """A warning about some rows of a file, as text.

    Attributes:
        kind: The same for the warnings that are added up.
        sentences: The text for a single row, and that for several, in which `COUNT` stands for their number.
        rows: The number of rows.
        row: The first of them, whose sentence it is.
    """

    __slots__ = ("kind", "row", "rows", "sentences")

    kind: str
    sentences: tuple[str, str]
    row: int
    rows: int

    def __new__(cls, kind: str, sentences: tuple[str, str], rows: int, row: int = 0) -> Self:
        """Make the text."""
        text = sentences[0] if rows == 1 else sentences[1].replace(COUNT, f"{rows:,}")
        remark = super().__new__(cls, text)
        remark.kind, remark.sentences, remark.rows, remark.row = kind, sentences, rows, row
        return remark

    def __reduce__(self) -> tuple[type[str], tuple[str]]:
        """A copy is the text alone."""
        return str, (str(self),)


def add_up(warnings: Iterable[str]) -> tuple[str, ...]:
    """Return the warnings of the parts of a file as those of the whole, each once, in the order in which they came.

    Example:
        >>> odd = ("1 odd row", "{count} odd rows")
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
            warning = Remark(warning.kind, first.sentences, before.rows + warning.rows, first.row)  # noqa: PLW2901
        merged[warning.kind] = warning
    return tuple(merged.values())
