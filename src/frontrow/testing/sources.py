"""What every source has to keep: a test class of two lines inherits all of it.

Example::

    class TestShopifyOrders(SourceContract):
        source, sample = SOURCE, SAMPLES / "shopify_orders.csv"
"""

from __future__ import annotations

import csv
import random
from pathlib import Path
from typing import ClassVar

import polars as pl
import pytest

from frontrow.errors import InputError
from frontrow.importing.format import Source, recognise, source_named, source_names
from frontrow.shop.update import import_files
from frontrow.storage.folder import CUSTOMERS, ORDERS, PRODUCTS
from frontrow.tables.columns import match
from frontrow.tables.table_file import open_table

BREAKABLE = ("price", "ordered_at")


class SourceContract:
    """The promises of `frontrow.importing.format.Source`.

    Attributes:
        source: The source under test.
        sample: A small CSV file in its format, every cell of which can be read.
    """

    source: ClassVar[Source]
    sample: ClassVar[Path]

    def test_recognises_its_own_header_and_no_other_source_does(self) -> None:
        """A header has one format."""
        header = open_table(self.sample).header
        claiming = [name for name in source_names() if source_named(name).recognises(header)]
        assert claiming == [self.source.name]
        assert recognise(open_table(self.sample)) is source_named(self.source.name)

    def test_counts_every_row(self, tmp_path: Path) -> None:
        """Nothing disappears: rows are kept, or dropped for a reason."""
        file = import_files([self.sample], tmp_path / "shop").files[0]
        assert file.rows == len(self._records()) - 1
        assert file.rows == file.kept + sum(file.dropped.values())
        assert file.kept > 0

    def test_the_same_file_twice_adds_nothing(self, tmp_path: Path) -> None:
        """Importing again leaves every file of the shop byte for byte as it was."""
        shop = tmp_path / "shop"
        import_files([self.sample], shop)
        before = {path.name: path.read_bytes() for path in shop.iterdir()}
        report = import_files([self.sample], shop)
        assert not report.written
        assert {path.name: path.read_bytes() for path in shop.iterdir()} == before

    def test_a_bad_cell_is_named_by_row_and_column(self, tmp_path: Path) -> None:
        """The error says where, what was found and what was expected, and leaves no shop behind."""
        records = self._records()
        columns = match(
            records[0], {field: self.source.fields[field] for field in BREAKABLE if field in self.source.fields}
        )
        if not columns:
            pytest.skip("the format has no date and no price")
        for column in columns.values():
            place = records[0].index(column)
            row = next(number for number, record in enumerate(records[1:], 2) if record[place].strip())
            broken = [list(record) for record in records]
            broken[row - 1][place] = "no value"
            with pytest.raises(InputError, match='found "no value", expected') as caught:
                import_files([self._write(broken, tmp_path)], tmp_path / "shop")
            assert (caught.value.row, caught.value.column) == (row, column)
            assert not (tmp_path / "shop").exists()

    def test_the_order_and_case_of_columns_do_not_matter(self, tmp_path: Path) -> None:
        """Columns are found by name."""
        records = self._records()
        order = random.Random(1).sample(range(len(records[0])), len(records[0]))
        shuffled = [[record[place] for place in order] for record in records]
        shuffled[0] = [name.upper() for name in shuffled[0]]
        import_files([self.sample], tmp_path / "shop")
        import_files([self._write(shuffled, tmp_path)], tmp_path / "other")
        for name in (ORDERS, PRODUCTS, CUSTOMERS):
            assert pl.read_parquet(tmp_path / "other" / name).equals(pl.read_parquet(tmp_path / "shop" / name))

    def _records(self) -> list[list[str]]:
        with self.sample.open(encoding="utf-8-sig", newline="") as handle:
            return list(csv.reader(handle))

    def _write(self, records: list[list[str]], folder: Path) -> Path:
        path = folder / "changed.csv"
        with path.open("w", encoding="utf-8", newline="") as handle:
            csv.writer(handle).writerows(records)
        return path
