"""What is read is what was written, of one generation, whatever other commands do meanwhile."""

import os
import threading
from pathlib import Path

import polars as pl
import pytest

from frontrow.errors import ShopError
from frontrow.storage.commit import commit
from frontrow.storage.pointer import Pointer
from frontrow.storage.shop_tables import ShopTables, copy_shop

NAMES = ("orders", "customers")


def tables_of(number: int) -> dict[str, pl.LazyFrame]:
    return {name: pl.LazyFrame({"generation": [number] * 50}) for name in NAMES}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    commit(tmp_path, tables_of(1), {})
    return tmp_path


def test_every_changed_bit_of_a_table_is_noticed(folder):
    file = folder / Pointer.read(folder).tables["orders"].file
    content = file.read_bytes()
    for position in range(len(content)):
        changed = bytearray(content)
        changed[position] ^= 1 << position % 8
        file.write_bytes(changed)
        with pytest.raises(ShopError, match=rf"{file.name} is damaged.*frontrow check"):
            ShopTables.open(folder, NAMES)
    file.write_bytes(content)
    assert ShopTables.open(folder, NAMES).read("orders").height == 50


def test_a_table_that_is_gone_is_named(folder):
    file = folder / Pointer.read(folder).tables["orders"].file
    file.unlink()
    with pytest.raises(ShopError, match=f"lacks {Pointer.read(folder).tables['orders'].file}"):
        ShopTables.open(folder, NAMES)


def test_a_table_that_the_shop_never_had_is_left_out(folder):
    tables = ShopTables.open(folder, ("contact_log", "orders"))
    assert ("contact_log" in tables, "orders" in tables) == (False, True)
    with pytest.raises(ShopError, match="no table of contact_log"):
        tables.scan("contact_log")


def test_readers_see_one_generation_and_never_fail_while_others_write(folder):
    done = threading.Event()
    problems: list[object] = []

    def read() -> None:
        while not done.is_set():
            try:
                tables = ShopTables.open(folder, NAMES)
                orders, customers = tables.scan("orders"), tables.scan("customers")
                seen = {*orders.collect()["generation"], *customers.collect()["generation"]}
                if seen != {tables.pointer.generation}:
                    problems.append(seen)
            except Exception as error:
                problems.append(error)

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for number in range(2, 40):
        commit(folder, tables_of(number), {})
    done.set()
    for reader in readers:
        reader.join()
    assert problems == []


def test_a_hold_ends_with_the_last_one_who_reads(folder):
    old = folder / Pointer.read(folder).tables["orders"].file
    tables = ShopTables.open(folder, NAMES)
    commit(folder, tables_of(2), {})
    assert old.exists()
    del tables
    commit(folder, tables_of(3), {})
    assert not old.exists()


def test_a_copy_is_of_one_moment_and_its_owners_alone(folder, tmp_path_factory):
    copy = tmp_path_factory.mktemp("copies") / "copy"
    (folder / "config.json").write_text("{}")
    copy_shop(folder, copy, ("config.json", "not there"))
    assert Pointer.read(copy) == Pointer.read(folder)
    tables = ShopTables.open(copy, Pointer.read(copy).tables)
    assert all(name in tables for name in tables.pointer.tables)
    assert (copy / "config.json").read_text() == "{}"
    assert os.name == "nt" or all(path.stat().st_mode & 0o077 == 0 for path in copy.rglob("*"))
