"""A recommender that was being saved when its command was killed is registered, or what is left of it goes."""

from __future__ import annotations

from pathlib import Path

import pytest

from frontrow.recommend.trained_register import TRAINING, begin_training, finish_training, read_trained_folders
from frontrow.storage.pointer import Pointer
from frontrow.testing.shops import hand_made_shop


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    hand_made_shop([(1, "red pot", 0)]).write(tmp_path / "shop")
    return tmp_path / "shop"


@pytest.mark.parametrize("saved", [True, False])
def test_the_next_command_ends_what_a_killed_one_began(shop: Path, tmp_path: Path, saved: bool) -> None:
    output = tmp_path / "model"
    begin_training(shop, output)
    for name in ("parts-0123abcd", "parts-89abcdef", ".manifest.json-frontrow-a1b2c3d4"):
        (output / name).mkdir(parents=True)
    if saved:
        (output / "manifest.json").write_text('{"folder": "parts-0123abcd"}')
    finish_training(shop)
    left = sorted(path.name for path in output.rglob("*"))
    assert left == (["manifest.json", "parts-0123abcd"] if saved else [])
    assert output.exists() == saved
    assert read_trained_folders(shop) == ([output] if saved else [])
    assert Pointer.read(shop).sections[TRAINING] == []


def test_a_folder_that_holds_something_else_keeps_it(shop: Path, tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "notes.txt").write_text("mine")
    begin_training(shop, tmp_path / "model")
    finish_training(shop)
    assert (tmp_path / "model" / "notes.txt").exists()
    assert read_trained_folders(shop) == []
