"""A folder for files that live as long as one command: its owner's alone, and gone when the command ends.

What a killed command leaves holds customers' data. So each folder has a lock that its process holds; the next command
that needs such a folder removes those whose process has died.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

PREFIX: Final = "frontrow-files-"
LOCK: Final = ".lock"
OLD_ENOUGH: Final = 600
"""Seconds; a younger folder may belong to a process that has not yet taken its lock."""


@contextmanager
def private_folder(parent: Path | None = None) -> Iterator[Path]:
    """Give an empty folder that only its owner can read, and remove it at the end.

    Args:
        parent: Where; by default where the system keeps such files, as the variable TMPDIR says.

    Example:
        >>> with private_folder() as folder:
        ...     (folder / "orders.csv").write_text("a")
        1
        >>> folder.exists()
        False
    """
    from filelock import FileLock

    parent = Path(tempfile.gettempdir()) if parent is None else parent
    remove_abandoned(parent)
    folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent))
    try:
        with FileLock(folder / LOCK):
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def remove_abandoned(parent: Path) -> None:
    """Remove such folders whose process has died.

    Args:
        parent: Where they are.
    """
    from filelock import FileLock, Timeout

    for folder in parent.glob(f"{PREFIX}*"):
        try:
            if folder.is_symlink() or time.time() - folder.stat().st_mtime < OLD_ENOUGH:
                continue
            with FileLock(folder / LOCK, timeout=0):
                shutil.rmtree(folder, ignore_errors=True)
        except (OSError, Timeout):
            # somebody else's, or still in use
            continue
