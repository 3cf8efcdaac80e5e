"""The objects of a Shopify shop, made of the CSV files that the same shop would export.

So both roads into frontrow begin at the same place: the files are imported, or a loopback server hands out the objects.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import polars as pl

UTC_STAMP: Final = "%Y-%m-%dT%H:%M:%SZ"
CSV_STAMP: Final = "%Y-%m-%d %H:%M:%S %z"
FULFILMENT: Final = {"fulfilled": "FULFILLED", "partial": "PARTIALLY_FULFILLED", "restocked": "RESTOCKED"}
LINES_AN_ORDER: Final = 1000
"""More than any order has; line numbers are within it."""


@dataclass(frozen=True)
class Node:
    """An object without a parent, and its children, each as a line of JSON with all its fields.

    Attributes:
        id: Shopify's.
        created_at: In ISO 8601, UTC.
        updated_at: The same.
        line: The object.
        children: Its children.
    """

    id: str
    created_at: str
    updated_at: str
    line: str
    children: tuple[str, ...] = ()


def read_export(files: Iterable[str | Path]) -> pl.DataFrame:
    """Read CSV exports one below the other, every cell as text; an order that is in several of them is there once."""
    rows = pl.concat(
        pl.read_csv(file, infer_schema=False).with_columns(pl.lit(number).alias("file"))
        for number, file in enumerate(files)
    )
    if "Name" not in rows.columns:
        return rows.drop("file")
    last = rows.group_by("Name").agg(pl.col("file").max())
    return rows.join(last, on=["Name", "file"], how="semi", maintain_order="left").drop("file")


def order_nodes(rows: pl.DataFrame) -> list[Node]:
    """Return the orders of an export, and their line items.

    Args:
        rows: Of exports of orders, as text; `Updated at` where there is one, `Removed quantity` for units that were
            taken off an order before they were paid for, `Original subtotal` and `Original total` for what it came to
            with them, `Moved at` for the day on which an order came from another shop system.
    """
    extra = ("Updated at", "Removed quantity", "Original subtotal", "Original total", "Moved at")
    rows = rows.with_columns(pl.lit(None, pl.String).alias(name) for name in extra if name not in rows.columns)
    rows = rows.with_columns(line_number=pl.int_range(1, pl.len() + 1).over("Name"))
    orders = rows.filter(pl.col("line_number") == 1)
    edited = rows.filter(pl.col("Removed quantity").is_not_null())["Name"].unique()
    lines = rows.filter(pl.col("Lineitem name").is_not_null() | pl.col("Lineitem price").is_not_null())
    numbers = orders.select("Name", order="Id")
    lines = lines.join(numbers, on="Name", maintain_order="left")
    children = lines.select("Name", line=pl.struct(_line_item()).struct.json_encode())
    by_order = children.group_by("Name", maintain_order=True).agg("line")
    encoded = orders.select(
        "Name",
        id=_gid("Order", pl.col("Id")),
        created=pl.coalesce(_instant("Moved at"), _instant("Created at")),
        updated=_updated_at(),
        node=pl.struct(_order(edited)).struct.json_encode(),
    ).join(by_order, on="Name", how="left", maintain_order="left")
    return _to_nodes(encoded)


def product_nodes(rows: pl.DataFrame, updated_at: str = "2026-01-01T00:00:00Z") -> list[Node]:
    """Return the products of an export, and their variants.

    Args:
        rows: Of an export of products, as text.
        updated_at: When they were changed.
    """
    rows = rows.with_columns(position=pl.int_range(1, pl.len() + 1).over("Handle"))
    first = rows.filter(pl.col("position") == 1).with_row_index("product", offset=1)
    names = {f"Option{number} Name": pl.col(f"Option{number} Name").first().over("Handle") for number in (1, 2, 3)}
    variants = rows.with_columns(**names).filter(pl.col("Variant Price").is_not_null())
    variants = variants.join(first.select("Handle", "product"), on="Handle", maintain_order="left")
    children = variants.select("Handle", line=pl.struct(_variant()).struct.json_encode())
    by_product = children.group_by("Handle", maintain_order=True).agg("line")
    encoded = first.select(
        "Handle",
        id=_gid("Product", pl.col("product")),
        created=pl.lit(updated_at),
        updated=pl.lit(updated_at),
        node=pl.struct(_product(updated_at)).struct.json_encode(),
    ).join(by_product, on="Handle", how="left", maintain_order="left")
    return _to_nodes(encoded)


def customer_nodes(rows: pl.DataFrame, updated_at: str = "2026-01-01T00:00:00Z") -> list[Node]:
    """Return the customers of an export.

    Args:
        rows: Of an export of customers, as text.
        updated_at: When they were changed.
    """
    # a spreadsheet's apostrophe is the export's, and not the shop's
    rows = rows.with_columns(
        pl.col(name).str.strip_prefix("'") for name in ("Customer ID", "Phone", "Default Address Phone")
    )
    encoded = rows.select(
        id=_gid("Customer", pl.col("Customer ID")),
        created=pl.lit(updated_at),
        updated=pl.lit(updated_at),
        node=pl.struct(_customer(updated_at)).struct.json_encode(),
        line=pl.lit([], pl.List(pl.String)),
    )
    return _to_nodes(encoded)


def _to_nodes(encoded: pl.DataFrame) -> list[Node]:
    return [
        Node(id_, created, updated, node, tuple(lines or ()))
        for id_, created, updated, node, lines in encoded.select("id", "created", "updated", "node", "line").iter_rows()
    ]


def _order(edited: pl.Series) -> list[pl.Expr]:
    method = pl.col("Payment Method").fill_null("")
    texts = {
        "email": pl.col("Email"),
        "phone": pl.col("Phone").str.strip_prefix("'"),
        "displayFinancialStatus": pl.col("Financial Status").str.to_uppercase(),
        "displayFulfillmentStatus": pl.col("Fulfillment Status").replace_strict(FULFILMENT, default="UNFULFILLED"),
        "currencyCode": pl.col("Currency"),
    }
    current = {
        "currentSubtotalPriceSet": pl.col("Subtotal"),
        "currentTotalPriceSet": pl.col("Total"),
        "currentTotalDiscountsSet": pl.col("Discount Amount"),
    }
    original = {
        "subtotalPriceSet": pl.coalesce("Original subtotal", "Subtotal"),
        "totalPriceSet": pl.coalesce("Original total", "Total"),
        "totalDiscountsSet": pl.col("Discount Amount"),
        "totalRefundedSet": pl.col("Refunded Amount"),
    }
    fields = {
        "id": _gid("Order", pl.col("Id")),
        "name": pl.col("Name"),
        "createdAt": pl.coalesce(_instant("Moved at"), _instant("Created at")),
        "processedAt": _instant("Created at"),
        "updatedAt": _updated_at(),
        "cancelledAt": _instant("Cancelled at"),
        "test": method.str.contains(r"(?i)\bbogus\b|\(for testing\)"),
        "edited": pl.col("Name").is_in(edited.implode()),
        **texts,
        # the API knows yes and no only
        "customerAcceptsMarketing": (pl.col("Accepts Marketing") == "yes").fill_null(False),
        "discountCodes": _texts("Discount Code"),
        "paymentGatewayNames": pl.when(method != "")
        .then(pl.concat_list(method))
        .otherwise(pl.lit([], pl.List(pl.String))),
        "tags": _texts("Tags"),
        **{name: _money(value) for name, value in {**original, **current}.items()},
        "shippingAddress": _address("Shipping"),
        "billingAddress": _address("Billing"),
    }
    return [value.alias(name) for name, value in fields.items()]


def _line_item() -> list[pl.Expr]:
    number = pl.col("order").cast(pl.Int64) * LINES_AN_ORDER + pl.col("line_number")
    quantity = pl.col("Lineitem quantity").cast(pl.Int64)
    removed = pl.col("Removed quantity").cast(pl.Int64).fill_null(0)
    fields = {
        "id": _gid("LineItem", number),
        "__parentId": _gid("Order", pl.col("order")),
        "name": pl.col("Lineitem name"),
        "sku": pl.col("Lineitem sku"),
        "vendor": pl.col("Vendor"),
        "quantity": quantity + removed,
        "currentQuantity": quantity,
        "originalUnitPriceSet": _money(pl.col("Lineitem price")),
        "totalDiscountSet": _money(pl.col("Lineitem discount")),
    }
    return [value.alias(name) for name, value in fields.items()]


def _product(updated_at: str) -> list[pl.Expr]:
    url = pl.col("Image Src")
    image = pl.struct(pl.struct(pl.struct(url.alias("url")).alias("image")).alias("preview"))
    fields = {
        "id": _gid("Product", pl.col("product")),
        "handle": pl.col("Handle"),
        "title": pl.col("Title"),
        "descriptionHtml": pl.col("Body (HTML)").fill_null(""),
        "vendor": pl.col("Vendor").fill_null(""),
        "productType": pl.col("Type").fill_null(""),
        "status": pl.col("Status").str.to_uppercase(),
        "tags": _texts("Tags"),
        "updatedAt": pl.lit(updated_at),
        "category": pl.when(pl.col("Product Category").is_not_null()).then(
            pl.struct(pl.col("Product Category").alias("fullName"))
        ),
        "featuredMedia": pl.when(url.is_not_null()).then(image),
    }
    return [value.alias(name) for name, value in fields.items()]


def _variant() -> list[pl.Expr]:
    options = [
        pl.struct(pl.col(f"Option{number} Name").alias("name"), pl.col(f"Option{number} Value").alias("value"))
        for number in (1, 2, 3)
    ]
    cost = pl.col("Cost per item")
    fields = {
        "id": _gid("ProductVariant", pl.col("product").cast(pl.Int64) * LINES_AN_ORDER + pl.col("position")),
        "__parentId": _gid("Product", pl.col("product")),
        "sku": pl.col("Variant SKU"),
        "price": pl.col("Variant Price"),
        "position": pl.col("position"),
        "selectedOptions": pl.concat_list(options).list.filter(pl.element().struct.field("value").is_not_null()),
        "inventoryItem": pl.struct(pl.when(cost.is_not_null()).then(pl.struct(cost.alias("amount"))).alias("unitCost")),
    }
    return [value.alias(name) for name, value in fields.items()]


def _customer(updated_at: str) -> list[pl.Expr]:
    email, phone = pl.col("Email"), pl.col("Phone")
    company, address_phone = pl.col("Default Address Company"), pl.col("Default Address Phone")
    fields = {
        "id": _gid("Customer", pl.col("Customer ID")),
        "tags": _texts("Tags"),
        "updatedAt": pl.lit(updated_at),
        "defaultEmailAddress": pl.when(email.is_not_null()).then(
            pl.struct(email.alias("emailAddress"), _state("Accepts Email Marketing").alias("marketingState"))
        ),
        "defaultPhoneNumber": pl.when(phone.is_not_null()).then(
            pl.struct(phone.alias("phoneNumber"), _state("Accepts SMS Marketing").alias("marketingState"))
        ),
        "defaultAddress": pl.when(company.is_not_null() | address_phone.is_not_null()).then(
            pl.struct(company.alias("company"), address_phone.alias("phone"))
        ),
    }
    return [value.alias(name) for name, value in fields.items()]


def _state(column: str) -> pl.Expr:
    return pl.when(pl.col(column) == "yes").then(pl.lit("SUBSCRIBED")).otherwise(pl.lit("NOT_SUBSCRIBED"))


def _gid(kind: str, number: pl.Expr) -> pl.Expr:
    return pl.format(f"gid://shopify/{kind}/{{}}", number)


def _money(value: pl.Expr) -> pl.Expr:
    return pl.struct(pl.struct(value.fill_null("0.0").alias("amount")).alias("shopMoney"))


def _texts(column: str) -> pl.Expr:
    empty = pl.lit([], pl.List(pl.String))
    return pl.when(pl.col(column).is_null()).then(empty).otherwise(pl.col(column).str.split(", "))


def _address(which: str) -> pl.Expr:
    fields = {"company": "Company", "city": "City", "provinceCode": "Province", "countryCodeV2": "Country"}
    columns = [pl.col(f"{which} {column}").alias(field) for field, column in fields.items()]
    phone = pl.col(f"{which} Phone").str.strip_prefix("'").alias("phone")
    is_there = pl.any_horizontal(pl.col(f"{which} Country", f"{which} City", f"{which} Phone").is_not_null())
    return pl.when(is_there).then(pl.struct(*columns, phone))


def _instant(column: str) -> pl.Expr:
    return pl.col(column).str.to_datetime(CSV_STAMP, time_zone="UTC").dt.strftime(UTC_STAMP)


def _updated_at() -> pl.Expr:
    stamps = ("Created at", "Moved at", "Fulfilled at", "Cancelled at")
    return pl.coalesce(_instant("Updated at"), pl.max_horizontal(*(_instant(name) for name in stamps)))
