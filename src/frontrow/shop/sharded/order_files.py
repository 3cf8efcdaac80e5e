"""Order lines put in the order of the table of a large shop, a part of the customers at a time."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import polars as pl

from frontrow.engines.blocks import SIZE_SCHEMA
from frontrow.engines.engine import Engine
from frontrow.schema import order_line_schema
from frontrow.shop.changed_orders import IN_TIME
from frontrow.shop.order_blocks import choose_block_count, measure_blocks
from frontrow.storage.spill import Spill

PARTS: Final = 64
"""Parts of the customers, a power of two: a part holds the customers of whole blocks, or a block whole parts."""

GUEST_DAYS: Final = 32
"""Days of guests' order lines that are set aside together."""

GUEST_LINES: Final = 2_000_000
"""Order lines of guests that are put in order together."""

DAYS: Final = 1 << 20
"""Above every number of a part; days before 1970 have none."""


LINES: Final = "lines"
ORDER_FILES: Final = "order-files"
GUESTS: Final = "guests"


def set_lines_aside(folder: Path, shard: int, lines: pl.DataFrame) -> dict[int, int]:
    """Set order lines aside by part of the customers, those of guests by day.

    Args:
        folder: For the rows.
        shard: Their shard.
        lines: `schema.order_line_schema`.

    Returns:
        Numbers of guests' lines by key.
    """
    keys = lines.select(
        pl.when(pl.col("customer_id").is_not_null())
        .then(pl.col("customer_id") % PARTS)
        .otherwise(DAYS + pl.col("day").cast(pl.Int64) // GUEST_DAYS)
    ).to_series()
    spill = Spill(folder / LINES, shard)
    spill.add_by(lines, keys)
    spill.flush()
    return dict(keys.filter(keys >= PARTS).value_counts().iter_rows())


@dataclass(frozen=True)
class LinesOfKeys:
    """Order lines that are put in order together.

    Attributes:
        folder: Where they were set aside.
        name: Of the file that is written, or its beginning.
        keys: Under which they were set aside.
    """

    folder: Path
    name: str
    keys: Sequence[int]

    def read(self) -> tuple[str, pl.DataFrame]:
        """The lines, with the name."""
        return self.name, Spill(self.folder / LINES).read(*self.keys)


@dataclass(frozen=True)
class OrderLinesOfPart:
    """Puts order lines in the order of the table, and writes a file for each block; returns the sizes of these.

    Attributes:
        folder: For the files.
        blocks: Number of blocks; None where the lines are of no block.
    """

    folder: Path
    blocks: int | None

    def __call__(self, part: tuple[str, pl.DataFrame]) -> pl.DataFrame:
        """Write the files; see `engines.engine.Step`."""
        name, rows = part
        if self.blocks is None:
            self._write(name, rows)
            return pl.DataFrame(schema=dict(SIZE_SCHEMA))
        rows = rows.with_columns(block=(pl.col("customer_id") % self.blocks).cast(pl.Int32))
        for (block,), of_block in rows.partition_by("block", as_dict=True, include_key=False).items():
            self._write(f"{block:06}", of_block)
        return measure_blocks(rows.select("customer_id", "block"))

    def _write(self, name: str, rows: pl.DataFrame) -> None:
        file = self.folder / f"{name}.parquet"
        unfinished = file.with_name(f".{name}.{uuid.uuid4().hex}")
        rows.sort(IN_TIME).write_parquet(unfinished, compression="lz4", statistics=False)
        unfinished.replace(file)


@dataclass(frozen=True)
class LineSpill:
    """Order lines set aside by part of the customers, those of guests by day.

    Attributes:
        folder: Where they are.
        count: Their number.
        guests: Numbers of guests' lines by key.
    """

    folder: Path
    count: int
    guests: Mapping[int, int]

    def write(self, time_zone: str, engine: Engine) -> tuple[pl.LazyFrame, pl.DataFrame]:
        """Write the lines as files in the order of the table.

        Args:
            time_zone: IANA name of the shop's time zone.
            engine: Where it is done.

        Returns:
            The table, not read yet, and the sizes of its blocks, without rows where there is one.
        """
        no_sizes = pl.DataFrame(schema=dict(SIZE_SCHEMA))
        if not self.count:
            return pl.LazyFrame(schema=order_line_schema(time_zone)), no_sizes
        files = self.folder / ORDER_FILES
        files.mkdir(mode=0o700)
        present, blocks = Spill(self.folder / LINES).present(), choose_block_count(self.count)
        if blocks == 1:
            self._write([LinesOfKeys(self.folder, "all", present)], OrderLinesOfPart(files, None), engine)
            return pl.scan_parquet(sorted(files.glob("*.parquet")), glob=False), no_sizes
        groups: dict[int, list[int]] = {}
        for key in present:
            if key < PARTS:
                groups.setdefault(key % blocks, []).append(key)
        parts = [LinesOfKeys(self.folder, "", keys) for keys in groups.values()]
        sizes = self._write(parts, OrderLinesOfPart(files, blocks), engine)
        # their names come after those of blocks
        of_guests = [LinesOfKeys(self.folder, f"{GUESTS}-{keys[0]:09}", keys) for keys in self._group_days()]
        self._write(of_guests, OrderLinesOfPart(files, None), engine)
        if of_guests:
            size = {"block": None, "lines": sum(self.guests.values()), "customers": 0}
            sizes.append(pl.DataFrame([size], schema=dict(SIZE_SCHEMA)))
        in_order = sorted(files.glob("*.parquet"))
        return pl.scan_parquet(in_order, glob=False), pl.concat(sizes).sort("block", nulls_last=True)

    def _write(self, parts: Sequence[LinesOfKeys], step: OrderLinesOfPart, engine: Engine) -> list[pl.DataFrame]:
        """Write files, and remove what they were made of; the sizes of their blocks."""
        sizes = []
        for part, size in zip(parts, engine.map_blocks(parts, step) if parts else (), strict=True):
            Spill(self.folder / LINES).remove(*part.keys)
            sizes.append(size)
        return sizes

    def _group_days(self) -> list[list[int]]:
        """The keys of guests' lines, those together that are few."""
        groups: list[list[int]] = []
        together = 0
        for key in sorted(self.guests):
            if not groups or together + self.guests[key] > GUEST_LINES:
                groups.append([])
                together = 0
            groups[-1].append(key)
            together += self.guests[key]
        return groups
