"""What is asked of Shopify's GraphQL Admin API, version 2026-10.

Fields, states and limits are those of shopify.dev, read in December 2026: the objects of a shop as published for
version 2026-01, which later versions keep, and bulk operations as published for 2026-10.

Only what frontrow uses is asked for: no names of persons, no streets, no notes, no payment details.

A bulk query is one connection with at most five connections in all, two levels deep, and no connection within a list:
so what was given back comes as the order's total, and not line by line, as in Shopify's own export of orders.
"""

from __future__ import annotations

import datetime as dt
from typing import Final, Literal

API_VERSION: Final = "2026-10"

Kind = Literal["orders", "products", "customers"]
KINDS: Final[tuple[Kind, ...]] = ("orders", "products", "customers")

SHOP: Final = """
query Shop {
  shop { ianaTimezone currencyCode }
  currentAppInstallation { accessScopes { handle } }
}
"""

RUN: Final = """
mutation Run($query: String!) {
  bulkOperationRunQuery(query: $query, groupObjects: false) {
    bulkOperation { id status createdAt }
    userErrors { code message }
  }
}
"""

OPERATION: Final = """
query Operation($id: ID!) {
  bulkOperation(id: $id) {
    id status errorCode createdAt objectCount rootObjectCount fileSize url
  }
}
"""

UNFINISHED: Final = """
query Unfinished {
  bulkOperations(first: 25, query: "operation_type:query") {
    nodes { id status createdAt query }
  }
}
"""

_MONEY: Final = "{ shopMoney { amount } }"
_ADDRESS: Final = "{ company city provinceCode countryCodeV2 phone }"

_FIELDS: Final[dict[Kind, str]] = {
    "orders": f"""
        id name createdAt processedAt updatedAt cancelledAt test edited email phone
        displayFinancialStatus displayFulfillmentStatus customerAcceptsMarketing
        currencyCode discountCodes paymentGatewayNames tags
        subtotalPriceSet {_MONEY}
        totalPriceSet {_MONEY}
        totalDiscountsSet {_MONEY}
        totalRefundedSet {_MONEY}
        currentSubtotalPriceSet {_MONEY}
        currentTotalPriceSet {_MONEY}
        currentTotalDiscountsSet {_MONEY}
        shippingAddress {_ADDRESS}
        billingAddress {_ADDRESS}
        lineItems {{ edges {{ node {{
          id name sku vendor quantity currentQuantity
          originalUnitPriceSet {_MONEY}
          totalDiscountSet {_MONEY}
        }} }} }}""",
    "products": """
        id handle title descriptionHtml vendor productType status tags updatedAt
        category { fullName }
        featuredMedia { preview { image { url } } }
        variants { edges { node {
          id sku price position
          selectedOptions { name value }
          inventoryItem { unitCost { amount } }
        } } }""",
    "customers": """
        id tags updatedAt
        defaultEmailAddress { emailAddress marketingState }
        defaultPhoneNumber { phoneNumber marketingState }
        defaultAddress { company phone }""",
}


def write_bulk_query(kind: Kind, since: dt.datetime | None) -> str:
    r"""Return the text of a bulk query.

    Args:
        kind: What to fetch.
        since: Only what was changed then or later; None for everything.

    Example:
        >>> text = write_bulk_query("customers", dt.datetime(2026, 12, 1, 9, tzinfo=dt.UTC))
        >>> text.split(") {")[0]
        '{ customers(query: "updated_at:>=\'2026-12-01T09:00:00Z\'"'
    """
    chosen = ""
    if since is not None:
        instant = since.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        chosen = f"(query: \"updated_at:>='{instant}'\")"
    fields = " ".join(_FIELDS[kind].split())
    return f"{{ {kind}{chosen} {{ edges {{ node {{ {fields} }} }} }} }}"
