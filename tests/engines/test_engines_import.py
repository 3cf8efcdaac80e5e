"""Import of large exports as tasks of an engine: the same shop as on one machine, row for row."""

import datetime as dt
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from frontrow.engines.spark import SparkEngine
from frontrow.shop import order_blocks
from frontrow.shop.sharded import large_import
from frontrow.shop.shop import Shop
from frontrow.shop.update import import_files
from frontrow.tables import csv_text, row_ranges

# Spark's client leaves sockets open and calls deprecated functions of its dependencies.
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(autouse=True)
def _small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Several ranges of a small file, shards of a few rows, and several blocks of a small shop."""
    monkeypatch.setattr(row_ranges, "PART", 70)
    monkeypatch.setattr(row_ranges, "PART_BYTES", 8_000)
    monkeypatch.setattr(csv_text, "BLOCK", 1_000)
    monkeypatch.setattr(large_import, "WORKER_ROWS", 300)
    monkeypatch.setattr(order_blocks, "BLOCK_LINES", 200)
    monkeypatch.setattr(order_blocks, "STORED_LINES", 150)


def make_lines(orders: range, *, refunded: int = 0) -> pl.DataFrame:
    """Order lines of guests and customers; a cell in a hundred has a line break."""
    rows = []
    for number in orders:
        placed = dt.datetime(2025, 1, 1, tzinfo=dt.UTC) + dt.timedelta(hours=7 * number)
        for line in range(1 + number % 3):
            rows.append(
                {
                    "order_id": f"#{number}",
                    "ordered_at": placed.isoformat(),
                    "customer_id": f"c{number * 7 % 60}" if number % 5 else None,
                    "title": f"Pot {(number + line) % 9}" if number % 50 else "Pot\nof clay",
                    "sku": f"S{(number + line) % 9}" if number % 50 else None,
                    "quantity": 1 + line,
                    "price": "free" if (number, line) == (41, 0) else f"{2 + number % 4}.50",
                    "refunded_amount": 1.0 if number < refunded else 0.0,
                }
            )
    return pl.DataFrame(rows)


def read_tables(folder: Path) -> dict[str, pl.DataFrame]:
    """The tables of a shop."""
    shop = Shop.read(folder)
    return {
        "orders": shop.orders.collect(),
        "products": shop.products,
        "customers": shop.customers.collect(),
        "states": shop.order_states.collect(),
    }


def test_an_import_on_a_cluster_is_that_of_one_machine(local_cluster: Any, tmp_path: Path) -> None:
    first, later = tmp_path / "first.csv", tmp_path / "later.parquet"
    make_lines(range(240)).write_csv(first)
    make_lines(range(200, 260), refunded=220).write_parquet(later)
    engine = SparkEngine("local-cluster", local_cluster)
    expected = import_files([first, later], tmp_path / "here")
    report = import_files([first, later], tmp_path / "there", engine=engine)
    for name, table in read_tables(tmp_path / "here").items():
        assert table.equals(read_tables(tmp_path / "there")[name]), name
    assert expected.files[0].dropped
    for here, there in zip(expected.files, report.files, strict=True):
        assert (here.rows, here.kept, here.dropped) == (there.rows, there.kept, there.dropped)
        assert sorted(here.warnings) == sorted(there.warnings)
    assert expected.files[0].warnings
    assert not (tmp_path / "there" / "staging").exists()
