"""Memory that was freed goes back to the system."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from frontrow.engines.memory import return_freed_memory


def measure_megabytes() -> float:
    """Memory that this process occupies."""
    status = Path("/proc/self/status").read_text("ascii")
    return next(float(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmRSS"))


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc, and glibc is what gives memory back")
def test_arrays_that_lie_between_others_are_given_back() -> None:
    # so small that they come from the process's own pieces
    arrays = [np.ones(2**12) for _ in range(4_000)]
    staying = arrays[::50]
    del arrays
    before = measure_megabytes()
    if not return_freed_memory():
        pytest.skip("another C library")
    assert before - measure_megabytes() > 50
    assert len(staying) == 80
