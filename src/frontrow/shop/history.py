"""A shop as it was known at a cutoff: the only thing that anything is learned from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import polars as pl

from frontrow.engines.blocks import Block, OrderBlocks
from frontrow.engines.engine import Engine, Step
from frontrow.engines.local import LOCAL
from frontrow.engines.parts import combine_parts
from frontrow.errors import ShopError
from frontrow.progress import Progress, no_progress
from frontrow.shop.cutoff import EPOCH, is_before, read_instant, round_up_to_day, to_utc
from frontrow.shop.product_rules import ProductRules
from frontrow.shop.product_vectors import ProductVectors
from frontrow.shop.settings import ShopSettings
from frontrow.storage.pointer import Pointer
from frontrow.storage.shop_tables import ShopTables

Result = TypeVar("Result")


@dataclass(frozen=True)
class History:
    """A shop as it was known just before a cutoff; made by `Shop.as_of` and `History.as_of` only.

    Attributes:
        cutoff: The instant; every line in `lines` was ordered strictly before it.
        cutoff_day: The cutoff as days since 1970-01-01, rounded up to the next midnight, so that a line's
            age `cutoff_day - line.day` is at least one day.
        lines: Order lines of real products before the cutoff.
        products: One row a product of the shop (`schema.PRODUCT_SCHEMA`).
        customers: One row a customer of the shop, with the personal data (`schema.CUSTOMER_SCHEMA`); who has
            unsubscribed through a message has no consent in it, whatever the exports say.
        settings: Time zone, currency, grain, what was imported.
        rules: What is a product and what is not.
        launch_days: See `Shop.launch_days`.
        vectors: See `Shop.vectors`.
        engine: Where the work on order lines is done.
    """

    cutoff: dt.datetime
    cutoff_day: int
    lines: pl.LazyFrame
    products: pl.DataFrame
    customers: pl.LazyFrame
    settings: ShopSettings
    rules: ProductRules
    launch_days: Mapping[str, int] = field(default_factory=dict)
    vectors: ProductVectors | None = None
    engine: Engine = field(default=LOCAL, compare=False)
    # with the lines that they are the blocks of
    _blocks: tuple[pl.LazyFrame, OrderBlocks] | None = field(default=None, repr=False, compare=False)
    _tables: ShopTables | None = field(default=None, repr=False, compare=False)
    _computed: dict[Hashable, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    @property
    def time_zone(self) -> ZoneInfo:
        """The shop's time zone."""
        return ZoneInfo(self.settings.time_zone)

    @property
    def pointer(self) -> Pointer | None:
        """What the shop's `shop.json` said when it was opened; None for a shop in memory."""
        return None if self._tables is None else self._tables.pointer

    @property
    def closed_day(self) -> int:
        """The day the cutoff lies in, as days since 1970-01-01: windows that end by its midnight have closed."""
        return (self.cutoff.date() - EPOCH).days

    def midnight(self, day: int) -> dt.datetime:
        """The first instant of `day` (days since 1970-01-01) in the shop's time zone."""
        return self.instant(EPOCH + dt.timedelta(days=day))

    def instant(self, cutoff: dt.datetime | dt.date) -> dt.datetime:
        """A cutoff in the shop's time zone: a naive instant is read in it, a date is its midnight."""
        return read_instant(cutoff, self.time_zone)

    def as_of(self, earlier: dt.datetime | dt.date | int) -> History:
        """The history as of an earlier cutoff; it can only go back.

        Args:
            earlier: An instant (a naive one is read in the shop's time zone), a date (its midnight), or a day (days
                since 1970-01-01; its midnight). The cutoff itself gives an equal history.

        Raises:
            ShopError: The instant lies after the cutoff.
        """
        instant = self.midnight(earlier) if isinstance(earlier, int) else self.instant(earlier)
        if to_utc(instant) > to_utc(self.cutoff):
            raise ShopError(
                f"The history ends before {self.cutoff}, so {instant} is not known. Give an earlier instant, or ask "
                "the shop for a later history."
            )
        blocks = self.order_blocks.where(is_before(instant, self.settings.time_zone))
        lines = blocks.scan()
        return replace(self, cutoff=instant, cutoff_day=round_up_to_day(instant), lines=lines, _blocks=(lines, blocks))

    @property
    def order_blocks(self) -> OrderBlocks:
        """The lines, to be read in blocks of whole customers."""
        if self._blocks is not None and self._blocks[0] is self.lines:
            return self._blocks[1]
        return OrderBlocks(self.lines)

    def read_blocks(
        self, columns: Sequence[str] | None = None, *, rows_per_customer: int = 1
    ) -> Iterator[pl.DataFrame]:
        """Order lines of known customers on this machine, a block of whole customers at a time.

        Args:
            columns: Names of the columns; all of them if None.
            rows_per_customer: Rows that are made of each customer, see `OrderBlocks.split`.
        """
        for block in self.order_blocks.split(columns, rows_per_customer=rows_per_customer):
            yield block.read()

    def map_blocks(
        self,
        step: Step[pl.DataFrame],
        columns: Sequence[str] | None = None,
        *,
        rows_per_customer: int = 1,
        guests: bool = False,
    ) -> Iterator[pl.DataFrame]:
        """Apply a step to each block of order lines, where the engine works; the results stay small.

        Args:
            step: From the lines of a block to a table, see `engines.engine.Step`.
            columns: Names of the columns that it reads; all of them if None.
            rows_per_customer: Rows that it makes of each customer, see `OrderBlocks.split`.
            guests: Whether it is also applied to the lines of guests.

        Yields:
            A table for each block, in the order of the blocks; there is at least one.
        """
        blocks = self._split(columns, rows_per_customer, guests=guests)
        return self.engine.map_blocks(blocks, step)

    def write_blocks(
        self,
        step: Step[pl.DataFrame],
        folder: Path,
        columns: Sequence[str] | None = None,
        *,
        rows_per_customer: int = 1,
        progress: Progress = no_progress,
    ) -> pl.LazyFrame:
        """Apply a step to each block of order lines of known customers, and keep what it returns on disk.

        Args:
            step: From the lines of a block to a table.
            folder: Where the tables are written, one file a block.
            columns: Names of the columns that it reads; all of them if None.
            rows_per_customer: Rows that it makes of each customer.
            progress: Called with the number of blocks that are done, and of all.

        Returns:
            The tables one below the other, not read yet.
        """
        return self.engine.write_blocks(self._split(columns, rows_per_customer), step, folder, progress)

    @property
    def folder_for_results(self) -> Path | None:
        """Where large results can be written that the engine makes, and this process reads: None for anywhere."""
        # what every machine can reach is the folder of the shop itself
        return None if self.engine.shares_memory or self._tables is None else self._tables.folder

    def _split(self, columns: Sequence[str] | None, rows_per_customer: int, *, guests: bool = False) -> Sequence[Block]:
        return self.order_blocks.split(
            columns, rows_per_customer=rows_per_customer, guests=guests, may_hold=self.engine.shares_memory
        )

    def let_go(self) -> None:
        """Let the tables on disk be removed once the shop does not name them any more.

        For a history that is kept in memory: what was computed stays, and whoever reads its lines later has to make
        sure that the shop has not changed.
        """
        if self._tables is not None:
            self._tables.close()

    def first_days(self) -> pl.DataFrame:
        """`product_id` and `first_day` of every product sold before the cutoff, to guests too."""
        return self.compute_once("first days", self._compute_first_days)

    def _compute_first_days(self) -> pl.DataFrame:
        parts = self.map_blocks(_find_first_days, ("product_id", "day"), guests=True)
        return combine_parts(parts, lambda rows: _find_first_days(rows.rename({"first_day": "day"})))

    def count_customers(self) -> int:
        """Customers with an order line before the cutoff; all guests together count as one."""
        return self._count()[1]

    def count_lines(self) -> int:
        """Order lines before the cutoff."""
        return self._count()[0]

    def _count(self) -> tuple[int, int]:
        return self.compute_once("counts", self._compute_counts)

    def _compute_counts(self) -> tuple[int, int]:
        counts = pl.concat(self.map_blocks(_count_lines_and_customers, ("customer_id",), guests=True))
        return int(counts["lines"].sum()), int(counts["customers"].sum()) + int(counts["has_guests"].any())

    def compute_once(self, key: Hashable, compute: Callable[[], Result]) -> Result:
        """The result of a computation on this history, computed at the first call only.

        Args:
            key: Names the computation and all its settings.
            compute: Makes the result, which nobody may change.
        """
        if key not in self._computed:
            self._computed[key] = compute()
        result: Result = self._computed[key]
        return result


def _find_first_days(lines: pl.DataFrame) -> pl.DataFrame:
    return lines.group_by("product_id").agg(first_day=pl.col("day").min())


def _count_lines_and_customers(lines: pl.DataFrame) -> pl.DataFrame:
    number = pl.col("customer_id")
    return lines.select(
        lines=pl.len().cast(pl.Int64),
        customers=number.drop_nulls().n_unique().cast(pl.Int64),
        has_guests=number.is_null().any().fill_null(False),
    )
