"""Run a command with a limit of memory and measure it with every process that it starts; Linux only."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from measure import Cost

PAUSE: Final = 0.2
"""Seconds between two looks at the memory."""


@dataclass(frozen=True)
class Run:
    """What a command took.

    Attributes:
        cost: Of the process with all that it started.
        outcome: `done`, or why there is no result.
        message: The last line of its error output.
    """

    cost: Cost
    outcome: str = "done"
    message: str = ""


@dataclass
class _Watch:
    """What the processes of one session used so far."""

    session: int
    peak_megabytes: float = 0.0
    cpu: dict[int, float] = field(default_factory=dict)

    def look(self) -> float:
        """Add up the memory of all processes that are alive, in megabytes."""
        total = 0.0
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit():
                continue
            try:
                # the name of the program is in brackets and may have spaces in it
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[3]) == self.session:
                total += int(fields[21]) * os.sysconf("SC_PAGE_SIZE") / 1024**2
                self.cpu[int(entry.name)] = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        self.peak_megabytes = max(self.peak_megabytes, total)
        return total


def run_limited(*arguments: str, most_megabytes: float) -> Run:
    """Run a Python command line, and end it where it takes more memory than it may.

    Memory that several processes share is counted for each of them, so the peak of a cluster is an upper bound.

    Args:
        arguments: Of the interpreter.
        most_megabytes: Of all its processes together.
    """
    started = time.perf_counter()
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(
            [sys.executable, *arguments], stdout=subprocess.DEVNULL, stderr=errors, start_new_session=True
        )
        watch, outcome = _Watch(process.pid), "done"
        while True:
            finished, status, usage = os.wait4(process.pid, os.WNOHANG)
            if finished:
                break
            if watch.look() > most_megabytes and outcome == "done":
                outcome = f"stopped above {most_megabytes:,.0f} MB"
                os.killpg(process.pid, signal.SIGKILL)
            time.sleep(PAUSE)
        errors.seek(0)
        message = errors.read().decode(errors="replace").strip().rpartition("\n")[2]
    process.returncode = os.waitstatus_to_exitcode(status)
    if status and outcome == "done":
        outcome = "failed"
    cost = Cost(
        time.perf_counter() - started,
        max(usage.ru_utime + usage.ru_stime, sum(watch.cpu.values())),
        max(usage.ru_maxrss / 1024, watch.peak_megabytes),
    )
    return Run(cost, outcome, message)
