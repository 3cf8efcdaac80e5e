"""A table of order lines in blocks of whole customers, by place on disk and by remainder in memory."""

from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from frontrow.engines.blocks import OrderBlocks
from frontrow.engines.local import LOCAL
from frontrow.shop.order_blocks import choose_block_count, measure_blocks, sort_into_blocks
from frontrow.testing.shops import order_lines


def _lines(customers: int, lines_each: int) -> pl.DataFrame:
    rows = [(customer, f"p{i % 7}", i) for customer in range(1, customers + 1) for i in range(lines_each)]
    return order_lines([(None, "p0", 0), *rows, (None, "p1", 3)])


def _in_blocks(lines: pl.DataFrame, monkeypatch: pytest.MonkeyPatch, *, stored_lines: int = 20) -> OrderBlocks:
    monkeypatch.setattr("frontrow.shop.order_blocks.BLOCK_LINES", 0)
    monkeypatch.setattr("frontrow.shop.order_blocks.STORED_LINES", stored_lines)
    rows, sizes = sort_into_blocks(lines.lazy())
    return OrderBlocks(rows, sizes=sizes)


def test_a_small_shop_is_one_block_without_guests() -> None:
    lines = _lines(10, 3)
    (block,) = OrderBlocks(lines.lazy()).split()
    assert block.read().equals(lines.filter(pl.col("customer_id").is_not_null()))


@pytest.mark.parametrize("place", ["on disk in blocks", "in memory", "on disk"])
@pytest.mark.parametrize(("lines_each", "rows_each"), [(20, 10**9), (10**9, 15)])
def test_every_customer_is_whole_in_one_block(
    monkeypatch: pytest.MonkeyPatch, lines_each: int, rows_each: int, place: str
) -> None:
    lines = _lines(30, 3)
    table = _in_blocks(lines, monkeypatch) if place == "on disk in blocks" else OrderBlocks(lines.lazy())
    monkeypatch.setattr("frontrow.engines.blocks.BLOCK_LINES", lines_each)
    monkeypatch.setattr("frontrow.engines.blocks.BLOCK_ROWS", rows_each)
    monkeypatch.setattr("frontrow.engines.blocks.LINES_IN_MEMORY", 10**9 if place == "in memory" else 0)
    blocks = [block.read() for block in table.split(rows_per_customer=2)]
    assert len(blocks) >= 4
    assert max(block.height for block in blocks) < 40
    customers_of_blocks = [set(block["customer_id"]) for block in blocks]
    assert sum(len(customers) for customers in customers_of_blocks) == len(set().union(*customers_of_blocks)) == 30
    with_customer = lines.filter(pl.col("customer_id").is_not_null())
    assert pl.concat(blocks).sort("order_id").equals(with_customer.sort("order_id"))


@given(
    customers=st.lists(st.none() | st.integers(0, 40), max_size=60),
    lines_each=st.integers(1, 30),
    rows_each=st.integers(1, 50),
    per_customer=st.integers(1, 4),
)
def test_blocks_hold_every_known_line_once(
    customers: list[int | None], lines_each: int, rows_each: int, per_customer: int
) -> None:
    lines = pl.DataFrame(
        {"customer_id": customers, "day": range(len(customers))}, schema={"customer_id": pl.Int64, "day": pl.Int64}
    )
    with pytest.MonkeyPatch.context() as patch:
        table = _in_blocks(lines, patch, stored_lines=5).where(pl.col("day") % 3 != 1)
        patch.setattr("frontrow.engines.blocks.BLOCK_LINES", lines_each)
        patch.setattr("frontrow.engines.blocks.BLOCK_ROWS", rows_each)
        blocks = [block.read() for block in table.split(rows_per_customer=per_customer, guests=True)]
    read = pl.concat([lines.clear(), *blocks])
    assert_frame_equal(read.sort("day"), lines.filter(pl.col("day") % 3 != 1))
    customers_of_blocks = [set(block["customer_id"].drop_nulls()) for block in blocks]
    assert sum(map(len, customers_of_blocks)) == len(set().union(*customers_of_blocks))


def test_no_lines_give_one_empty_block() -> None:
    (block,) = OrderBlocks(_lines(3, 1).lazy()).where(pl.col("day") < 0).split()
    assert block.read().height == 0
    assert block.read().columns == _lines(1, 1).columns


def test_blocks_are_sorted_once_and_keep_the_order_within(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = _lines(30, 3)
    table = _in_blocks(lines, monkeypatch)
    blocks = table.sizes["block"].count()
    rows = table.rows.collect()
    of_customers = rows.drop_nulls("customer_id")
    assert (of_customers["customer_id"] % blocks).is_sorted()
    assert rows["customer_id"].tail(2).is_null().all()
    assert table.sizes.rows()[-1] == (None, 2, 0)
    assert of_customers.sort("customer_id", maintain_order=True).equals(lines.drop_nulls("customer_id"))
    again, sizes = sort_into_blocks(table.rows)
    assert again is table.rows
    assert sizes.equals(table.sizes)


def test_sizes_by_hand() -> None:
    keys = pl.DataFrame({"customer_id": [4, 6, 6, None, 5], "block": [0, 0, 0, None, 1]})
    assert measure_blocks(keys).rows() == [(0, 3, 2), (1, 1, 1), (None, 1, 0)]


def test_the_number_of_blocks_is_a_power_of_two() -> None:
    assert [choose_block_count(lines) for lines in (0, 300_000, 400_000, 400_001)] == [1, 1, 4, 8]


def test_steps_are_applied_in_order_and_kept_on_disk(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    table = _in_blocks(_lines(30, 3), monkeypatch)
    monkeypatch.setattr("frontrow.engines.blocks.BLOCK_LINES", 20)
    blocks = table.split(["customer_id"])
    assert len(blocks) > 3
    here = list(LOCAL.map_blocks(blocks, lambda lines: lines.unique().sort("customer_id")))
    kept = LOCAL.write_blocks(blocks, lambda lines: lines.unique().sort("customer_id"), tmp_path / "parts")
    assert kept.collect().equals(pl.concat(here))
