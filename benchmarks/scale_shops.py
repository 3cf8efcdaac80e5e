"""Made-up shops of any size for `scale.py`, written a block of orders at a time: memory does not grow with the shop.

A tenth as many customers as order lines; four years. Each customer has one of eight tastes, and so has each product,
whose title says it: who buys a new product follows from what they bought before. A few customers order very much, 5 %
of the orders are of guests, prices are whole cents. The same size and seed give the same rows in every layout.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl
from import_memory import shopify_rows

LAYOUTS: Final = ("parquet", "csv", "shopify")
"""The own layout as Parquet and CSV, and the raw orders export of Shopify."""

BLOCK_ORDERS: Final = 100_000
LINES_OF_TWO_ORDERS: Final = 5
ORDERS_A_CUSTOMER: Final = 4
FIRST_SECOND: Final = 1_640_995_200  # 2022-01-01
DAYS: Final = 4 * 365
DAY_SECONDS: Final = 86_400
GUEST_SHARE: Final = 0.05
HEAVY_SHARE: Final = 0.3  # of repeat orders, by one customer in HEAVY_EVERY
HEAVY_EVERY: Final = 50
OWN_TASTE_SHARE: Final = 0.8
NEW_PRODUCT_SHARE: Final = 0.12
NEW_DAYS: Final = 60
COUNTRIES: Final = ("GB", "GB", "GB", "GB", "IE", "FR", "DE", "US")

LAUNCH_DAYS: Final = np.concatenate([np.arange(90, DAYS - 160, 20), np.arange(DAYS - 130, DAYS - 30, 2), [DAYS - 9]])
"""Days of the launches: 61 over the years, 50 close together that a back-test of the last months tests, one open."""

TASTES: Final = (
    ("Candle", "Lantern", "Incense", "Wax Melt", "Diffuser"),
    ("Teapot", "Mug", "Saucer", "Kettle", "Tea Towel"),
    ("Trowel", "Watering Can", "Planter", "Seed Tin", "Garden Fork"),
    ("Cushion", "Blanket", "Quilt", "Pillowcase", "Throw"),
    ("Notebook", "Pencil Case", "Postcard", "Letter Set", "Ink Bottle"),
    ("Puzzle", "Board Game", "Spinning Top", "Marble Run", "Kite"),
    ("Necklace", "Bracelet", "Brooch", "Earrings", "Ring Dish"),
    ("Picture Frame", "Poster", "Wall Clock", "Mirror", "Vase"),
)
ADJECTIVES: Final = ("Small", "Large", "Blue", "Green", "Glazed", "Woven", "Vintage", "Recycled", "Painted", "Plain")
NEW_PRODUCT: Final = "Glazed Teapot 90001"
"""Title of a product that nobody has bought yet."""


@dataclass(frozen=True)
class ScaleShop:
    """A made-up shop.

    Attributes:
        lines: Order lines, a multiple of 10.
        seed: Another seed gives other orders.
    """

    lines: int
    seed: int = 0

    @property
    def orders(self) -> int:
        """Number of orders."""
        return self.lines * 2 // LINES_OF_TWO_ORDERS

    @property
    def customers(self) -> int:
        """Number of customers; each has an order."""
        return self.orders // ORDERS_A_CUSTOMER

    @property
    def products(self) -> int:
        """Number of products: grows with the square root of the lines, in round numbers."""
        number = 2 * self.lines**0.5
        step = 10 ** int(np.log10(number))
        return max(round(number / step) * step, 2 * len(LAUNCH_DAYS))

    @property
    def catalogue(self) -> int:
        """Number of products that are on sale from the beginning; the others are launched, one a `LAUNCH_DAYS`."""
        return self.products - len(LAUNCH_DAYS)

    @cached_property
    def product_table(self) -> pl.DataFrame:
        """`product` (0, 1, ...), `product_id`, `sku`, `title`, `price`."""
        number = np.arange(self.products)
        taste = self._taste_of(number)
        nouns = [TASTES[kind][index] for kind, index in zip(taste, number // len(TASTES) % 5, strict=True)]
        adjectives = [ADJECTIVES[index] for index in number // 3 % len(ADJECTIVES)]
        return pl.DataFrame({"product": number, "noun": nouns, "adjective": adjectives}).select(
            "product",
            product_id=pl.format("p-{}", pl.col("product") + 100_000),
            sku=pl.format("SKU-{}", pl.col("product") + 100_000),
            title=pl.format("{} {} {}", "adjective", "noun", pl.col("product") + 100),
            price=(pl.col("product") * 37 % 6_000 + 250) / 100,
        )

    def _taste_of(self, product: np.ndarray) -> np.ndarray:
        """Launches are counted from their own beginning, so that the tastes take turns among them."""
        return np.where(product < self.catalogue, product, product - self.catalogue) % len(TASTES)

    def blocks(self) -> Iterator[pl.DataFrame]:
        """The order lines, oldest first, in blocks of orders; see `_make_block` for the columns."""
        for start in range(0, self.orders, BLOCK_ORDERS):
            yield self._make_block(start, min(start + BLOCK_ORDERS, self.orders))

    def _make_block(self, start: int, end: int) -> pl.DataFrame:
        """The lines of some orders.

        Returns:
            `number` of the order, `line_number`, `customer` (null for guests), `second` since 1970, the columns of
            `product_table`, `quantity`, `discount`, `country`.
        """
        rng = np.random.default_rng([self.seed, self.lines, start])
        number = np.arange(start, end)
        customer, is_guest = self._draw_customers(rng, number)
        more = len(number) * LINES_OF_TWO_ORDERS // 2 - len(number)
        counts = 1 + np.bincount(rng.integers(0, len(number), more), minlength=len(number))
        order = np.repeat(np.arange(len(number)), counts)
        second = number * (DAYS * DAY_SECONDS) // self.orders
        product = self._draw_products(rng, customer[order], second[order] // DAY_SECONDS)
        first_line = start * LINES_OF_TWO_ORDERS // 2
        # each product of the catalogue is sold at once: a first sale later on would be a launch
        row = first_line + np.arange(len(order))
        product = np.where(row < self.catalogue, row, product)
        lines = pl.DataFrame(
            {
                "number": number[order],
                "line_number": np.arange(len(order)) - np.repeat(np.cumsum(counts) - counts, counts) + 1,
                "customer": customer[order],
                "is_guest": is_guest[order],
                "second": second[order] + FIRST_SECOND,
                "product": product,
                "quantity": 1 + (4 * rng.random(len(order)) ** 3).astype(np.int64),
                "is_reduced": rng.random(len(order)) < 0.1,
            }
        ).join(self.product_table, on="product", how="left", maintain_order="left")
        country = pl.col("customer") * 7_919 // 64 % len(COUNTRIES)
        reduced = (pl.col("price") * pl.col("quantity") * 0.1).round(2)
        return lines.with_columns(
            customer=pl.when(~pl.col("is_guest")).then("customer"),
            country=country.replace_strict(dict(enumerate(COUNTRIES)), return_dtype=pl.String),
            discount=pl.when("is_reduced").then(reduced).otherwise(0.0),
        ).drop("is_guest", "is_reduced")

    def _draw_customers(self, rng: np.random.Generator, number: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The customer of each order, and whether it is a guest's: every fourth order is the first of a customer."""
        newest = number // ORDERS_A_CUSTOMER
        is_first = number % ORDERS_A_CUSTOMER == 0
        recent = newest - ((newest + 1) * rng.random(len(number)) ** 1.5).astype(np.int64)
        heavy = (((newest // HEAVY_EVERY) + 1) * rng.random(len(number)) ** 2).astype(np.int64) * HEAVY_EVERY
        again = np.where(rng.random(len(number)) < HEAVY_SHARE, heavy, recent)
        repeat_share = 1 - 1 / ORDERS_A_CUSTOMER
        is_guest = ~is_first & (rng.random(len(number)) < GUEST_SHARE / repeat_share)
        return np.where(is_first, newest, again), is_guest

    def _draw_products(self, rng: np.random.Generator, customer: np.ndarray, day: np.ndarray) -> np.ndarray:
        """A new product of the customer's taste, where there is one and the customer is curious; else a known one."""
        count = len(TASTES)
        any_taste = rng.integers(0, count, len(customer))
        own = customer * 7_919 // 8 % count
        taste = np.where(rng.random(len(customer)) < OWN_TASTE_SHARE, own, any_taste)
        rank = ((self.catalogue // count) * rng.random(len(customer)) ** 2.5).astype(np.int64)
        first = np.searchsorted(LAUNCH_DAYS, day - NEW_DAYS, side="right")
        end = np.searchsorted(LAUNCH_DAYS, day, side="right")
        first = first + (taste - first) % count
        choices = np.maximum(-(-(end - first) // count), 0)
        launch = first + (choices * rng.random(len(customer))).astype(np.int64) * count
        is_new = (choices > 0) & (rng.random(len(customer)) < NEW_PRODUCT_SHARE)
        return np.where(is_new, self.catalogue + launch, rank * count + taste)


def write_export(shop: ScaleShop, file: Path, layout: str) -> None:
    """Write the shop's order lines as a file that `frontrow import` reads.

    Args:
        shop: What is written.
        file: What to write.
        layout: One of `LAYOUTS`.
    """
    if layout == "parquet":
        write_parts((to_order_lines(block) for block in shop.blocks()), file)
        return
    to_rows = to_shopify if layout == "shopify" else to_order_lines
    with file.open("wb") as handle:
        for index, block in enumerate(shop.blocks()):
            to_rows(block).write_csv(handle, include_header=index == 0)


def write_parts(tables: Iterator[pl.DataFrame], file: Path) -> None:
    """Write tables below each other to one Parquet file, holding one of them at a time."""
    folder = file.with_suffix(".parts")
    folder.mkdir()
    for index, table in enumerate(tables):
        table.write_parquet(folder / f"{index:06}.parquet")
    pl.scan_parquet(folder / "*.parquet").sink_parquet(file)
    for part in folder.iterdir():
        part.unlink()
    folder.rmdir()


def _common_columns() -> dict[str, pl.Expr]:
    """What both layouts say, by the names of this page."""
    return {
        "order_id": order_id(),
        "ordered_at": pl.from_epoch("second").dt.strftime("%Y-%m-%d %H:%M:%S +0000"),
        "email": email(),
        "accepts_marketing": pl.when(pl.col("customer") % 3 == 0).then(pl.lit("yes")).otherwise(pl.lit("no")),
    }


def order_id() -> pl.Expr:
    """The name of an order, all of the same length: they sort as they were placed."""
    return pl.format("#{}", pl.col("number") + 100_000_001)


def source_id() -> pl.Expr:
    """The id of a customer; null for guests."""
    return pl.format("C{}", pl.col("customer") + 5_000_000)


def email() -> pl.Expr:
    """The address of a customer, neighbours in the file being none in the alphabet; null for guests."""
    return pl.format("shopper{}@example.com", (pl.col("customer") * 7_368_787) % 100_000_007)


def to_order_lines(block: pl.DataFrame) -> pl.DataFrame:
    """Lines in frontrow's own layout."""
    columns = ("product_id", "sku", "title", "quantity", "price", "discount", "country")
    return block.select(
        **_common_columns(), customer_id=source_id(), currency=pl.lit("GBP"), **{name: pl.col(name) for name in columns}
    )


def to_shopify(block: pl.DataFrame) -> pl.DataFrame:
    """Lines in the raw orders export of Shopify; the discounts are of the orders."""
    earned = pl.col("price") * pl.col("quantity")
    rows = block.with_columns(
        **_common_columns(),
        buyer=pl.col("customer"),
        change=pl.lit(0),
        is_first=pl.col("line_number") == 1,
        discount=pl.col("discount").sum().over("number").round(2),
        phone=pl.lit(None, pl.String),
        city=pl.lit(None, pl.String),
        street=pl.lit(None, pl.String),
    ).with_columns(total=(earned.sum().over("number") - pl.col("discount")).round(2))
    of_order = {"Discount Amount": pl.col("discount")}
    of_order |= {f"{which} Country": pl.col("country") for which in ("Billing", "Shipping")}
    replaced = rows.select(pl.when("is_first").then(value).alias(name) for name, value in of_order.items())
    return shopify_rows(rows).with_columns(replaced)
