"""The tables of a shop as they are read: all of one generation, each checked, none removed while it is read."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import polars as pl

from frontrow.errors import ShopError
from frontrow.storage.address import ShopAddress, read_address, require_own_folder
from frontrow.storage.durable import make_private, make_private_folder
from frontrow.storage.holding import Hold, hold
from frontrow.storage.pointer import POINTER, Pointer, StoredTable

ATTEMPTS: Final = 20
"""How often the pointer is read again when a table that it named is gone: each time another command has finished."""

_VERIFIED: Final[set[tuple[str, str, int, int, int]]] = set()
"""Files whose checksum this process has compared, with inode, time of the last change and size."""

_SEEN: Final[set[tuple[str, int]]] = set()
"""Published tables that this process has seen at their address, with their sizes; their files never change."""


@dataclass(frozen=True)
class ShopTables:
    """Tables of one generation of a shop, held open together.

    Attributes:
        folder: The shop's folder.
        pointer: What named them.
        address: Where they are if the folder is the working copy of a published shop; None if they are in the folder.
    """

    folder: Path
    pointer: Pointer
    _held: dict[str, Hold | None] = field(default_factory=dict, repr=False)
    address: ShopAddress | None = None

    @classmethod
    def open(cls, folder: Path, names: Iterable[str]) -> ShopTables:
        """Open tables of the shop in `folder`; those that the shop does not have are left out.

        No command removes them until the object, or `close`, lets them go.

        Args:
            folder: The shop's folder.
            names: Of the tables.

        Raises:
            ShopError: The folder holds no shop, or one of the tables is missing or damaged.
        """
        names, last = tuple(names), None
        if (address := read_address(folder)) is not None:
            return cls._open_published(folder, address, names)
        for _ in range(ATTEMPTS):
            pointer = Pointer.read(folder)
            stored = {name: pointer.tables[name] for name in names if name in pointer.tables}
            if pointer == last:
                break
            last = pointer
            with suppress(FileNotFoundError):
                return cls(folder, pointer, {name: _open(folder, table) for name, table in stored.items()})
        missing = [table.file for table in stored.values() if not (folder / table.file).is_file()]
        raise ShopError(f"{folder} lacks {', '.join(missing) or 'a table'}. {_advise(folder)}")

    @classmethod
    def _open_published(cls, folder: Path, address: ShopAddress, names: Iterable[str]) -> ShopTables:
        """Tables that are read where they are published: nothing of them is written to this machine's disk."""
        from frontrow.storage.published_files import PublishedFiles

        pointer = Pointer.read(folder)
        stored = {name: pointer.tables[name] for name in names if name in pointer.tables}
        files = PublishedFiles(address)
        for table in stored.values():
            place = (address.locate(table.file), table.bytes)
            if place not in _SEEN and files.measure(table.file) != table.bytes:
                raise ShopError(f"{place[0]} is not there as it was published. {advise_publishing(address)}")
            _SEEN.add(place)
        return cls(folder, pointer, dict.fromkeys(stored), address)

    def __contains__(self, name: str) -> bool:
        """Whether the shop has a table of that name, and it was opened."""
        return name in self._held

    def scan(self, name: str) -> pl.LazyFrame:
        """A table that stays on disk until it is needed, for as long as this object lives.

        Raises:
            ShopError: The shop has no such table, or it is damaged.
        """
        if self.address is not None:
            return self._scan_published(self.address, name)
        if name not in self._held:
            raise ShopError(f"{self.folder} has no table of {name}. {_advise(self.folder)}")
        file = self.folder / self.pointer.tables[name].file
        # of the whole path: the workers of a cluster have working directories of their own
        rows = pl.scan_parquet(file.absolute(), glob=False)
        try:
            rows.collect_schema()
        except pl.exceptions.PolarsError as error:
            raise ShopError(f"{file} is damaged. {_advise(self.folder)}") from error
        return rows

    def _scan_published(self, address: ShopAddress, name: str) -> pl.LazyFrame:
        if name not in self._held:
            raise ShopError(f"{address} has no table of {name}. {advise_publishing(address)}")
        return scan_published(address, self.pointer.tables[name])

    def read(self, name: str) -> pl.DataFrame:
        """A table in memory.

        Raises:
            ShopError: The shop has no such table, or it is damaged.
        """
        if self.address is not None:
            from frontrow.storage.store_failures import report_store_failures

            with report_store_failures(self.address):
                return self.scan(name).collect()
        try:
            rows = self.scan(name).collect()
        except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
            file = self.folder / self.pointer.tables[name].file
            raise ShopError(f"{file} is damaged. {_advise(self.folder)}") from error
        self._let_go(name)
        return rows

    def close(self) -> None:
        """Let the tables go, so that they can be removed once no pointer names them."""
        for name in [*self._held]:
            self._let_go(name)

    def _let_go(self, name: str) -> None:
        if (held := self._held.pop(name)) is not None:
            held.close()


def copy_shop(folder: Path, copy: Path, texts: Iterable[str] = ()) -> None:
    """Copy the tables of a shop as they are at one moment, whatever other commands do meanwhile, and its pointer.

    Args:
        folder: The shop's folder.
        copy: The new folder.
        texts: Names of other files, copied where they exist.

    Raises:
        ShopError: The folder holds no shop, or one of the tables is missing or damaged.
    """
    require_own_folder(folder)
    tables = ShopTables.open(folder, Pointer.read(folder).tables)
    make_private_folder(copy)
    for table in tables.pointer.tables.values():
        make_private_folder((copy / table.file).parent)
        shutil.copyfile(folder / table.file, copy / table.file)
    for name in texts:
        if (folder / name).is_file():
            shutil.copyfile(folder / name, copy / name)
    (copy / POINTER).write_text(tables.pointer.to_text(), encoding="utf-8", newline="\n")
    make_private(copy)
    tables.close()


def _open(folder: Path, table: StoredTable) -> Hold:
    """Hold the file of a table, compared with its checksum once a process.

    Raises:
        FileNotFoundError: It is gone.
        ShopError: It is not the file that was written.
    """
    path = folder / table.file
    held = hold(path)
    with held.open() as file:
        status = os.fstat(file.fileno())
        key = (str(path), table.sha256, status.st_ino, status.st_mtime_ns, status.st_size)
        if key not in _VERIFIED and hashlib.file_digest(file, "sha256").hexdigest() != table.sha256:
            raise ShopError(f"{path} is damaged: it is not what was written. {_advise(folder)}")
    _VERIFIED.add(key)
    return held


def scan_published(address: ShopAddress, table: StoredTable) -> pl.LazyFrame:
    """A table that is read where it is published, here or on another machine.

    Args:
        address: Where the shop is published.
        table: One of its tables.

    Raises:
        RemoteError: The store does not answer, or the table is gone.
        CredentialError: The store does not let this machine in.
    """
    from frontrow.storage.store_failures import report_store_failures

    with report_store_failures(address):
        # without a provider each machine that reads uses its own environment or role, and no key is sent to it
        rows = pl.scan_parquet(address.locate(table.file), glob=False, credential_provider=None)
        rows.collect_schema()
    return rows


def advise_publishing(address: ShopAddress) -> str:
    """What to do about a published shop with which something is wrong.

    Args:
        address: Where it is published.
    """
    return (
        "If somebody published the shop at this moment, run the command again; else publish it again with: "
        f"frontrow publish SHOP {address}"
    )


def _advise(folder: Path) -> str:
    return f"Find out what is left with: frontrow check {folder}"
