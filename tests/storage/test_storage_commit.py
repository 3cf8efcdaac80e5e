"""A change of a shop is complete or has not happened, and leaves nothing behind."""

import errno
import os
import stat
from pathlib import Path

import polars as pl
import pytest

from frontrow.errors import DiskFullError, ShopError
from frontrow.storage import commit as committing
from frontrow.storage import durable
from frontrow.storage.commit import commit, sweep_shop
from frontrow.storage.pointer import POINTER, Pointer
from frontrow.storage.shop_tables import ShopTables

FIRST = {"orders": pl.LazyFrame({"day": [1, 2]}), "products": pl.LazyFrame({"title": ["pot"]})}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    commit(tmp_path, FIRST, {"settings": {"currency": "EUR"}}, texts={"product_rules.json": "{}"})
    return tmp_path


def files_of(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_commit_names_its_tables_by_generation_and_digest(folder):
    pointer = Pointer.read(folder)
    table = pointer.tables["orders"]
    assert (pointer.generation, table.rows) == (1, 2)
    assert table.file == f"tables/orders-000001-{table.sha256[:8]}.parquet"
    assert table.bytes == (folder / table.file).stat().st_size
    assert sorted(files_of(folder)) == sorted(
        ["product_rules.json", POINTER, *(stored.file for stored in pointer.tables.values())]
    )


def test_a_table_that_does_not_change_keeps_its_file(folder):
    before = Pointer.read(folder)
    after = commit(folder, {"orders": pl.LazyFrame({"day": [1, 2, 3]}), "products": FIRST["products"]}, {})
    assert after.generation == 2
    assert after.tables["products"] == before.tables["products"]
    assert after.sections == before.sections
    assert not (folder / before.tables["orders"].file).exists()
    assert len(list((folder / "tables").iterdir())) == 2


def test_a_table_does_not_depend_on_the_files_it_is_put_together_from(tmp_path):
    states = pl.DataFrame({"order_id": pl.int_range(800_000, eager=True)})
    digests = {"order_states": set(), "orders": set()}
    for count in (1, 3, 7):
        files = [tmp_path / f"{count}-{number}.parquet" for number in range(count)]
        for part, file in zip(states.iter_slices(-(-states.height // count)), files, strict=True):
            part.write_parquet(file)
        for name, of_table in digests.items():
            rows = pl.scan_parquet(files, glob=False)
            of_table.add(commit(tmp_path / f"{name}-{count}", {name: rows}, {}).tables[name].sha256)
    assert len(digests["order_states"]) == 1
    # those of order lines do: a group is a block
    assert len(digests["orders"]) == 3


@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "No space left on device"), KeyboardInterrupt(), ValueError()])
@pytest.mark.parametrize("function", ["write_parquet", "write_text", "sync_file", "sync_folder"])
def test_a_commit_that_fails_leaves_the_shop_as_it_was(folder, monkeypatch, function, error):
    before = files_of(folder)

    def fail(*_, **__):
        raise error

    monkeypatch.setattr(committing, function, fail)
    expected = DiskFullError if isinstance(error, OSError) else type(error)
    with pytest.raises(expected):
        commit(folder, {"orders": pl.LazyFrame({"day": [9]}), "more": pl.LazyFrame({"a": [1]})}, {}, texts={"n": "1"})
    assert files_of(folder) == before


@pytest.mark.parametrize("number", [0, 1, 2])
def test_an_error_that_says_in_words_that_the_disk_is_full_is_one_too(folder, monkeypatch, number):
    before, calls = files_of(folder), []
    real = committing.write_parquet

    def fill(frame, path, **options):
        calls.append(path)
        if len(calls) > number:
            path.write_bytes(b"PAR1")
            raise pl.exceptions.ComputeError("IO error: No space left on device (os error 28)")
        real(frame, path, **options)

    monkeypatch.setattr(committing, "write_parquet", fill)
    with pytest.raises(DiskFullError, match="Free some space") as caught:
        commit(folder, {name: pl.LazyFrame({"day": [number]}) for name in "abc"}, {})
    assert str(folder) in str(caught.value)
    assert files_of(folder) == before


def test_an_error_that_says_nothing_counts_when_there_is_no_room_left(folder, monkeypatch):
    before = files_of(folder)

    def fail(*_, **__):
        raise pl.exceptions.ComputeError("parquet: File out of specification: Invalid thrift: transport error")

    monkeypatch.setattr(committing, "write_parquet", fail)
    with pytest.raises(pl.exceptions.ComputeError):
        commit(folder, {"orders": pl.LazyFrame({"day": [9]})}, {})
    monkeypatch.setattr(durable, "has_space", lambda _: False)
    with pytest.raises(DiskFullError):
        commit(folder, {"orders": pl.LazyFrame({"day": [9]})}, {})
    assert files_of(folder) == before


def test_a_full_disk_at_the_first_commit_leaves_an_empty_folder(tmp_path, monkeypatch):
    def fail(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("frontrow.storage.folder.sync_tree", fail)
    with pytest.raises(DiskFullError):
        commit(tmp_path, FIRST, {}, texts={"product_rules.json": "{}"})
    assert files_of(tmp_path) == {}


def test_what_an_interrupted_command_left_is_swept(folder):
    before = files_of(folder)
    for name in ("orders.new", "orders-000009-0123abcd.parquet", "shop.json.new"):
        (folder / "tables" / name).write_bytes(b"left")
    (folder / ".shop.json-frontrow-a1b2c3d4" / "staged").mkdir(parents=True)
    (folder / ".shop.json-frontrow-a1b2c3d4" / "staged" / "shop.json").write_text("{}")
    assert sweep_shop(folder) == []
    assert files_of(folder) == before


def test_a_folder_of_a_person_is_no_leftover(folder):
    (folder / ".notes-frontrow-a1b2c3d4").mkdir()
    (folder / ".notes-frontrow-a1b2c3d4" / "list.txt").write_text("mine")
    sweep_shop(folder)
    assert (folder / ".notes-frontrow-a1b2c3d4" / "list.txt").exists()


def test_what_a_reader_still_reads_is_swept_once_it_is_done(folder):
    reader = ShopTables.open(folder, ("orders",))
    rows = reader.scan("orders")
    old = folder / Pointer.read(folder).tables["orders"].file
    commit(folder, {"orders": pl.LazyFrame({"day": [3]})}, {})
    commit(folder, {"orders": pl.LazyFrame({"day": [4]})}, {})
    assert rows.collect()["day"].to_list() == [1, 2]
    assert sweep_shop(folder) == [old]
    reader.close()
    assert sweep_shop(folder) == []
    assert not old.exists()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
@pytest.mark.parametrize("umask", [0o000, 0o077])
def test_files_are_their_owners_alone_whatever_the_umask(tmp_path, umask):
    before = os.umask(umask)
    try:
        commit(tmp_path / "shop", FIRST, {}, texts={"product_rules.json": "{}"})
    finally:
        os.umask(before)
    modes = {path: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.rglob("*")}
    assert set(modes.values()) == {0o600, 0o700}
    assert all(mode == (0o700 if path.is_dir() else 0o600) for path, mode in modes.items())


def test_a_link_is_not_written_through(folder, tmp_path_factory):
    outside = tmp_path_factory.mktemp("outside")
    (outside / "mine.json").write_text("mine")
    pointer = (folder / POINTER).read_bytes()
    (folder / POINTER).unlink()
    (outside / "pointer").write_bytes(pointer)
    (folder / POINTER).symlink_to(outside / "pointer")
    (folder / "product_rules.json").unlink()
    (folder / "product_rules.json").symlink_to(outside / "mine.json")
    commit(folder, {}, {"settings": {}}, texts={"product_rules.json": "[]"})
    assert (outside / "mine.json").read_text() == "mine"
    assert (outside / "pointer").read_bytes() == pointer
    assert not (folder / POINTER).is_symlink()
    (folder / "tables").rename(outside / "tables")
    (folder / "tables").symlink_to(outside / "tables")
    content = files_of(outside)
    with pytest.raises(ShopError, match="is a link to another place"):
        commit(folder, {"orders": pl.LazyFrame({"day": [3]})}, {})
    assert files_of(outside) == content


def test_everything_is_on_the_disk_before_the_pointer_names_it(folder, monkeypatch):
    """A model of a disk: a rename counts when its folder was synced, content when its file was."""
    synced: set[int] = set()
    real_fsync, real_replace = os.fsync, Path.replace
    unsynced = []

    def fsync(descriptor):
        synced.add(os.fstat(descriptor).st_ino)
        real_fsync(descriptor)

    def replace(path, target):
        if path.stat().st_ino not in synced:
            unsynced.append(path.name)
        if Path(target).name == POINTER:
            tables = [folder / table.file for table in Pointer.parse(path.read_bytes(), path).tables.values()]
            unsynced.extend(table.name for table in tables if table.stat().st_ino not in synced)
            unsynced.extend(["tables"] if (folder / "tables").stat().st_ino not in synced else [])
        return real_replace(path, target)

    monkeypatch.setattr(durable.os, "fsync", fsync)
    monkeypatch.setattr(Path, "replace", replace)
    new = {name: pl.LazyFrame({"day": [7]}) for name in ("orders", "products", "contact_log")}
    commit(folder, new, {})
    assert unsynced == []
    assert folder.stat().st_ino in synced
