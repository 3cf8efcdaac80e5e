"""Frames go into the embedded engine and out of it, and its sums are exactly repeatable."""

import narwhals as nw
import numpy as np
import polars as pl

from frontrow.engines.frames import collect, lazy
from frontrow.features.customer import customer_days, customer_features
from frontrow.launch.model.episodes import build_block_purchases
from frontrow.testing.shops import DAY_ZERO, order_lines


def test_a_frame_survives_the_round_trip() -> None:
    frame = pl.DataFrame({"a": [1, 2], "b": ["x", None]})
    assert isinstance(lazy(frame), nw.LazyFrame)
    assert collect(lazy(frame)).equals(frame)
    assert collect(lazy(frame.lazy())).equals(frame)


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
