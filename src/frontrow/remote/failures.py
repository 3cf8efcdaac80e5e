"""What went wrong with a connection, said without anything that the error holds."""

from __future__ import annotations

from typing import Final

CHUNK: Final = 1024 * 1024
"""Bytes that are read at once."""


def describe_failure(error: Exception) -> str:
    """What went wrong with a connection, by its kind only: the text of the error may hold an address.

    Example:
        >>> describe_failure(TimeoutError("https://shop.example?key=1"))
        'TimeoutError'
    """
    kinds = {
        "ConnectError": "no connection",
        "ConnectTimeout": "no connection in time",
        "ReadTimeout": "no answer in time",
        "ReadError": "the connection was cut",
        "RemoteProtocolError": "the answer was cut",
        "DecodingError": "the answer was damaged",
    }
    return kinds.get(type(error).__name__, type(error).__name__)
