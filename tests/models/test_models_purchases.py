"""Purchases against a plain loop over order lines."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from frontrow.models.interactions.purchases import Purchases, count_purchases, find_ages

PRODUCTS = 3


@st.composite
def order_lines(draw: st.DrawFn) -> pl.DataFrame:
    """Lines of a few customers, by customer and order, each order on one day."""
    orders = draw(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 5)), max_size=12, unique=True))
    rows = []
    for number, (customer, day) in enumerate(sorted(orders)):
        for product, quantity in draw(st.lists(st.tuples(st.integers(0, PRODUCTS - 1), st.integers(1, 9)), min_size=1)):
            rows.append((customer, product, number, day, quantity))
    schema = dict.fromkeys(("customer", "product", "order", "day", "quantity"), pl.Int64)
    return pl.DataFrame(rows, schema, orient="row")


def entries(purchases: Purchases) -> list[tuple[int, ...]]:
    columns = (purchases.customer, purchases.product, purchases.order, purchases.day, purchases.lines, purchases.units)
    return [tuple(entry) for entry in np.column_stack(columns).tolist()]


@given(order_lines())
def test_each_product_of_an_order_is_listed_once(lines: pl.DataFrame) -> None:
    counted: dict[tuple[int, ...], list[int]] = defaultdict(list)
    for *entry, quantity in lines.rows():
        counted[tuple(entry)].append(quantity)
    expected = [(*entry, len(units), sum(units)) for entry, units in sorted(counted.items())]
    assert entries(count_purchases(lines, PRODUCTS)) == expected


@given(order_lines(), st.integers(0, 6))
def test_orders_are_numbered_without_gaps(lines: pl.DataFrame, day: int) -> None:
    later = count_purchases(lines.filter(pl.col("day") >= day), PRODUCTS)
    customers, number = later.number_orders()
    orders, expected = np.unique(later.order, return_inverse=True)
    assert number.tolist() == expected.tolist()
    assert customers.tolist() == [int(later.customer[later.order == order][0]) for order in orders]


@given(order_lines(), st.integers(0, 6), st.sets(st.integers(0, 3)))
def test_entries_of_some_lines_are_selected_or_counted(lines: pl.DataFrame, day: int, customers: set[int]) -> None:
    purchases = count_purchases(lines, PRODUCTS)
    selections = (
        (purchases.day < day, pl.col("day") < day),
        (np.isin(purchases.customer, list(customers)), pl.col("customer").is_in(list(customers))),
    )
    for mask, condition in selections:
        selected, counted = purchases.select(mask), count_purchases(lines.filter(condition), PRODUCTS)
        assert entries(selected) == entries(counted)
        assert selected.starts.tolist() == counted.starts.tolist()


@given(order_lines())
def test_pairs_and_customers_are_counted_separately(lines: pl.DataFrame) -> None:
    purchases = count_purchases(lines, PRODUCTS)
    pairs, customers = defaultdict(list), defaultdict(list)
    for customer, product, order, *_ in lines.rows():
        pairs[customer, product].append(order)
        customers[customer].append(order)
    assert purchases.orders.tolist() == [len(set(pairs[pair])) for pair in sorted(pairs)]
    assert purchases.order[purchases.starts].tolist() == [min(pairs[pair]) for pair in sorted(pairs)]
    assert purchases.order[purchases.lasts].tolist() == [max(pairs[pair]) for pair in sorted(pairs)]
    assert purchases.summed(purchases.units.astype(np.float64)).sum() == lines["quantity"].sum()
    for customer, product, order, again, first, last in zip(
        purchases.customer,
        purchases.product,
        purchases.order,
        purchases.again,
        purchases.first_orders,
        purchases.last_orders,
        strict=True,
    ):
        assert again == (order > min(pairs[customer, product]))
        assert (first, last) == (min(customers[customer]), max(customers[customer]))


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 9_999))))
def test_ages_are_the_highest_and_the_lowest_of_each_row(pairs: list[tuple[int, int]]) -> None:
    rows, ages = (np.array([pair[place] for pair in pairs], dtype=np.int64) for place in (0, 1))
    of_rows = [[age for row, age in pairs if row == number] for number in range(4)]
    highest, lowest = find_ages(rows, ages, count=4)
    assert highest.tolist() == [max(row, default=0) for row in of_rows]
    assert lowest.tolist() == [min(row, default=np.inf) for row in of_rows]
