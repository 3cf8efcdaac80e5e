"""Customer numbers as a short text that keeps their order, as a journal holds them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

ERASED: Final = 0
"""Stands in the place of a forgotten person, so that the others keep theirs; no customer has this number."""


def write_runs(customer_ids: Iterable[int]) -> str:
    """Numbers as text: those that follow each other as a run.

    Example:
        >>> write_runs([3, 4, 5, 9, 0, 0, 12])
        '3-5 9 0 0 12'
    """
    parts: list[str] = []
    first = last = None
    for number in [*customer_ids, None]:
        if last is not None and number == last + 1 and first != ERASED:
            last = number
            continue
        if first is not None:
            parts.append(str(first) if first == last else f"{first}-{last}")
        first = last = number
    return " ".join(parts)


def read_runs(text: str) -> list[int]:
    """The numbers of a text that `write_runs` wrote.

    Raises:
        ValueError: It is another text.

    Example:
        >>> read_runs("3-5 9 0")
        [3, 4, 5, 9, 0]
    """
    numbers: list[int] = []
    for part in text.split():
        first, sign, last = part.partition("-")
        start, end = int(first), int(last) if sign else int(first)
        if start < 0 or end < start or (sign and start == ERASED):
            raise ValueError("not a run of customer numbers")
        numbers += range(start, end + 1)
    return numbers


def count_runs(text: str) -> int:
    """How many numbers a text of `write_runs` holds.

    Example:
        >>> count_runs("3-5 9 0")
        5
    """
    return len(read_runs(text))
