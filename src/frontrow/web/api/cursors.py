"""Cursors: where the next page of a list begins, as a text that means something for that list only."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from typing import Final

from frontrow.web.api.problems import ProblemError

DIGITS: Final = 16
"""Hexadecimal digits of the digest of a list; a cursor is not a secret, so that they only tell lists apart."""

TEXT: Final = re.compile(rf"([0-9a-f]{{{DIGITS}}})\.(\d{{1,12}})")


def make_cursor(position: int, *listed: object) -> str:
    """The cursor of a row.

    Args:
        position: Of the row, from 0.
        listed: What the list is of: the resource, its state and every filter. A cursor fits no other list.

    Example:
        >>> read_cursor(make_cursor(200, "audience", "a1", "DE"), "audience", "a1", "DE")
        200
    """
    text = f"{_digest(listed)}.{position}"
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read_cursor(cursor: str | None, *listed: object) -> int:
    """The position of the row that a cursor names.

    Args:
        cursor: As it came back; None for the first page.
        listed: What the list is of, as given to `make_cursor`.

    Raises:
        ProblemError: The cursor is of another list, or no cursor.
    """
    if cursor is None:
        return 0
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        text = base64.b64decode(padded, altchars=b"-_", validate=True).decode("ascii")
    except (UnicodeError, binascii.Error, ValueError):
        text = ""
    match = TEXT.fullmatch(text)
    if match is None or match.group(1) != _digest(listed):
        raise ProblemError(
            422,
            "foreign-cursor",
            "The cursor is not one of this list. A cursor holds for one list with the same filters, as long as what is "
            "listed does not change; begin again without one.",
            field="cursor",
        )
    return int(match.group(2))


def _digest(listed: tuple[object, ...]) -> str:
    return hashlib.sha256(repr(listed).encode()).hexdigest()[:DIGITS]
