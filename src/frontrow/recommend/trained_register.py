"""The register of the folders that recommenders were trained into, in a shop's `shop.json`."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from frontrow.errors import ShopError
from frontrow.storage.commit import commit
from frontrow.storage.pointer import Pointer

TRAINED: Final = "trained"
"""The section of `shop.json` that holds it."""


def read_trained_folders(folder: Path) -> list[Path]:
    """The folders that recommenders were trained into from the shop in `folder`.

    Raises:
        ShopError: The folder holds no shop, or a damaged one.
    """
    paths = Pointer.read(folder).sections.get(TRAINED, [])
    if not isinstance(paths, list) or not all(isinstance(path, str) for path in paths):
        raise ShopError(f"{folder} has a damaged register of recommenders. frontrow check {folder} says more.")
    return [Path(path) for path in paths]


def register_trained(folder: Path, output: Path) -> None:
    """Note where a recommender is going to be saved; the caller has the shop's lock.

    Args:
        folder: The shop's folder.
        output: The recommender's folder.
    """
    registered = [str(path) for path in read_trained_folders(folder)]
    place = str(output.absolute())
    if place not in registered:
        commit(folder, {}, {TRAINED: [*registered, place]})
