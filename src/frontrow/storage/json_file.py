"""JSON as frontrow writes and reads it: no NaN, dates in ISO 8601, files replaced in one step, damage reported."""

from __future__ import annotations

import datetime as dt
import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from frontrow.storage.folder import write_text

T = TypeVar("T")


def to_json_text(value: Any, *, indent: int | None = 2, ascii_only: bool = True) -> str:
    r"""Return JSON text that ends with a line break.

    NaN and infinite numbers become null, because JSON knows neither. Dates and instants are written in ISO 8601, and
    any other value that JSON does not know as its `str`.

    Args:
        value: What to write.
        indent: Spaces per level; None writes everything on one line.
        ascii_only: Escape every other character.

    Example:
        >>> to_json_text({"day": dt.date(2026, 3, 1), "lift": float("nan")}, indent=None)
        '{"day": "2026-03-01", "lift": null}\n'
    """
    plain = replace_nan_by_null(value)
    return json.dumps(plain, indent=indent, default=_plain_value, allow_nan=False, ensure_ascii=ascii_only) + "\n"


def replace_nan_by_null(value: Any) -> Any:
    """Return the value with None for every NaN or infinite number, at any depth; tuples become lists.

    Example:
        >>> replace_nan_by_null({"precision": float("nan"), "lifts": (2.0, float("inf"))})
        {'precision': None, 'lifts': [2.0, None]}
    """
    if isinstance(value, dict):
        return {name: replace_nan_by_null(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [replace_nan_by_null(part) for part in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def write_json(value: Any, path: Path, *, ascii_only: bool = True) -> None:
    """Write `to_json_text` of a value to a file, in one step: the old content or the new, never a part.

    Args:
        value: What to write.
        path: The file; its folder is made if it does not exist.
        ascii_only: Escape every other character.
    """
    write_text(to_json_text(value, ascii_only=ascii_only), path)


def parse_json(text: str | bytes) -> Any:
    """Return the value of a JSON text.

    Raises:
        ValueError: It is not JSON, a key is there twice, or its values are nested too deeply.

    Example:
        >>> parse_json('{"share": 0.1}')
        {'share': 0.1}
        >>> parse_json('{"share": 0.1, "share": 0.2}')
        Traceback (most recent call last):
        ValueError: a key is there twice
    """
    try:
        return json.loads(text, object_pairs_hook=_to_dictionary)
    except RecursionError as error:
        raise ValueError("the values are nested too deeply") from error


def _to_dictionary(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) < len(pairs):
        raise ValueError("a key is there twice")
    return values


def read_json(path: Path, parse: Callable[[Any], T], *, damaged: Exception) -> T:
    """Read a JSON file and make an object of its content.

    Args:
        path: The file.
        parse: Makes the object of what JSON holds. Where it raises ValueError, KeyError, TypeError, AttributeError or
            OverflowError, the content is not what was expected.
        damaged: Raised when the text is not JSON or `parse` fails on it.

    Raises:
        OSError: The file cannot be read.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     write_json({"share": 0.1}, Path(folder) / "control.json")
        ...     read_json(Path(folder) / "control.json", lambda values: values["share"], damaged=ValueError("damaged"))
        0.1
    """
    try:
        return parse(parse_json(path.read_text("utf-8")))
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
        raise damaged from error


def _plain_value(value: object) -> str:
    return value.isoformat() if isinstance(value, dt.date) else str(value)
