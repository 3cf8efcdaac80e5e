"""Workbooks that are small on the disk and large in memory are refused before they are unpacked."""

from __future__ import annotations

import re
import time
import zipfile
from pathlib import Path

import pytest
import xlsxwriter

from frontrow.errors import InputError
from frontrow.tables.table_file import open_table
from frontrow.tables.workbook import LARGEST, check_workbook


def write_workbook(file: Path, *, corner: bool = False) -> Path:
    with xlsxwriter.Workbook(file) as workbook:
        sheet = workbook.add_worksheet()
        sheet.write_row(0, 0, ["order_id", "product"])
        sheet.write_row(1, 0, ["1", "pot"])
        if corner:
            sheet.write(1_048_575, 16_383, "lost")
    return file


def replace_sheet(file: Path, blocks: int) -> Path:
    """The same workbook, whose sheet has as many millions of bytes between its cells."""
    bomb = file.with_name("bomb.xlsx")
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as new:
        for member in old.infolist():
            if not member.filename.startswith("xl/worksheets/"):
                new.writestr(member, old.read(member))
                continue
            with new.open(member.filename, "w", force_zip64=True) as sheet:
                sheet.write(old.read(member).removesuffix(b"</worksheet>"))
                for _ in range(blocks):
                    sheet.write(b" " * 1_000_000)
                sheet.write(b"</worksheet>")
    return bomb


def test_a_workbook_is_read(tmp_path: Path) -> None:
    file = write_workbook(tmp_path / "orders.xlsx")
    assert open_table(file).read(["product"])["product"].to_list() == ["pot"]


def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    bomb = replace_sheet(write_workbook(tmp_path / "orders.xlsx"), LARGEST // 1_000_000)
    assert bomb.stat().st_size < LARGEST / 100
    begin = time.process_time()
    with pytest.raises(InputError, match=r"unpacks to 1\.0 GB.*Save each sheet as CSV"):
        open_table(bomb)
    assert time.process_time() - begin < 0.5


def test_an_archive_that_lies_about_its_size_is_refused(tmp_path: Path) -> None:
    bomb = replace_sheet(write_workbook(tmp_path / "orders.xlsx"), 3)
    with zipfile.ZipFile(bomb) as archive:
        (sheet,) = [member for member in archive.infolist() if "worksheets" in member.filename]
    content = bytearray(bomb.read_bytes())
    size = sheet.file_size.to_bytes(4, "little")
    assert content.count(size) >= 1
    bomb.write_bytes(bytes(content.replace(size, (1_000).to_bytes(4, "little"))))
    with pytest.raises(InputError, match="not a readable workbook"):
        open_table(bomb)


def test_a_cell_in_the_last_corner_is_an_error_of_a_sentence(tmp_path: Path) -> None:
    """The reader would ask for 512 GB at once, and end the process."""
    file = write_workbook(tmp_path / "orders.xlsx", corner=True)
    with pytest.raises(InputError, match=re.escape("reaches to column XFD and row 1,048,576")):
        open_table(file)


def test_a_broken_archive_and_one_of_no_workbook_are_refused(tmp_path: Path) -> None:
    file = write_workbook(tmp_path / "orders.xlsx")
    broken = bytearray(file.read_bytes())
    broken[100:200] = bytes(100)
    file.write_bytes(bytes(broken))
    with pytest.raises(InputError, match="not a readable workbook"):
        check_workbook(file)
    other = tmp_path / "text.xlsx"
    other.write_text("order_id\n1\n", "utf-8")
    check_workbook(other)
    with pytest.raises(InputError, match="not a readable workbook"):
        open_table(other)
