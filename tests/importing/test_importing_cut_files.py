"""Which files were cut from one export: what tells it, and that many files take no time."""

import datetime as dt
import time

import polars as pl
import pytest

from frontrow.importing.cut_files import add_export_ends

START = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


def exported_until(*files: list[int]) -> list[int]:
    """The number of the newest order of the export of each file; orders are placed at the hour of their number."""
    rows = [(f"#{hour}", START + dt.timedelta(hours=hour), file) for file, hours in enumerate(files) for hour in hours]
    schema = {"order_id": pl.String, "ordered_at": pl.Datetime("us", "UTC"), "file": pl.Int32}
    ends = add_export_ends(pl.DataFrame(rows, schema=schema, orient="row"))
    newest = ends.group_by("file").agg(pl.col("exported_until").first()).sort("file")["exported_until"]
    return [int((until - START) / dt.timedelta(hours=1)) for until in newest]


@pytest.mark.parametrize("direction", [1, -1])
def test_pieces_are_one_export_where_they_meet_within_an_order_or_between_two(direction):
    pieces = [[1, 2, 3][::direction], [3, 4, 5][::direction], [6, 7][::direction]]
    assert exported_until(*pieces) == [7, 7, 7]
    assert exported_until(*pieces, [4, 5, 6, 7, 8][::direction]) == [7, 7, 7, 8]


def test_an_export_that_begins_beside_a_piece_is_no_piece_where_the_same_order_says_which_is():
    # 9 to 5 was cut within 7; another export begins with 6, the order after the cut
    assert exported_until([9, 8, 7], [7, 6, 5], [6, 5, 4]) == [9, 9, 6]


def test_files_that_overlap_or_are_not_in_order_of_time_stand_alone():
    assert exported_until([1, 2, 3], [2, 3, 4], [3, 5, 4]) == [3, 4, 5]


def test_several_hundred_daily_exports_take_no_time():
    days = [list(range(100 * day, 100 * day + 100)) for day in range(400)]
    began = time.process_time()
    assert set(exported_until(*days)) == {39_999}
    assert time.process_time() - began < 10
