"""The shops of a server: a name from outside becomes one of the folders that are there, or nothing."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from frontrow.errors import ShopError
from frontrow.storage.pointer import POINTER

NAME: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
"""Names of shops that a page makes: what every file system takes, and no path."""


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
    if name not in list_shops(folder):
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
    if not NAME.fullmatch(name) or name == "campaigns":
        raise ShopError(
            "The name of a shop must be of 1 to 64 small letters, digits, hyphens and underscores, such as garden-shop."
        )
    return folder / name
