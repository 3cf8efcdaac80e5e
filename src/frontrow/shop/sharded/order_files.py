"""Order lines put in the order of the table of a large shop, a part of the customers at a time."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import polars as pl

from frontrow.engines.blocks import SIZE_SCHEMA
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


class LineSpill:
    """Order lines set aside by part of the customers, those of guests by day."""

    def __init__(self, folder: Path) -> None:
        self._lines = Spill(folder / "lines")
        self._guests: dict[int, int] = {}
        self._folder = folder / "order-files"
        self._count = 0

    def add(self, lines: pl.DataFrame) -> None:
        """Set order lines aside (`schema.order_line_schema`)."""
        self._count += lines.height
        keys = lines.select(
            pl.when(pl.col("customer_id").is_not_null())
            .then(pl.col("customer_id") % PARTS)
            .otherwise(DAYS + pl.col("day").cast(pl.Int64) // GUEST_DAYS)
        ).to_series()
        for key, height in keys.filter(keys >= PARTS).value_counts().iter_rows():
            self._guests[key] = self._guests.get(key, 0) + height
        self._lines.add_by(lines, keys)

    def flush(self) -> None:
        """Write what waits in memory."""
        self._lines.flush()

    def write(self, time_zone: str) -> tuple[pl.LazyFrame, pl.DataFrame]:
        """Write the lines as files in the order of the table.

        Args:
            time_zone: IANA name of the shop's time zone.

        Returns:
            The table, not read yet, and the sizes of its blocks, without rows where there is one.
        """
        self._folder.mkdir(mode=0o700)
        blocks = choose_block_count(self._count)
        if not self._count:
            return pl.LazyFrame(schema=order_line_schema(time_zone)), pl.DataFrame(schema=dict(SIZE_SCHEMA))
        if blocks == 1:
            rows = self._lines.read(*self._lines.present()).sort(IN_TIME)
            return pl.scan_parquet([self._write_file("all", rows)], glob=False), pl.DataFrame(schema=dict(SIZE_SCHEMA))
        files, sizes = {}, []
        for group in range(min(PARTS, blocks)):
            keys = [key for key in self._lines.present() if key < PARTS and key % blocks == group]
            if not keys:
                continue
            rows = self._lines.read(*keys).with_columns(block=(pl.col("customer_id") % blocks).cast(pl.Int32))
            self._lines.remove(*keys)
            sizes.append(measure_blocks(rows.select("customer_id", "block")))
            for (block,), part in rows.partition_by("block", as_dict=True, include_key=False).items():
                files[int(block)] = self._write_file(f"{block:06}", part.sort(IN_TIME))
        guests = [self._write_file(f"guests-{keys[0]:08}", self._sort_guests(keys)) for keys in self._group_days()]
        if guests:
            of_guests = {"block": None, "lines": sum(self._guests.values()), "customers": 0}
            sizes.append(pl.DataFrame([of_guests], schema=dict(SIZE_SCHEMA)))
        in_order = [files[block] for block in sorted(files)]
        return pl.scan_parquet([*in_order, *guests], glob=False), pl.concat(sizes).sort("block", nulls_last=True)

    def _group_days(self) -> list[list[int]]:
        """The keys of guests' lines, those together that are few."""
        groups: list[list[int]] = []
        together = 0
        for key in sorted(self._guests):
            if not groups or together + self._guests[key] > GUEST_LINES:
                groups.append([])
                together = 0
            groups[-1].append(key)
            together += self._guests[key]
        return groups

    def _sort_guests(self, keys: list[int]) -> pl.DataFrame:
        rows = self._lines.read(*keys).sort(IN_TIME)
        self._lines.remove(*keys)
        return rows

    def _write_file(self, name: str, rows: pl.DataFrame) -> Path:
        file = self._folder / f"{name}.parquet"
        rows.write_parquet(file, compression="lz4", statistics=False)
        return file
