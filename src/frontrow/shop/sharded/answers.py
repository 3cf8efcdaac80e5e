"""What a task of an import says when it has written its rows: a few facts, as the table that engines send."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

import polars as pl

FACTS: Final = "facts"


def pack(facts: Mapping[str, object]) -> pl.DataFrame:
    """Facts as a table.

    Args:
        facts: Plain values, lists and dictionaries.

    Example:
        >>> unpack(pack({"rows": 3}))
        {'rows': 3}
    """
    return pl.DataFrame({FACTS: [json.dumps(facts)]})


def unpack(answer: pl.DataFrame) -> dict[str, Any]:
    """The facts in a table."""
    facts: dict[str, Any] = json.loads(answer[FACTS][0])
    return facts
