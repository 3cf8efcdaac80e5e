"""Order lines stay in the order of blocks when some of them become a guest's."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontrow.shop import order_blocks
from frontrow.shop.changed_orders import IN_TIME
from frontrow.shop.order_blocks import count_as_guests, move_to_guests, sort_into_blocks

LINES = st.lists(st.tuples(st.none() | st.integers(0, 9), st.integers(0, 30)), min_size=9, max_size=40)


@pytest.fixture(autouse=True, scope="module")
def _small_blocks():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(order_blocks, "BLOCK_LINES", 8)
        patch.setattr(order_blocks, "STORED_LINES", 5)
        yield


@given(LINES, st.sets(st.integers(0, 9), min_size=1, max_size=3))
def test_lines_of_forgotten_customers_are_where_a_sort_puts_them(lines, forgotten) -> None:
    table = pl.DataFrame(
        {
            "order_id": [f"order {number}" for number in range(len(lines))],
            "line_number": [0] * len(lines),
            "customer_id": pl.Series([customer for customer, _ in lines], dtype=pl.Int64),
            "ordered_at": [dt.datetime(2026, 1, 1 + day) for _, day in lines],
        }
    ).sort(IN_TIME)
    stored, sizes = sort_into_blocks(table.lazy())
    is_forgotten = pl.col("customer_id").is_in(sorted(forgotten)).fill_null(False)
    theirs = stored.filter(is_forgotten).collect()
    as_guests = table.with_columns(customer_id=pl.when(~is_forgotten).then("customer_id"))
    expected, expected_sizes = sort_into_blocks(as_guests.lazy())
    assert move_to_guests(stored, sizes, theirs, is_forgotten).collect().equals(expected.collect())
    assert count_as_guests(sizes, theirs).rows() == expected_sizes.rows()
