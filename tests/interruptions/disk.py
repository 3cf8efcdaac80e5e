"""A model of a disk that loses power: what was not synced may be lost, names and contents each on their own.

While a command runs, the model notes for every folder the names that were in it when it was last synced, and for every
file the content it had then. Before each file operation, after each sync and in the end it gives the disks that a loss
of power could leave.
"""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from file_operations import Operation, watch
from forked import finish, run_command, start

AFTERWARDS = "after the command"

Names = dict[str, int]
"""The entries of a folder: inode by name."""

Tree = dict[str, bytes | None]
"""What is below a folder: content by path; None for a folder."""


@dataclass
class Disk:
    """Everything below a folder, as it is and as it was synced.

    Attributes:
        top: The folder.
        names: Of every folder, by inode.
        contents: Of every file, by inode.
        synced_names: Those of every folder when it was last synced.
        synced_contents: Those of every file when it was last synced.
    """

    top: Path
    names: dict[int, Names] = field(default_factory=dict)
    contents: dict[int, bytes] = field(default_factory=dict)
    synced_names: dict[int, Names] = field(default_factory=dict)
    synced_contents: dict[int, bytes] = field(default_factory=dict)
    _folders: set[int] = field(default_factory=set)
    _pinned: dict[int, int] = field(default_factory=dict)

    @classmethod
    def begin(cls, top: Path) -> Disk:
        """A disk on which everything is synced."""
        disk = cls(top)
        disk.look()
        disk.synced_names = {inode: dict(names) for inode, names in disk.names.items()}
        disk.synced_contents = dict(disk.contents)
        return disk

    def look(self) -> None:
        """Read everything as it is now."""
        self.names, self.contents = {}, {}
        self._look(self.top)

    def _look(self, folder: Path) -> int:
        inode = self._pin(folder)
        self._folders.add(inode)
        names: Names = {}
        for entry in os.scandir(folder):
            if entry.is_dir(follow_symlinks=False):
                names[entry.name] = self._look(Path(entry.path))
            else:
                names[entry.name] = self._pin(Path(entry.path))
                self.contents[names[entry.name]] = Path(entry.path).read_bytes()
        self.names[inode] = names
        return inode

    def _pin(self, path: Path) -> int:
        """The inode of a file or folder, which nothing else gets as long as this process lives."""
        inode = path.stat().st_ino
        if inode not in self._pinned:
            self._pinned[inode] = os.open(path, os.O_PATH)
        return inode

    def sync(self, inode: int) -> None:
        """Note that a file or folder was synced."""
        self.look()
        if inode in self.names:
            self.synced_names[inode] = dict(self.names[inode])
        elif inode in self.contents:
            self.synced_contents[inode] = self.contents[inode]

    def possible(self, draw: random.Random, mixtures: int) -> Iterator[Tree]:
        """Trees that a loss of power could leave now: the oldest, all names with synced contents, and mixtures."""
        self.look()
        yield self._tree(self.synced_names, self.synced_contents)
        yield self._tree(self.names, self.synced_contents)
        for _ in range(mixtures):
            names = {
                inode: draw.choice((self.synced_names.get(inode, {}), current)) for inode, current in self.names.items()
            }
            contents = {
                inode: draw.choice((self.synced_contents.get(inode, b""), current))
                for inode, current in self.contents.items()
            }
            yield self._tree({**self.synced_names, **names}, {**self.synced_contents, **contents})

    def _tree(self, names: Mapping[int, Names], contents: Mapping[int, bytes]) -> Tree:
        tree: Tree = {}

        def add(inode: int, prefix: str) -> None:
            for name, inner in names.get(inode, {}).items():
                tree[prefix + name] = None if inner in self._folders else contents.get(inner, b"")
                if inner in self._folders:
                    add(inner, f"{prefix}{name}/")

        add(self.top.stat().st_ino, "")
        return tree


def write_tree(tree: Tree, folder: Path) -> None:
    """Make files and folders."""
    folder.mkdir(parents=True)
    for name, content in sorted(tree.items()):
        if content is None:
            (folder / name).mkdir()
        else:
            (folder / name).write_bytes(content)


def record_disks(place: Path, line: list[str], output: Path, disks: Path, *, seed: int, mixtures: int) -> list[str]:
    """Run a command; write every disk that a loss of power during it, or right after it, could leave.

    Args:
        place: What the command changes.
        line: The command line.
        output: Where its words go.
        disks: Folder for the disks, each a folder below it; the last is that of a loss after the command.
        seed: Of the mixtures.
        mixtures: Number of mixtures at each moment.

    Returns:
        The moment of each disk.
    """
    shutil.rmtree(disks, ignore_errors=True)
    disks.mkdir()

    def run() -> int:
        note = _record(place, disks, random.Random(seed), mixtures)
        code = run_command(line, output)
        note(AFTERWARDS)
        return code

    code = finish(start(run))
    if code:
        raise AssertionError(f"{line[0]}: exit code {code}: {output.read_text()}")
    return (disks / "moments.txt").read_text().splitlines()


def _record(place: Path, disks: Path, draw: random.Random, mixtures: int) -> Callable[[str], None]:
    disk = Disk.begin(place)
    seen: set[int] = set()
    moments = (disks / "moments.txt").open("w", encoding="utf-8")
    real = os.fsync

    def note(moment: str) -> None:
        for tree in disk.possible(draw, mixtures):
            digest = hash(tuple(sorted(tree.items())))
            if digest not in seen:
                seen.add(digest)
                write_tree(tree, disks / f"{len(seen):05d}")
                moments.write(moment + "\n")
        moments.flush()

    def fsync(descriptor: int) -> None:
        real(descriptor)
        disk.sync(os.fstat(descriptor).st_ino)

    def before(operation: Operation) -> None:
        note(f"before {operation[0]} {os.path.relpath(operation[1], place)}")

    os.fsync = fsync  # type: ignore[assignment]
    watch(place, before)
    return note
