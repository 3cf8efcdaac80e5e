"""Run a command as a process of its own and tell its seconds and peak memory; what the other benchmarks share."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

REAL_DATA = Path(__file__).parents[2] / "shared" / "data" / "online_retail_ii_to_2011-07.parquet"
"""Online Retail II, kept beside the checkout and never in it."""


@dataclass(frozen=True)
class Cost:
    """What a process took: wall seconds, seconds of all its threads on the processor, peak megabytes."""

    wall: float
    cpu: float
    peak_megabytes: float

    def __str__(self) -> str:
        return f"{self.wall:.1f} s wall, {self.cpu:.1f} s CPU, {self.peak_megabytes:,.0f} MB peak"


def run(*arguments: str, one_core: bool = False) -> tuple[Cost, str]:
    """Run a Python command line to its end; returns its cost and what it printed."""
    environment = dict(os.environ)
    if one_core:
        environment |= {"POLARS_MAX_THREADS": "1", "OMP_NUM_THREADS": "1"}
    started = time.perf_counter()
    process = subprocess.Popen([sys.executable, *arguments], stdout=subprocess.PIPE, text=True, env=environment)
    assert process.stdout is not None
    printed = process.stdout.read()
    _, status, used = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{' '.join(arguments)} failed")
    peak = used.ru_maxrss / 1024 if sys.platform != "darwin" else used.ru_maxrss / 1024**2
    return Cost(time.perf_counter() - started, used.ru_utime + used.ru_stime, peak), printed


def frontrow(*arguments: str, one_core: bool = False) -> tuple[Cost, str]:
    """Run `frontrow` with arguments."""
    return run("-m", "frontrow.cli", *arguments, one_core=one_core)
