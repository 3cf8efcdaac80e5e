"""The lock of a shop: one command changes it at a time, from what it reads to what it writes."""

from __future__ import annotations

import datetime as dt
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

from frontrow.errors import ShopError, ShopLockedError
from frontrow.storage.address import require_own_folder
from frontrow.storage.commit import sweep_shop
from frontrow.storage.durable import PRIVATE_FILE, make_private_folder, report_full_disk
from frontrow.storage.pointer import POINTER, Pointer
from frontrow.storage.waiting import DEFAULT_WAIT

LOCK: Final = "shop.lock"


@contextmanager
def lock_shop(
    folder: Path,
    command: str,
    *,
    wait: float = DEFAULT_WAIT,
    new: bool = False,
    sweep: bool = True,
    published: bool = False,
) -> Iterator[None]:
    """Keep other commands from changing a shop; a command that dies gives the lock back.

    The same thread may lock a shop again while it has the lock. What an interrupted command left in the folder is
    removed first.

    Args:
        folder: The shop's folder.
        command: The name of the command that takes the lock, for the message of one that waits.
        wait: Seconds to wait for another command.
        new: Make the folder if there is none, and remove it in the end if nothing was written.
        sweep: Remove what an interrupted command left; False for a command that only looks.
        published: Whether the working copy of a published shop may be locked, too, by what changes no shop.

    Raises:
        ShopLockedError: Another command did not finish in time.
        ShopError: The folder cannot be used, holds no shop, or is the working copy of a published one.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as parent:
        ...     with lock_shop(Path(parent) / "shop", "import", new=True):
        ...         print([path.name for path in Path(parent).rglob("*")])
        ...     print([path.name for path in Path(parent).rglob("*")])
        ['shop', 'shop.lock']
        []
    """
    if not published:
        require_own_folder(folder)
    file = folder / LOCK
    lock = FileLock(folder.absolute() / LOCK, mode=PRIVATE_FILE, is_singleton=True)
    if lock.is_locked:
        with lock:
            yield
        return
    if not new and not (folder / POINTER).exists():
        Pointer.read(folder)  # says that there is no shop
    with report_full_disk(folder):
        if not folder.is_dir():
            make_private_folder(folder)
        _acquire(lock, folder, wait)
    try:
        _write_holder(file, command)
        # a damaged shop is reported by whoever reads it, and can still be repaired
        with suppress(ShopError):
            if sweep:
                sweep_shop(folder)
        yield
    finally:
        _leave(folder, file, sweep=sweep)
        lock.release()


def _acquire(lock: FileLock, folder: Path, wait: float) -> None:
    try:
        lock.acquire(timeout=max(wait, 0))
    except Timeout as error:
        raise ShopLockedError(
            f"{folder} is being changed by another command{_describe_holder(folder / LOCK)}. Nothing was done. Wait "
            "until it has finished and run this one again, or let it wait longer with --wait SECONDS."
        ) from error
    except OSError as error:
        raise ShopError(
            f"{folder} cannot be locked: {error.strerror or error}. The command writes a file there: allow this user "
            "to write to the folder, or use a copy of it."
        ) from error


def _write_holder(file: Path, command: str) -> None:
    """Note in the lock's file who has it; a file system that refuses costs a waiting command a part of its message."""
    since = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    record = {"command": command, "process": os.getpid(), "since": since}
    with suppress(OSError), file.open("r+b") as opened:
        opened.write(json.dumps(record).encode())
        opened.truncate()


def _describe_holder(file: Path) -> str:
    try:
        record = json.loads(file.read_bytes()[:500])
        since = dt.datetime.fromisoformat(record["since"])
        command, process = str(record["command"])[:20], int(record["process"])
        return f" (frontrow {command}, process {process}, since {since:%H:%M:%S} UTC)"
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def _leave(folder: Path, file: Path, *, sweep: bool) -> None:
    """Remove what an interrupted or refused command left, and the folder if it holds nothing else than the lock."""
    with suppress(OSError, ShopError):
        if sweep:
            sweep_shop(folder)
    with suppress(OSError):
        if [path.name for path in folder.iterdir()] == [LOCK]:
            file.unlink()
            folder.rmdir()
        else:
            os.truncate(file, 0)
