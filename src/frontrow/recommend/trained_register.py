"""The register of the folders that recommenders were trained into, in a shop's `shop.json`."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from frontrow.errors import ShopError
from frontrow.recommend.trained_parts import sweep_parts
from frontrow.storage.commit import commit
from frontrow.storage.pointer import Pointer

TRAINED: Final = "trained"
"""The section of `shop.json` that holds it."""

TRAINING: Final = "training"
"""The section with the folder that a recommender is being saved to; what an interrupted command left there goes."""


def read_trained_folders(folder: Path) -> list[Path]:
    """The folders that recommenders were trained into from the shop in `folder`.

    Raises:
        ShopError: The folder holds no shop, or a damaged one.
    """
    return _read_paths(folder, TRAINED)


def begin_training(folder: Path, output: Path) -> None:
    """Note where a recommender is about to be saved; the caller has the shop's lock.

    Args:
        folder: The shop's folder.
        output: The recommender's folder.
    """
    commit(folder, {}, {TRAINING: [str(output.absolute())]})


def finish_training(folder: Path) -> None:
    """Register a recommender that was saved, or remove what an interrupted command left; the caller has the lock.

    Args:
        folder: The shop's folder.
    """
    waiting = _read_paths(folder, TRAINING)
    if not waiting:
        return
    saved = [str(place) for place in waiting if sweep_parts(place)]
    registered = [str(place) for place in read_trained_folders(folder)]
    commit(folder, {}, {TRAINED: list(dict.fromkeys([*registered, *saved])), TRAINING: []})


def _read_paths(folder: Path, section: str) -> list[Path]:
    paths = Pointer.read(folder).sections.get(section, [])
    if not isinstance(paths, list) or not all(isinstance(path, str) for path in paths):
        raise ShopError(f"{folder} has a damaged register of recommenders. frontrow check {folder} says more.")
    return [Path(path) for path in paths]
