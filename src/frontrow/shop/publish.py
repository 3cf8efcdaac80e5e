"""Publish a shop: first its tables, then the pointer in one step, so that a reader never sees half a shop.

A table that is there already is not sent again. What no pointer names any more is removed in the end: a person who was
forgotten in the shop is gone from the address once it is published again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import polars as pl

from frontrow.errors import ShopError
from frontrow.shop.published import TEXTS, read_published_pointer
from frontrow.shop.settings import ShopSettings
from frontrow.storage.address import ShopAddress
from frontrow.storage.json_file import parse_json, write_json
from frontrow.storage.pointer import POINTER, TABLE_FILE, TABLES, Pointer, StoredTable
from frontrow.storage.published_files import PublishedFile, PublishedFiles
from frontrow.storage.shop_lock import lock_shop
from frontrow.storage.shop_tables import ShopTables, scan_published
from frontrow.storage.waiting import DEFAULT_WAIT

RECORD: Final = "published.json"
"""The file in a shop's folder that says where the shop was published, and in which generation."""

UNFINISHED: Final = 0
"""In the place of a generation: a first publication began there, and may have left tables that nobody reads."""


@dataclass(frozen=True)
class Publication:
    """What publishing a shop did.

    Attributes:
        address: Where the shop is published.
        generation: Of the shop.
        sent: Tables that were sent.
        sent_bytes: Their size.
        unchanged: Tables that were there already.
        removed: Tables that were removed, because the shop has others in their place.
    """

    address: ShopAddress
    generation: int
    sent: int
    sent_bytes: int
    unchanged: int
    removed: int


def publish_shop(folder: Path, address: ShopAddress, *, wait: float = DEFAULT_WAIT) -> Publication:
    """Bring what is published at an address up to a shop.

    Args:
        folder: The shop's folder.
        address: Where it is published.
        wait: Seconds to wait for another command that is changing the shop.

    Raises:
        ShopError: The folder holds no shop, or the address holds another one, or a later state of this one.
        ShopLockedError: Another command did not finish in time.
        RemoteError: The store does not answer; readers see what was published before.
        CredentialError: The store does not let this machine in.
    """
    with lock_shop(folder, "publish", wait=wait):
        files = PublishedFiles(address)
        tables = ShopTables.open(folder, Pointer.read(folder).tables)
        pointer = tables.pointer
        before = files.read(POINTER)
        _check_same_shop(pointer, before, folder, address)
        if address not in read_publications(folder):
            # what is sent has persons in it, also if this does not come to its end
            _note(folder, address, UNFINISHED)
        published = files.list_files(TABLES)
        missing = [table for table in pointer.tables.values() if published.get(table.file) != table.bytes]
        for table in missing:
            files.send(table.file, folder / table.file)
        _publish_texts(files, folder)
        files.replace(POINTER, (folder / POINTER).read_bytes(), before)
        named = {table.file for table in pointer.tables.values()}
        # nothing but tables of a shop is removed, whatever else somebody keeps there
        leftovers = sorted(name for name in published if TABLE_FILE.fullmatch(name) and name not in named)
        files.remove(leftovers)
        tables.close()
        _note(folder, address, pointer.generation)
    sizes = sum(table.bytes for table in missing)
    unchanged = len(pointer.tables) - len(missing)
    return Publication(address, pointer.generation, len(missing), sizes, unchanged, len(leftovers))


def read_publications(folder: Path) -> Mapping[ShopAddress, int]:
    """Where a shop was published from its folder, and in which generation each time, or `UNFINISHED`.

    Args:
        folder: The shop's folder.

    Raises:
        ShopError: The record is damaged.
    """
    try:
        content = (folder / RECORD).read_bytes()
    except FileNotFoundError:
        return {}
    try:
        return {ShopAddress.parse(text): int(generation) for text, generation in parse_json(content).items()}
    except (ValueError, AttributeError, TypeError, ShopError) as error:
        raise ShopError(f"{folder / RECORD} is damaged. Remove it, and publish the shop again.") from error


def list_outdated_addresses(folder: Path) -> list[ShopAddress]:
    """Where an earlier state of a shop is published than that of its folder.

    Args:
        folder: The shop's folder.

    Raises:
        ShopError: The folder holds no shop, or the record is damaged.
    """
    generation = Pointer.read(folder).generation
    return [address for address, published in read_publications(folder).items() if published < generation]


def scan_where_published(folder: Path, table: StoredTable) -> pl.LazyFrame | None:
    """A table of a shop where other machines can read it; None where it is not published as it is in the folder.

    Args:
        folder: The shop's folder.
        table: One of its tables.

    Raises:
        ShopError: The record of where the shop is published is damaged.
        RemoteError: The store does not answer.
        CredentialError: The store does not let this machine in.
    """
    for address, generation in read_publications(folder).items():
        # a name with this generation and checksum is never used twice
        if generation != UNFINISHED and PublishedFiles(address).measure(table.file) == table.bytes:
            return scan_published(address, table)
    return None


def _check_same_shop(pointer: Pointer, before: PublishedFile | None, folder: Path, address: ShopAddress) -> None:
    """Refuse to put a shop in the place of another one, or of what it will be later."""
    if before is None:
        return
    published = read_published_pointer(before, address)
    states = [ShopSettings.parse(state, folder) for state in (pointer, published)]
    if len({state.first_import for state in states}) > 1:
        raise ShopError(f"{address} holds another shop, which stays as it is. Choose another address.")
    if published.generation > pointer.generation:
        raise ShopError(
            f"{address} holds a later state of this shop (change {published.generation}; {folder} is at "
            f"{pointer.generation}), which stays as it is. Publish from the folder that it came from."
        )


def _publish_texts(files: PublishedFiles, folder: Path) -> None:
    for name in TEXTS:
        if (folder / name).is_file():
            files.send(name, (folder / name).read_bytes())
        elif files.measure(name) is not None:
            files.remove([name])


def _note(folder: Path, address: ShopAddress, generation: int) -> None:
    publications: dict[str, Any] = {str(place): earlier for place, earlier in read_publications(folder).items()}
    write_json({**publications, str(address): generation}, folder / RECORD)
