"""Shops in which only the future tells: whatever scores above chance on them has looked ahead.

Before the cutoff all customers are alike in all that a model could learn from: buyers and others are drawn from the
same process, and who will buy is decided by lot. After the cutoff the future buyers not only buy the new product, they
also order an accessory that gives them away, every week until the end. A feature that reads a single line from the
cutoff or later finds them at once.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import polars as pl

from frontrow.schema import order_line_schema
from frontrow.shop.shop import EPOCH, Shop
from frontrow.synthetic.garden import SyntheticShop

NEW_PRODUCT = "planted-new-product"
GIVEAWAY = "planted-accessory"


@dataclass(frozen=True)
class FutureOnlySignal:
    """A shop whose launch at `cutoff` nothing before the cutoff can predict.

    Attributes:
        shop: The whole history, on both sides of the cutoff.
        cutoff: First day of the new product, `NEW_PRODUCT`; its midnight in the shop's time zone is the instant.
        cutoff_day: The same as days since 1970-01-01.
        customers: Of every customer with an order before the cutoff: customer_id, source_id, will_buy.
    """

    shop: Shop
    cutoff: dt.date
    cutoff_day: int
    customers: pl.DataFrame


def future_only_signal(
    *, customers: int = 1_000, seed: int = 0, share: float = 0.2, days_after: int = 45
) -> FutureOnlySignal:
    """Make such a shop.

    Args:
        customers: How many customers the shop has.
        seed: Of everything drawn.
        share: Share of the customers known at the cutoff who will buy, drawn by lot.
        days_after: How long the history goes on after the cutoff; they buy within its first 30 days.

    Example:
        >>> planted = future_only_signal(customers=200)
        >>> round(planted.customers["will_buy"].mean(), 2)
        0.2
    """
    garden = SyntheticShop(customers=customers, seed=seed)
    shop = garden.shop()
    before = garden.days - days_after
    cutoff = garden.first_day + dt.timedelta(days=before)
    cutoff_day = (cutoff - EPOCH).days
    people = garden.traits().filter(pl.col("first_day") < cutoff_day).select("customer_id", "source_id")
    rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(1_000,)))
    chosen = rng.permutation(len(people)) < round(share * len(people))
    people = people.with_columns(pl.Series("will_buy", chosen))
    # the garden's own lines after the cutoff would tell a little of everybody; only the planted ones are left
    lines = pl.concat([shop.orders.filter(pl.col("day") < cutoff_day).collect(), _lines(garden, people, cutoff, rng)])
    planted = Shop.from_tables(
        orders=lines,
        products=pl.concat([shop.products, _products(shop.products)]),
        customers=shop.customers.join(people.lazy(), on="customer_id", how="semi").collect(),
        settings=shop.settings,
        rules=shop.rules,
    )
    return FutureOnlySignal(shop=planted, cutoff=cutoff, cutoff_day=cutoff_day, customers=people)


def _lines(garden: SyntheticShop, people: pl.DataFrame, cutoff: dt.date, rng: np.random.Generator) -> pl.DataFrame:
    """The new product once within 30 days, the accessory every week, by those who will buy."""
    after = (garden.first_day + dt.timedelta(days=garden.days) - cutoff).days
    buyers = people.filter("will_buy").select("customer_id")
    new = buyers.with_columns(pl.Series("later", rng.integers(0, 30, len(buyers))), product_id=pl.lit(NEW_PRODUCT))
    weeks = pl.DataFrame({"later": np.arange(0, after, 7), "product_id": GIVEAWAY})
    every = pl.concat([new, buyers.join(weeks, how="cross").select(new.columns)]).sort("later", "customer_id")
    noon = pl.lit(dt.datetime.combine(cutoff, dt.time(12)))
    table = every.with_columns(
        order_id=pl.format("#planted-{}", pl.int_range(pl.len())),
        line_number=pl.lit(1),
        ordered_at=(noon + pl.duration(days="later")).dt.replace_time_zone(garden.time_zone),
        day=pl.col("later") + (cutoff - EPOCH).days,
        quantity=pl.lit(1),
        price=pl.lit(30.0),
        discount=pl.lit(0.0),
        partially_refunded=pl.lit(False),
        country=pl.lit("US"),
    )
    schema = order_line_schema(garden.time_zone)
    missing = [pl.lit(None, dtype).alias(name) for name, dtype in schema.items() if name not in table.columns]
    return table.with_columns(missing).select(pl.col(name).cast(dtype) for name, dtype in schema.items())


def _products(products: pl.DataFrame) -> pl.DataFrame:
    """Two products that look like any other."""
    like = products.filter(pl.col("product_type") == "Planters").head(2)
    titles = ["Farmhouse Terracotta Bowl 25 cm", "Farmhouse Terracotta Saucer 25 cm"]
    return like.with_columns(
        pl.Series("product_id", [NEW_PRODUCT, GIVEAWAY]),
        pl.Series("title", titles),
        pl.Series("skus", [["PLA-9001"], ["PLA-9002"]]),
        pl.Series("aliases", [[title] for title in titles]),
    )
