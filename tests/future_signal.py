"""A shop for leak tests: only data after the cutoff predicts who buys, so a model above chance has used it.

Before the cutoff, buyers and others are drawn from the same process, and who will buy is drawn at random. After the
cutoff the future buyers not only buy the new product, they also order an accessory every week until the end. A feature
that reads a single line from the cutoff or later identifies them.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import polars as pl

from frontrow.schema import order_line_schema
from frontrow.shop.cutoff import EPOCH
from frontrow.shop.shop import Shop
from frontrow.synthetic import SyntheticShop

NEW_PRODUCT = "planted-new-product"
GIVEAWAY = "planted-accessory"


@dataclass(frozen=True)
class FutureOnlySignal:
    """A shop whose launch at `cutoff` cannot be predicted from anything before it.

    Attributes:
        shop: The whole history, on both sides of the cutoff.
        cutoff: First day of the new product, `NEW_PRODUCT`; its midnight in the shop's time zone is the instant.
        cutoff_day: The cutoff as days since 1970-01-01.
        customers: Every customer with an order before the cutoff: customer_id, source_id, will_buy.
    """

    shop: Shop
    cutoff: dt.date
    cutoff_day: int
    customers: pl.DataFrame


def future_only_signal(
    *, customers: int = 1_000, seed: int = 0, share: float = 0.2, days_after: int = 45
) -> FutureOnlySignal:
    """Make the shop.

    Args:
        customers: Number of customers of the shop.
        seed: Seed of everything drawn.
        share: Share of the customers with an order before the cutoff who will buy, drawn at random.
        days_after: Days of history after the cutoff; the buyers buy within the first 30 of them.

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
    eligible = garden.traits().filter(pl.col("first_day") < cutoff_day).select("customer_id", "source_id")
    rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(1_000,)))
    chosen = rng.permutation(len(eligible)) < round(share * len(eligible))
    eligible = eligible.with_columns(pl.Series("will_buy", chosen))
    # the garden's own lines after the cutoff would depend on the customers' tastes; keep only the planted ones
    lines = pl.concat([shop.orders.filter(pl.col("day") < cutoff_day).collect(), _lines(garden, eligible, cutoff, rng)])
    planted = Shop.from_tables(
        orders=lines,
        products=pl.concat([shop.products, _products(shop.products)]),
        customers=shop.customers.join(eligible.lazy(), on="customer_id", how="semi").collect(),
        settings=shop.settings,
        rules=shop.rules,
    )
    return FutureOnlySignal(shop=planted, cutoff=cutoff, cutoff_day=cutoff_day, customers=eligible)


def _lines(garden: SyntheticShop, customers: pl.DataFrame, cutoff: dt.date, rng: np.random.Generator) -> pl.DataFrame:
    """The new product once within 30 days, the accessory every week, by those who will buy."""
    after = (garden.first_day + dt.timedelta(days=garden.days) - cutoff).days
    buyers = customers.filter("will_buy").select("customer_id")
    new_lines = buyers.with_columns(
        pl.Series("later", rng.integers(0, 30, len(buyers))), product_id=pl.lit(NEW_PRODUCT)
    )
    weeks = pl.DataFrame({"later": np.arange(0, after, 7), "product_id": GIVEAWAY})
    all_lines = pl.concat([new_lines, buyers.join(weeks, how="cross").select(new_lines.columns)]).sort(
        "later", "customer_id"
    )
    noon = pl.lit(dt.datetime.combine(cutoff, dt.time(12)))
    table = all_lines.with_columns(
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
