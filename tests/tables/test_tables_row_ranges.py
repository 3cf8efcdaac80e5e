"""A file that is read in ranges of rows gives the same rows as one that is read as a whole."""

import csv
import io
import pickle
import random

import polars as pl
import pytest

from frontrow.errors import InputError
from frontrow.tables import csv_text, row_ranges
from frontrow.tables.table_file import ROW, open_table


@pytest.fixture(autouse=True)
def _small_ranges(monkeypatch):
    monkeypatch.setattr(csv_text, "BLOCK", 97)
    monkeypatch.setattr(row_ranges, "PART_BYTES", 300)
    monkeypatch.setattr(row_ranges, "PART", 7)


def write_csv(file, seed):
    """Write a file with quoted line breaks, blank lines and either end of lines."""
    rng = random.Random(seed)
    end, text = rng.choice(["\n", "\r\n"]), io.StringIO(newline="")
    text.write(rng.choice(["", "\ufeff", end]))
    writer = csv.writer(text, lineterminator=end)
    writer.writerow(["a", " row", "b c", "a"])
    for number in range(rng.randint(0, 80)):
        text.write(end if rng.random() < 0.1 else "")
        cells = rng.choice(["x", 'say "hi"', "two\nlines", "é, ü", ""]), rng.choice(["", '\n\n,,"', '""'])
        writer.writerow([number, *cells, "z" * rng.randint(0, 30)])
    file.write_text(text.getvalue(), encoding="utf-8", newline="")
    return file


@pytest.mark.parametrize("seed", range(12))
def test_ranges_of_csv_begin_where_records_do(tmp_path, seed):
    table = open_table(write_csv(tmp_path / "orders.csv", seed))
    expected = table.rows.collect()
    assert pl.concat(some.scan().collect() for some in table.ranges).equals(expected)
    assert table.read(table.header).equals(expected)
    assert [some.height for some in table.ranges] == [some.scan().collect().height for some in table.ranges]


def test_a_file_has_several_ranges(tmp_path):
    assert max(len(open_table(write_csv(tmp_path / "orders.csv", seed)).ranges) for seed in range(12)) > 3


def test_ranges_of_parquet_can_be_sent(tmp_path):
    rows = pl.DataFrame({"row": range(20), "a": pl.Series(["x", "y"] * 10, dtype=pl.Categorical)})
    rows.write_parquet(tmp_path / "orders.parquet")
    table = open_table(tmp_path / "orders.parquet")
    ranges = pickle.loads(pickle.dumps(table.ranges))  # noqa: S301
    read = pl.concat(some.scan().collect() for some in ranges)
    assert [some.height for some in ranges] == [7, 7, 6]
    assert read[ROW].to_list() == list(range(2, 22))
    assert read.equals(table.rows.collect())


def test_a_damaged_range_is_refused(tmp_path):
    file = write_csv(tmp_path / "orders.csv", 3)
    table = open_table(file)
    file.write_text(file.read_text(encoding="utf-8").replace("z\n", 'z"\n'), encoding="utf-8")
    with pytest.raises(InputError, match=r"orders\.csv"):
        [table.read_range(number, table.header) for number in range(len(table.ranges))]
