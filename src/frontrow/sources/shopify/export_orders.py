"""Orders of the Admin API as rows of Shopify's export of orders, for the format `shopify_orders`.

One row a line item; the order's own fields are on its first row. Rows are as in the export: the newest order first.
`Updated at` is not in Shopify's export. It tells which of two states of an order is the later one.

Amounts are in the shop's currency (`shopMoney`), numbers and not text.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import polars as pl

from frontrow.sources.shopify.jsonl import ID, PARENT, Nodes
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
_REDUCED: Final = "reduced"


def export_orders(nodes: Nodes, time_zone: str) -> pl.DataFrame:
    """Return the rows of the export.

    Args:
        nodes: Orders, and their line items.
        time_zone: IANA name, of the shop.
    """
    orders = nodes.roots.with_columns(_is_reduced(nodes.children).alias(_REDUCED)).select(
        pl.col(ID).alias(PARENT),
        pl.col("number").alias("order_number"),
        pl.col("createdAt").alias("placed"),
        _REDUCED,
        *(value.alias(name) for name, value in _order_columns(time_zone).items()),
    )
    lines = nodes.children.select(PARENT, "number", "quantity", "currentQuantity", *_line_columns())
    # an order whose every line was removed still says that it was cancelled, say
    rows = orders.join(lines, on=PARENT, how="left")
    rows = rows.sort("placed", "order_number", "number", descending=[True, True, False], nulls_last=True)
    quantity = pl.when(_REDUCED).then("currentQuantity").otherwise("quantity").alias("Lineitem quantity")
    is_first = pl.col(PARENT).is_first_distinct()
    own = [name for name in orders.columns[4:] if name != "Name"]
    return rows.select(
        "Name",
        *(pl.when(is_first).then(pl.col(name)).alias(name) for name in own),
        quantity,
        *(name for name in lines.columns if name.startswith("Lineitem") or name == "Vendor"),
    )


def _is_reduced(lines: pl.DataFrame) -> pl.Expr:
    """Whether units were taken off an order before they were paid for, which no refund says.

    The quantity of a line includes what was removed later. What was given back is known by its amount; where nothing
    was given back and units are missing all the same, they were never sold.
    """
    fewer = lines.filter(pl.col("currentQuantity") < pl.col("quantity"))[PARENT].unique()
    nothing_back = amount("totalRefundedSet").fill_null(0.0) == 0
    return pl.col("edited").fill_null(False) & nothing_back & pl.col(ID).is_in(fewer.implode())


def _order_columns(time_zone: str) -> dict[str, pl.Expr]:
    return {
        "Name": pl.col("name"),
        "Email": pl.col("email"),
        "Financial Status": pl.col("displayFinancialStatus").str.to_lowercase(),
        "Fulfillment Status": pl.col("displayFulfillmentStatus").replace_strict(FULFILMENT, default="unfulfilled"),
        "Accepts Marketing": yes_or_no(pl.col("customerAcceptsMarketing")),
        "Currency": pl.col("currencyCode"),
        "Subtotal": _now_or_then("currentSubtotalPriceSet", "subtotalPriceSet"),
        "Total": _now_or_then("currentTotalPriceSet", "totalPriceSet"),
        "Discount Code": joined("discountCodes"),
        "Discount Amount": _now_or_then("currentTotalDiscountsSet", "totalDiscountsSet"),
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


def _now_or_then(current: str, original: str) -> pl.Expr:
    """An amount of the order; without the removed units where these were never paid for."""
    return pl.when(_REDUCED).then(amount(current)).otherwise(amount(original))


def _address_columns(which: str) -> dict[str, pl.Expr]:
    address = pl.col(f"{which.lower()}Address")
    return {f"{which} {column}": address.struct.field(field) for column, field in _ADDRESS_COLUMNS.items()}


def _payment_method() -> pl.Expr:
    gateways = pl.col("paymentGatewayNames").list.join(" + ").fill_null("")
    is_test = pl.col("test").fill_null(False)
    return pl.when(is_test).then(pl.lit(FOR_TESTING) + gateways).when(gateways != "").then(gateways)


def _line_columns() -> list[pl.Expr]:
    return [
        pl.col("name").alias("Lineitem name"),
        amount("originalUnitPriceSet").alias("Lineitem price"),
        pl.col("sku").alias("Lineitem sku"),
        amount("totalDiscountSet").alias("Lineitem discount"),
        pl.col("vendor").alias("Vendor"),
    ]
