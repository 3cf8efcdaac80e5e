"""Outcomes of the customers of a campaign in its window, and matching of its product in the shop."""

import datetime as dt

import polars as pl
import pytest

from frontrow.campaign.record.product_matching import match_shop_products
from frontrow.campaign.uplift.outcomes import OUTCOMES, Margin, Window, catalogue_cost, customer_outcomes
from frontrow.errors import CampaignError
from frontrow.shop.settings import ShopSettings
from frontrow.shop.shop import Shop
from frontrow.testing.shops import DAY_ZERO, order_lines

SHOP = pl.DataFrame(
    {
        "product_id": ["pot", "P7", "P8", "P9"],
        "title": ["Pot", "Red Vase", "Twin", "Twin"],
        "aliases": [[], ["Red Vase", "RED  VASE, glazed"], [], []],
    }
)


def new_products(product_id, title):
    return [{"product_id": product_id, "title": title}]


@pytest.mark.parametrize(
    ("product", "sold_as", "expected"),
    [
        (("P7", "whatever"), None, "P7"),
        (("new:red-vase", "red  vase"), None, "P7"),
        (("new:x", "Red vase, GLAZED"), None, "P7"),
        (("new:x", "nobody knows"), {"new:x": "pot"}, "pot"),
        (("P7", "Red Vase"), {"red vase": "P8"}, "P8"),
    ],
)
def test_a_product_is_matched_by_the_given_id_then_its_id_then_its_title(product, sold_as, expected):
    assert match_shop_products(new_products(*product), SHOP, sold_as) == {product[0]: expected}


@pytest.mark.parametrize(
    ("product", "sold_as", "message"),
    [
        (("new:red", "Red vse"), None, "Similar titles: red vase"),
        (("new:red", "Red vase"), {"new:red": "potty"}, 'sells no "potty".*Similar titles: pot'),
        (("new:twin", "Twin"), None, "several products.*P8, P9"),
        (("new:red", "Red vase"), {"new:blue": "pot"}, "has no product new:blue"),
    ],
)
def test_an_ambiguous_or_unknown_product_is_refused(product, sold_as, message):
    with pytest.raises(CampaignError, match=message):
        match_shop_products(new_products(*product), SHOP, sold_as)


def history(lines, **columns):
    orders = order_lines(lines, **columns)
    ids = sorted({customer for customer in orders["customer_id"] if customer is not None})
    customers = pl.DataFrame({"customer_id": ids, "source_id": [f"c{customer}" for customer in ids]})
    return Shop.from_tables(orders, SHOP, customers, settings=ShopSettings()).as_of()


def window(start, end, product="pot"):
    first, last = (
        dt.datetime.combine(dt.date(1970, 1, 1), dt.time(), dt.UTC) + dt.timedelta(days=DAY_ZERO + day)
        for day in (start, end)
    )
    return Window(product, first, last)


def test_outcomes_by_hand():
    lines = [(1, "pot", 10), (1, "pot", 12), (1, "P7", 11), (2, "P7", 10), (None, "pot", 10), (4, "pot", 11)]
    lines += [(3, "pot", 9), (3, "pot", 15)]
    order_history = history(lines, quantity=[2, 1, 1, 3, 1, 1, 1, 1], discount=[1.0, 0, 0, 0, 0, 0, 0, 0])
    assignment = pl.DataFrame({"product_id": "new:pot", "customer_id": [3, 1, 2, 9], "group": "contacted"})
    outcomes = customer_outcomes(assignment, order_history, {"new:pot": window(10, 15)}, {"new:pot": Margin(cost=4.0)})
    assert outcomes.columns == ["product_id", "customer_id", "group", *OUTCOMES]
    assert outcomes.select("customer_id", *OUTCOMES).rows() == [
        (3, 0, 0, 0, 0, 0),  # the day before the window, and the first day after it
        (1, 1, 3, 29, 17, 39),
        (2, 0, 0, 0, 0, 30),
        (9, 0, 0, 0, 0, 0),
    ]
    per_unit = customer_outcomes(
        assignment, order_history, {"new:pot": window(10, 15)}, {"new:pot": Margin(per_unit=6.0)}
    )
    assert per_unit["margin"].to_list() == [0, 17, 0, 0]
    assert customer_outcomes(assignment, order_history, {"new:pot": window(10, 15)})["margin"].null_count() == 4


def test_each_product_has_its_own_window():
    assignment = pl.DataFrame({"product_id": ["b", "a"], "customer_id": [1, 2]})
    order_history = history([(1, "P7", 5), (1, "pot", 5), (2, "pot", 5), (2, "P7", 1)])
    outcomes = customer_outcomes(
        assignment, order_history, {"a": window(0, 5, "P7"), "b": window(3, 9, "P7")}, {"a": Margin(cost=1.0)}
    )
    assert outcomes.rows() == [("b", 1, 1, 1, 10, None, 20), ("a", 2, 1, 1, 10, 9, 10)]
    with pytest.raises(CampaignError, match="No window is given for the products b"):
        customer_outcomes(assignment, order_history, {"a": window(0, 5)})


def test_the_catalogue_gives_the_cost_if_it_has_one():
    products = pl.DataFrame({"product_id": ["pot", "P7"], "cost": [2.5, None]})
    assert [catalogue_cost(products, product_id) for product_id in ("pot", "P7", "P9")] == [2.5, None, None]
