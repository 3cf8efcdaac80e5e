"""The shops of a server: a name from outside becomes one of the folders that are there, or nothing."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from frontrow.errors import ServerError, ShopError
from frontrow.storage.durable import PRIVATE_FOLDER
from frontrow.storage.pointer import POINTER
from frontrow.web.settings import CAMPAIGNS

NAME: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
"""Names of shops that a page makes: what every file system takes, and no path."""


def check_shops(folder: Path) -> None:
    """Make sure that a folder can hold shops.

    Args:
        folder: As a person wrote it.

    Raises:
        ServerError: It is not there, or is a shop itself.
    """
    if (folder / POINTER).exists():
        raise ServerError(
            f"{folder} is a shop itself. Give the folder that holds it, {folder.absolute().parent}: a server is "
            "for all shops of a folder."
        )
    if not folder.is_dir():
        raise ServerError(f"There is no folder {folder}. Make it first, or give the folder that holds your shops.")


def make_shops(folder: Path) -> None:
    """Make the folder of shops where there is none yet, for its owner alone.

    Args:
        folder: As a person wrote it.

    Raises:
        ServerError: The folder above it is not there, or it is a shop itself.
    """
    if folder.absolute().parent.is_dir() and not folder.exists():
        folder.mkdir(mode=PRIVATE_FOLDER)
    check_shops(folder)


def list_shops(folder: Path) -> list[str]:
    """The names of the shops in a folder, sorted.

    Args:
        folder: Holds one folder a shop.
    """
    return sorted(path.parent.name for path in folder.glob(f"*/{POINTER}") if not path.parent.name.startswith("."))


def resolve_shop(folder: Path, name: str) -> Path:
    """The folder of the shop of that name.

    A name is compared with the folders that are there; it is never put into a path.

    Args:
        folder: Holds one folder a shop.
        name: As somebody outside wrote it.

    Raises:
        ShopError: There is no such shop.
    """
    # of all folders, only the one of that name is looked into
    is_there = folder.is_dir() and any(place.name == name for place in folder.iterdir())
    if name.startswith(".") or not is_there or not (folder / name / POINTER).is_file():
        raise ShopError("There is no shop of that name here. Choose one from the list of shops.")
    return folder / name


def name_new_shop(folder: Path, name: str) -> Path:
    """The folder of a shop that is to be made, or of one that is there.

    Args:
        folder: Holds one folder a shop.
        name: As a person typed it.

    Raises:
        ShopError: The name is not one that a folder can have everywhere.

    Example:
        >>> name_new_shop(Path("shops"), "garden").as_posix()
        'shops/garden'
    """
    if name in list_shops(folder):
        return folder / name
    if not NAME.fullmatch(name) or name == CAMPAIGNS:
        raise ShopError(
            "The name of a shop must be of 1 to 64 small letters, digits, hyphens and underscores, such as garden-shop."
        )
    return folder / name
