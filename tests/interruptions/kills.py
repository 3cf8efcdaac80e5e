"""Kill a command before each of its file operations, or at any time."""

from __future__ import annotations

import random
import subprocess
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from file_operations import fill_disk_before, kill_before
from forked import KILLED, finish, kill_after, start_command
from trials import Expected, Ground, Outcome, spread
from writing_commands import WritingCommand

PAGE = 4096
ROOM = 4 * PAGE
"""What a command takes in between, besides what it leaves."""


def kill_everywhere(
    ground: Ground, command: WritingCommand, expected: Expected, *, most: int | None = None, judged: int | None = None
) -> Outcome:
    """Kill a command before its file operations, and judge what each left.

    Args:
        ground: Where.
        command: What is killed.
        expected: What it gives without interruption.
        most: So many of its operations, evenly spread; None for all.
        judged: After so many kills, evenly spread, both commands run; after all others the shop is only opened.
            None for all that left something that no earlier one left.
    """
    outcome = Outcome(command.name)
    line = command.line(ground.place, ground.inputs)
    numbers = list(spread(expected.operations, most))
    chosen = {numbers[index] for index in spread(len(numbers), judged)}
    judged_before: set[str] = set()
    for number in numbers:
        ground.restore()
        code = finish(start_command(line, ground.output, lambda number=number: kill_before(ground.place, number)))
        where = f"before operation {number} of {expected.operations}"
        if code not in (KILLED, 0):
            raise AssertionError(f"{command.name}, {where}: {ground.printed()}")
        left = ground.fingerprint()
        run = number in chosen and left not in judged_before
        judged_before |= {left} if run else set()
        ground.judge(command, expected, outcome, where, run_again=run, run_other=run)
    return outcome


def kill_at_any_time(
    ground: Ground, command: WritingCommand, expected: Expected, times: int, draw: random.Random
) -> Outcome:
    """Kill a command so many times at random, while it runs."""
    outcome = Outcome(command.name)
    line = command.line(ground.place, ground.inputs)
    for _ in range(times):
        ground.restore()
        seconds = draw.uniform(0, expected.seconds * 1.05)
        code = kill_after(start_command(line, ground.output), seconds)
        if code not in (KILLED, 0):
            raise AssertionError(f"{command.name}: {ground.printed()}")
        ground.judge(command, expected, outcome, f"after {seconds:.3f} s")
    return outcome


def fill_disk_everywhere(ground: Ground, command: WritingCommand, expected: Expected, times: int) -> Outcome:
    """Let the disk be full before so many of a command's operations, evenly spread."""
    outcome = Outcome(command.name)
    line = command.line(ground.place, ground.inputs)
    for number in spread(expected.operations, times):
        ground.restore()
        code = ground.run(line, lambda number=number: fill_disk_before(ground.place, number))
        where = f"full before operation {number} of {expected.operations}"
        ground.judge_full_disk(code, outcome, where)
        ground.judge(command, expected, outcome, where)
    return outcome


def fill_disk_of_sizes(ground: Ground, command: WritingCommand, expected: Expected, times: int) -> Outcome:
    """Let the disk be full after so many different numbers of bytes; needs the right to mount a file system."""
    outcome = Outcome(command.name)
    line = command.line(ground.place, ground.inputs)
    ground.restore()
    before, began = _used(ground.place), time.time_ns()
    ground.run(line)
    written = [path for path in ground.place.rglob("*") if path.stat().st_mtime_ns >= began]
    needed = _used(ground.place, written) + ROOM
    for step in range(times):
        size = before + needed * step // times
        with _small_disk(ground.place, size):
            ground.restore()
            code = ground.run(line)
            where = f"a disk of {size:,} bytes"
            ground.judge_full_disk(code, outcome, where)
            _mount("remount,size=1g", ground.place)
            ground.judge(command, expected, outcome, where)
    return outcome


@contextmanager
def _small_disk(place: Path, size: int) -> Iterator[None]:
    place.mkdir(exist_ok=True)
    _mount(f"size={size}", place)
    try:
        yield
    finally:
        subprocess.run(["umount", str(place)], check=True)


def _mount(options: str, place: Path) -> None:
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(place)], check=True)


def _used(folder: Path, files: Collection[Path] = ()) -> int:
    """The bytes of the memory pages that files, or all below a folder, take on such a file system."""
    sizes = [path.stat().st_size for path in files or folder.rglob("*") if path.is_file()]
    return sum(-(-size // PAGE) * PAGE for size in sizes)


def may_mount(place: Path) -> bool:
    """Whether this process may mount a file system on a folder."""
    place.mkdir(exist_ok=True)
    try:
        with _small_disk(place, PAGE):
            return True
    except (OSError, subprocess.CalledProcessError):
        return False
