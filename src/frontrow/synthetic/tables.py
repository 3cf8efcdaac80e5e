"""The tables of the synthetic shop, made from the blocks drawn."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl

from frontrow.schema import CUSTOMER_SCHEMA, PRODUCT_SCHEMA, order_line_schema
from frontrow.shop.cutoff import EPOCH
from frontrow.synthetic.catalogue import BANDS
from frontrow.synthetic.customers import CustomerBlock, phone_number
from frontrow.synthetic.orders import Orders
from frontrow.synthetic.vocabulary import CITIES, PRODUCT_TYPES, STYLES
from frontrow.synthetic.world import BlockHistory, World

DISCOUNT: Final = 0.10  # off the whole order, with a code
_DISCOUNTED: Final = 0.12  # share of orders
REFUNDED_PART: Final = 0.3  # of what a partially refunded order earned
_PARTIALLY_REFUNDED: Final = 0.02


@dataclass(frozen=True)
class NotAProduct:
    """An order line that is not a product, such as a gift card.

    Attributes:
        product_id: Its id.
        title: Title in an order.
        product_type: Product type in the catalogue.
        sku: Its SKU, empty without one.
        option: Its variant, empty without one.
        price: Price per unit.
        share: Share of orders that have such a line.
    """

    product_id: str
    title: str
    product_type: str
    sku: str
    option: str
    price: float
    share: float


NOT_PRODUCTS: Final = (
    NotAProduct("shipping-protection", "Shipping Protection", "Insurance", "SHIP-PROTECT", "", 2.95, 0.04),
    NotAProduct("gift-card", "Gift Card", "Gift Cards", "GIFT-50", "$50.00", 50.0, 0.008),
    NotAProduct("tip", "Tip", "", "", "", 3.0, 0.01),
)


def order_stride(world: World) -> int:
    """Distance between the numbers of two days' first orders: more than twenty times the customers of a day."""
    return int(10 ** max(3, len(str(world.customers * 20 // world.days))))


class OrderNumbering:
    """Order names such as `#2461007`: the day, then a counter within the day, so that they grow with time."""

    def __init__(self, world: World) -> None:
        self._stride = order_stride(world)
        self._taken = np.zeros(world.days, np.int64)

    def name_orders(self, orders: Orders) -> pl.Series:
        """Names of further orders, which are sorted by time."""
        days, first, count = np.unique(orders.day, return_index=True, return_counts=True)
        within = np.arange(len(orders.day)) - np.repeat(first, count)
        number = (1 + orders.day) * self._stride + 1 + within + self._taken[orders.day]
        self._taken[days] += count
        return ("#" + pl.Series(number).cast(pl.String)).alias("order_id")


def order_lines(
    world: World, block: BlockHistory, numbering: OrderNumbering, first_day: dt.date, time_zone: str
) -> pl.DataFrame:
    """The order lines of a block in the columns of `order_line_schema`, sorted by time.

    Args:
        world: The process.
        block: Customers, orders and lines.
        numbering: Names the orders.
        first_day: The shop's first day.
        time_zone: IANA name.
    """
    rng = world.rng("extras", block.number)
    orders = _orders(rng, block, numbering, first_day, time_zone)
    catalogue = world.catalogue.frame[block.lines.product]
    lines = pl.DataFrame(
        {
            "order": block.lines.order,
            "product_id": catalogue["product_id"],
            "price": catalogue["price"],
            "quantity": block.lines.quantity,
        }
    )
    lines = pl.concat([lines, _not_products(rng, len(orders))]).sort("order", maintain_order=True)
    table = pl.concat([lines, orders[lines["order"]]], how="horizontal").with_columns(
        pl.int_range(1, pl.len() + 1).over("order").alias("line_number"), _discount().alias("discount")
    )
    table = table.with_columns(refunded=_refunded())
    return table.select(pl.col(name).cast(dtype) for name, dtype in order_line_schema(time_zone).items())


def _discount() -> pl.Expr:
    """The line's part of the order's discount, which is rounded to cents."""
    value = pl.col("price") * pl.col("quantity")
    total = value.sum().over("order")
    return pl.when("discounted").then((total * DISCOUNT).round(2) * value / total).otherwise(0.0).round(6)


def _refunded() -> pl.Expr:
    """The line's part of what was given back for its order, which is rounded to cents."""
    earned = pl.col("price") * pl.col("quantity") - pl.col("discount")
    total = earned.sum().over("order")
    amount = (REFUNDED_PART * total.round(2)).round(2)
    return pl.when("partially_refunded").then(amount * earned / total).otherwise(0.0).round(6)


def _orders(
    rng: np.random.Generator, block: BlockHistory, numbering: OrderNumbering, first_day: dt.date, time_zone: str
) -> pl.DataFrame:
    """One row per order: the columns that its lines have in common."""
    orders, size = block.orders, len(block.orders.second)
    midnight = dt.datetime.combine(first_day, dt.time())
    city = block.buyers.city[orders.customer]
    customer = pl.Series(block.buyers.first_id + orders.customer)
    is_guest = pl.Series(orders.customer >= len(block.customers))
    return pl.DataFrame({"second": orders.second, "day": orders.day + (first_day - EPOCH).days}).select(
        numbering.name_orders(orders),
        pl.when(is_guest).then(None).otherwise(customer).alias("customer_id"),
        (pl.lit(midnight) + pl.duration(seconds="second")).dt.replace_time_zone(time_zone).alias("ordered_at"),
        pl.col("day"),
        pl.Series("partially_refunded", rng.random(size) < _PARTIALLY_REFUNDED),
        pl.Series("discounted", rng.random(size) < _DISCOUNTED),
        *(
            pl.Series([getattr(place, of) for place in CITIES]).gather(city).alias(name)
            for name, of in (("country", "country"), ("province", "province"), ("city", "name"))
        ),
    )


def _not_products(rng: np.random.Generator, orders: int) -> pl.DataFrame:
    """The lines of some orders that are not products."""
    spot = rng.random(orders)
    edges = np.cumsum([0.0] + [extra.share for extra in NOT_PRODUCTS])
    parts: list[pl.DataFrame] = []
    for extra, low, high in zip(NOT_PRODUCTS, edges[:-1], edges[1:], strict=True):
        order = np.flatnonzero((spot >= low) & (spot < high))
        constant = (pl.lit(extra.product_id).alias("product_id"), pl.lit(extra.price).alias("price"))
        parts.append(pl.DataFrame({"order": order}).with_columns(*constant, quantity=pl.lit(1, pl.Int64)))
    return pl.concat(parts)


def customer_table(customers: CustomerBlock) -> pl.DataFrame:
    """The customers of a block in the columns of `CUSTOMER_SCHEMA`."""
    table = customers.names.select(
        pl.Series("customer_id", customers.customer_id),
        pl.col("source_id"),
        pl.col("source_id").alias("email"),
        phone_number(pl.col("number")).alias("phone"),
        pl.lit(None, pl.String).alias("company"),
        pl.col("email_consent").alias("accepts_email"),
        pl.col("sms_consent").alias("accepts_sms"),
        pl.lit(None, pl.String).alias("tags"),
    )
    return table.select(pl.col(name).cast(dtype) for name, dtype in CUSTOMER_SCHEMA.items())


def trait_table(customers: CustomerBlock, epoch_day: int) -> pl.DataFrame:
    """The customers of a block with their fixed traits; see `SyntheticShop.traits`.

    Args:
        customers: The block.
        epoch_day: The shop's first day, as days since 1970-01-01.
    """
    style, band = np.divmod(customers.segment, len(BANDS))
    return pl.DataFrame(
        {
            "customer_id": customers.customer_id,
            "source_id": customers.names["source_id"],
            "first_day": customers.first_day + epoch_day,
            "favourite": pl.Series([kind.name for kind in PRODUCT_TYPES]).gather(customers.taste.argmax(axis=1)),
            "style": pl.Series([style.name for style in STYLES]).gather(style),
            "band": band,
            "boost": customers.boost,
            "cadence": customers.cadence,
            "lasting": customers.lasting,
            "basket": customers.basket,
            "city": pl.Series([place.name for place in CITIES]).gather(customers.city),
            "taste": pl.Series(customers.taste).arr.to_list(),
        }
    )


def launched_products(world: World) -> pl.DataFrame:
    """Products launched before the end of the history, sorted by launch; those no longer on sale are archived."""
    catalogue = world.catalogue.frame.with_columns(
        pl.Series("launch", world.catalogue.launch),
        pl.Series("status", np.where(world.catalogue.end > world.days, "active", "archived")),
    )
    return catalogue.filter(pl.col("launch") < world.days).sort("launch", maintain_order=True)


def product_table(world: World) -> pl.DataFrame:
    """Products launched before the end of the history, and `NOT_PRODUCTS`, in the columns of `PRODUCT_SCHEMA`."""
    real = launched_products(world).with_columns(pl.concat_list("title").alias("aliases"))
    others = pl.DataFrame(
        {
            "product_id": [extra.product_id for extra in NOT_PRODUCTS],
            "title": [extra.title for extra in NOT_PRODUCTS],
            "product_type": [extra.product_type for extra in NOT_PRODUCTS],
            "price": [extra.price for extra in NOT_PRODUCTS],
            "skus": [[extra.sku] if extra.sku else [] for extra in NOT_PRODUCTS],
            "aliases": [[extra.title] for extra in NOT_PRODUCTS],
        }
    )
    table = pl.concat([real, others], how="diagonal")
    return table.select(
        (pl.col(name) if name in table.columns else pl.lit(None)).cast(dtype).alias(name)
        for name, dtype in PRODUCT_SCHEMA.items()
    )


def launched_between(world: World, epoch_day: int, first: int, stop: int) -> pl.DataFrame:
    """Products launched on the days from `first` up to and without `stop`, with launch_day and launch_date.

    Args:
        world: The process.
        epoch_day: The shop's first day, as days since 1970-01-01.
        first: Counted from the shop's first day.
        stop: Counted from the shop's first day.
    """
    launch = pl.Series("launch_day", world.catalogue.launch)
    frame = world.catalogue.frame.with_columns(launch).filter((first <= launch) & (launch < stop))
    frame = frame.with_columns(pl.col("launch_day") + epoch_day)
    return frame.with_columns(launch_date=pl.col("launch_day").cast(pl.Int32).cast(pl.Date)).sort("launch_day", "sku")
