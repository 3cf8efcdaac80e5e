"""What is written survives a loss of power, and only its owner may read it: the one place for both."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from frontrow.errors import DiskFullError, ShopError

PRIVATE_FILE: Final = 0o600
PRIVATE_FOLDER: Final = 0o700
FULL: Final = {errno.ENOSPC, errno.EDQUOT}
PROBE: Final = 4096
"""Bytes of a block: a write that fails for want of space leaves less."""

READ_ONLY: Final = {errno.EACCES, errno.EPERM, errno.EROFS}
NO_SYNC: Final = {errno.EINVAL, errno.ENOTSUP}
"""What a file system answers that does not sync folders, as some of a network: it decides itself when to write."""

FULL_TEXTS: Final = ("No space left on device", "Disk quota exceeded")
"""How a library says so that passes the number of the error on in words only."""


def sync_file(path: Path) -> None:
    """Make sure that a file's content is on the disk before anything refers to it."""
    descriptor = os.open(path, os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_folder(folder: Path) -> None:
    """Make sure that the names in a folder are on the disk; Windows has no such call and needs none."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in NO_SYNC:
            raise
    finally:
        os.close(descriptor)


def sync_tree(folder: Path) -> None:
    """Do the same for every file and folder below a folder, and for the folder itself."""
    for path in sorted(folder.rglob("*")):
        if path.is_dir():
            sync_folder(path)
        else:
            sync_file(path)
    sync_folder(folder)


def make_private(path: Path) -> None:
    """Let only the owner read a file or folder, and everything below it, whatever the umask."""
    for inner in [path, *path.rglob("*")] if path.is_dir() else [path]:
        inner.chmod(PRIVATE_FOLDER if inner.is_dir() else PRIVATE_FILE)


def make_parents(path: Path) -> None:
    """Make the folders above a path that are not there, and make sure that their names are on the disk."""
    missing = [folder for folder in path.absolute().parents if not folder.exists()]
    path.parent.mkdir(parents=True, exist_ok=True)
    for folder in missing:
        sync_folder(folder.parent)


def make_private_folder(folder: Path) -> Path:
    """Make a folder, and those above it, unless it exists; a new one is its owner's alone.

    Raises:
        ShopError: Something else has its name, or it is a link to another place.
    """
    if folder.is_symlink():
        raise ShopError(f"{folder} is a link to another place, which frontrow does not write to. Remove the link.")
    make_parents(folder)
    try:
        folder.mkdir(mode=PRIVATE_FOLDER)
    except FileExistsError:
        if not folder.is_dir():
            raise ShopError(f"{folder} is not a folder. Remove it, or choose another name.") from None
        return folder
    folder.chmod(PRIVATE_FOLDER)
    sync_folder(folder.parent)
    return folder


@contextmanager
def report_full_disk(place: Path) -> Iterator[None]:
    """Say in plain words that the disk is full; every other error passes.

    Args:
        place: What was being written.

    Raises:
        DiskFullError: The disk is full, or the quota of its user.
    """
    try:
        yield
    except DiskFullError:
        raise
    except Exception as error:
        # Polars may say of a write that failed no more than that it failed
        is_vague = type(error).__module__.startswith("polars")
        if is_full_disk(error) or (is_vague and not has_space(place)):
            message = f"The disk is full: {place} could not be written and is as it was. Free some space and try again."
            raise DiskFullError(message) from error
        raise


@contextmanager
def pass_over_read_only() -> Iterator[None]:
    """End a block where this user may not write, or the disk cannot be written to; every other error passes.

    Example:
        >>> with pass_over_read_only():
        ...     raise PermissionError(errno.EACCES, "Permission denied")
    """
    try:
        yield
    except OSError as error:
        if error.errno not in READ_ONLY:
            raise


def is_full_disk(error: BaseException) -> bool:
    """Whether an error says that there is no space left.

    Example:
        >>> is_full_disk(OSError(28, "No space left on device")), is_full_disk(ValueError("28"))
        (True, False)
    """
    if isinstance(error, OSError) and error.errno in FULL:
        return True
    return any(text in str(error) for text in FULL_TEXTS)


def has_space(place: Path) -> bool:
    """Whether there is room beside a file, or in a folder, for one block more.

    Args:
        place: The file or folder.
    """
    try:
        with tempfile.TemporaryFile(dir=place if place.is_dir() else place.parent) as probe:
            probe.write(bytes(PROBE))
            probe.flush()
            os.fsync(probe.fileno())
    except OSError as error:
        return error.errno not in FULL
    return True
