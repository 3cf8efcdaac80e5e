"""The same chain of commands gives the same bytes whatever the threads, the time zone and the locale."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from same_chain import PLACES, run_in
from shop_states import compare


@pytest.mark.skipif(sys.platform != "linux", reason="needs fork")
def test_a_chain_of_commands_gives_the_same_bytes_everywhere(tmp_path: Path) -> None:
    # shops note paths, so the folder is the same each time
    first, second = (run_in(place, tmp_path / "chain", 150, quick=True) for place in PLACES)
    assert len(first) > 40
    assert compare(first, second) == []
