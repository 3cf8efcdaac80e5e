"""Uploads lie under names of our own; the name that a person gave is only text."""

import pytest

from frontrow.errors import SettingError
from frontrow.web.store.uploads import LONGEST_NAME, new_upload, read_upload


@pytest.mark.parametrize(
    ("name", "shown", "suffix"),
    [
        ("orders.csv", "orders.csv", ".csv"),
        ("../../etc/passwd", "passwd", ".csv"),
        ("C:\\exports\\Book.XLSX", "Book.XLSX", ".xlsx"),
        ("a\nb\x00.parquet", "ab.parquet", ".parquet"),
        ("orders.csv.gz", "orders.csv.gz", ".gz"),
        ("exports.ZIP", "exports.ZIP", ".zip"),
        ("<script>.html", "<script>.html", ".csv"),
        ("x" * 500 + ".csv", ("x" * 500 + ".csv")[-LONGEST_NAME:], ".csv"),
        ("", "file", ".csv"),
    ],
)
def test_a_name_is_only_text(tmp_path, name, shown, suffix):
    with new_upload(tmp_path / "uploads", name) as (upload_id, file):
        file.write(b"a,b\n1,2\n")
    upload = read_upload(tmp_path / "uploads", upload_id)
    assert (upload.name, upload.path.name, upload.bytes) == (shown, f"{upload_id}{suffix}", 8)
    assert upload.path.read_bytes() == b"a,b\n1,2\n"
    assert {path.stat().st_mode & 0o077 for path in tmp_path.rglob("*")} == {0}


def test_an_upload_that_breaks_off_leaves_nothing(tmp_path):
    def break_off() -> None:
        with new_upload(tmp_path / "uploads", "orders.csv") as (_, file):
            file.write(b"half")
            raise ConnectionError

    with pytest.raises(ConnectionError):
        break_off()
    assert list((tmp_path / "uploads").iterdir()) == []


@pytest.mark.parametrize("upload_id", ["0" * 24, "../secret", "", "0" * 23 + "/"])
def test_an_upload_that_is_not_there(tmp_path, upload_id):
    with pytest.raises(SettingError, match="no uploaded file"):
        read_upload(tmp_path, upload_id)
