"""Hand-made shops and ranked lists for the tests of campaigns."""

import polars as pl

from frontrow.schema import CUSTOMER_SCHEMA
from frontrow.shop.settings import ShopSettings
from frontrow.shop.shop import Shop
from frontrow.testing.shops import order_lines

CONSENT = {"accepts_email": True, "accepts_sms": True}


def a_shop(customers, lines=None, **columns):
    """A shop of customers 1, 2, ...; each bought a pot on the first day unless lines are given."""
    rows = [
        {"customer_id": number, "source_id": f"c{number}", "email": f"c{number}@example.com", **CONSENT, **person}
        for number, person in enumerate(customers, 1)
    ]
    ordered_lines = lines if lines is not None else [(number, "pot", 0) for number in range(1, len(customers) + 1)]
    return Shop.from_tables(
        orders=order_lines(ordered_lines, **columns),
        products=pl.DataFrame(
            {"product_id": ["pot", "vase-1"], "title": ["Pot", "Vase"], "aliases": [[], ["Blue vase"]]}
        ),
        customers=pl.DataFrame(rows, schema=dict(CUSTOMER_SCHEMA)),
        settings=ShopSettings(),
    )


def ranked(customers, product_id="new", title="New"):
    return pl.DataFrame(
        {
            "product_id": product_id,
            "title": title,
            "customer_id": customers,
            "rank": range(1, len(customers) + 1),
            "probability": [1 / (2 + index) for index in range(len(customers))],
            "source_id": [f"c{customer}" for customer in customers],
        }
    )
