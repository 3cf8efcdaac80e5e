"""Memory at its height."""

from __future__ import annotations

import numpy as np
import pytest

from frontrow.recommend import peak_memory
from frontrow.recommend.peak_memory import CLEAR, MemoryWatch


@pytest.mark.skipif(not CLEAR.exists(), reason="this system keeps no height that can be reset")
def test_the_height_is_seen_after_the_fall() -> None:
    watch = MemoryWatch()
    watch.restart()
    np.ones(100_000_000, dtype=np.int8).sum()
    assert 90 < watch.height() < 200
    watch.restart()
    assert watch.height() < 50


def test_where_it_cannot_be_told_there_is_nothing(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CLEAR", "STATUS"):
        with monkeypatch.context() as patched:
            patched.setattr(peak_memory, name, tmp_path / "no folder" / "file")
            watch = MemoryWatch()
            watch.restart()
            assert watch.height() is None
    assert MemoryWatch().height() is None
