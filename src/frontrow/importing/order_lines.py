"""Steps that every format of order lines takes: validate each row, spread discounts, and bring fields into order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import polars as pl

from frontrow.importing.format import CONTACT_FIELDS, LINE_FIELDS

# columns that later steps read by name
ALWAYS: Final = (
    *("row", "order_id", "source_id", "ordered_at", "sku", "title"),
    *("quantity", "price", "discount", "dropped"),
)


def first_reason(conditions: Mapping[str, pl.Expr]) -> pl.Expr:
    """Return the reason of the first condition that holds; null where none does.

    Example:
        >>> reasons = first_reason({"no price": pl.col("price").is_null(), "zero price": pl.col("price") == 0})
        >>> pl.DataFrame({"price": [0, None, 5]}).select(reasons).to_series().to_list()
        ['zero price', 'no price', None]
    """
    return pl.coalesce([pl.when(condition).then(pl.lit(reason)) for reason, condition in conditions.items()])


def repeated_header_reason(raw: pl.DataFrame, columns: Mapping[str, str]) -> pl.Expr:
    """Return the reason to drop rows that repeat the header, as files put together by hand do.

    Args:
        raw: Rows as in the file, with fields as column names.
        columns: The file's column of each field.
    """
    fields = [field for field in ("order_id", "quantity") if raw.schema[field] == pl.String and field in columns]
    repeated = pl.all_horizontal(pl.lit(bool(fields)), *(pl.col(field) == columns[field] for field in fields))
    return pl.when(repeated).then(pl.lit("repeated header"))


def validate_lines(rows: pl.DataFrame) -> pl.DataFrame:
    """Fill `dropped` with the reason why a row is not a purchase; rows that have one keep it."""
    reason = first_reason(
        {
            "empty row": pl.all_horizontal(pl.col("order_id", "title", "sku", "price").is_null()),
            "no order number": pl.col("order_id").is_null(),
            "no date": pl.col("ordered_at").is_null(),
            "no product": pl.coalesce("product_id", "sku", "title").is_null(),
            "no quantity": pl.col("quantity").is_null(),
            "returned (negative quantity)": pl.col("quantity") < 0,
            "zero quantity": pl.col("quantity") == 0,
            "no price": pl.col("price").is_null(),
            "negative price": pl.col("price") < 0,
            "zero price": pl.col("price") == 0,
        }
    )
    return rows.with_columns(dropped=pl.coalesce("dropped", reason))


def normalize_lines(rows: pl.DataFrame, time_zone: str) -> pl.DataFrame:
    """Return the columns of `LINE_FIELDS`, without those that are empty; a missing discount is zero.

    Args:
        rows: Lines of a file, validated.
        time_zone: IANA name, of `ordered_at`.
    """
    defaults = {"discount": 0.0, "partially_refunded": False}
    rows = rows.with_columns(pl.lit(value).alias(name) for name, value in defaults.items() if name not in rows.columns)
    fields = {**LINE_FIELDS, "ordered_at": pl.Datetime("us", time_zone)}
    names = [name for name in fields if name in rows.columns and (name in ALWAYS or rows[name].count())]
    # a discount above the line's own value would make a purchase with negative revenue
    value = pl.col("price") * pl.col("quantity")
    return rows.select(pl.col(name).cast(fields[name]) for name in names).with_columns(
        pl.col("discount").fill_null(0.0).clip(0.0, value)
    )


def extract_contacts(rows: pl.DataFrame, time_zone: str) -> pl.DataFrame:
    """Return what orders say about their customers, one row per order; fields that the format lacks are null.

    Args:
        rows: Lines or orders; `accepts_marketing` is taken for e-mail.
        time_zone: IANA name, of `stated_at`.
    """
    orders = rows.filter(pl.col("source_id").is_not_null()).unique("order_id", keep="first", maintain_order=True)
    orders = orders.rename({"ordered_at": "stated_at", "accepts_marketing": "accepts_email"}, strict=False)
    fields = {**CONTACT_FIELDS, "stated_at": pl.Datetime("us", time_zone)}
    # the tags of an order or product are not the customer's
    available = [name for name in fields if name in orders.columns and name != "tags"]
    return orders.select(
        (pl.col(name) if name in available else pl.lit(None)).cast(dtype).alias(name) for name, dtype in fields.items()
    ).filter(pl.col("stated_at").is_not_null())


def find_currencies(rows: pl.DataFrame) -> tuple[str, tuple[str, ...]]:
    """Return the most common currency of the rows kept, and the others; empty where the file names none.

    Args:
        rows: With `dropped`, and `currency` where the file has it.

    Example:
        >>> find_currencies(pl.DataFrame({"currency": ["usd", "EUR", "EUR"], "dropped": [None] * 3}))
        ('EUR', ('USD',))
    """
    if "currency" not in rows.columns:
        return "", ()
    codes = rows.filter(pl.col("dropped").is_null())["currency"].cast(pl.String).str.to_uppercase().drop_nulls()
    counts = codes.alias("code").value_counts().sort(["count", "code"], descending=[True, False])["code"].to_list()
    return next(iter(counts), ""), tuple(counts[1:])


def spread_discounts(lines: pl.DataFrame) -> pl.DataFrame:
    """Add each line's share of its order's discount, in proportion to the line's value.

    Shopify's `Discount Amount` is the order's, and includes free-shipping codes. The lines were reduced by the
    difference between their sum and the order's subtotal, and by no more than `Discount Amount`; `Lineitem discount`
    is part of it.

    Args:
        lines: With `order_id`, `quantity`, `price`, `discount`, `dropped` and the order's `order_discount` and
            `subtotal`, on all its rows or on its first only.
    """
    if not lines.select((pl.col("order_discount") > 0).any()).item():
        return lines
    value = (pl.col("quantity") * pl.col("price")).fill_null(0.0).clip(lower_bound=0.0)
    counted = pl.when(pl.col("dropped").eq("repeated rows").fill_null(False)).then(0.0).otherwise(value)
    line_discount = pl.col("discount").fill_null(0.0)
    total = counted.sum().over("order_id")
    discount, subtotal = (pl.col(name).max().over("order_id") for name in ("order_discount", "subtotal"))
    below = (total - subtotal).clip(lower_bound=0.0)
    reduction = pl.min_horizontal(discount.fill_null(0.0), below.fill_null(discount))
    rest = (reduction - line_discount.sum().over("order_id")).clip(lower_bound=0.0)
    share = pl.when(total > 0).then(rest * counted / total).otherwise(0.0)
    return lines.with_columns(discount=line_discount + share.fill_null(0.0).round(6))
