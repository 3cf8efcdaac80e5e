"""Every file operation of a process, seen by an audit hook: to count, to be killed before one, to fill the disk."""

from __future__ import annotations

import errno
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

CHANGES = {
    "os.chmod",
    "os.link",
    "os.mkdir",
    "os.remove",
    "os.rename",
    "os.rmdir",
    "os.symlink",
    "os.truncate",
    "os.utime",
}
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
NEED_SPACE = {"open", "os.mkdir", "os.link", "os.symlink"}

Operation = tuple[str, str]
"""What is done, and to which path."""


def watch(place: Path, before: Callable[[Operation], None]) -> None:
    """Call a function before each file operation of this process below a folder, for as long as it lives."""
    prefix, watching = f"{place}{os.sep}", [True]

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event != "open" and event not in CHANGES:
            return
        if not watching[0] or not _changes(event, arguments):
            return
        path = _path(arguments[0])
        if path != str(place) and not path.startswith(prefix):
            return
        watching[0] = False
        try:
            before((event, path))
        finally:
            watching[0] = True

    sys.addaudithook(hook)


def _changes(event: str, arguments: tuple[Any, ...]) -> bool:
    if event != "open":
        return True
    _, mode, flags = arguments
    return bool(flags & WRITING) if mode is None else any(sign in mode for sign in "wax+")


def _path(value: Any) -> str:
    if isinstance(value, int):
        try:
            return str(Path(f"/proc/self/fd/{value}").readlink())
        except OSError:
            return ""
    return os.path.abspath(os.fsdecode(value))  # noqa: PTH100 - the event has text or bytes


def kill_before(place: Path, number: int) -> None:
    """Kill this process before its file operation of a number, counted from 0."""
    count = [0]

    def before(_: Operation) -> None:
        if count[0] == number:
            os.kill(os.getpid(), signal.SIGKILL)
        count[0] += 1

    watch(place, before)


def count_operations(place: Path, file: Path) -> None:
    """Write one byte to a file for each file operation of this process."""
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o600)
    watch(place, lambda _: os.write(descriptor, b".") and None)


def fill_disk_before(place: Path, number: int) -> None:
    """Let every operation that needs space fail from the one of a number on, as on a full disk."""
    count = [0]

    def before(operation: Operation) -> None:
        if operation[0] in NEED_SPACE:
            count[0] += 1
            if count[0] > number:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), operation[1])

    watch(place, before)
