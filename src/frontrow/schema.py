"""The one place for column names, dtypes and units of the tables a shop keeps.

Four tables, each one Parquet file below `tables/` in the shop's folder:

* **order lines** (`orders`): what was bought. No personal data beyond country, province and city.
* **products** (`products`): what is sold, one row per product.
* **customers** (`customers`): who bought. The only table with personal data.
* **order states** (`order_states`): what is known of each order, those included that are no purchase.

Money is in the shop's currency: an import converts other currencies, or leaves their orders out. Timestamps have the
shop's time zone. `day` counts days since 1970-01-01 on the shop's own wall calendar, so that features are integer
arithmetic on every engine.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final, Literal

import polars as pl

FIRST_DAY: Final = dt.date(1990, 1, 1)
"""Orders before it are left out: other systems write 0001-01-01, 1899-12-30 or 1970-01-01 where there is no date."""

YEARS_AHEAD: Final = 2
"""Orders more than these years after today are left out: one of the year 9999 would make it the end of the history."""


def last_day(today: dt.date) -> dt.date:
    """Return the last day of orders that is believed, as seen from today.

    Example:
        >>> last_day(dt.date(2024, 2, 29))
        datetime.date(2026, 3, 1)
    """
    # the day after 28 February where there is no 29th
    return dt.date(today.year + YEARS_AHEAD, today.month, min(today.day, 28)) + dt.timedelta(max(today.day - 28, 0))


Grain = Literal["product", "variant"]
"""What one product of a shop is: the parent product, or each of its variants."""


def order_line_schema(time_zone: str) -> dict[str, pl.DataType]:
    """Return the columns of the order-line table, one row per line of an order.

    * `order_id`: the order's name in the source.
    * `line_number`: 1-based position within the order.
    * `customer_id`: the shop-wide number of the customer; null for a guest, who is never scored.
    * `ordered_at`: when the order was placed.
    * `day`: `ordered_at` as days since 1970-01-01 on the shop's calendar.
    * `product_id`: key of the product table.
    * `quantity`: units bought, above zero.
    * `price`: per unit, before discounts, zero or more.
    * `discount`: taken off the whole line, zero or more.
    * `refunded`: given back later, the line's share of it; revenue is `quantity * price - discount - refunded`.
    * `partially_refunded`: some part of the order was refunded later; most sources do not say which.
    * `country`, `province`, `city`: where the order was shipped.

    Example:
        >>> order_line_schema("Europe/London")["ordered_at"]
        Datetime(time_unit='us', time_zone='Europe/London')
    """
    return {
        "order_id": pl.String(),
        "line_number": pl.Int32(),
        "customer_id": pl.Int64(),
        "ordered_at": pl.Datetime("us", time_zone),
        "day": pl.Int32(),
        "product_id": pl.String(),
        "quantity": pl.Int64(),
        "price": pl.Float64(),
        "discount": pl.Float64(),
        "refunded": pl.Float64(),
        "partially_refunded": pl.Boolean(),
        "country": pl.String(),
        "province": pl.String(),
        "city": pl.String(),
    }


def revenue(quantity: Any, price: Any, discount: Any, refunded: Any = 0.0) -> Any:
    """What an order line earned, as an expression or array of the arguments' kind.

    Args:
        quantity: Units bought.
        price: Per unit.
        discount: Taken off the line.
        refunded: Given back later. Features leave it out: exports do not say when it was given back, so it may lie
            after the cutoff of the history.

    Example:
        >>> revenue(2, 10.0, 5.0), revenue(2, 10.0, 5.0, 10.0)
        (15.0, 5.0)
    """
    return quantity * price - discount - refunded


ORDER_EVIDENCE: Final = (
    *("is_cancelled", "refund_state", "refunded_amount", "updated_at", "fulfilment", "payment", "exported_until"),
)
"""The columns that tell which of two states of an order is the later one, the most certain first."""


def order_state_schema(time_zone: str) -> dict[str, pl.DataType]:
    """Return the columns of the table of order states, one row an order, cancelled ones included.

    It is what a later import compares with: an older export must not bring a cancelled order back.

    * `order_id`: the order's name in the source.
    * `dropped`: why the order is not a purchase; null where it is.
    * `is_cancelled`: whether it was cancelled; null where the source does not say, as in all columns below.
    * `refund_state`: 0 nothing, 1 a part, 2 all of it was given back.
    * `refunded_amount`: how much was given back.
    * `updated_at`: when the source last changed it.
    * `fulfilment`: 0 nothing sent, 1 a part, 2 all of it, 3 put back into stock.
    * `payment`: 0 pending, 1 authorized, 2 partly paid, 3 paid, 4 partly refunded, 5 refunded, voided or expired.
    * `exported_until`: the newest order of the export that it comes from.

    Args:
        time_zone: IANA name of the shop's time zone.
    """
    timestamp = pl.Datetime("us", time_zone)
    return {
        "order_id": pl.String(),
        "dropped": pl.String(),
        "is_cancelled": pl.Boolean(),
        "refund_state": pl.Int8(),
        "refunded_amount": pl.Float64(),
        "updated_at": timestamp,
        "fulfilment": pl.Int8(),
        "payment": pl.Int8(),
        "exported_until": timestamp,
    }


def first_price() -> pl.Expr:
    """The price per unit on the first order line, of lines grouped by product."""
    return pl.col("price").sort_by("ordered_at", "order_id", "line_number").first()


PRODUCT_SCHEMA: Final[Mapping[str, pl.DataType]] = {
    # key; the parent product, or the variant where the shop was imported with grain "variant"
    "product_id": pl.String(),
    # as first seen, so that later orders change nothing learned earlier
    "title": pl.String(),
    "product_type": pl.String(),
    "vendor": pl.String(),
    # comma-separated
    "tags": pl.String(),
    # plain text, no HTML
    "description": pl.String(),
    # per unit: the catalogue's where there is one, else the first order line's
    "price": pl.Float64(),
    "cost": pl.Float64(),
    "image_url": pl.String(),
    # active, draft, archived, or null when no catalogue was imported
    "status": pl.String(),
    # every SKU and every title (without its variant) seen on the product: how later lines find it
    "skus": pl.List(pl.String()),
    "aliases": pl.List(pl.String()),
}

CUSTOMER_SCHEMA: Final[Mapping[str, pl.DataType]] = {
    # a number given in order of first purchase; reveals nothing about the person
    "customer_id": pl.Int64(),
    # the id or e-mail as in the source (e-mails trimmed and lower-cased)
    "source_id": pl.String(),
    "email": pl.String(),
    "phone": pl.String(),
    "company": pl.String(),
    # null: unknown, which counts as no
    "accepts_email": pl.Boolean(),
    "accepts_sms": pl.Boolean(),
    # comma-separated
    "tags": pl.String(),
}


def conform(table: pl.DataFrame, schema: Mapping[str, pl.DataType]) -> pl.DataFrame:
    """Return exactly a schema's columns, in its order and dtypes; absent ones are null.

    Args:
        table: Any columns.
        schema: Column names and types.

    Example:
        >>> conform(pl.DataFrame({"b": ["7"]}), {"a": pl.String(), "b": pl.Int64()}).row(0)
        (None, 7)
    """
    return table.select(
        (pl.col(name) if name in table.columns else pl.lit(None)).cast(dtype).alias(name)
        for name, dtype in schema.items()
    )
