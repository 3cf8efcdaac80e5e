"""The memory that an import takes grows with the shop by no more than it must; the large one is the benchmark."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

BENCHMARK = Path(__file__).parents[2] / "benchmarks" / "import_memory.py"
LINES, CUSTOMERS = 200_000, 50_000
LARGEST_PEAK = 400
"""Megabytes, a quarter above what was measured; a wide table of text takes more."""


@pytest.mark.skipif(sys.platform != "linux", reason="the peak is measured as Linux counts it")
@pytest.mark.parametrize("layout", ["csv", "shopify"])
def test_two_imports_of_the_same_history_take_bounded_memory(layout):
    size = ("--lines", str(LINES), "--customers", str(CUSTOMERS))
    command = [sys.executable, str(BENCHMARK), "--layouts", layout, *size]
    # each thread of Polars has buffers of its own
    environment = {**os.environ, "POLARS_MAX_THREADS": "2"}
    printed = subprocess.run(command, capture_output=True, text=True, check=True, timeout=300, env=environment).stdout
    first, later = printed.splitlines()
    assert '"lines": 200000' in first
    assert '"changed": {}' in first
    # the second file has 1 % changed and 1 % new orders
    assert re.search(r'"changed": {"cancelled": \d{3}, "refunded": \d{3}}', later)
    peaks = [int(peak) for peak in re.findall(r"(\d+) MB peak", printed)]
    assert len(peaks) == 2
    assert max(peaks) < LARGEST_PEAK
