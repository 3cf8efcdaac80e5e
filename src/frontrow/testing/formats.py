"""The contract that every export format keeps; a test class of two lines inherits all of it.

Example::

    class TestShopifyOrders(FormatContract):
        file_format, sample = FORMAT, SAMPLES / "shopify_orders.csv"
"""

from __future__ import annotations

import csv
import random
from pathlib import Path
from typing import ClassVar

import pytest

from frontrow.errors import InputError
from frontrow.importing.format import Format, format_names, get_format, recognize_format
from frontrow.shop.update import import_files
from frontrow.storage.pointer import CUSTOMERS, ORDERS, PRODUCTS
from frontrow.storage.shop_lock import LOCK
from frontrow.tables.columns import match_columns
from frontrow.tables.table_file import open_table
from frontrow.testing.shops import read_table

BREAKABLE = ("price", "ordered_at")


class FormatContract:
    """The contract of `frontrow.importing.format.Format`.

    Attributes:
        file_format: The format under test.
        sample: A small CSV file in this format, every cell of which can be read.
    """

    file_format: ClassVar[Format]
    sample: ClassVar[Path]

    def test_its_header_matches_this_format_and_no_other(self) -> None:
        """A header has one format."""
        header = open_table(self.sample).header
        matching = [name for name in format_names() if get_format(name).matches_header(header)]
        assert matching == [self.file_format.name]
        assert recognize_format(open_table(self.sample)) is get_format(self.file_format.name)

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
        before = self._contents(shop)
        report = import_files([self.sample], shop)
        assert not report.written
        assert self._contents(shop) == before

    def test_a_bad_cell_is_reported_by_row_and_column(self, tmp_path: Path) -> None:
        """The error says where, what was found and what was expected, and no shop is written."""
        records = self._records()
        fields = self.file_format.fields
        columns = match_columns(records[0], {field: fields[field] for field in BREAKABLE if field in fields})
        if not columns:
            pytest.skip("the format has no date and no price")
        for column in columns.values():
            position = records[0].index(column)
            row = next(number for number, record in enumerate(records[1:], 2) if record[position].strip())
            broken = [list(record) for record in records]
            broken[row - 1][position] = "no value"
            with pytest.raises(InputError, match='found "no value", expected') as caught:
                import_files([self._write(broken, tmp_path)], tmp_path / "shop")
            assert (caught.value.row, caught.value.column) == (row, column)
            assert not (tmp_path / "shop").exists()

    def test_the_order_and_case_of_columns_do_not_matter(self, tmp_path: Path) -> None:
        """Columns are found by name."""
        records = self._records()
        order = random.Random(1).sample(range(len(records[0])), len(records[0]))
        shuffled = [[record[position] for position in order] for record in records]
        shuffled[0] = [name.upper() for name in shuffled[0]]
        import_files([self.sample], tmp_path / "shop")
        import_files([self._write(shuffled, tmp_path)], tmp_path / "other")
        for name in (ORDERS, PRODUCTS, CUSTOMERS):
            assert read_table(tmp_path / "other", name).equals(read_table(tmp_path / "shop", name))

    @staticmethod
    def _contents(shop: Path) -> dict[Path, bytes]:
        return {path: path.read_bytes() for path in shop.rglob("*") if path.is_file() and path.name != LOCK}

    def _records(self) -> list[list[str]]:
        with self.sample.open(encoding="utf-8-sig", newline="") as handle:
            return list(csv.reader(handle))

    def _write(self, records: list[list[str]], folder: Path) -> Path:
        path = folder / "changed.csv"
        with path.open("w", encoding="utf-8", newline="") as handle:
            csv.writer(handle).writerows(records)
        return path
