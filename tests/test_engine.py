"""The engine reads a shop in blocks of complete customers, and its sums are exactly repeatable."""

import narwhals as nw
import numpy as np
import polars as pl
import pytest

from frontrow.engine import collect, customer_blocks, lazy
from frontrow.features.customer import customer_days, customer_features
from frontrow.launch.model.episodes import build_block_purchases
from frontrow.testing.shops import DAY_ZERO, order_lines


def _lines(customers: int, lines_each: int) -> pl.DataFrame:
    rows = [(customer, f"p{i % 7}", i) for customer in range(1, customers + 1) for i in range(lines_each)]
    return order_lines([*rows, (None, "p0", 0), (None, "p1", 3)])


def test_a_frame_survives_the_round_trip() -> None:
    frame = pl.DataFrame({"a": [1, 2], "b": ["x", None]})
    assert isinstance(lazy(frame), nw.LazyFrame)
    assert collect(lazy(frame)).equals(frame)
    assert collect(lazy(frame.lazy())).equals(frame)


def test_a_small_shop_is_one_block_without_guests() -> None:
    lines = _lines(10, 3)
    (block,) = customer_blocks(lines.lazy())
    assert block.equals(lines.filter(pl.col("customer_id").is_not_null()))


@pytest.mark.parametrize("in_memory", [True, False])
@pytest.mark.parametrize(("lines_each", "rows_each"), [(20, 10**9), (10**9, 15)])
def test_every_customer_is_complete_in_one_block(
    monkeypatch: pytest.MonkeyPatch, lines_each: int, rows_each: int, in_memory: bool
) -> None:
    monkeypatch.setattr("frontrow.engine.BLOCK_LINES", lines_each)
    monkeypatch.setattr("frontrow.engine.BLOCK_ROWS", rows_each)
    monkeypatch.setattr("frontrow.engine.LINES_IN_MEMORY", 10**9 if in_memory else 0)
    lines = _lines(30, 3)
    blocks = list(customer_blocks(lines.lazy(), rows_per_customer=2))
    assert len(blocks) >= 4
    assert max(block.height for block in blocks) < 40
    customers_of_blocks = [set(block["customer_id"]) for block in blocks]
    assert sum(len(customers) for customers in customers_of_blocks) == len(set().union(*customers_of_blocks)) == 30
    with_customer = lines.filter(pl.col("customer_id").is_not_null())
    assert pl.concat(blocks).sort("order_id").equals(with_customer.sort("order_id"))


def test_no_lines_give_one_empty_block() -> None:
    (block,) = customer_blocks(_lines(3, 1).lazy().filter(pl.col("day") < 0))
    assert block.height == 0
    assert block.columns == _lines(1, 1).columns


def test_sums_of_floats_repeat_to_the_last_bit() -> None:
    """For any order of the rows after joins, and for any other customers in the table."""
    rng = np.random.default_rng(0)
    rows = [
        (int(customer), f"p{int(product)}", int(day))
        for customer, product, day in rng.integers(0, [300, 40, 400], (8_000, 3))
    ]
    lines = order_lines(rows, price=rng.uniform(0, 50, len(rows)).tolist())
    purchases = build_block_purchases(lines, lines.group_by("product_id").agg(first_day=pl.col("day").min()))
    customers = purchases["customer_id"].unique(maintain_order=True)

    def features(chosen_customers: pl.Series) -> pl.DataFrame:
        cutoffs = pl.DataFrame({"customer_id": chosen_customers}).with_columns(
            cutoff_day=pl.lit(DAY_ZERO + 380, pl.Int32)
        )
        return collect(customer_features(customer_days(lazy(purchases)), lazy(cutoffs))).sort("customer_id")

    all_features = features(customers)
    for seed in range(5):
        some = customers.sample(fraction=0.5, shuffle=True, seed=seed)
        assert features(some).equals(all_features.filter(pl.col("customer_id").is_in(some.implode())))
