"""A published shop as it is read: its small files in a working copy on this machine, its tables where they are.

The working copy has the pointer, the configuration, the rules, and the models that are fitted here; a recommender
holds, by number, what customers bought. No table is written to it, so that reading a shop leaves no addresses on the
machine.
"""

from __future__ import annotations

import hashlib
import os
import sys
from pathlib import Path
from typing import Final

from frontrow.errors import ShopError
from frontrow.shop.config import CONFIG
from frontrow.shop.forgotten import FORGOTTEN
from frontrow.shop.product_rules import RULES
from frontrow.storage.address import ADDRESS_FILE, ShopAddress, describe_address
from frontrow.storage.durable import make_private_folder
from frontrow.storage.folder import remove_models, write_text
from frontrow.storage.pointer import POINTER, Pointer
from frontrow.storage.published_files import PublishedFile, PublishedFiles

TEXTS: Final = (CONFIG, RULES)
"""The files of a shop beside its pointer that say how it is read."""


def open_published(address: ShopAddress) -> Path:
    """Bring the working copy of a published shop up to date.

    Models that were fitted before somebody was forgotten are removed, for they learned from that person.

    Args:
        address: Where the shop is published.

    Returns:
        The working copy, which is read like a shop's folder and cannot be changed like one.

    Raises:
        MissingExtraError: The library that reads object stores is not installed.
        RemoteError: The store does not answer.
        CredentialError: The store does not let this machine in.
        ShopError: There is no shop, a damaged one, or one of another format version.
    """
    files = PublishedFiles(address)
    if (published := files.read(POINTER)) is None:
        raise ShopError(f"{address} holds no shop. Publish one there with: frontrow publish SHOP {address}")
    pointer = read_published_pointer(published, address)
    texts = {name: files.read(name) for name in TEXTS}
    folder = _choose_folder(address)
    make_private_folder(folder)
    for name, text in texts.items():
        if text is None:
            (folder / name).unlink(missing_ok=True)
        else:
            write_text(text.content.decode(), folder / name)
    if _read_forgotten(folder) != pointer.tables.get(FORGOTTEN):
        remove_models(folder)
    write_text(describe_address(address), folder / ADDRESS_FILE)
    write_text(published.content.decode(), folder / POINTER)
    return folder


def read_published_pointer(published: PublishedFile, address: ShopAddress) -> Pointer:
    """The pointer of a published shop.

    Args:
        published: Its file.
        address: Where it is.

    Raises:
        ShopError: It is damaged, or of another format version.
    """
    try:
        return Pointer.parse(published.content, Path(POINTER))
    except ShopError as error:
        raise ShopError(
            f"{address.locate(POINTER)} is damaged, or of another version of frontrow. Publish the shop again with the "
            f"version that is used here: frontrow publish SHOP {address}"
        ) from error


def _read_forgotten(folder: Path) -> object:
    """The table of those who were forgotten, as the working copy knew it; None without one."""
    try:
        return Pointer.read(folder).tables.get(FORGOTTEN)
    except ShopError:
        return None


def _choose_folder(address: ShopAddress) -> Path:
    """Where the working copy of an address is on this machine: a cache of this user."""
    digest = hashlib.sha256(address.text.encode()).hexdigest()[:16]
    stated = os.environ.get("LOCALAPPDATA" if sys.platform == "win32" else "XDG_CACHE_HOME")
    try:
        cache = Path(stated) if stated else Path.home() / ".cache"
    except RuntimeError as error:
        raise ShopError(
            "There is no place for what is read of a published shop: this user has no home. Name a folder in "
            "XDG_CACHE_HOME."
        ) from error
    return cache / "frontrow" / "shops" / digest / address.name
