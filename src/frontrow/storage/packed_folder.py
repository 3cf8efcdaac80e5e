"""A folder as one value that can be sent to another machine, where it is a folder again."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self


@dataclass(frozen=True)
class PackedFolder:
    """The files of a folder.

    Attributes:
        files: The path of each below the folder, with slashes, and its bytes.

    Example:
        >>> packed = PackedFolder((("model/manifest.json", b"{}"),))
        >>> with packed.unpack() as folder:
        ...     PackedFolder.read(folder) == packed
        True
    """

    files: tuple[tuple[str, bytes], ...]

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Read all files of a folder.

        Args:
            folder: It has to fit into memory.
        """
        paths = sorted(path for path in folder.rglob("*") if path.is_file())
        return cls(tuple((path.relative_to(folder).as_posix(), path.read_bytes()) for path in paths))

    @contextmanager
    def unpack(self) -> Iterator[Path]:
        """A folder of this machine with the files, for as long as the block lasts; its owner alone can read it."""
        with tempfile.TemporaryDirectory(prefix="frontrow-") as place:
            for name, content in self.files:
                file = Path(place) / name
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(content)
            yield Path(place)
