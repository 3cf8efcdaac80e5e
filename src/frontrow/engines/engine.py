"""What an engine does: it applies a step to every block of order lines, here or on other machines."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Protocol, TypeAlias, TypeVar

import polars as pl

from frontrow.progress import Progress, no_progress

Rows = TypeVar("Rows")
Read_co = TypeVar("Read_co", covariant=True)

Step: TypeAlias = Callable[[Rows], pl.DataFrame]
"""From what a part of the work reads, such as the order lines of a block, to a table, without looking at anything else.

A step that is to run on other machines is an instance of a class at the top of a module, and holds plain values, Polars
frames and models.
"""


class Part(Protocol[Read_co]):
    """A part of the work: a block of order lines, or some rows of a file; nothing is read before `read`."""

    def read(self) -> Read_co:
        """What the step is applied to."""


class Engine(Protocol):
    """Applies steps to blocks; every engine gives the same tables, to the last bit."""

    @property
    def name(self) -> str:
        """Of the engine, for messages."""

    @property
    def shares_memory(self) -> bool:
        """Whether steps run in this process, so that a block may hold its order lines in memory."""

    def map_blocks(self, blocks: Sequence[Part[Rows]], step: Step[Rows]) -> Iterator[pl.DataFrame]:
        """Apply a step whose results stay small, however many customers there are: counts, sums, samples.

        Args:
            blocks: Parts of the work, such as blocks of order lines, not read yet.
            step: The function.

        Yields:
            The result of each block, in the order of the blocks.
        """

    def write_blocks(
        self, blocks: Sequence[Part[Rows]], step: Step[Rows], folder: Path, progress: Progress = no_progress
    ) -> pl.LazyFrame:
        """Apply a step whose results grow with the customers, and keep these on disk.

        Args:
            blocks: Parts of the work, such as blocks of order lines, not read yet.
            step: The function.
            folder: Where each result is written, to a Parquet file of its own; every machine can reach it.
            progress: Called with the number of blocks that are done, and of all.

        Returns:
            The results of all blocks, in their order, not read yet.
        """
