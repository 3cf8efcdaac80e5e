"""Files in use: what a living process still reads or writes is not removed under it.

On POSIX systems a file in use carries a shared lock of the kernel (`flock`), which ends with the process whatever ends
it. On Windows nobody can remove an open file, so that opening it is enough.
"""

from __future__ import annotations

import errno
import os
import shutil
import sys
from io import BufferedReader
from pathlib import Path
from typing import Self

if sys.platform != "win32":
    import fcntl


class Hold:
    """A file in use, until the object is closed or nobody has it any more."""

    def __init__(self, path: Path) -> None:
        self._descriptor: int | None = None
        self._descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
        if not _lock(self._descriptor, alone=False) or os.fstat(self._descriptor).st_nlink == 0:
            self.close()
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path))

    def open(self) -> BufferedReader:
        """The file as a file object, which is closed by itself.

        Raises:
            ValueError: The hold was closed.
        """
        if self._descriptor is None:
            raise ValueError("the file is not held any more")
        return os.fdopen(os.dup(self._descriptor), "rb")

    def close(self) -> None:
        """Let the file go."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            os.close(descriptor)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __del__(self) -> None:
        self.close()


def hold(path: Path) -> Hold:
    """Open a file and keep others from removing it until the hold is closed, or nobody has it any more.

    Raises:
        FileNotFoundError: There is no such file, or it is being removed at this moment.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = Path(folder) / "orders.parquet"
        ...     _ = path.write_text("lines")
        ...     with hold(path):
        ...         print(remove_unless_held(path))
        ...     print(remove_unless_held(path))
        False
        True
    """
    return Hold(path)


def remove_unless_held(path: Path) -> bool:
    """Remove a file, unless a living process holds it; whether it is gone now."""
    try:
        if sys.platform == "win32" or path.is_symlink():
            path.unlink()
            return True
        with path.open("rb") as file:
            if not _lock(file.fileno(), alone=True):
                return False
            path.unlink()
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return True


def is_held(path: Path) -> bool:
    """Whether a living process holds a file."""
    try:
        with path.open("rb") as file:
            return not _lock(file.fileno(), alone=True)
    except OSError:
        return False


def remove_folder_unless_held(folder: Path, owner: str) -> bool:
    """Remove a folder, unless a living process holds the file `owner` in it; whether it is gone now."""
    if (folder / owner).exists() and not remove_unless_held(folder / owner):
        return False
    shutil.rmtree(folder, ignore_errors=True)
    return not folder.exists()


def _lock(descriptor: int, *, alone: bool) -> bool:
    """Take a file's lock, shared or alone; False where another holder refuses it.

    A file system without locks refuses nothing, and neither does Windows, which guards open files itself.
    """
    if sys.platform != "win32":
        try:
            fcntl.flock(descriptor, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:
            return True
    return True
