"""Files parsed shard by shard, and what they say together: time zone, currency, cut exports."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl

from frontrow.engines.engine import Engine
from frontrow.importing.column_parsing import refuse_unreadable
from frontrow.importing.cut_files import FEWEST_FILES, Ends, find_ends, group_exports
from frontrow.importing.exchange import most_common_currency
from frontrow.importing.format import Format, ParsedFile, ParseSettings
from frontrow.importing.shopify_versions import refuse_mixed
from frontrow.shop.import_settings import ImportSettings
from frontrow.shop.incoming import ReadFile, WholeFiles
from frontrow.shop.read_files import choose_time_zone
from frontrow.shop.settings import ShopSettings
from frontrow.shop.sharded.answers import pack, unpack
from frontrow.shop.sharded.file_facts import FileFacts, describe_shard
from frontrow.shop.sharded.split_files import ShardTable, SplitFile, split_file
from frontrow.storage.spill import Spill
from frontrow.tables.table_file import Table
from frontrow.tables.whole_file import MixedStates, UnreadableCells

PARSED: Final = ("lines", "orders", "contacts")
"""What a file is parsed to."""


@dataclass(frozen=True)
class ShardedFile:
    """A file that was parsed shard by shard, or one without orders as a whole.

    Attributes:
        name: The file's name, without the folder.
        format: Its format.
        facts: What it says as a whole.
        lines: Its lines by shard.
        orders: Its orders by shard.
        contacts: What its orders say about customers, by shard.
        whole: What it holds, where it has no orders; its `contacts` are in the first shard.
    """

    name: str
    format: Format
    facts: FileFacts
    lines: Spill
    orders: Spill
    contacts: Spill
    whole: ParsedFile | None = None

    def read(self, shard: int, time_zone: str) -> ReadFile:
        """What the file holds of a shard; what a file without orders holds is in the first one."""
        if self.whole is not None:
            contacts = self.contacts.read(shard) if shard in self.contacts else None
            parsed = ParsedFile() if shard else _to_time_zone(replace(self.whole, contacts=contacts), time_zone)
            return ReadFile(self.name, self.format, parsed)
        lines = self.facts.complete_lines(self.lines.read(shard)) if shard in self.lines else None
        orders = self.facts.complete_orders(self.orders.read(shard), time_zone) if shard in self.orders else None
        contacts = self.contacts.read(shard) if shard in self.contacts else None
        return ReadFile(
            self.name, self.format, _to_time_zone(ParsedFile(lines=lines, orders=orders, contacts=contacts), time_zone)
        )

    def summary(self) -> ReadFile:
        """The file without its rows."""
        parsed = self.whole if self.whole is not None else self.facts.summary
        return ReadFile(self.name, self.format, replace(parsed, contacts=None, catalogue=None))

    def remove(self, shard: int) -> None:
        """Remove what the file holds of a shard from the disk, unless the whole file is there."""
        for spill in () if self.whole is not None else (self.lines, self.orders, self.contacts):
            spill.remove(shard)


@dataclass(frozen=True)
class ShardedFiles:
    """Files that were parsed, and what they say about the shop.

    Attributes:
        files: The files.
        settings: The shop's settings.
        warnings: What a person should know.
    """

    files: list[ShardedFile]
    settings: ShopSettings
    warnings: tuple[str, ...]

    def find_whole(self, shards: int) -> WholeFiles:
        """What must be known of the whole files when a shard is imported."""
        lines = {number: file.facts.lines for number, file in enumerate(self.files)}
        timestamp = pl.Datetime("us", self.settings.time_zone)
        with_orders = {number: file for number, file in enumerate(self.files) if file.facts.orders}
        times = pl.Series("exported_until", [file.facts.newest for file in with_orders.values()], pl.Int64)
        newest = pl.DataFrame([pl.Series("file", list(with_orders), pl.Int32), times.cast(timestamp)])
        if len(with_orders) >= FEWEST_FILES:
            ends = {number: end for number, file in with_orders.items() if (end := _find_ends(file)) is not None}
            newest = group_exports(newest, ends, _find_times(list(with_orders.values()), shards))
        return WholeFiles({number: of_file for number, of_file in lines.items() if of_file is not None}, newest)


def parse_files(
    tables: Sequence[tuple[Table, Format]],
    shop_settings: ShopSettings,
    settings: ImportSettings,
    *,
    is_decided: bool,
    shards: int,
    folder: Path,
    engine: Engine,
) -> ShardedFiles:
    """Parse all files, as `shop.read_files.read_files` does, without their rows in memory.

    Args:
        tables: The files, each with its format.
        shop_settings: The shop's settings, as far as they are decided before the files are read.
        settings: What a person decides.
        is_decided: Whether the shop or a person has decided the time zone.
        shards: Number of shards.
        folder: For the rows.
        engine: Where it is done.

    Raises:
        InputError: A file cannot be used.
        OrderUnnamedError: A file cannot be cut by orders.
    """
    parse_settings = ParseSettings(shop_settings.time_zone, settings.mapping)
    split = [
        split_file(table, file_format, parse_settings, shards, folder / f"rows-{number}", engine)
        if file_format.has_orders
        else None
        for number, (table, file_format) in enumerate(tables)
    ]
    places = [folder / f"parsed-{number}" for number in range(len(tables))]
    numbered = list(zip(tables, split, places, strict=True))
    parsed = [_parse_file(table, part, parse_settings, engine, place) for (table, part, place) in numbered]
    currency = shop_settings.currency or settings.currency or _choose_currency(parsed)
    shop_settings = replace(shop_settings, currency=currency)
    clocks = [file.summary().parsed.clock for file in parsed]
    zone, warnings = choose_time_zone(clocks, [file.format for file in parsed], shop_settings, is_decided=is_decided)
    if zone != shop_settings.time_zone:
        shop_settings = replace(shop_settings, time_zone=zone)
        parse_settings = replace(parse_settings, time_zone=zone)
        parsed = [
            file
            if clock is None or not clock.has_local_times
            else _parse_file(table, part, parse_settings, engine, place.with_name(f"{place.name}-again"))
            for (table, part, place), file, clock in zip(numbered, parsed, clocks, strict=True)
        ]
    for part in split:
        if part is not None:
            part.rows.remove()
    return ShardedFiles(parsed, shop_settings, warnings)


@dataclass(frozen=True)
class ParseShard:
    """Parses the rows of a file in a shard, and writes what they hold; returns what they say of the file.

    Attributes:
        format: The file's format.
        settings: What was decided about it.
        folder: For what they hold.
    """

    format: Format
    settings: ParseSettings
    folder: Path

    def __call__(self, part: ShardTable) -> pl.DataFrame:
        """Parse the rows; see `engines.engine.Step`."""
        parsed = self.format.parse(part.table, self.settings)
        tables = (parsed.lines, parsed.orders, parsed.contacts)
        for name, rows in zip(PARSED, tables, strict=True):
            if rows is not None:
                Spill(self.folder / name).write(part.shard, rows)
        whole = part.table.whole
        faults = ([], []) if whole is None else (whole.unreadable, whole.mixed)
        unreadable, mixed = ([astuple(fault) for fault in of_kind] for of_kind in faults)
        return pack({**describe_shard(parsed), "unreadable": unreadable, "mixed": mixed})


def _parse_file(
    table: tuple[Table, Format], split: SplitFile | None, settings: ParseSettings, engine: Engine, folder: Path
) -> ShardedFile:
    """Parse a file shard by shard."""
    folder.mkdir(mode=0o700)
    file, file_format = table
    facts = FileFacts()
    lines, orders, contacts = (Spill(folder / name) for name in PARSED)
    if split is None:
        whole = file_format.parse(file, settings)
        if whole.contacts is not None:
            contacts.write(0, whole.contacts)
        without = replace(whole, contacts=None)
        return ShardedFile(file.file.name, file_format, facts, lines, orders, contacts, without)
    unreadable: list[UnreadableCells] = []
    mixed: list[MixedStates] = []
    for answer in engine.map_blocks(split.parts(), ParseShard(file_format, settings, folder)):
        of_shard = unpack(answer)
        facts.add(of_shard)
        unreadable += [UnreadableCells(*cells) for cells in of_shard["unreadable"]]
        mixed += [MixedStates(*states) for states in of_shard["mixed"]]
    refuse_mixed(split.table, mixed)
    refuse_unreadable(split.table, unreadable)
    return ShardedFile(file.file.name, file_format, facts, lines, orders, contacts)


def _choose_currency(files: Sequence[ShardedFile]) -> str:
    """Return the currency of most orders of all files."""
    return most_common_currency(pl.concat([file.facts.currency_counts(file.format.currency) for file in files]))


def _to_time_zone(parsed: ParsedFile, time_zone: str) -> ParsedFile:
    if parsed.contacts is None:
        return parsed
    return replace(
        parsed, contacts=parsed.contacts.with_columns(pl.selectors.datetime().dt.convert_time_zone(time_zone))
    )


def _find_ends(file: ShardedFile) -> Ends | None:
    """The ends of a file; None where its orders are in no order of time."""
    names = ("row", "order_id", "ordered_at")
    parts = [
        file.orders.scan(shard).select(pl.selectors.by_name(names, require_all=False))
        for shard in file.orders.present()
    ]
    orders = pl.concat(parts, how="diagonal").sort("row").collect()
    return find_ends(orders.with_columns(file=pl.lit(0, pl.Int32))).get(0)


def _find_times(files: Sequence[ShardedFile], shards: int) -> np.ndarray:
    """When each order of all files was placed, in microseconds since 1970, in order of time."""
    times = []
    for shard in range(shards):
        parts = [
            file.orders.scan(shard).select("order_id", pl.col("ordered_at").to_physical())
            for file in files
            if shard in file.orders
        ]
        if parts:
            times.append(pl.concat(parts).drop_nulls().unique().select("ordered_at").collect()["ordered_at"].to_numpy())
    return np.sort(np.concatenate(times))
