"""Spark: each block is a task on a cluster, and runs there the same code as here, to the same bits.

A worker reads its block from the shop's own Parquet file, so that file has to be where every machine can reach it:
under the same path, or at the address of a published shop, with the key or role of the worker. Nothing is shuffled:
what crosses the network is the step, and the results.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import polars as pl

from frontrow.engines.blocks import Block, is_published
from frontrow.engines.engine import Part, Rows, Step
from frontrow.engines.local import name_of_part
from frontrow.engines.refusals import unpack_refusal
from frontrow.engines.spark_failures import describe_failures
from frontrow.engines.spark_session import change_settings, open_session, prepare_session
from frontrow.engines.worker import ANSWER_SCHEMA, BlockTask, OneThread, write_part
from frontrow.errors import EngineError
from frontrow.progress import Progress, no_progress

ROUND: Final = 256
"""Blocks of one job: the results of so many are held here at a time."""

SMALL: Final = 64
"""Up to so many blocks, small results are all of one job; of more blocks, the first job says how large they are."""

FIRST_ROUND: Final = 16
ROUND_BYTES: Final = 2**30
"""Of results that grow with the customers and are sent: blocks of the first job, and bytes of a later one, about."""


@dataclass(frozen=True)
class SparkEngine:
    """Applies steps on a Spark cluster, a task for each block.

    What is lost with a machine is done again by Spark on another one. Results are small, and come back here; those that
    grow with the customers are written by the workers (`write_blocks`).

    Attributes:
        address: `spark://HOST:PORT` of a master, `sc://HOST:PORT` of a Spark Connect server, or on this machine
            `local-cluster[WORKERS,CORES,MEGABYTES]` or `local[CORES]`.
        session: A `pyspark.sql.SparkSession` that is there already, such as that of a notebook; None for one that is
            opened at the first step, for the whole process.
    """

    address: str
    session: Any = field(default=None, repr=False, compare=False)

    @property
    def name(self) -> str:
        """Of the engine, for messages."""
        return f"Spark at {self.address}"

    @property
    def shares_memory(self) -> bool:
        """See `Engine.shares_memory`."""
        return False

    def map_blocks(self, blocks: Sequence[Part[Rows]], step: Step[Rows]) -> Iterator[pl.DataFrame]:
        """See `Engine.map_blocks`.

        Raises:
            EngineError: The cluster cannot be reached, lacks what it needs, or cannot finish.
            FrontrowError: What the step raised, see `refusals.unpack_refusal`.
        """
        # with many products, the sums of pairs of them are not so small
        yield from self._receive(blocks, step, ROUND if len(blocks) <= SMALL else FIRST_ROUND)

    def write_blocks(
        self, blocks: Sequence[Part[Rows]], step: Step[Rows], folder: Path, progress: Progress = no_progress
    ) -> pl.LazyFrame:
        """See `Engine.write_blocks`; the workers write, and only say that they have.

        Workers that read a published shop need not share a disk with this machine: they send what they would write.

        Raises:
            EngineError: As of `map_blocks`; or what was written cannot be seen from here.
        """
        folder = folder.absolute()
        folder.mkdir(parents=True, exist_ok=True)
        files = [folder / name_of_part(number) for number in range(len(blocks))]
        if any(isinstance(block, Block) and is_published(block.rows) for block in blocks[:1]):
            for number, result in enumerate(self._receive(blocks, step, FIRST_ROUND)):
                write_part(result, folder, number)
                progress(number + 1, len(blocks))
            return pl.scan_parquet(files)
        self._run(self._open(blocks), BlockTask(OneThread(), blocks, step, str(folder)))
        progress(len(blocks), len(blocks))
        if missing := [file for file in files if not file.is_file()]:
            raise EngineError(
                f"The workers of {self.name} have written {missing[0]}, and it is not there on this machine. Give a "
                "folder that every machine can reach under the same path."
            )
        return pl.scan_parquet(files)

    def _receive(self, blocks: Sequence[Part[Rows]], step: Step[Rows], count: int) -> Iterator[pl.DataFrame]:
        """The results of the blocks, in their order; a job has `count` blocks at first, then what fits into memory."""
        session = self._open(blocks)
        start = 0
        while start < len(blocks):
            answers = self._run(session, BlockTask(OneThread(), blocks[start : start + count], step))
            start += len(answers)
            count = min(ROUND, max(1, ROUND_BYTES // max(map(len, answers.values()))))
            for number in sorted(answers):
                yield pl.read_ipc_stream(answers.pop(number))

    def _open(self, blocks: Sequence[Part[Any]]) -> Any:
        """The session, once it is clear that it can do the work."""
        if any(_is_in_memory(block) for block in blocks[:1]):
            raise EngineError(
                f"The order lines are in the memory of this process, where {self.name} cannot read them. Write the "
                "shop to a folder that every machine can reach (Shop.write) or publish it; open it there (Shop.read)."
            )
        if self.session is None:
            return open_session(self.address)
        return prepare_session(self.session, self.name)

    def _run(self, session: Any, task: BlockTask) -> dict[int, bytes]:
        """The results of the blocks of a task, by number."""
        count = len(task.blocks)
        with describe_failures(self.name), change_settings(session):
            table = session.range(0, count, 1, count).mapInArrow(task, ANSWER_SCHEMA).toArrow()
        pieces: dict[int, dict[int, bytes]] = {}
        for number, piece, data, problem in zip(
            *(table[name].to_pylist() for name in ("block", "piece", "data", "problem")), strict=True
        ):
            if problem is not None:
                raise unpack_refusal(problem)
            pieces.setdefault(number, {})[piece] = data
        if len(pieces) != count:
            raise EngineError(f"{self.name} answered about {len(pieces)} of {count} blocks. Run the command again.")
        return {number: b"".join(parts[piece] for piece in sorted(parts)) for number, parts in pieces.items()}


def _is_in_memory(part: Part[Any]) -> bool:
    """Whether the plan of a block holds its order lines; other parts of the work hold none."""
    if not isinstance(part, Block):
        return False
    plan = part.rows.explain(optimized=False)
    return any(line.strip().removeprefix("FROM").strip().startswith("DF [") for line in plan.splitlines())
