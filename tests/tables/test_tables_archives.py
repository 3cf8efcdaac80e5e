"""Compressed files are read as what is in them; those made to fill a disk are refused before they do."""

from __future__ import annotations

import contextlib
import gzip
import io
import random
import tarfile
import zipfile
from pathlib import Path

import polars as pl
import pytest

from frontrow.errors import InputError
from frontrow.tables import archives, private_folder
from frontrow.tables.opening import open_tables, save_stream
from frontrow.tables.table_file import open_table

TABLE = "order_id,title\n1,Pot\n2,Vase\n"


def write_zip(file: Path, **members: bytes | str) -> Path:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file


def write_gzip(file: Path, content: bytes | str) -> Path:
    file.write_bytes(gzip.compress(content.encode() if isinstance(content, str) else content))
    return file


def read_all(*files: Path) -> list[tuple[str, list[tuple[object, ...]]]]:
    with open_tables(files) as tables:
        return [(table.file.name, table.read(table.header).rows()) for table in tables]


def fail(file: Path) -> str:
    with pytest.raises(InputError) as failure:
        read_all(file)
    return str(failure.value)


def test_a_gzip_file_is_the_file_in_it(tmp_path: Path) -> None:
    parquet = io.BytesIO()
    pl.DataFrame({"order_id": [1]}).write_parquet(parquet)
    files = (write_gzip(tmp_path / "a.csv.gz", TABLE), write_gzip(tmp_path / "b.parquet.gz", parquet.getvalue()))
    assert read_all(*files) == [
        ("a.csv.gz", [(2, "1", "Pot"), (3, "2", "Vase")]),
        ("b.parquet.gz", [(2, 1)]),
    ]


def test_a_gzip_file_in_parts_is_whole(tmp_path: Path) -> None:
    first, second = TABLE[:20].encode(), TABLE[20:].encode()
    file = tmp_path / "a.csv.gz"
    file.write_bytes(gzip.compress(first) + gzip.compress(second))
    assert read_all(file)[0][1] == [(2, "1", "Pot"), (3, "2", "Vase")]


def test_every_table_of_a_zip_file_is_read_and_files_beside_it_too(tmp_path: Path) -> None:
    members = {"exports/a.csv": TABLE, "b.csv": "order_id\n9\n", "__MACOSX/a.csv": "x", "exports/.a.csv": "x"}
    archive = write_zip(tmp_path / "all.zip", **members)
    plain = tmp_path / "c.csv"
    plain.write_text(TABLE, "utf-8")
    assert [name for name, _ in read_all(archive, plain)] == ["all.zip (a.csv)", "all.zip (b.csv)", "c.csv"]


def test_content_decides_and_not_the_name(tmp_path: Path) -> None:
    """An upload may have lost its name's ending."""
    assert read_all(write_gzip(tmp_path / "orders.csv", TABLE))[0][1] == [(2, "1", "Pot"), (3, "2", "Vase")]
    assert read_all(write_zip(tmp_path / "zipped.csv", **{"a.csv": TABLE}))[0][0] == "zipped.csv (a.csv)"


def test_members_that_are_no_tables_are_counted_in_a_warning(tmp_path: Path) -> None:
    file = write_zip(tmp_path / "all.zip", **{"a.csv": TABLE, "photo.jpg": b"x", "read me.pdf": b"x"})
    with open_tables([file]) as tables:
        assert tables[0].warnings == ("2 of the archive's files were left out: no tables by their names",)


def test_the_names_of_members_are_no_paths(tmp_path: Path) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    file = write_zip(
        inner / "all.zip", **{"../../escaped.csv": TABLE, "/tmp/absolute.csv": TABLE, "..\\back.csv": TABLE}
    )
    assert [name for name, _ in read_all(file)] == [
        "all.zip (escaped.csv)",
        "all.zip (absolute.csv)",
        "all.zip (back.csv)",
    ]
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["all.zip", "inner"]


def test_what_was_unpacked_was_private_and_is_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(private_folder.tempfile, "gettempdir", lambda: str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    with open_tables([write_gzip(tmp_path / "a.csv.gz", TABLE)]):
        unpacked = list((tmp_path / "temporary").rglob("*.csv"))
        assert len(unpacked) == 1
        modes = {path: path.stat().st_mode & 0o777 for path in (unpacked[0], *unpacked[0].parents[:2])}
        assert set(modes.values()) == {0o600, 0o700}
    assert not list((tmp_path / "temporary").iterdir())


def test_what_a_killed_command_left_goes_with_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    left = tmp_path / f"{private_folder.PREFIX}left"
    left.mkdir()
    (left / "customers.csv").write_text("x", "utf-8")
    with private_folder.private_folder(tmp_path):
        assert left.exists()
    monkeypatch.setattr(private_folder, "OLD_ENOUGH", -1)
    with private_folder.private_folder(tmp_path) as first:
        assert not left.exists()
        with private_folder.private_folder(tmp_path):
            assert first.exists()


@pytest.mark.parametrize("kind", ["gzip", "zip"])
def test_a_bomb_is_refused_before_it_fills_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    monkeypatch.setattr(archives, "ALWAYS", 1_000_000)
    content = b"order_id\n" + b"1\n" * 4_000_000
    bomb = (
        write_gzip(tmp_path / "a.csv.gz", content)
        if kind == "gzip"
        else write_zip(tmp_path / "a.zip", **{"a.csv": content})
    )
    written: list[int] = []
    write = archives._write

    def record(*arguments: object) -> Path:
        try:
            return write(*arguments)  # type: ignore[arg-type]
        finally:
            written.append(Path(str(arguments[2])).stat().st_size)

    monkeypatch.setattr(archives, "_write", record)
    assert "unpacks to more than 0.0 GB" in fail(bomb)
    assert sum(written) <= 1_000_000


def test_members_are_bounded_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "ALWAYS", 1_000)
    monkeypatch.setattr(archives, "MOST_TIMES", 1)
    many = {f"{number}.csv": "order_id\n" + "1\n" * 200 for number in range(5)}
    assert "unpacks to more than" in fail(write_zip(tmp_path / "a.zip", **many))
    monkeypatch.setattr(archives, "MOST_MEMBERS", 4)
    assert "5 files, more than the 4" in fail(write_zip(tmp_path / "b.zip", **many))


def test_a_size_that_the_archive_lies_about_is_found(tmp_path: Path) -> None:
    file = write_zip(tmp_path / "a.zip", **{"a.csv": "order_id\n" + "1\n" * 5_000})
    content = bytearray(file.read_bytes())
    entry = content.rfind(b"PK\x01\x02")
    content[entry + 24 : entry + 28] = (100).to_bytes(4, "little")
    file.write_bytes(content)
    assert "damaged" in fail(file)


def test_archives_in_archives_are_refused(tmp_path: Path) -> None:
    inner = write_gzip(tmp_path / "a.csv.gz", TABLE).read_bytes()
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w") as archive:
        archive.add(tmp_path / "a.csv.gz", "a.csv.gz")
    files = (
        write_gzip(tmp_path / "b.gz", inner),
        write_zip(tmp_path / "c.zip", **{"a.csv": inner}),
        write_gzip(tmp_path / "d.tar.gz", tar.getvalue()),
    )
    assert all("another archive in this archive" in fail(file) for file in files)


def test_what_holds_no_table_is_refused_with_what_to_do(tmp_path: Path) -> None:
    assert "holds no CSV, Excel or Parquet file" in fail(write_zip(tmp_path / "a.zip", **{"a.pdf": b"x"}))
    assert "holds no CSV, Excel or Parquet file" in fail(write_zip(tmp_path / "empty.zip"))
    assert "ending .xlsx" in fail(write_zip(tmp_path / "b.zip", **{"[Content_Types].xml": "", "xl/workbook.xml": ""}))


def test_an_encrypted_archive_is_refused(tmp_path: Path) -> None:
    file = write_zip(tmp_path / "a.zip", **{"a.csv": TABLE})
    content = bytearray(file.read_bytes())
    for signature, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.find(signature) + place] |= 1
    file.write_bytes(content)
    assert "encrypted" in fail(file)


def test_a_damaged_archive_is_one_sentence_wherever_it_is_damaged(tmp_path: Path) -> None:
    """Cut anywhere or with one changed bit, an archive gives its rows or an error of ours, and never other rows."""
    rows = [(2, "1", "Pot"), (3, "2", "Vase")]
    chance = random.Random(5)
    for whole in (write_gzip(tmp_path / "a.csv.gz", TABLE), write_zip(tmp_path / "b.zip", **{"a.csv": TABLE})):
        content = whole.read_bytes()
        for number in range(40):
            place = chance.randrange(4, len(content))  # with other first bytes it is no archive
            damaged = bytearray(content)
            damaged[place] ^= 1 << chance.randrange(8)
            file = whole.with_name(f"{number}-{whole.name}")
            file.write_bytes(damaged if number % 2 else content[:place])
            with contextlib.suppress(InputError):
                assert [table for _, table in read_all(file)] == [rows]


def test_a_message_names_the_archive_and_the_file_in_it(tmp_path: Path) -> None:
    file = write_gzip(tmp_path / "a.csv.gz", "order_id,title\n1\n")
    assert fail(file).startswith("a.csv.gz, row 2: the row has 1 cell")
    file = write_zip(tmp_path / "all.zip", **{"folder/x.csv": "order_id,title\n1\n"})
    assert fail(file).startswith("all.zip (x.csv), row 2: the row has 1 cell")


def test_one_file_is_opened_as_it_is(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="this is an archive"):
        open_table(write_gzip(tmp_path / "a.csv.gz", TABLE))


def test_a_stream_is_saved_under_the_ending_of_its_content(tmp_path: Path) -> None:
    parquet = io.BytesIO()
    pl.DataFrame({"order_id": [1]}).write_parquet(parquet)
    contents = {".csv": TABLE.encode(), ".parquet": parquet.getvalue()}
    for suffix, content in contents.items():
        folder = tmp_path / suffix
        folder.mkdir()
        assert save_stream(io.BytesIO(content), folder).name == f"standard input{suffix}"
    with pytest.raises(InputError, match="nothing came"):
        save_stream(io.BytesIO(), tmp_path)
