"""Steps that every format of order lines takes: validate each row, tell orders from lines, bring fields into order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import polars as pl

from frontrow.importing.format import CONTACT_FIELDS, LINE_FIELDS, ORDER_FIELDS, SHARED_TEXT

LARGEST_PRICE: Final = 1e12
"""Above every price of one unit, in any currency; larger numbers are codes that stand in the wrong column."""

# columns that later steps read by name
ALWAYS: Final = ("row", "order_id", "sku", "title", "quantity", "price", "discount", "dropped")
NOT_REFUNDED, PARTLY_REFUNDED, FULLY_REFUNDED = 0, 1, 2
ORDER_ALWAYS: Final = ("order_id", "source_id", "ordered_at", "dropped")


def first_reason(conditions: Mapping[str, pl.Expr]) -> pl.Expr:
    """Return the reason of the first condition that holds; null where none does.

    Example:
        >>> reasons = first_reason({"no price": pl.col("price").is_null(), "zero price": pl.col("price") == 0})
        >>> pl.DataFrame({"price": [0, None, 5]}).select(reasons).to_series().to_list()
        ['zero price', 'no price', None]
    """
    return pl.coalesce([pl.when(condition).then(pl.lit(reason)) for reason, condition in conditions.items()])


def repeated_header_reason(schema: Mapping[str, pl.DataType], columns: Mapping[str, str]) -> pl.Expr:
    """Return the reason to drop rows that repeat the header, as files put together by hand do.

    Args:
        schema: Of the rows as in the file, with fields as column names.
        columns: The file's column of each field.
    """
    fields = [field for field in ("order_id", "quantity") if schema[field] == pl.String and field in columns]
    repeated = pl.all_horizontal(pl.lit(bool(fields)), *(pl.col(field) == columns[field] for field in fields))
    return pl.when(repeated).then(pl.lit("repeated header"))


def validate_lines(rows: pl.DataFrame) -> pl.DataFrame:
    """Fill `dropped` with the reason why a row is not a purchase; rows that have one keep it."""
    reason = first_reason(
        {
            "empty row": pl.all_horizontal(pl.col("order_id", "title", "sku", "price").is_null()),
            "no order number": pl.col("order_id").is_null(),
            **({"no date": pl.col("ordered_at").is_null()} if "ordered_at" in rows.columns else {}),
            "no product": pl.all_horizontal(pl.col("product_id", "sku", "title").is_null()),
            "no quantity": pl.col("quantity").is_null(),
            "returned (negative quantity)": pl.col("quantity") < 0,
            "zero quantity": pl.col("quantity") == 0,
            "no price": pl.col("price").is_null(),
            "negative price": pl.col("price") < 0,
            "zero price": pl.col("price") == 0,
            "price out of range": pl.col("price") > LARGEST_PRICE,
        }
    )
    return rows.with_columns(dropped=pl.coalesce(pl.col("dropped").cast(SHARED_TEXT), reason.cast(SHARED_TEXT)))


def normalize_lines(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the columns of `LINE_FIELDS`, without those that are empty; a missing discount is zero.

    Args:
        rows: Lines of a file, validated.
    """
    if "discount" not in rows.columns:
        rows = rows.with_columns(discount=pl.lit(0.0))
    names = [name for name in LINE_FIELDS if name in rows.columns and (name in ALWAYS or rows[name].count())]
    return rows.select(pl.col(name).cast(LINE_FIELDS[name]) for name in names).with_columns(
        pl.col("discount").fill_null(0.0)
    )


def normalize_orders(orders: pl.DataFrame, time_zone: str) -> pl.DataFrame:
    """Return the columns of `ORDER_FIELDS`, without those that are empty.

    Args:
        orders: One row an order and version.
        time_zone: IANA name, of `ordered_at` and `updated_at`.
    """
    timestamp = pl.Datetime("us", time_zone)
    fields = {**ORDER_FIELDS, "ordered_at": timestamp, "updated_at": timestamp}
    orders = orders.with_columns(pl.lit(None).alias(name) for name in ORDER_ALWAYS if name not in orders.columns)
    names = [name for name in fields if name in orders.columns and (name in ORDER_ALWAYS or orders[name].count())]
    return orders.select(pl.col(name).cast(fields[name]) for name in names)


def collect_orders(rows: pl.DataFrame, time_zone: str, *, lines: pl.DataFrame | None = None) -> pl.DataFrame:
    """Return one row an order of a table with the order's fields on every line: the first value of each.

    What was given back for an order is stated once for the order, or line by line; an order all of which was given
    back is no purchase.

    Args:
        rows: Lines of a file with the order's fields, or one of several that repeat them; those without an order
            number are left out.
        time_zone: IANA name, of `ordered_at`.
        lines: All lines with their amounts; None where `rows` has them.
    """
    names = [name for name in ORDER_FIELDS if name in rows.columns and name not in ("order_id", "dropped")]
    orders = rows.select("order_id", *names).filter(pl.col("order_id").is_not_null())
    if orders["order_id"].is_duplicated().any():
        orders = orders.group_by("order_id", maintain_order=True).agg(
            # an invoice written across the turn of a minute is still one order
            pl.col(name).min() if name == "ordered_at" else pl.col(name).drop_nulls().first()
            for name in names
        )
    return normalize_orders(_judge_refunds(orders, rows if lines is None else lines), time_zone)


def _earned() -> pl.Expr:
    value = (pl.col("quantity") * pl.col("price")).fill_null(0.0)
    # not every table has discounts
    discount = pl.sum_horizontal(pl.lit(0.0), pl.selectors.by_name("discount", require_all=False))
    return (value - discount).clip(lower_bound=0.0)


def _judge_refunds(orders: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
    """Add how much of each order was given back, where the table says anything about it."""
    # to the millionth, so that the order of the lines does not matter
    of_lines = (pl.col("refunded").sum().round(6).alias("of_lines"),) if "refunded" in lines.columns else ()
    if not of_lines and "refunded_amount" not in orders.columns:
        return orders
    sums = lines.group_by("order_id", maintain_order=True).agg(_earned().sum().alias("earned"), *of_lines)
    orders = orders.join(sums, on="order_id", how="left", maintain_order="left")
    stated = [name for name in ("refunded_amount", "of_lines") if name in orders.columns]
    amount = pl.max_horizontal(stated).fill_null(0.0)
    fully = (amount > 0) & (amount >= pl.col("earned") - 0.005)
    state = pl.when(fully).then(FULLY_REFUNDED).when(amount > 0).then(PARTLY_REFUNDED).otherwise(NOT_REFUNDED)
    return orders.with_columns(
        refunded_amount=amount,
        refund_state=state,
        partially_refunded=(amount > 0) & ~fully,
        dropped=pl.when(fully).then(pl.lit("refunded in full")),
    )


def extract_contacts(rows: pl.DataFrame, time_zone: str) -> pl.DataFrame:
    """Return what orders say about their customers, one row an order and version; fields the format lacks are null.

    Args:
        rows: Lines or orders; `accepts_marketing` is taken for e-mail.
        time_zone: IANA name, of `stated_at`.
    """
    keys = [name for name in ("order_id", "version") if name in rows.columns]
    orders = rows.filter(pl.col("source_id").is_not_null())
    if orders.select(keys).is_duplicated().any():
        orders = orders.unique(keys, keep="first", maintain_order=True)
    orders = orders.rename({"ordered_at": "stated_at", "accepts_marketing": "accepts_email"}, strict=False)
    fields = {**CONTACT_FIELDS, "stated_at": pl.Datetime("us", time_zone)}
    # the tags of an order or product are not the customer's
    available = [name for name in fields if name in orders.columns and name != "tags"]
    return orders.select(
        (pl.col(name) if name in available else pl.lit(None)).cast(dtype).alias(name) for name, dtype in fields.items()
    ).filter(pl.col("stated_at").is_not_null())
