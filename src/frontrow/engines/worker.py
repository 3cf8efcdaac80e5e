"""What a worker of a cluster does: it reads a block, applies the step, and sends the result or writes it.

Polars is imported inside functions: what a worker is sent tells it first how many threads Polars may use there.
"""

from __future__ import annotations

import io
import os
import sys
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from frontrow.engines.refusals import pack_refusal
from frontrow.errors import EngineError, FrontrowError

if TYPE_CHECKING:
    import polars as pl

    from frontrow.engines.engine import Part, Step

ANSWER_SCHEMA: Final = "block long, piece long, rows long, data binary, problem string"
"""What a worker answers, in Spark's words: the result of a block, in one row for each piece of its bytes."""

PIECE_BYTES: Final = 16 * 2**20
"""Bytes of a result in one row of an answer: messages of Spark Connect end at 128 MB, and rows of Spark at 2 GB."""

MOST_BYTES: Final = 2**30
"""Bytes of the result of one block that are sent."""

ONE_THREAD: Final = {"POLARS_MAX_THREADS": "1", "OMP_NUM_THREADS": "1"}
"""A task has one core: threads beyond it would take turns with the other tasks of the machine."""


class OneThread:
    """Where it arrives, Polars and LightGBM use one thread, if they are not running yet."""

    def __reduce__(self) -> tuple[Any, ...]:
        """Let the receiver call `use_one_thread`."""
        return (use_one_thread, ())


def use_one_thread() -> OneThread:
    """Have this process use one thread, unless it has started Polars."""
    if "polars" not in sys.modules:
        os.environ.update(ONE_THREAD)
    return OneThread()


@dataclass(frozen=True)
class BlockTask:
    """Applies a step to the blocks whose numbers it is given.

    Spark sends it to the workers. Its attributes are unpacked there in this order.

    Attributes:
        threads: Before anything that starts Polars.
        blocks: Parts of the work, not read yet.
        step: The function.
        folder: Where each result is written; None to send the results themselves.
    """

    threads: OneThread
    blocks: Sequence[Part[Any]]
    step: Step[Any]
    folder: str | None = None

    def __call__(self, batches: Iterator[Any]) -> Iterator[Any]:
        """Apply the step.

        Args:
            batches: `pyarrow.RecordBatch`; the first column holds numbers of blocks.

        Yields:
            `ANSWER_SCHEMA`, a `pyarrow.RecordBatch` for each piece.
        """
        for batch in batches:
            for number in batch.column(0).to_pylist():
                yield from self._answer(int(number))

    def _answer(self, number: int) -> Iterator[Any]:
        try:
            result = self.step(self.blocks[number].read())
            if self.folder is None:
                pieces = cut_result(result)
            else:
                write_part(result, Path(self.folder), number)
                pieces = [b""]
        except FrontrowError as error:
            # an answer, not a failure: Spark would try again, to the same end
            yield _build_row(number, problem=pack_refusal(error))
            return
        for piece, data in enumerate(pieces):
            yield _build_row(number, piece, result.height, data)


def cut_result(result: pl.DataFrame, most_bytes: int = MOST_BYTES) -> list[bytes]:
    """A table as an Arrow stream, which keeps every type and every bit, in pieces.

    Args:
        result: Of one block.
        most_bytes: Largest size of the stream.

    Raises:
        EngineError: It is larger.

    Example:
        >>> import polars as pl
        >>> [type(piece) for piece in cut_result(pl.DataFrame({"day": [3]}))]
        [<class 'bytes'>]
    """
    stream = io.BytesIO()
    result.write_ipc_stream(stream, compression="lz4")
    size = stream.tell()
    if size > most_bytes:
        raise EngineError(
            f"The result of one block has {result.height:,} rows and {size / 2**20:,.0f} MB, and up to "
            f"{most_bytes / 2**20:,.0f} MB can be sent. Ask about fewer products at a time."
        )
    data = stream.getbuffer()
    return [bytes(data[start : start + PIECE_BYTES]) for start in range(0, size, PIECE_BYTES)]


def write_part(result: pl.DataFrame, folder: Path, number: int) -> None:
    """Write the result of a block under its name, all of it or nothing.

    A task that Spark runs twice writes the same file twice.

    Args:
        result: Of the block.
        folder: Where it is written, made by who gives out the work.
        number: Of the block.

    Raises:
        EngineError: It is not there: on a disk of this machine alone nobody would read the result, nor remove it.
    """
    from frontrow.engines.local import GROUP_ROWS, name_of_part

    if not folder.is_dir():
        raise EngineError(
            f"{folder} is not there on the machine that was to write to it. Give a folder that every machine can reach "
            "under the same path."
        )
    unfinished = folder / f".{name_of_part(number)}.{uuid.uuid4().hex}"
    try:
        result.write_parquet(unfinished, row_group_size=GROUP_ROWS)
        unfinished.replace(folder / name_of_part(number))
    finally:
        unfinished.unlink(missing_ok=True)


def _build_row(number: int, piece: int = 0, rows: int = 0, data: bytes = b"", problem: str | None = None) -> Any:
    import pyarrow as pa

    values = {"block": [number], "piece": [piece], "rows": [rows], "data": [data], "problem": [problem]}
    kinds = [pa.int64(), pa.int64(), pa.int64(), pa.binary(), pa.string()]
    return pa.RecordBatch.from_pydict(values, schema=pa.schema(list(zip(values, kinds, strict=True))))
