"""Run a command as a separate process and measure its seconds and peak memory; shared by the other benchmarks."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

REAL_DATA = Path(os.environ.get("FRONTROW_REAL_DATA", "real-data-not-given")) / "data"
"""Folder of the real data; CONTRIBUTING.md describes it."""

ONLINE_RETAIL = REAL_DATA / "online_retail_ii_to_2011-07.parquet"


@dataclass(frozen=True)
class Cost:
    """Cost of a process: wall seconds, CPU seconds of all its threads, peak megabytes."""

    wall: float
    cpu: float
    peak_megabytes: float

    def __str__(self) -> str:
        return f"{self.wall:.1f} s wall, {self.cpu:.1f} s CPU, {self.peak_megabytes:,.0f} MB peak"


def run(*arguments: str, one_core: bool = False) -> tuple[Cost, str]:
    """Run a Python command line; returns its cost and its output."""
    environment = dict(os.environ)
    if one_core:
        environment |= {"POLARS_MAX_THREADS": "1", "OMP_NUM_THREADS": "1"}
    started = time.perf_counter()
    process = subprocess.Popen([sys.executable, *arguments], stdout=subprocess.PIPE, text=True, env=environment)
    assert process.stdout is not None
    printed = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{' '.join(arguments)} failed")
    peak = usage.ru_maxrss / 1024 if sys.platform != "darwin" else usage.ru_maxrss / 1024**2
    return Cost(time.perf_counter() - started, usage.ru_utime + usage.ru_stime, peak), printed


def frontrow(*arguments: str, one_core: bool = False) -> tuple[Cost, str]:
    """Run `frontrow` with arguments."""
    return run("-m", "frontrow.cli", *arguments, one_core=one_core)
