"""Histories of orders, exported at any days, cut and shuffled in any way: the shop is the last state of each."""

from __future__ import annotations

import csv
import datetime as dt
import tempfile
from dataclasses import dataclass
from pathlib import Path

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from frontrow.shop.import_settings import ImportSettings
from frontrow.shop.shop import Shop
from frontrow.shop.update import import_files
from frontrow.storage.pointer import Pointer

HEADER = (
    *("Name", "Email", "Financial Status", "Fulfillment Status", "Currency", "Subtotal", "Total", "Discount Amount"),
    *("Created at", "Lineitem quantity", "Lineitem name", "Lineitem price", "Lineitem sku", "Cancelled at"),
    *("Refunded Amount",),
)
START = dt.datetime(2026, 1, 5, 9, tzinfo=dt.UTC)
STEPS = ("pay", "send", "add an item", "refund a part", "refund", "cancel")
PRICES = (5.0, 8.0, 12.5)
GBP = ImportSettings(time_zone="UTC", currency="GBP")


@dataclass(frozen=True)
class History:
    """An order and what happened to it: the day of each step, counted from 0."""

    placed: int
    steps: tuple[tuple[int, str], ...]

    def rows(self, number: int, day: int) -> list[dict]:
        """Its rows in an export of a day."""
        done = [step for when, step in self.steps if when <= day]
        lines = [("Pot", PRICES[number % 3]), ("Soil", 4.0)] + [("Saucer", 2.5)] * done.count("add an item")
        subtotal = sum(price for _, price in lines)
        refund = subtotal if {"refund", "cancel"} & set(done) else 3.0 if "refund a part" in done else 0.0
        status = "paid" if "pay" in done else "pending"
        status = {0.0: status, 3.0: "partially_refunded"}.get(refund, "refunded")
        stamp = START + dt.timedelta(days=self.placed, minutes=number)
        order = {
            "Financial Status": status,
            "Fulfillment Status": "fulfilled" if "send" in done else "unfulfilled",
            "Currency": "GBP",
            "Subtotal": f"{subtotal:.2f}",
            "Total": f"{subtotal:.2f}",
            "Cancelled at": f"{stamp:%Y-%m-%d %H:%M:%S} +0000" if "cancel" in done else "",
            "Refunded Amount": f"{refund:.2f}",
        }
        rows = [
            {
                "Name": f"#{number:03d}",
                "Email": f"person{number % 4}@example.com",
                "Created at": f"{stamp:%Y-%m-%d %H:%M:%S} +0000",
                "Lineitem quantity": "1",
                "Lineitem name": title,
                "Lineitem price": f"{price:.2f}",
                "Lineitem sku": title[:3].upper(),
            }
            for title, price in lines
        ]
        rows[0] |= order
        return rows


@st.composite
def histories(draw):
    """Orders in order of time, each with steps that can follow one another."""
    placed = sorted(draw(st.lists(st.integers(0, 20), min_size=2, max_size=7)))
    orders = []
    for day in placed:
        steps = draw(st.lists(st.sampled_from(STEPS[:4]), unique=True, max_size=4))
        steps += draw(st.sampled_from(((), ("refund",), ("cancel",))))
        days = sorted(draw(st.lists(st.integers(day, 40), min_size=len(steps), max_size=len(steps))))
        orders.append(History(day, tuple(zip(days, steps, strict=True))))
    return orders


@st.composite
def exports(draw):
    """Days of exports, each with the first day that it holds; the last one comes after every step and holds all."""
    days = draw(st.lists(st.integers(1, 39), min_size=1, max_size=3, unique=True))
    return [(draw(st.integers(0, day)), day) for day in sorted(days)] + [(0, 41)]


def write_export(folder: Path, name: str, rows: list[dict]) -> Path:
    with (folder / name).open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, HEADER, restval="")
        writer.writeheader()
        writer.writerows(rows)
    return folder / name


def rows_of(orders: list[History], first: int, day: int) -> list[dict]:
    """The rows of an export, the newest order first."""
    numbered = [(number, order) for number, order in enumerate(orders) if first <= order.placed <= day]
    return [row for number, order in reversed(numbered) for row in order.rows(number, day)]


def tables(folder: Path) -> dict[str, bytes]:
    stored = Pointer.read(folder).tables
    return {name: (folder / stored[name].file).read_bytes() for name in ("orders", "products", "customers")}


@settings(max_examples=25, deadline=None)
@given(orders=histories(), days=exports(), data=st.data())
def test_the_shop_is_the_last_state_of_each_order(orders, days, data):
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        import_files([write_export(folder, "last.csv", rows_of(orders, *days[-1]))], folder / "last", settings=GBP)
        pieces = []
        for number, (first, day) in enumerate(days):
            rows = rows_of(orders, first, day)
            cut = data.draw(st.integers(0, len(rows)), label=f"cut of export {number}")
            parts = [part for part in (rows[:cut], rows[cut:]) if part]
            pieces += [write_export(folder, f"{number}-{part}.csv", part_rows) for part, part_rows in enumerate(parts)]
        pieces = data.draw(st.permutations(pieces), label="order of the files")
        import_files(pieces, folder / "pieces", settings=GBP)
        assert tables(folder / "pieces") == tables(folder / "last")


@settings(max_examples=15, deadline=None)
@given(orders=histories(), days=exports(), data=st.data())
def test_imported_one_after_the_other_in_any_order_the_shop_ends_with_the_last_state(orders, days, data):
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        files = [
            write_export(folder, f"{number}.csv", rows_of(orders, *export))
            for number, export in enumerate(days)
            if rows_of(orders, *export)
        ]
        import_files(files[-1:], folder / "last", settings=GBP)
        for file in data.draw(st.permutations(files), label="order of the imports"):
            import_files([file], folder / "shop", settings=GBP)
        assert order_lines(folder / "shop").equals(order_lines(folder / "last"))
        states = [Shop.read(folder / shop).order_states.collect().drop("exported_until") for shop in ("shop", "last")]
        assert states[0].equals(states[1])


def order_lines(folder: Path) -> pl.DataFrame:
    shop = Shop.read(folder)
    sources = shop.customers.select("customer_id", "source_id")
    return (
        shop.orders.join(sources, on="customer_id", how="left")
        .drop("customer_id")
        .sort("order_id", "line_number")
        .collect()
    )
