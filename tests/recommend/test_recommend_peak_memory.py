"""Peak memory."""

from __future__ import annotations

import subprocess
import sys

import pytest

from frontrow.recommend.evaluate import peak_memory
from frontrow.recommend.evaluate.peak_memory import CLEAR, MemoryWatch

SCRIPT = """
import numpy as np
from frontrow.recommend.evaluate.peak_memory import MemoryWatch
watch = MemoryWatch()
watch.restart()
np.ones(100_000_000, dtype=np.int8).sum()
high = watch.peak()
watch.restart()
print(high, watch.peak())
"""
"""In a separate process, because memory freed by earlier tests may be returned during this one."""


@pytest.mark.skipif(not CLEAR.exists(), reason="this system has no peak that can be reset")
def test_the_peak_is_measured_after_memory_is_freed() -> None:
    output = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True).stdout
    high, low = map(float, output.split())
    assert 90 < high < 200
    assert low < 50


def test_without_the_system_files_there_is_no_peak(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CLEAR", "STATUS"):
        with monkeypatch.context() as patched:
            patched.setattr(peak_memory, name, tmp_path / "no folder" / "file")
            watch = MemoryWatch()
            watch.restart()
            assert watch.peak() is None
    assert MemoryWatch().peak() is None
