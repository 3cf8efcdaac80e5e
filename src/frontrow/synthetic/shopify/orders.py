"""The orders export of a synthetic Shopify shop."""

from __future__ import annotations

import itertools
from typing import Final

import numpy as np
import polars as pl

from frontrow.synthetic.shopify.headers import ORDERS_HEADER
from frontrow.synthetic.shopify.order_fields import order_fields
from frontrow.synthetic.tables import NOT_PRODUCTS, order_stride, phone_number
from frontrow.synthetic.words import CITIES, FIRST_NAMES, LAST_NAMES, STREETS
from frontrow.synthetic.world import World

NEVER_COUNT: Final = {"cancelled": 0.015, "refunded": 0.010, "voided": 0.005, "test": 0.004}  # for each order
REPEATED: Final = ("Name", "Email", "Created at")  # order fields that stand on every row


def orders_export(world: World, lines: pl.DataFrame, people: pl.DataFrame, currency: str) -> pl.DataFrame:
    """The rows of the export, newest order first.

    Args:
        world: The process.
        lines: All order lines that count, as `tables.order_lines` gives them.
        people: Customers: customer_id, source_id, first_name, last_name, email_consent, sms_consent, number.
        currency: ISO 4217 code.
    """
    rng = world.rng("shopify")
    orders = _with_orders_that_never_count(rng, _orders(lines), order_stride(world))
    orders = _with_persons(rng, orders, people).sort("ordered_at", "serial", descending=True)
    of_every_order = order_fields(orders, currency)
    rows = orders.select("copy_of", "serial").with_row_index("position")
    rows = rows.join(_line_fields(world, lines), left_on="copy_of", right_on="order_id").sort("position", "line_number")
    of_order = of_every_order[rows["position"]]
    opens = rows["line_number"] == 1
    once = of_order.select(
        pl.when(opens).then(pl.col(name)).alias(name) for name in of_order.columns if name not in REPEATED
    )
    filled = pl.concat([rows, of_order.select(REPEATED), once], how="horizontal")
    return filled.select(
        pl.col(name) if name in filled.columns else pl.lit(None, pl.String).alias(name) for name in ORDERS_HEADER
    )


def _orders(lines: pl.DataFrame) -> pl.DataFrame:
    shared = ("customer_id", "ordered_at", "partially_refunded", "country", "province", "city")
    goods = (pl.col("price") * pl.col("quantity")).sum().round(2).alias("goods")
    return lines.group_by("order_id", maintain_order=True).agg(
        *(pl.col(name).first() for name in shared), goods, pl.col("discount").sum().round(2).alias("off")
    )


def _with_orders_that_never_count(rng: np.random.Generator, orders: pl.DataFrame, stride: int) -> pl.DataFrame:
    """Add orders placed a little after others, with the same lines, that came to nothing.

    They follow an order of the same customer, so that nobody's first order changes.
    """
    picked = rng.permutation(len(orders))
    edges = np.cumsum([0, *(round(share * len(orders)) for share in NEVER_COUNT.values())])
    fates = zip(NEVER_COUNT, itertools.pairwise(edges), strict=True)
    copies = pl.concat(orders[picked[low:high]].with_columns(fate=pl.lit(fate)) for fate, (low, high) in fates)
    serial = pl.col("order_id").str.strip_prefix("#").cast(pl.Int64)
    day = serial // stride
    copies = (
        copies.with_columns(pl.Series("later", rng.integers(10, 50, len(copies))))
        .with_columns(
            copy_of="order_id",
            serial=(day + 1) * stride - 1 - pl.int_range(pl.len()).over(day),
            ordered_at=pl.col("ordered_at") + pl.duration(minutes="later"),
            partially_refunded=pl.lit(False),
        )
        .with_columns(order_id="#" + pl.col("serial").cast(pl.String))
    )
    counted = orders.with_columns(fate=pl.lit("counts"), copy_of="order_id", serial=serial)
    return pl.concat([counted, copies.select(counted.columns)])


def _with_persons(rng: np.random.Generator, orders: pl.DataFrame, people: pl.DataFrame) -> pl.DataFrame:
    """Add names, addresses, consent and phone numbers; guests get some of their own."""
    size = len(orders)
    guest_first = pl.Series(FIRST_NAMES).gather(rng.integers(0, len(FIRST_NAMES), size))
    guest_last = pl.Series(LAST_NAMES).gather(rng.integers(0, len(LAST_NAMES), size))
    orders = orders.with_columns(house=pl.Series(rng.integers(1, 400, size)), chance=pl.Series(rng.random(size)))
    orders = orders.join(people, on="customer_id", how="left", maintain_order="left")
    zip_start = pl.col("city").replace_strict({city.name: city.zip_start for city in CITIES})
    house = pl.coalesce(pl.col("number") % 400 + 1, "house")
    street = (house % len(STREETS)).replace_strict(dict(enumerate(STREETS)), return_dtype=pl.String)
    capitals = pl.col("number") % 10 == 0
    return orders.with_columns(
        person=pl.coalesce("first_name", guest_first) + " " + pl.coalesce("last_name", guest_last),
        spelled=pl.when(capitals).then(pl.col("source_id").str.to_titlecase()).otherwise("source_id"),
        phone="'" + phone_number(pl.col("number")),
        street=pl.format("{} {}", house, street),
        zip=pl.format("'{}{}", zip_start, zip_tail(house)),
        province_name=pl.col("province").replace_strict({city.province: city.province_name for city in CITIES}),
    )


def zip_tail(house: pl.Expr) -> pl.Expr:
    """The end of a zip code; Canadian ones look otherwise."""
    american = (house % 90 + 10).cast(pl.String)
    return (
        pl.when(pl.col("country") == "US").then(american).otherwise(pl.format(" {}A{}", house % 9 + 1, house % 8 + 1))
    )


def _line_fields(world: World, lines: pl.DataFrame) -> pl.DataFrame:
    """Every line's own fields under the export's column names, with order_id and line_number."""
    names = pl.concat([world.catalogue.frame.select("product_id", "title", "vendor", "values", "skus"), _other_names()])
    sold = lines.select("order_id", "line_number", "product_id", "quantity", "price")
    sold = sold.join(names, on="product_id", how="left", maintain_order="left")
    serial = pl.col("order_id").str.strip_prefix("#").cast(pl.Int64)
    variant = (serial * 7 + pl.col("line_number")) % pl.col("skus").list.len().clip(1)
    option = pl.col("values").list.get(variant, null_on_oob=True)
    is_real = pl.col("vendor").is_not_null()
    return sold.select(
        "order_id",
        "line_number",
        pl.col("quantity").alias("Lineitem quantity"),
        pl.concat_str("title", (" - " + option).fill_null("")).alias("Lineitem name"),
        pl.col("price").alias("Lineitem price"),
        pl.col("skus").list.get(variant, null_on_oob=True).alias("Lineitem sku"),
        pl.when(is_real).then(pl.lit("true")).otherwise(pl.lit("false")).alias("Lineitem requires shipping"),
        pl.when(is_real).then(pl.lit("true")).otherwise(pl.lit("false")).alias("Lineitem taxable"),
        pl.lit("fulfilled").alias("Lineitem fulfillment status"),
        pl.col("vendor").alias("Vendor"),
        pl.lit(0.0).alias("Lineitem discount"),
    )


def _other_names() -> pl.DataFrame:
    return pl.DataFrame(
        {
            "product_id": [extra.product_id for extra in NOT_PRODUCTS],
            "title": [extra.title for extra in NOT_PRODUCTS],
            "vendor": [None for _ in NOT_PRODUCTS],
            "values": [[extra.option] if extra.option else [] for extra in NOT_PRODUCTS],
            "skus": [[extra.sku] if extra.sku else [] for extra in NOT_PRODUCTS],
        },
        schema_overrides={"vendor": pl.String, "values": pl.List(pl.String), "skus": pl.List(pl.String)},
    )
