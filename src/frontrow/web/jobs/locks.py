"""Locks of the kernel that end with the process that has them, whatever ends it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from frontrow.storage.durable import PRIVATE_FILE

if sys.platform != "win32":
    import fcntl


def take_lock(path: Path) -> int | None:
    """Take the lock of a file, which is made if there is none.

    The lock belongs to the open file: a process that inherits the descriptor has it too, until both have closed it.

    Args:
        path: The file.

    Returns:
        The open file's descriptor; None where a living process has the lock.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     lock = take_lock(Path(folder) / "lock")
        ...     print(take_lock(Path(folder) / "lock"))
        ...     os.close(lock)
        None
    """
    descriptor = os.open(path, os.O_CREAT | os.O_RDWR, PRIVATE_FILE)
    try:
        if sys.platform != "win32":
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def is_locked(path: Path) -> bool:
    """Whether a living process has the lock of a file."""
    if not path.exists():
        return False
    descriptor = take_lock(path)
    if descriptor is None:
        return True
    os.close(descriptor)
    return False
