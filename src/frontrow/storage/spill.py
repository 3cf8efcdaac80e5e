"""Rows set aside on disk under a key, until all rows of the key are needed together."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import polars as pl

from frontrow.errors import EngineError

BUFFERED: Final = 100_000_000
"""Bytes that wait in memory, so that the files have many rows."""

SUFFIX: Final = ".arrow"


class Spill:
    """Rows by key, in files of a folder of each key; those of a key keep the order in which they came.

    Several writers, here or on other machines, may set rows aside in one folder, each under a number of its own: the
    rows of a lower number come first. A writer who begins again writes the same files again. Who reads does so after
    all have written.

    Args:
        folder: The folder, made if there is none.
        writer: The number of who writes.

    Raises:
        EngineError: The folder that it is in is not there.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     spill = Spill(Path(folder) / "spill")
        ...     spill.add_by(pl.DataFrame({"a": [1, 2, 3]}), pl.Series([0, 1, 0]))
        ...     spill.read(0)["a"].to_list()
        [1, 3]
    """

    def __init__(self, folder: Path, writer: int = 0) -> None:
        try:
            folder.mkdir(mode=0o700, exist_ok=True)
        except FileNotFoundError as error:
            raise EngineError(
                f"{folder.parent} is not there on the machine that was to write to it. Import into a folder that every "
                "machine can reach under the same path."
            ) from error
        self.folder = folder
        self._writer = writer
        self._waiting: dict[int, list[pl.DataFrame]] = {}
        self._bytes = 0
        self._written: dict[int, int] = {}

    def add(self, key: int, rows: pl.DataFrame) -> None:
        """Set rows aside under a key, 0 or above; all rows of a key have the same columns."""
        self._waiting.setdefault(key, []).append(rows)
        self._bytes += int(rows.estimated_size())
        if self._bytes >= BUFFERED:
            self.flush()

    def write(self, key: int, rows: pl.DataFrame) -> None:
        """Set rows aside under a key which are many, or all that it will have: none of them waits in memory."""
        number = self._written.get(key, 0)
        of_key = self._folder_of(key)
        of_key.mkdir(mode=0o700, exist_ok=True)
        file = of_key / f"{self._writer:06}-{number:06}{SUFFIX}"
        unfinished = file.with_name(f".{file.name}.{uuid.uuid4().hex}")
        rows.write_ipc(unfinished, compression="lz4")
        unfinished.replace(file)
        self._written[key] = number + 1

    def add_by(self, rows: pl.DataFrame, keys: pl.Series) -> None:
        """Set each row aside under its own key, 0 or above.

        Args:
            rows: Rows.
            keys: The key of each.
        """
        parts = rows.with_columns(keys.alias(KEY)).partition_by(KEY, maintain_order=True, as_dict=True)
        for (key,), part in parts.items():
            self.add(int(key), part.drop(KEY))

    def flush(self) -> None:
        """Write what waits in memory."""
        for key, waiting in self._waiting.items():
            self.write(key, pl.concat(waiting))
        self._waiting, self._bytes = {}, 0

    def present(self) -> list[int]:
        """The keys under which there are rows, in their order."""
        self.flush()
        folders = self.folder.iterdir() if self.folder.is_dir() else ()
        return sorted(key for key in (int(of_key.name) for of_key in folders) if self._list(key))

    def __contains__(self, key: int) -> bool:
        """Whether there are rows under a key, or were set aside without any."""
        self.flush()
        return bool(self._list(key))

    def files(self, keys: Sequence[int]) -> list[Path]:
        """The files with the rows of some keys, one key after the other."""
        self.flush()
        return [file for key in keys for file in self._list(key)]

    def scan(self, *keys: int) -> pl.LazyFrame:
        """The rows of keys, of which one at least has some, one key after the other; they stay on disk."""
        return pl.scan_ipc(self.files(keys), glob=False)

    def read(self, *keys: int) -> pl.DataFrame:
        """The rows of keys, of which one at least has some, one key after the other."""
        return self.scan(*keys).collect()

    def remove(self, *keys: int) -> None:
        """Remove the rows of some keys, of all without one."""
        if not keys:
            shutil.rmtree(self.folder, ignore_errors=True)
            self._waiting, self._bytes = {}, 0
            return
        for file in self.files(keys):
            file.unlink()

    def _folder_of(self, key: int) -> Path:
        """A folder for each key, since a shop of 100 million lines has tens of thousands of files."""
        return self.folder / f"{key:09}"

    def _list(self, key: int) -> list[Path]:
        """The files of a key, in the order in which they came."""
        return sorted(self._folder_of(key).glob(f"[!.]*{SUFFIX}"))


KEY: Final = "\0key"
"""A name that no column of a table has."""
