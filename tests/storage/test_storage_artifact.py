"""Saved models are read back completely or refused."""

import json
from pathlib import Path

import pytest

from frontrow.errors import ArtifactError
from frontrow.storage.artifact import FORMAT_VERSION, MANIFEST, read_manifest, write_artifact

FILES = {"a.txt": "one\ntwo\n", "b.txt": "é"}


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    write_artifact(tmp_path / "deep" / "model", "example", FILES, {"seed": 7})
    return tmp_path / "deep" / "model"


def test_what_is_written_is_read_back(saved: Path) -> None:
    manifest = read_manifest(saved, "example")
    assert (manifest["seed"], manifest["format_version"]) == (7, FORMAT_VERSION)
    assert {name: (saved / name).read_text("utf-8") for name in manifest["files"]} == FILES
    assert sorted(path.name for path in saved.iterdir()) == ["a.txt", "b.txt", MANIFEST]


def test_a_second_model_replaces_the_first(saved: Path) -> None:
    write_artifact(saved, "example", {"a.txt": "other"}, {"seed": 8})
    assert read_manifest(saved, "example")["seed"] == 8


def test_a_model_half_written_is_no_model(saved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr("frontrow.storage.artifact.write_text", full)
    with pytest.raises(OSError, match="disk full"):
        write_artifact(saved, "example", {"a.txt": "other"}, {})
    with pytest.raises(ArtifactError, match="no saved model"):
        read_manifest(saved, "example")


def test_another_kind_is_refused(saved: Path) -> None:
    with pytest.raises(ArtifactError, match='holds a "example" model of format "2"; expected tree'):
        read_manifest(saved, "tree")


@pytest.mark.parametrize(
    "change",
    [
        {"format_version": FORMAT_VERSION + 1},
        {"kind": None},
        {"files": None},
        {"files": ["a.txt"]},
        {"files": {"c.txt": "00"}},
        {"files": {"../model/a.txt": "00"}},
        {"files": {"a.txt": None}},
    ],
)
def test_a_manifest_of_another_shape_is_refused(saved: Path, change: dict) -> None:
    manifest = json.loads((saved / MANIFEST).read_text())
    (saved / MANIFEST).write_text(json.dumps({**manifest, **change}))
    with pytest.raises(ArtifactError):
        read_manifest(saved, "example")


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "3", '"kind"', "\N{REPLACEMENT CHARACTER}"])
def test_a_manifest_that_is_no_object_is_refused(saved: Path, text: str) -> None:
    (saved / MANIFEST).write_text(text, "utf-8")
    with pytest.raises(ArtifactError):
        read_manifest(saved, "example")


def test_bytes_that_are_no_text_are_refused(saved: Path) -> None:
    (saved / MANIFEST).write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ArtifactError):
        read_manifest(saved, "example")


@pytest.mark.parametrize("place", range(0, 200, 7))
def test_a_changed_bit_of_the_manifest_is_refused(saved: Path, place: int) -> None:
    content = bytearray((saved / MANIFEST).read_bytes())
    content[place] ^= 1
    (saved / MANIFEST).write_bytes(content)
    with pytest.raises(ArtifactError):
        read_manifest(saved, "example")


def test_a_changed_file_is_refused(saved: Path) -> None:
    (saved / "a.txt").write_text("one\ntwo")
    with pytest.raises(ArtifactError, match="was changed after it was saved"):
        read_manifest(saved, "example")
    (saved / "a.txt").unlink()
    with pytest.raises(ArtifactError, match=r"lacks .a\.txt"):
        read_manifest(saved, "example")
