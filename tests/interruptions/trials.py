"""Interrupt a command on a copy of a shop, and judge what is left: before or after, and nothing else."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from file_operations import count_operations
from forked import call, finish, import_what_a_child_imported, start_command
from shop_states import State, compare, read_shop_state, read_state
from writing_commands import WritingCommand, prepare_place, write_inputs

from frontrow.storage.folder import RANDOM_PART

RANDOM_NAME = re.compile(rf"(?<=-){RANDOM_PART}(?=/|$)")


@dataclass
class Outcome:
    """What became of a command that was interrupted many times.

    Attributes:
        command: Its name.
        points: Number of interruptions.
        before: Shops that were as before.
        after: Shops that were as after the whole command.
        mixed: Shops that were neither.
        other_failed: Times when the other command failed, or gave something else than it does.
        again_failed: Times when the same command failed, or gave something else than it does without interruption.
        left_behind: Times when files were left that nobody removed.
        unclear: Times when the disk was full and the command did not say so.
        examples: What was wrong, a few times.
    """

    command: str
    points: int = 0
    before: int = 0
    after: int = 0
    mixed: int = 0
    other_failed: int = 0
    again_failed: int = 0
    left_behind: int = 0
    unclear: int = 0
    examples: list[str] = field(default_factory=list)

    @property
    def faults(self) -> int:
        """Number of things that were wrong."""
        return self.mixed + self.other_failed + self.again_failed + self.left_behind + self.unclear

    def note(self, text: str) -> None:
        """Keep an example of what was wrong."""
        if len(self.examples) < 12:
            self.examples.append(text)


@dataclass(frozen=True)
class Expected:
    """What a command gives without interruption: the states of everything, and of the shop alone."""

    before: dict[str, Any] | None
    after: dict[str, Any] | None
    done: tuple[State, ...]
    other: tuple[State, ...]
    seconds: float
    operations: int


class Ground:
    """A folder with a prepared shop, which every trial begins with; always at the same path, as shops note paths."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.place = root / "place"
        self.inputs = root / "inputs"
        self.stage = root / "stage"
        self.output = root / "printed.txt"
        temporary = root / "temporary"
        temporary.mkdir(parents=True)
        os.environ["TMPDIR"] = str(temporary)
        self.temporary = temporary
        call(lambda: write_inputs(self.inputs))
        import_what_a_child_imported(lambda: prepare_place(self.place, self.inputs, self.output))
        shutil.copytree(self.place, self.stage)

    def restore(self, source: Path | None = None) -> None:
        """Put everything back as it was, or as it was kept."""
        for path in (self.place, self.temporary):
            with suppress(FileNotFoundError):
                empty(path)
        copy_into(source or self.stage, self.place)

    def run(self, line: list[str], prepare: Callable[[], Any] = lambda: None) -> int:
        """Run a command line to its end; return its exit code."""
        return finish(start_command(line, self.output, prepare))

    def printed(self) -> str:
        """The last thing that the last command printed."""
        lines = self.output.read_text("utf-8", "replace").strip().splitlines()
        return " ".join(lines[-2:])

    def state(self) -> State:
        """Everything below the place, and what is left among temporary files."""
        return {**read_state(self.place), **{f"temporary/{path.name}": "left" for path in self.temporary.iterdir()}}

    def fingerprint(self) -> str:
        """What distinguishes what an interruption left from what others left, besides random parts of names."""
        state = [(RANDOM_NAME.sub("random", name), digest) for name, digest in self.state().items()]
        pointers = [path.read_bytes().hex() for path in sorted(self.place.glob("*/shop.json"))]
        return repr((sorted(state), pointers))

    def expect(self, command: WritingCommand) -> Expected:
        """Run a command, the other one after it, the other one alone, and the command again."""
        self.restore()
        before = read_shop_state(self.place / command.shop)
        self._must(command.other_line(self.place, self.inputs), command)
        other_before = self.state()
        self.restore()
        line, counted = command.line(self.place, self.inputs), self.root / "operations"
        self._must(line, command, lambda: count_operations(self.place, counted))
        after, done = read_shop_state(self.place / command.shop), self.state()
        kept = self.keep("after")
        seconds = self._seconds(line)
        again = self.state()
        self.restore(kept)
        self._must(command.other_line(self.place, self.inputs), command)
        return Expected(before, after, (done, again), (other_before, self.state()), seconds, counted.stat().st_size)

    def keep(self, name: str) -> Path:
        """Copy the place as it is."""
        kept = self.root / name
        shutil.rmtree(kept, ignore_errors=True)
        shutil.copytree(self.place, kept)
        return kept

    def _seconds(self, line: list[str]) -> float:
        import time

        started = time.monotonic()
        if self.run(line):
            raise AssertionError(f"{line[0]} again: {self.printed()}")
        return time.monotonic() - started

    def _must(self, line: list[str], command: WritingCommand, prepare: Callable[[], Any] = lambda: None) -> None:
        if self.run(line, prepare):
            raise AssertionError(f"{command.name}: {line[0]}: {self.printed()}")

    def judge(
        self,
        command: WritingCommand,
        expected: Expected,
        outcome: Outcome,
        where: str,
        *,
        run_again: bool = True,
        run_other: bool = True,
    ) -> None:
        """Judge what an interruption left in the place."""
        outcome.points += 1
        try:
            state = read_shop_state(self.place / command.shop)
        except Exception as error:
            outcome.mixed += 1
            outcome.note(f"{where}: {error}")
            return
        outcome.before += state == expected.before
        outcome.after += state == expected.after and state != expected.before
        if state not in (expected.before, expected.after):
            outcome.mixed += 1
            outcome.note(f"{where}: the shop is neither as before nor as after")
        kept = self.keep("interrupted") if run_again and run_other else None
        if run_again:
            line = command.line(self.place, self.inputs)
            outcome.again_failed += self._check(line, expected.done, outcome, f"{where}, the same again")
        if kept is not None:
            self.restore(kept)
        if run_other:
            line = command.other_line(self.place, self.inputs)
            outcome.other_failed += self._check(
                line, expected.other, outcome, f"{where}, another command", alone=not command.locks
            )

    def judge_full_disk(self, code: int, outcome: Outcome, where: str) -> None:
        """Judge how a command ended that had no space: it did without, or says that the disk is full."""
        if code and (code != 1 or "disk is full" not in self.output.read_text("utf-8", "replace")):
            outcome.unclear += 1
            outcome.note(f"{where}: exit code {code}: {self.printed()}")

    def _check(
        self, line: list[str], allowed: tuple[State, ...], outcome: Outcome, where: str, *, alone: bool = False
    ) -> int:
        """Run a command; 1 where it fails or its result is not an allowed one, besides what is left behind.

        `alone` says that each file may be as in any of the allowed results, whatever the others are.
        """
        code = self.run(line)
        if code:
            outcome.note(f"{where}: exit code {code}: {self.printed()}")
            return 1
        state = self.state()
        if alone:
            names = state.keys() | {name for expected in allowed for name in expected}
            wrong = sorted(
                name for name in names if state.get(name) not in [expected.get(name) for expected in allowed]
            )
        else:
            wrong = min((compare(state, expected) for expected in allowed), key=len)
        if not wrong:
            return 0
        outcome.note(f"{where}: {', '.join(wrong[:6])}")
        if all(name not in expected for name in wrong for expected in allowed):
            outcome.left_behind += 1
            return 0
        return 1


def empty(folder: Path) -> None:
    """Remove everything in a folder, and not the folder."""
    for path in folder.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()


def copy_into(source: Path, folder: Path) -> None:
    """Copy everything in a folder into another one."""
    folder.mkdir(exist_ok=True)
    shutil.copytree(source, folder, dirs_exist_ok=True)


def spread(number: int, most: int | None) -> Iterator[int]:
    """So many of the first numbers, evenly spread, with the first and the last; all where there are no more."""
    if most is None or most >= number:
        yield from range(number)
        return
    yield from sorted({round(index * (number - 1) / (most - 1)) for index in range(most)})
