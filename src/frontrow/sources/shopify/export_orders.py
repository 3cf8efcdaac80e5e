"""Orders of the Admin API as rows of Shopify's export of orders, for the format `shopify_orders`.

One row a line item; the order's own fields are on its first row. Rows are as in the export: the newest order first.
`Updated at` is not in Shopify's export. It tells which of two states of an order is the later one.

Amounts are in the shop's currency (`shopMoney`), numbers and not text.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import polars as pl

from frontrow.sources.shopify.jsonl import ID, PARENT, Layout, Nodes
from frontrow.sources.shopify.money import ADDRESS, MONEY, TEXTS, amount, instant, joined, yes_or_no

ORDER_FIELDS: Final[Mapping[str, pl.DataType]] = {
    **dict.fromkeys(("id", "name", "createdAt", "processedAt", "updatedAt", "cancelledAt"), pl.String()),
    **dict.fromkeys(("test", "edited", "customerAcceptsMarketing"), pl.Boolean()),
    **dict.fromkeys(("email", "phone", "displayFinancialStatus", "displayFulfillmentStatus"), pl.String()),
    "currencyCode": pl.String(),
    **dict.fromkeys(("discountCodes", "paymentGatewayNames", "tags"), TEXTS),
    **dict.fromkeys(("subtotalPriceSet", "totalPriceSet", "totalDiscountsSet", "totalRefundedSet"), MONEY),
    **dict.fromkeys(("currentSubtotalPriceSet", "currentTotalPriceSet", "currentTotalDiscountsSet"), MONEY),
    **dict.fromkeys(("shippingAddress", "billingAddress"), ADDRESS),
}
LINE_FIELDS: Final[Mapping[str, pl.DataType]] = {
    **dict.fromkeys(("id", "name", "sku", "vendor"), pl.String()),
    **dict.fromkeys(("quantity", "currentQuantity"), pl.Int64()),
    **dict.fromkeys(("originalUnitPriceSet", "totalDiscountSet"), MONEY),
}
FULFILMENT: Final = {"FULFILLED": "fulfilled", "PARTIALLY_FULFILLED": "partial", "RESTOCKED": "restocked"}
FOR_TESTING: Final = "(for testing) "
"""How the export's format knows a test order; the API has a field of its own for it."""

_ADDRESS_COLUMNS: Final = {
    "Company": "company",
    "City": "city",
    "Province": "provinceCode",
    "Country": "countryCodeV2",
    "Phone": "phone",
}
_CURRENT: Final = {
    "Subtotal": "currentSubtotalPriceSet",
    "Total": "currentTotalPriceSet",
    "Discount Amount": "currentTotalDiscountsSet",
}
"""What an order comes to without the units that were taken off it."""

_OWN: Final = ("id", "number", "placed", "edited", *(f"current {name}" for name in _CURRENT))
"""Columns that the export does not have."""


def order_layout(time_zone: str) -> Layout:
    """Return how orders come, and what is kept of them.

    Args:
        time_zone: IANA name, of the shop.
    """
    current = {f"current {name}": amount(field) for name, field in _CURRENT.items()}
    own_columns = {"placed": pl.col("createdAt"), "edited": pl.col("edited").fill_null(False), **current}
    columns = {**own_columns, **_order_columns(time_zone)}
    lines = {"Lineitem quantity": pl.col("quantity"), "current quantity": pl.col("currentQuantity"), **_line_columns()}
    return Layout(
        ORDER_FIELDS,
        LINE_FIELDS,
        [value.alias(name) for name, value in columns.items()],
        [value.alias(name) for name, value in lines.items()],
    )


def export_orders(nodes: Nodes) -> pl.DataFrame:
    """Return the rows of the export.

    Args:
        nodes: Orders in their layout, and their line items.
    """
    orders = _leave_out_removed(nodes.roots, nodes.children)
    reduced = orders.filter("is_reduced")[ID]
    quantity = pl.when(pl.col(PARENT).is_in(reduced.implode())).then("current quantity").otherwise("Lineitem quantity")
    lines = nodes.children.with_columns(quantity.alias("Lineitem quantity"))
    is_first = lines[PARENT].is_first_distinct()
    item_columns = [name for name in lines.columns if name.startswith("Lineitem") or name == "Vendor"]
    columns = [name for name in orders.columns if name not in (*_OWN, "is_reduced")]
    sorting = [pl.col("placed"), pl.col("number").alias("order_number")]
    keys = orders.select(pl.col(ID).alias(PARENT), *sorting, "Name")
    # an order whose every line was removed still says that it was cancelled, say
    first = orders.select(pl.col(ID).alias(PARENT), *sorting, *columns).join(
        lines.filter(is_first).select(PARENT, "number", *item_columns), on=PARENT, how="left"
    )
    others = lines.filter(~is_first).select(PARENT, "number", *item_columns).join(keys, on=PARENT)
    rows = pl.concat([first, others], how="diagonal").sort(
        "placed", "order_number", "number", descending=[True, True, False], nulls_last=True
    )
    return rows.select(*columns, *item_columns)


def _leave_out_removed(orders: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
    """Take the units off an order that were removed before they were paid for, and mark the order in `is_reduced`.

    The quantity of a line includes what was removed later. What was given back is known by its amount; where nothing
    was given back and units are missing all the same, they were never sold.
    """
    fewer = lines.filter(pl.col("current quantity") < pl.col("Lineitem quantity"))[PARENT].unique()
    nothing_back = pl.col("Refunded Amount").fill_null(0.0) == 0
    is_reduced = pl.col("edited") & nothing_back & pl.col(ID).is_in(fewer.implode())
    return orders.with_columns(
        is_reduced.alias("is_reduced"),
        *(pl.when(is_reduced).then(f"current {name}").otherwise(name).alias(name) for name in _CURRENT),
    )


def _order_columns(time_zone: str) -> dict[str, pl.Expr]:
    return {
        "Name": pl.col("name"),
        "Email": pl.col("email"),
        "Financial Status": pl.col("displayFinancialStatus").str.to_lowercase(),
        "Fulfillment Status": pl.col("displayFulfillmentStatus").replace_strict(FULFILMENT, default="unfulfilled"),
        "Accepts Marketing": yes_or_no(pl.col("customerAcceptsMarketing")),
        "Currency": pl.col("currencyCode"),
        "Subtotal": amount("subtotalPriceSet"),
        "Total": amount("totalPriceSet"),
        "Discount Code": joined("discountCodes"),
        "Discount Amount": amount("totalDiscountsSet"),
        # orders moved from another shop system keep the day on which they were placed there
        "Created at": pl.coalesce(instant("processedAt", time_zone), instant("createdAt", time_zone)),
        **_address_columns("Billing"),
        **_address_columns("Shipping"),
        "Cancelled at": instant("cancelledAt", time_zone),
        "Payment Method": _payment_method(),
        "Refunded Amount": amount("totalRefundedSet"),
        "Tags": joined("tags"),
        "Phone": pl.col("phone"),
        "Updated at": instant("updatedAt", time_zone),
    }


def _address_columns(which: str) -> dict[str, pl.Expr]:
    address = pl.col(f"{which.lower()}Address")
    return {f"{which} {column}": address.struct.field(field) for column, field in _ADDRESS_COLUMNS.items()}


def _payment_method() -> pl.Expr:
    gateways = pl.col("paymentGatewayNames").list.join(" + ").fill_null("")
    is_test = pl.col("test").fill_null(False)
    return pl.when(is_test).then(pl.lit(FOR_TESTING) + gateways).when(gateways != "").then(gateways)


def _line_columns() -> dict[str, pl.Expr]:
    return {
        "Lineitem name": pl.col("name"),
        "Lineitem price": amount("originalUnitPriceSet"),
        "Lineitem sku": pl.col("sku"),
        "Lineitem discount": amount("totalDiscountSet"),
        "Vendor": pl.col("vendor"),
    }
