"""Files and folders are replaced in one step; what an interrupted command left beside them goes with the next."""

import errno
import os
import stat
from contextlib import nullcontext
from pathlib import Path

import pytest

from frontrow.errors import DiskFullError
from frontrow.storage import durable
from frontrow.storage.folder import new_folder, replace_file, staging_folder, sweep_staging, write_text


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_is_replaced_or_stays(tmp_path):
    file = tmp_path / "out.csv"
    write_text("old", file)

    def write_half(path: Path) -> None:
        path.write_text("half")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), replace_file(file) as staged:
        write_half(staged)
    assert (file.read_text(), names(tmp_path)) == ("old", ["out.csv"])
    write_text("new", file)
    assert (file.read_text(), names(tmp_path)) == ("new", ["out.csv"])


def test_a_link_is_replaced_and_what_it_points_to_stays(tmp_path):
    (tmp_path / "mine").write_text("mine")
    (tmp_path / "out.csv").symlink_to(tmp_path / "mine")
    write_text("new", tmp_path / "out.csv")
    assert (tmp_path / "mine").read_text() == "mine"
    assert (tmp_path / "out.csv").read_text() == "new"


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_only_what_says_nothing_about_persons_is_for_others(tmp_path):
    before = os.umask(0o022)
    try:
        write_text("persons", tmp_path / "audience.csv")
        write_text("page", tmp_path / "report.html", private=False)
        with new_folder(tmp_path / "campaign") as staged:
            (staged / "exports").mkdir()
            (staged / "exports" / "a.csv").write_text("persons")
    finally:
        os.umask(before)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.rglob("*")}
    assert modes == {"audience.csv": 0o600, "report.html": 0o644, "campaign": 0o700, "exports": 0o700, "a.csv": 0o600}


def test_the_next_write_to_the_same_folder_removes_what_killed_ones_left(tmp_path):
    for name in ("out.csv", "other.csv"):
        left = tmp_path / f".{name}-frontrow-a1b2c3d4"
        (left / "staged").mkdir(parents=True)
        (left / "staged" / name).write_text("ann@example.com")
        (left / "owner").touch()
    (tmp_path / ".out.csv-frontrow-e5f6a7b8").mkdir()
    (tmp_path / ".of_another_program-e5f6a7b8").mkdir()
    write_text("new", tmp_path / "out.csv")
    assert names(tmp_path) == [".of_another_program-e5f6a7b8", "out.csv"]


def test_what_a_living_command_writes_is_not_swept(tmp_path):
    with staging_folder(tmp_path / "out.csv") as staged:
        (staged / "half").write_text("half")
        write_text("new", tmp_path / "out.csv")
        sweep_staging(tmp_path)
        assert (staged / "half").exists()
    assert names(tmp_path) == ["out.csv"]


def test_a_folder_that_only_looks_like_staging_stays(tmp_path):
    (tmp_path / ".out.csv-frontrow-a1b2c3d4").mkdir()
    (tmp_path / ".out.csv-frontrow-a1b2c3d4" / "mine").touch()
    (tmp_path / ".out.csv-frontrow-abc").mkdir()
    write_text("new", tmp_path / "out.csv")
    assert names(tmp_path) == [".out.csv-frontrow-a1b2c3d4", ".out.csv-frontrow-abc", "out.csv"]


def test_folders_that_are_made_on_the_way_survive_a_loss_of_power(tmp_path, monkeypatch):
    synced = []
    monkeypatch.setattr(durable, "sync_folder", synced.append)
    write_text("{}", tmp_path / "a" / "b" / "config.json")
    assert {tmp_path, tmp_path / "a"} <= {*synced}


@pytest.mark.parametrize("number", [errno.EINVAL, errno.ENOTSUP, errno.EIO])
def test_a_file_system_that_does_not_sync_folders_is_good_enough(tmp_path, monkeypatch, number):
    def refuse(_):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(OSError, match="output error") if number == errno.EIO else nullcontext():
        durable.sync_folder(tmp_path)


def test_a_full_disk_is_said_in_plain_words(tmp_path):
    write_text("old", tmp_path / "out.csv")
    expected = r"The disk is full: .*out\.csv could not be written and is as it was"
    with pytest.raises(DiskFullError, match=expected), replace_file(tmp_path / "out.csv"):
        raise OSError(errno.ENOSPC, "No space left on device")
    assert (tmp_path / "out.csv").read_text() == "old"
    with pytest.raises(DiskFullError), new_folder(tmp_path / "campaign"):
        raise OSError(errno.EDQUOT, "Disk quota exceeded")
    assert names(tmp_path) == ["out.csv"]
