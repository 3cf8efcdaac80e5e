"""Memory at its height."""

from __future__ import annotations

import numpy as np
import pytest

from frontrow.recommend import peak_memory
from frontrow.recommend.peak_memory import CLEAR, watch_memory


@pytest.mark.skipif(not CLEAR.exists(), reason="this system keeps no height that can be reset")
def test_the_height_is_seen_after_the_fall() -> None:
    height = watch_memory()
    np.ones(100_000_000, dtype=np.int8).sum()
    assert 90 < height() < 200
    again = watch_memory()
    assert again() < 50


def test_where_it_cannot_be_told_there_is_nothing(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peak_memory, "CLEAR", tmp_path / "no folder" / "clear_refs")
    assert watch_memory()() is None
