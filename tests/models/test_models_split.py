"""The temporal split: who bought what in a window, by hand and against a slow count."""

from __future__ import annotations

import numpy as np
import polars as pl

from frontrow.models.interactions.interactions import build_interactions
from frontrow.models.interactions.split import PurchaseWindow, number_lines, split_at
from frontrow.testing.recommenders import planted
from frontrow.testing.shops import DAY_ZERO, hand_made_shop


def test_purchases_of_a_window_are_those_of_a_slow_count() -> None:
    _, everything = planted()
    day = everything.cutoff_day - 40
    window = split_at(everything, day, 20)
    rows = everything.lines.select("customer", "product", "day").rows()
    before = {customer for customer, _, purchase_day in rows if purchase_day < day}
    inside = {(customer, product) for customer, product, purchase_day in rows if day <= purchase_day < day + 20}
    for purchases, is_returning in ((window.returning, True), (window.new, False)):
        expected = sorted(pair for pair in inside if (pair[0] in before) == is_returning)
        counted = zip(purchases.customers[purchases.query].tolist(), purchases.product.tolist(), strict=True)
        assert list(counted) == expected
        assert purchases.targets().nnz == purchases.counts.sum() == len(expected)
    assert window.before.lines["day"].max() < day


def test_only_products_never_bought_before_remain() -> None:
    lines = [(7, "bulb", 0), (8, "pot", 1), (7, "bulb", 9), (7, "pot", 9), (8, "pot", 9)]
    window = split_at(build_interactions(hand_made_shop(lines).as_of()), DAY_ZERO + 5, 30)
    remaining = window.returning.never_bought(window.before.counts())
    assert window.returning.counts.tolist() == [2, 1]
    assert remaining.customers.tolist() == remaining.queries.rows.tolist() == [0]
    assert remaining.targets().toarray().tolist() == [[False, True]]


def test_customers_and_products_that_were_not_there_before_are_numbered_on() -> None:
    before = build_interactions(hand_made_shop([(7, "bulb", 0), (9, "pot", 1)]).as_of())
    later = build_interactions(hand_made_shop([(9, "pot", 2), (9, "can", 3), (8, "pot", 4)]).as_of())
    lines = later.lines.with_columns(
        pl.Series("customer_id", later.customer_ids[later.lines["customer"].to_numpy()]),
        pl.Series("product_id", later.products["product_id"].gather(later.lines["product"])),
    ).drop("customer", "product")
    window = PurchaseWindow(before, number_lines(lines, before))
    assert window.returning.customers.tolist() == [1]
    assert window.returning.counts.tolist() == [2]
    assert window.returning.targets().toarray().tolist() == [[False, True]]
    assert (window.new.customers.tolist(), window.new.queries.rows.tolist()) == ([2], [-1])
    assert window.new.product.tolist() == [1]
    np.testing.assert_array_equal(window.new.targets().toarray(), [[False, True]])
