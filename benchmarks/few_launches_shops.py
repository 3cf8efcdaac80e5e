"""The shops of the learning curve: real, made up in several shapes, and messy."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
from measure import ONLINE_RETAIL, frontrow

from frontrow.shop.shop import Shop
from frontrow.synthetic import SyntheticShop

TESTS = Path(__file__).resolve().parent.parent / "tests" / "shop"
CUSTOMERS = 8_000
QUIET_MONTH = 0.3
"""Share of the orders that are left from January to October in a shop with a strong season."""


class NoDataError(Exception):
    """The data of a shop are not on this machine; the message says why."""


def make_online_retail(_seed: int) -> Shop:
    """Online Retail II, as far as the real data go."""
    if not ONLINE_RETAIL.exists():
        raise NoDataError("FRONTROW_REAL_DATA names no folder with Online Retail II")
    return import_shop([ONLINE_RETAIL])


def make_demo(seed: int) -> Shop:
    """The demo's garden shop with more customers."""
    return SyntheticShop(customers=CUSTOMERS, seed=seed).shop()


def make_few_products(seed: int) -> Shop:
    """24 products at the start, and one range a month."""
    return SyntheticShop(customers=CUSTOMERS // 2, products=24, launches_a_month=1.0, seed=seed).shop()


def make_no_types(seed: int) -> Shop:
    """Neither product types nor tags."""
    shop = make_demo(seed)
    return replace(shop, products=_without(shop.products, "product_type", "tags"))


def make_codes(seed: int) -> Shop:
    """Titles that are codes and no tags; product types and vendors stay. Equal titles become equal codes."""
    shop = make_demo(seed)
    titles = shop.products["title"].unique().sort().to_list()
    numbers = np.random.default_rng(seed).permutation(len(titles)) + 1_000
    codes = {title: f"{number:04d}" for title, number in zip(titles, numbers.tolist(), strict=True)}
    products = shop.products.with_columns(pl.col("title").replace_strict(codes))
    return replace(shop, products=_without(products, "tags", "description", "handle", "aliases"))


def make_strong_season(seed: int) -> Shop:
    """Three in ten orders of January to October; twice the customers at first, so that the total is similar."""
    shop = SyntheticShop(customers=2 * CUSTOMERS, seed=seed).shop()
    orders = shop.orders.collect()
    ids = orders["order_id"].unique().sort()
    in_peak = pl.col("ordered_at").dt.month() >= 11
    draws = pl.DataFrame({"order_id": ids, "draw": np.random.default_rng(seed).random(len(ids))})
    remaining = orders.join(draws, on="order_id", maintain_order="left").filter(
        in_peak | (pl.col("draw") < QUIET_MONTH)
    )
    return replace(shop, orders=remaining.drop("draw").lazy())


def make_one_vendor(seed: int) -> Shop:
    """Everything by the same vendor."""
    shop = make_demo(seed)
    dtype = shop.products.schema["vendor"]
    return replace(shop, products=shop.products.with_columns(vendor=pl.lit("Garden & Co").cast(dtype)))


def make_messy(seed: int) -> Shop:
    """The messy Shopify exports of the tests, with more customers; what they buy is chance."""
    sys.path.insert(0, str(TESTS))
    from messy_shop import TIME_ZONE, MessyShop  # type: ignore[import-not-found,unused-ignore]

    with tempfile.TemporaryDirectory() as folder:
        files = MessyShop(seed=seed, customers=2_000).write(Path(folder))
        return import_shop(files, "--time-zone", TIME_ZONE, "--exchange-rates", "CAD=0.74", "--currency", "USD")


SHOPS: dict[str, Callable[[int], Shop]] = {
    "online_retail": make_online_retail,
    "demo": make_demo,
    "few_products": make_few_products,
    "no_types": make_no_types,
    "codes": make_codes,
    "strong_season": make_strong_season,
    "one_vendor": make_one_vendor,
    "messy": make_messy,
}
"""By name; each makes the shop of a seed."""

WITHOUT_SEED = ("online_retail",)
"""Shops that are the same for every seed."""


def import_shop(files: list[Path], *options: str) -> Shop:
    """Import exports into a temporary folder and hold the shop in memory."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "shop"
        frontrow("import", str(folder), *map(str, files), *options, "--quiet")
        shop = Shop.read(folder)
        return replace(
            shop,
            orders=shop.orders.collect().lazy(),
            customers=shop.customers.collect().lazy(),
            order_states=shop.order_states.collect().lazy(),
            _tables=None,
        )


def _without(products: pl.DataFrame, *columns: str) -> pl.DataFrame:
    """The same products with nothing in some columns."""
    return products.with_columns(
        pl.lit(None).cast(products.schema[name]).alias(name) for name in columns if name in products.columns
    )
