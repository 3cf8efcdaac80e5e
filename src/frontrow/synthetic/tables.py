"""Drawn blocks as the tables of a shop."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl

from frontrow.schema import CUSTOMER_SCHEMA, PRODUCT_SCHEMA, order_line_schema
from frontrow.synthetic.catalogue import BANDS
from frontrow.synthetic.ordering import Orders
from frontrow.synthetic.people import People
from frontrow.synthetic.words import CITIES, PRODUCT_TYPES, STYLES
from frontrow.synthetic.world import Block, World

EPOCH: Final = dt.date(1970, 1, 1)
DISCOUNT: Final = 0.10  # off the whole order, with a code
_DISCOUNTED: Final = 0.12  # share of orders
_PARTIALLY_REFUNDED: Final = 0.02


@dataclass(frozen=True)
class NotAProduct:
    """A line that shops sell or charge and that is no product.

    Attributes:
        product_id: Its key.
        title: As in an order.
        product_type: As in the catalogue.
        sku: Its SKU, or none.
        option: Its variant, or none.
        price: Per unit.
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
    """How far apart the numbers of two days' first orders are: more than twenty times the customers of a day."""
    return int(10 ** max(3, len(str(world.customers * 20 // world.days))))


class OrderNames:
    """Names such as `#2461007`: the day, then a counter within it, so that they grow with time over all blocks."""

    def __init__(self, world: World) -> None:
        self._stride = order_stride(world)
        self._taken = np.zeros(world.days, np.int64)

    def give(self, orders: Orders) -> pl.Series:
        """Names for more orders, which are in order of time."""
        days, first, count = np.unique(orders.day, return_index=True, return_counts=True)
        within = np.arange(len(orders.day)) - np.repeat(first, count)
        number = (1 + orders.day) * self._stride + 1 + within + self._taken[orders.day]
        self._taken[days] += count
        return ("#" + pl.Series(number).cast(pl.String)).alias("order_id")


def order_lines(world: World, block: Block, names: OrderNames, first_day: dt.date, time_zone: str) -> pl.DataFrame:
    """A block's order lines in the columns of `order_line_schema`, in order of time."""
    rng = world.rng("extras", block.number)
    orders = _orders(rng, block, names, first_day, time_zone)
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
    return table.select(pl.col(name).cast(dtype) for name, dtype in order_line_schema(time_zone).items())


def _discount() -> pl.Expr:
    """Each line's part of the discount, which is whole cents on the whole order."""
    value = pl.col("price") * pl.col("quantity")
    total = value.sum().over("order")
    return pl.when("discounted").then((total * DISCOUNT).round(2) * value / total).otherwise(0.0).round(6)


def _orders(
    rng: np.random.Generator, block: Block, names: OrderNames, first_day: dt.date, time_zone: str
) -> pl.DataFrame:
    """One row an order: every column that all its lines share."""
    orders, size = block.orders, len(block.orders.second)
    midnight = dt.datetime.combine(first_day, dt.time())
    city = block.everyone.city[orders.customer]
    customer = pl.Series(block.everyone.first + orders.customer)
    is_guest = pl.Series(orders.customer >= len(block.people))
    return pl.DataFrame({"second": orders.second, "day": orders.day + (first_day - EPOCH).days}).select(
        names.give(orders),
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
    """Extra lines of some orders."""
    spot = rng.random(orders)
    edges = np.cumsum([0.0] + [extra.share for extra in NOT_PRODUCTS])
    found: list[pl.DataFrame] = []
    for extra, low, high in zip(NOT_PRODUCTS, edges[:-1], edges[1:], strict=True):
        order = np.flatnonzero((spot >= low) & (spot < high))
        constant = (pl.lit(extra.product_id).alias("product_id"), pl.lit(extra.price).alias("price"))
        found.append(pl.DataFrame({"order": order}).with_columns(*constant, quantity=pl.lit(1, pl.Int64)))
    return pl.concat(found)


def customers(people: People) -> pl.DataFrame:
    """A block's customers in the columns of `CUSTOMER_SCHEMA`."""
    table = people.names.select(
        pl.Series("customer_id", people.customer_id),
        pl.col("source_id"),
        pl.col("source_id").alias("email"),
        phone_number(pl.col("number")).alias("phone"),
        pl.lit(None, pl.String).alias("company"),
        pl.col("email_consent").alias("accepts_email"),
        pl.col("sms_consent").alias("accepts_sms"),
        pl.lit(None, pl.String).alias("tags"),
    )
    return table.select(pl.col(name).cast(dtype) for name, dtype in CUSTOMER_SCHEMA.items())


def phone_number(number: pl.Expr) -> pl.Expr:
    """A number out of the range 555-0100 to 555-0199, which belongs to nobody; seven in ten customers give one."""
    text = pl.format("+1{}55501{}", 201 + number % 700, (number % 100).cast(pl.String).str.zfill(2))
    return pl.when(number % 10 < 7).then(text)


def traits(people: People, epoch_day: int) -> pl.DataFrame:
    """A block's customers with what the process knows of them."""
    style, band = np.divmod(people.segment, len(BANDS))
    return pl.DataFrame(
        {
            "customer_id": people.customer_id,
            "source_id": people.names["source_id"],
            "first_day": people.first_day + epoch_day,
            "favourite": pl.Series([kind.name for kind in PRODUCT_TYPES]).gather(people.taste.argmax(axis=1)),
            "style": pl.Series([style.name for style in STYLES]).gather(style),
            "band": band,
            "boost": people.boost,
            "cadence": people.cadence,
            "lasting": people.lasting,
            "basket": people.basket,
            "city": pl.Series([place.name for place in CITIES]).gather(people.city),
            "taste": pl.Series(people.taste).arr.to_list(),
        }
    )


def launched(world: World) -> pl.DataFrame:
    """The catalogue at the history's end, in order of launch: what was launched before, sold out or not."""
    catalogue = world.catalogue.frame.with_columns(
        pl.Series("launch", world.catalogue.launch),
        pl.Series("status", np.where(world.catalogue.end > world.days, "active", "archived")),
    )
    return catalogue.filter(pl.col("launch") < world.days).sort("launch", maintain_order=True)


def products(world: World) -> pl.DataFrame:
    """Products launched before the history's end, and what is sold that is no product."""
    real = launched(world).with_columns(pl.concat_list("title").alias("aliases"))
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
