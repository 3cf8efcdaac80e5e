"""A small shop's tables that features are defined on."""

from collections.abc import Callable
from functools import cache

import narwhals as nw
import numpy as np
import polars as pl

from frontrow.engines.frames import collect, lazy
from frontrow.features.customer import customer_days
from frontrow.features.launch import LaunchTables
from frontrow.launch.life_cycle import compute_life_cycles
from frontrow.launch.model.episodes import build_block_purchases, select_scored_customers
from frontrow.launch.model.scoring_set import ScoringSet, build_scoring_set
from frontrow.launch.settings import LaunchSettings
from frontrow.testing.shops import DAY_ZERO, hand_made_shop, order_lines

ToEngine = Callable[[pl.DataFrame], nw.LazyFrame]
"""Converts a frame to one of an engine."""

CUTOFF = DAY_ZERO + 80


def _lines() -> pl.DataFrame:
    """Six customers and a guest over 90 days, orders of several lines and repeat purchases among them."""
    rng = np.random.default_rng(3)
    count = 90
    customers = [None if number == 0 else int(number) for number in rng.integers(0, 7, count)]
    rows = [(customers[i], f"p{int(rng.integers(0, 8))}", int(rng.integers(0, 90))) for i in range(count)]
    lines = order_lines(rows, price=rng.uniform(1, 50, count).round(2).tolist())
    order = pl.format("{}-{}", "customer_id", "day").fill_null("guest")
    return lines.with_columns(
        order_id=order,
        line_number=pl.int_range(1, pl.len() + 1).over(order).cast(pl.Int32),
        quantity=pl.Series(rng.integers(1, 5, count)),
        discount=pl.Series(rng.uniform(0, 1, count).round(2)),
    )


LINES = _lines()
FIRST_DAYS = LINES.group_by("product_id").agg(first_day=pl.col("day").min())
PURCHASES = build_block_purchases(LINES, FIRST_DAYS)
DAYS = collect(customer_days(lazy(PURCHASES)))
CUTOFFS = PURCHASES.select(pl.col("customer_id").unique()).join(
    pl.DataFrame({"cutoff_day": [CUTOFF - 30, CUTOFF]}, schema={"cutoff_day": pl.Int32}), how="cross"
)
SETTINGS = LaunchSettings(horizon_days=10, catalogue_start_days=1, min_buyers=1)


@cache
def _scoring_set() -> ScoringSet:
    """Two new products, and what they are compared with."""
    products = {f"p{i}": {"title": f"red pot {'abcd'[i % 4]}", "vendor": ["Ann", "Bob"][i % 2]} for i in range(8)}
    shop = hand_made_shop([], products)
    shop = type(shop)(LINES.lazy(), shop.products, shop.customers, shop.settings, shop.rules)
    history = shop.as_of(shop.midnight(CUTOFF))
    new_products = pl.DataFrame(
        {
            "product_id": ["n1", "n2"],
            "title": ["Red pot a", "blue pots"],
            "product_type": [None, None],
            "vendor": ["Ann", None],
            "tags": [None, None],
            "price": [9.5, None],
            "launch_day": [CUTOFF, CUTOFF],
            "cutoff_day": [CUTOFF, CUTOFF],
        },
        schema_overrides={"product_type": pl.String, "tags": pl.String, "launch_day": pl.Int32, "cutoff_day": pl.Int32},
    )
    return build_scoring_set(new_products, compute_life_cycles(history, SETTINGS), SETTINGS.horizon_days)


def scored_rows() -> pl.DataFrame:
    """Customers and launches that are scored."""
    return select_scored_customers(PURCHASES, _scoring_set().launches, 60)


def launch_tables(to_engine: ToEngine) -> LaunchTables:
    """The tables of two new products, on an engine."""
    products = _scoring_set()
    return LaunchTables(
        launches=to_engine(products.launches),
        neighbours=to_engine(products.neighbours),
        categories=to_engine(products.categories),
        vendors=to_engine(products.vendors),
    )
