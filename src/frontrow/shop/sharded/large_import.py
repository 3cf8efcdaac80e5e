"""Files added to a shop where they, or the shop, are too large to be in memory."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import polars as pl

from frontrow.engines.engine import Engine
from frontrow.engines.local import LOCAL
from frontrow.importing.catalogue import merge_catalogue
from frontrow.importing.exchange import ExchangeRates
from frontrow.importing.format import Format
from frontrow.importing.identity_settings import IdentitySettings
from frontrow.importing.product_identity import identify_pairs
from frontrow.shop.add import UpdatedShop, count_joined
from frontrow.shop.file_report import add_up_counts, report_files
from frontrow.shop.forgotten import Forgotten
from frontrow.shop.import_settings import ImportSettings
from frontrow.shop.settings import ShopSettings
from frontrow.shop.sharded.gather_shards import gather_shards
from frontrow.shop.sharded.number_shards import number_shards
from frontrow.shop.sharded.parse_shards import ShardedFiles, parse_files
from frontrow.shop.sharded.place_lines import place_lines
from frontrow.shop.sharded.shop_shards import cut_shop
from frontrow.shop.shop import Shop
from frontrow.storage.commit import stage_in_shop
from frontrow.tables.private_folder import private_folder
from frontrow.tables.table_file import Table

LARGE: Final = 5_000_000
"""Rows of the files and of the shop above which they are not all read into memory."""

SHARD_ROWS: Final = 1_500_000
"""Rows of a shard, about."""

WORKER_ROWS: Final = 500_000
"""Rows of a shard, about, where workers of a cluster have little memory each."""

LARGEST_IN_MEMORY: Final = 20_000_000
"""Rows up to which files are read into memory where they cannot be cut into shards."""

STAGED: Final = "import"


@dataclass(frozen=True)
class LargeImport:
    """How a large import is done.

    Attributes:
        rates: What other currencies than the shop's are worth.
        forgotten: Who was forgotten.
        rows: Rows of the files, and order lines of the shop.
        folder: An empty folder for the rows.
        engine: Where the work on rows is done.
    """

    rates: ExchangeRates
    forgotten: Forgotten
    rows: int
    folder: Path
    engine: Engine = LOCAL

    @property
    def shards(self) -> int:
        """Number of shards."""
        rows = SHARD_ROWS if self.engine.shares_memory else WORKER_ROWS
        return max(-(-self.rows // rows), 2)

    def parse(
        self,
        tables: Sequence[tuple[Table, Format]],
        shop_settings: ShopSettings,
        settings: ImportSettings,
        *,
        is_decided: bool,
    ) -> ShardedFiles:
        """Parse the files; see `shop.sharded.parse_shards.parse_files`."""
        return parse_files(
            tables,
            shop_settings,
            settings,
            is_decided=is_decided,
            shards=self.shards,
            folder=self.folder,
            engine=self.engine,
        )

    def add(self, shop: Shop, files: ShardedFiles) -> UpdatedShop:
        """Add to a shop what files bring, as `shop.add` does in memory; the tables stay in the folder until saved.

        Args:
            shop: The shop on disk, or an empty one, with the settings that the files decide.
            files: The files.
        """
        settings, shards, folder = shop.settings, self.shards, self.folder
        before = cut_shop(shop, shards, folder)
        gathered = gather_shards(files, before, self.rates, shards, folder / "incoming", self.engine)
        products = shop.products
        if gathered.catalogue is not None:
            products = merge_catalogue(products, gathered.catalogue, settings.grain)
        identity = IdentitySettings(settings.grain, settings.parent_sku)
        identified = identify_pairs(gathered.pairs, products, identity, gathered.ties)
        customers = number_shards(gathered, before, self.forgotten, shards, folder)
        hidden = shop.rules.not_products(identified.products)
        placed = place_lines(gathered, identified, customers, before, hidden, shards, folder / "placed", self.engine)
        orders, sizes = placed.lines.write(settings.time_zone, self.engine)
        updated = Shop(
            orders,
            identified.products,
            customers.write(folder / "customers-in-order"),
            settings,
            shop.rules,
            order_states=placed.write_states(folder / "states-in-order", settings.time_zone),
        )
        return UpdatedShop(
            updated,
            report_files([file.summary() for file in files.files], add_up_counts(placed.counts)),
            placed.new_lines,
            placed.ordered_changes(),
            count_joined(shop.products, identified.joined),
            totals=placed.totals,
            sizes=sizes,
            has_changed=placed.has_changed or customers.has_changed or not identified.products.equals(shop.products),
        )


def count_rows(tables: Sequence[Table], shop: Shop | None) -> int:
    """Return the number of rows of files and of order lines of a shop.

    Args:
        tables: The files.
        shop: The shop on disk; None for a new one.
    """
    heights = [table.height if table.height is not None else _count(table.rows) for table in tables]
    return sum(heights) + (0 if shop is None else _count(shop.orders))


@contextmanager
def import_folder(folder: Path, *, dry_run: bool) -> Iterator[Path]:
    """Give an empty folder for the rows of a large import, in the shop's own folder, and remove it at the end.

    The next command removes what a killed import left.

    Args:
        folder: The shop's folder.
        dry_run: Nothing may be written there; the system's place for such files is taken.
    """
    if dry_run:
        with private_folder() as temporary:
            yield temporary
        return
    staged = stage_in_shop(folder, STAGED)
    try:
        yield staged
    finally:
        shutil.rmtree(staged, ignore_errors=True)


def _count(rows: pl.LazyFrame) -> int:
    return int(rows.select(pl.len()).collect().item())
