"""Whether values read from JSON are of the types that a dataclass declares."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from types import NoneType, UnionType
from typing import Any, Final, Literal, Union, get_args, get_origin, get_type_hints

LARGEST_INTEGER: Final = 2**53
"""The largest whole number of JSON that every reader keeps exactly."""


def require_types(cls: type[Any], values: Mapping[str, Any]) -> None:
    """Make sure that values are of the types of a dataclass's fields.

    Args:
        cls: The dataclass.
        values: By name of the field; lists have become tuples where the field is a tuple.

    Raises:
        ValueError: One is of another type, or there is no such field.

    Example:
        >>> @dataclasses.dataclass
        ... class Settings:
        ...     days: int
        >>> require_types(Settings, {"days": "3"})
        Traceback (most recent call last):
        ValueError: days is of another kind
    """
    hints, names = get_type_hints(cls), {field.name for field in dataclasses.fields(cls)}
    for name, value in values.items():
        if name not in names or not is_of_type(value, hints[name]):
            raise ValueError(f"{name} is of another kind")


def is_of_type(value: Any, hint: Any) -> bool:  # noqa: PLR0911
    """Whether a value is of a type; a number is finite, and a whole one small enough for every reader of JSON.

    Example:
        >>> is_of_type(("a", "b"), tuple[str, ...]), is_of_type(True, int), is_of_type(float("nan"), float)
        (True, False, False)
    """
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        return any(is_of_type(value, argument) for argument in arguments)
    if origin is Literal:
        return isinstance(value, str) and value in arguments
    if origin is tuple:
        parts = arguments[:1] * len(value) if isinstance(value, tuple) and arguments[1:] == (...,) else arguments
        return isinstance(value, tuple) and len(value) == len(parts) and all(map(is_of_type, value, parts))
    if hint is Any:
        return True
    if hint is float:
        return isinstance(value, int | float) and not isinstance(value, bool) and _is_finite(value)
    if hint is int:
        return isinstance(value, int) and not isinstance(value, bool) and abs(value) <= LARGEST_INTEGER
    return isinstance(value, NoneType if hint is None else origin or hint)


def _is_finite(value: float) -> bool:
    return abs(value) <= LARGEST_INTEGER if isinstance(value, int) else math.isfinite(value)
