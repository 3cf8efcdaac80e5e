"""Shared by both sides of `two_tower.py`: a stopwatch of training alone, the points it is read at, the peak memory.

Needs numpy only, as the peer runs in a separate environment.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

FIRST_EPOCH = (1 / 64, 1 / 32, 1 / 16, 1 / 8, 1 / 4, 1 / 2, 3 / 4, 1)
"""Shares of the first epoch after which the quality is measured; from then on, every quarter of an epoch."""


def schedule(rows: int, epochs: int) -> list[int]:
    """Numbers of training rows, ascending, after which the quality is measured."""
    later = [epoch + quarter / 4 for epoch in range(1, epochs) for quarter in range(1, 5)]
    return [round(rows * share) for share in (*FIRST_EPOCH, *later)]


class Stopwatch:
    """Wall seconds and seconds of all threads on the processor, of training alone."""

    def __init__(self) -> None:
        self.wall = self.cpu = 0.0
        self.go()

    def go(self) -> None:
        """Start, or continue."""
        self._since = time.perf_counter(), time.process_time()

    def halt(self) -> None:
        """Stop until `go` is called."""
        self.wall += time.perf_counter() - self._since[0]
        self.cpu += time.process_time() - self._since[1]

    def split(self) -> dict[str, float]:
        """Seconds to the end of the first step, as metrics of a run."""
        wall, cpu = time.perf_counter() - self._since[0], time.process_time() - self._since[1]
        return {"first_step_wall": wall, "first_step": cpu}


class Points:
    """Writes `point-000.npz` and so on: rows seen, seconds of training, and the arrays that give the scores."""

    def __init__(self, folder: Path, rows: int, epochs: int) -> None:
        self.folder = folder
        self.due = schedule(rows, epochs)
        self.written = 0
        self.watch = Stopwatch()

    def record(self, rows: int, arrays: Callable[[], dict[str, np.ndarray]]) -> None:
        """Write a point if one is due; call after each step. The time of `arrays` is not counted."""
        if self.written == len(self.due) or rows < self.due[self.written]:
            return
        self.watch.halt()
        times = {"rows": rows, "wall": self.watch.wall, "cpu": self.watch.cpu}
        np.savez(self.folder / f"point-{self.written:03}.npz", **times, **arrays())
        while self.written < len(self.due) and rows >= self.due[self.written]:
            self.written += 1
        self.watch.go()


def peak_megabytes() -> float:
    """Peak memory of this program, without that of the process which started it.

    `ru_maxrss` survives the start of a program on Linux, so a small program started by a large one would look large.
    """
    status = Path("/proc/self/status")
    if status.is_file():
        peak = [line.split()[1] for line in status.read_text().splitlines() if line.startswith("VmHWM")]
        return int(peak[0]) / 1024
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return used / 1024**2 if sys.platform == "darwin" else used / 1024


def report(folder: Path, **figures: float) -> None:
    """Write the results of a run for `two_tower.py`."""
    (folder / "figures.json").write_text(json.dumps(figures))
