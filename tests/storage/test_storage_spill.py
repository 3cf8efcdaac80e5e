"""Rows set aside by several writers come in the order of the writers, each row once."""

import polars as pl
import pytest

from frontrow.errors import EngineError
from frontrow.storage.spill import Spill


def write(folder, writer, days):
    spill = Spill(folder, writer)
    spill.add_by(pl.DataFrame({"day": days}), pl.Series([day % 2 for day in days]))
    spill.flush()


def test_writers_come_in_their_order_and_may_begin_again(tmp_path):
    for writer, days in ((1, [5, 6]), (0, [1, 2, 3]), (1, [5, 6])):
        write(tmp_path / "rows", writer, days)
    spill = Spill(tmp_path / "rows")
    assert spill.present() == [0, 1]
    assert spill.read(1)["day"].to_list() == [1, 3, 5]
    assert spill.read(0, 1)["day"].to_list() == [2, 6, 1, 3, 5]
    spill.remove(1)
    assert 1 not in spill
    assert not [file for file in (tmp_path / "rows").rglob("*") if file.name.startswith(".")]


def test_a_folder_that_a_worker_cannot_reach_is_named(tmp_path):
    with pytest.raises(EngineError, match=r"staging is not there on the machine that was to write.*same path"):
        Spill(tmp_path / "staging" / "rows")
