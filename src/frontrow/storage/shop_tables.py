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
from frontrow.storage.durable import make_private, make_private_folder
from frontrow.storage.holding import Hold, hold
from frontrow.storage.pointer import POINTER, Pointer, StoredTable

ATTEMPTS: Final = 20
"""How often the pointer is read again when a table that it named is gone: each time another command has finished."""

_VERIFIED: Final[set[tuple[str, str, int, int, int]]] = set()
"""Files whose checksum this process has compared, with inode, time of the last change and size."""


@dataclass(frozen=True)
class ShopTables:
    """Tables of one generation of a shop, held open together.

    Attributes:
        folder: The shop's folder.
        pointer: What named them.
    """

    folder: Path
    pointer: Pointer
    _held: dict[str, Hold] = field(default_factory=dict, repr=False)

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

    def __contains__(self, name: str) -> bool:
        """Whether the shop has a table of that name, and it was opened."""
        return name in self._held

    def scan(self, name: str) -> pl.LazyFrame:
        """A table that stays on disk until it is needed, for as long as this object lives.

        Raises:
            ShopError: The shop has no such table, or it is damaged.
        """
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

    def read(self, name: str) -> pl.DataFrame:
        """A table in memory.

        Raises:
            ShopError: The shop has no such table, or it is damaged.
        """
        try:
            rows = self.scan(name).collect()
        except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
            file = self.folder / self.pointer.tables[name].file
            raise ShopError(f"{file} is damaged. {_advise(self.folder)}") from error
        self._held.pop(name).close()
        return rows

    def close(self) -> None:
        """Let the tables go, so that they can be removed once no pointer names them."""
        while self._held:
            self._held.popitem()[1].close()


def copy_shop(folder: Path, copy: Path, texts: Iterable[str] = ()) -> None:
    """Copy the tables of a shop as they are at one moment, whatever other commands do meanwhile, and its pointer.

    Args:
        folder: The shop's folder.
        copy: The new folder.
        texts: Names of other files, copied where they exist.

    Raises:
        ShopError: The folder holds no shop, or one of the tables is missing or damaged.
    """
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


def _advise(folder: Path) -> str:
    return f"Find out what is left with: frontrow check {folder}"
