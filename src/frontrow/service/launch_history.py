"""A shop's launches in time: what each sold, and the past launches most like it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from frontrow.launch.audience.similar_launches import find_similar_launches
from frontrow.launch.life_cycle import LAUNCH, STILL_OPEN, TOO_FEW_BUYERS, compute_life_cycles
from frontrow.present.section import Cell, Section, Sentence, Table
from frontrow.present.sections.launches import page_values
from frontrow.present.wording import ABSENT, count, counted, date, money
from frontrow.service.opening import OpenedShop
from frontrow.tables.nearest_name import fold_name

PAGE: Final = 20
"""Products on one page."""

LAUNCHES: Final = (LAUNCH, TOO_FEW_BUYERS, STILL_OPEN)
"""Verdicts of first sales that were launches, whether or not a model can learn from them."""

WHY_NOT: Final = {
    LAUNCH: "a launch to learn from",
    TOO_FEW_BUYERS: "a launch, with too few buyers to learn from",
    STILL_OPEN: "a launch whose days are not over yet",
    "catalogue start": "on sale when the orders begin: its launch is not known",
    "seasonal return under another code": "the return of a season, not a launch",
    "relisting under another code": "the same product under another code, not a launch",
}
"""A verdict, as a person reads it."""


@dataclass(frozen=True)
class LaunchFilter:
    """Which products are listed.

    Attributes:
        words: Only products whose title has all of these words, or begins of them.
        all_products: Whether products whose first sale was not a launch are listed too.
        page: From 1.
    """

    words: str = ""
    all_products: bool = False
    page: int = 1


FIRST_PAGE: Final = LaunchFilter()


@dataclass(frozen=True)
class ListedLaunch:
    """One product.

    Attributes:
        product_id: Its id.
        title: Its title.
        launched_on: Its launch day, ISO.
        is_stated: Whether the shop has stated that day; otherwise it is that of the first sale.
        buyers: Earlier customers who bought it within the horizon; a dash while that is not over.
        price: As it was when it was new.
        revenue: All that it earned.
        verdict: Whether its first sale was a launch, or why not.
        similar: The past launches most like it: title, and what they sold.
    """

    product_id: str
    title: str
    launched_on: str
    is_stated: bool
    buyers: str
    price: str
    revenue: str
    verdict: str
    similar: tuple[Cell, ...] = ()


@dataclass(frozen=True)
class LaunchHistory:
    """The launches of a shop, a page at a time.

    Attributes:
        launches: Those of the page, the latest first.
        listed: How many there are on all pages.
        page: Which page it is, from 1.
        pages: How many there are.
        horizon_days: Days after a launch within which a purchase counts.
        time_line: What `present.sections.launches.page_values` returns.
    """

    launches: tuple[ListedLaunch, ...]
    listed: int
    page: int
    pages: int
    horizon_days: int
    time_line: dict[str, Any]

    def sections(self) -> list[Section]:
        """The page as a table."""
        columns = ("product", "launched on", f"buyers in {self.horizon_days} days", "price", "revenue", "most like it")
        rows = [
            (
                launch.title,
                launch.launched_on,
                launch.buyers,
                launch.price,
                launch.revenue,
                "; ".join(f"{cell.text} ({cell.small})" for cell in launch.similar),
            )
            for launch in self.launches
        ]
        title = f"{counted(self.listed, 'product', 'products')}, the latest first"
        return [Section("launches", "", (Sentence(title), Table("", columns, rows, numeric=columns[2:5])))]


def read_launch_history(shop: OpenedShop, selection: LaunchFilter = FIRST_PAGE) -> LaunchHistory:
    """List the launches of a shop.

    Args:
        shop: The shop.
        selection: Which products, and which page of them.
    """
    cycles = compute_life_cycles(shop.history, shop.settings)
    listed = _select(cycles, selection).reverse()
    pages = max(1, -(-listed.height // PAGE))
    page = min(max(selection.page, 1), pages)
    shown = listed.slice((page - 1) * PAGE, PAGE)
    similar = _describe_similar(shop, shown)
    return LaunchHistory(
        tuple(_describe(row, shop, similar.get(row["product_id"], ())) for row in shown.iter_rows(named=True)),
        listed.height,
        page,
        pages,
        shop.settings.horizon_days,
        shop.history.compute_once("time line", lambda: page_values(cycles, shop.settings)),
    )


def _select(cycles: pl.DataFrame, selection: LaunchFilter) -> pl.DataFrame:
    listed = cycles if selection.all_products else cycles.filter(pl.col("verdict").is_in(LAUNCHES))
    words = fold_name(selection.words).split()
    if not words:
        return listed
    titles = [fold_name(title or "").split() for title in listed["title"]]
    return listed.filter([_has_words(title, words) for title in titles])


def _has_words(title: Sequence[str], words: Sequence[str]) -> bool:
    return all(any(part.startswith(word) for part in title) for word in words)


def _describe_similar(shop: OpenedShop, shown: pl.DataFrame) -> dict[str, tuple[Cell, ...]]:
    key = ("similar launches", *shown["product_id"])
    similar = shop.history.compute_once(key, lambda: find_similar_launches(shop.history, shown, shop.settings))
    cells: dict[str, list[Cell]] = {}
    for row in similar.iter_rows(named=True):
        sold = f"{counted(row['buyers'], 'buyer', 'buyers')}, {row['launch_date']}"
        cells.setdefault(row["product_id"], []).append(Cell(row["similar_title"] or row["similar_product_id"], sold))
    return {product_id: tuple(row) for product_id, row in cells.items()}


def _describe(row: dict[str, Any], shop: OpenedShop, similar: tuple[Cell, ...]) -> ListedLaunch:
    currency = shop.history.settings.currency
    is_counted = row["verdict"] in (LAUNCH, TOO_FEW_BUYERS)
    return ListedLaunch(
        product_id=row["product_id"],
        title=row["title"] or row["product_id"],
        launched_on=date(row["launch_day"]),
        is_stated=row["product_id"] in shop.history.launch_days,
        buyers=count(row["buyers_in_horizon"]) if is_counted else ABSENT,
        price=money(row["price"], currency),
        revenue=money(row["revenue"], currency),
        verdict=WHY_NOT.get(row["verdict"], row["verdict"]),
        similar=similar,
    )
