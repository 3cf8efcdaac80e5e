"""The format of an answer: what the header `Accept` asks for, as RFC 9110 reads it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from frontrow.web.api.problems import ProblemError

JSON: Final = "application/json"
CSV: Final = "text/csv"
PARQUET: Final = "application/vnd.apache.parquet"
TABLE_TYPES: Final = (JSON, CSV, PARQUET)
"""The formats of a table; the first is that of a client which accepts anything."""


def choose_type(accept: str | None, offered: Sequence[str]) -> str:
    """The media type of an answer.

    Args:
        accept: The header; None or empty for anything.
        offered: What there is, the preferred one first.

    Raises:
        ProblemError: The client accepts none of them: 406.

    Example:
        >>> choose_type("text/csv, */*;q=0.1", TABLE_TYPES)
        'text/csv'
        >>> choose_type("text/*, application/json;q=0.5", TABLE_TYPES)
        'text/csv'
    """
    if not accept or not accept.strip():
        return offered[0]
    ranges = [_parse_range(part) for part in accept.split(",") if part.strip()]
    weights = [_weigh(media_type, ranges) for media_type in offered]
    best = max(weights)
    if best <= 0:
        raise ProblemError(
            406,
            "not-acceptable",
            f"This address answers as {', '.join(offered)}. Write one of them in the header Accept.",
            field="Accept",
        )
    return offered[weights.index(best)]


def _parse_range(part: str) -> tuple[str, float]:
    """A media range and its weight; one that cannot be read counts as refused."""
    name, *parameters = (piece.strip().lower() for piece in part.split(";"))
    for parameter in parameters:
        key, _, value = parameter.partition("=")
        if key.strip() == "q":
            try:
                weight = float(value)
            except ValueError:
                return name, 0.0
            return name, weight if 0 <= weight <= 1 else 0.0
    return name, 1.0


def _weigh(media_type: str, ranges: Sequence[tuple[str, float]]) -> float:
    """The weight of the most specific range that a type fits; 0 where none does."""
    kind = media_type.split("/", maxsplit=1)[0]
    for pattern in (media_type, f"{kind}/*", "*/*"):
        weights = [weight for name, weight in ranges if name == pattern]
        if weights:
            return max(weights)
    return 0.0
