"""This machine: one block after the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import polars as pl

from frontrow.engines.engine import Engine, Part, Rows, Step
from frontrow.progress import Progress, no_progress

GROUP_ROWS: Final = 50_000
"""Rows of a group of a written file: who needs some of the rows skips the groups without them."""


@dataclass(frozen=True)
class LocalEngine:
    """Reads a block, applies the step, lets the block go."""

    name: str = "local"
    shares_memory: bool = True

    def map_blocks(self, blocks: Sequence[Part[Rows]], step: Step[Rows]) -> Iterator[pl.DataFrame]:
        """See `Engine.map_blocks`.

        Example:
            >>> lines = pl.DataFrame({"customer_id": [1, 2, 1], "day": [3, 4, 5]})
            >>> from frontrow.engines.blocks import Block
            >>> results = LocalEngine().map_blocks([Block(lines.lazy())], lambda block: block.select(pl.max("day")))
            >>> [result.item() for result in results]
            [5]
        """
        for block in blocks:
            yield step(block.read())

    def write_blocks(
        self, blocks: Sequence[Part[Rows]], step: Step[Rows], folder: Path, progress: Progress = no_progress
    ) -> pl.LazyFrame:
        """See `Engine.write_blocks`."""
        folder.mkdir(parents=True, exist_ok=True)
        files = []
        for number, block in enumerate(blocks):
            file = folder / name_of_part(number)
            step(block.read()).write_parquet(file, row_group_size=GROUP_ROWS)
            files.append(file)
            progress(number + 1, len(blocks))
        return pl.scan_parquet(files)


def name_of_part(number: int) -> str:
    """The file of one block's result."""
    return f"part-{number:06d}.parquet"


LOCAL: Final[Engine] = LocalEngine()
