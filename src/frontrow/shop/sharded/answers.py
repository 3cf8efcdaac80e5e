"""Tasks of an import: the number of a shard, and the few facts that a task says when it has written its rows."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

FACTS: Final = "facts"


@dataclass(frozen=True)
class ShardNumber:
    """A shard whose rows the step reads itself, from several places."""

    shard: int

    def read(self) -> int:
        """The number."""
        return self.shard


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
