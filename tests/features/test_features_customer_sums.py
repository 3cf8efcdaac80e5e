"""Sums of customers' days in memory equal those that every engine makes, to the last bit."""

from __future__ import annotations

import narwhals as nw
import numpy as np
import polars as pl
from polars.testing import assert_frame_equal

from frontrow.engines.frames import collect, lazy
from frontrow.features.customer import add_customer_features, customer_features, select_active
from frontrow.features.customer_sums import find_active

KEYS = ["customer_id", "cutoff_day"]


def _days() -> pl.DataFrame:
    rng = np.random.default_rng(5)
    days = pl.DataFrame({"customer_id": rng.integers(1, 60, 900) * 3, "day": rng.integers(-40, 900, 900)})
    days = days.cast({"day": pl.Int32}).unique(maintain_order=True)
    names = ("lines", "units", "spend", "firsts", "adoptions", "log_price_squared", "log_price")
    return days.with_columns(pl.Series(name, rng.integers(1, 10**9, days.height)) for name in names)


def _pairs() -> pl.DataFrame:
    rng = np.random.default_rng(6)
    pairs = pl.DataFrame({"customer_id": rng.integers(1, 190, 700), "cutoff_day": rng.integers(-45, 1000, 700)})
    return pairs.cast({"cutoff_day": pl.Int32}).unique(maintain_order=True)


def test_features_are_those_of_the_joined_days() -> None:
    days, pairs = _days(), _pairs()
    rows = pl.concat([pairs.with_columns(launch=pl.lit(launch)) for launch in (0, 1)])
    fast = collect(add_customer_features(lazy(days), lazy(rows)))
    joined = collect(customer_features(lazy(days), lazy(pairs)))
    assert 0 < joined.height < pairs.height
    for launch in (0, 1):
        of_launch = fast.filter(pl.col("launch") == launch).drop("launch").sort(KEYS)
        assert_frame_equal(of_launch, joined.sort(KEYS), check_exact=True)


def test_no_row_has_no_features() -> None:
    nobody = collect(add_customer_features(lazy(_days().clear()), lazy(_pairs())))
    assert nobody.is_empty()
    assert nobody.columns == collect(customer_features(lazy(_days()), lazy(_pairs()))).columns
    assert collect(add_customer_features(lazy(_days()), lazy(_pairs().clear()))).is_empty()


def test_the_active_are_those_with_a_recent_day() -> None:
    days, cutoffs = _days(), [-40, 0, 100, 400, 2000]
    everyone = (
        days.select("customer_id")
        .unique()
        .join(pl.DataFrame({"cutoff_day": cutoffs}, schema={"cutoff_day": pl.Int32}), how="cross")
    )
    expected = collect(select_active(lazy(days), lazy(everyone), 30).select(*[nw.col(key) for key in KEYS]))
    assert_frame_equal(find_active(days, cutoffs, 30).sort(KEYS), expected.sort(KEYS))
