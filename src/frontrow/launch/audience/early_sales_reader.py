"""The first days of sales of launches, from order lines that are read a block of customers at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy import sparse

from frontrow.launch.calibration.early_sales import (
    EarlySales,
    build_vectors,
    compare_sums,
    compute_inverse_frequency,
    sum_vectors,
)
from frontrow.launch.calibration.parameters import Vector
from frontrow.launch.model.buyer_counts import COLUMNS, BuyerCounts, FirstPurchases, number_products
from frontrow.shop.history import History

NEVER: Final = 2**30
"""A day after every other one."""


@dataclass(frozen=True)
class OnSale:
    """A launch with everyone who was scored at its midnight.

    Attributes:
        product_id: The product.
        launch_day: Its first day, as days since 1970-01-01.
        days: Whole days on sale; several for several questions.
        customer_ids: Everyone scored, rising, shape (customers,).
        raw: The model's raw probabilities, or any scores from 0 to 1, shape (customers,).
    """

    product_id: str
    launch_day: int
    days: tuple[int, ...]
    customer_ids: NDArray[np.int64]
    raw: Vector


def read_early_sales(history: History, launches: Sequence[OnSale]) -> list[list[EarlySales]]:
    """What happened in the first days of launches, for each number of days.

    Args:
        history: What is known; sales up to its cutoff count.
        launches: Their customers are in memory together.
    """
    product_ids = history.first_days()["product_id"].sort().to_list()
    counts = BuyerCounts.count(
        history,
        product_ids,
        np.array([launch.launch_day for launch in launches]),
        [np.zeros(0, np.int64)] * len(launches),
    )
    scored = ScoredOnSale(
        number_products(product_ids),
        launches,
        [compute_inverse_frequency(*of_launch) for of_launch in zip(counts.buyers, counts.customers, strict=True)],
    )
    step = CompareVectors(scored, _compare_sums(history, scored))
    return _put_together(launches, history.map_blocks(step, COLUMNS))


@dataclass(frozen=True)
class Members:
    """The customers of a block who were scored for a launch.

    Attributes:
        places: Where they are among everyone scored.
        vectors: What each had bought before the launch, see `early_sales.build_vectors`.
        first_bought: The day on which each first bought the product; `NEVER` for who did not.
        next_order: The first day from the launch on, on which each ordered anything; the same.
    """

    places: NDArray[np.int64]
    vectors: sparse.csr_matrix
    first_bought: NDArray[np.int64]
    next_order: NDArray[np.int64]


@dataclass(frozen=True)
class ScoredOnSale:
    """Launches, and what is needed to compare their customers.

    Attributes:
        products: What `buyer_counts.number_products` returns.
        launches: The launches.
        inverse_frequencies: What `early_sales.compute_inverse_frequency` returns, of each.
    """

    products: pl.DataFrame
    launches: Sequence[OnSale]
    inverse_frequencies: Sequence[Vector]

    def select_members(self, lines: pl.DataFrame) -> Iterator[tuple[OnSale, Members]]:
        """The customers of a block who were scored, launch by launch.

        Args:
            lines: `buyer_counts.COLUMNS` of order lines of whole customers.
        """
        first = FirstPurchases.find(lines, self.products)
        numbers = dict(zip(self.products["product_id"], self.products["product"], strict=True))
        # the latest day of each customer first, so that the earliest one is what stays
        orders = lines.select("customer_id", "day").unique().sort("customer_id", "day", descending=True)
        order_day = orders["day"].to_numpy().astype(np.int64)
        order_place = np.searchsorted(first.customer_ids, orders["customer_id"].to_numpy())
        cell_place = np.repeat(np.arange(len(first.customer_ids)), np.diff(first.bounds))
        for launch, frequency in zip(self.launches, self.inverse_frequencies, strict=True):
            places = np.searchsorted(launch.customer_ids, first.customer_ids)
            is_member = places < len(launch.customer_ids)
            is_member[is_member] = launch.customer_ids[places[is_member]] == first.customer_ids[is_member]
            first_bought, next_order = (np.full(len(is_member), NEVER) for _ in range(2))
            is_product, is_later = first.product == numbers[launch.product_id], order_day >= launch.launch_day
            first_bought[cell_place[is_product]] = first.day[is_product]
            next_order[order_place[is_later]] = order_day[is_later]
            purchases = first.select(first.day < launch.launch_day)[is_member]
            vectors = build_vectors(purchases, frequency)
            yield launch, Members(places[is_member], vectors, first_bought[is_member], next_order[is_member])


@dataclass(frozen=True)
class SumVectors:
    """A step: the sums of the vectors of a block's customers: of the early buyers, and of everyone.

    Attributes:
        scored: The launches.
    """

    scored: ScoredOnSale

    def __call__(self, lines: pl.DataFrame) -> pl.DataFrame:
        """Add up the customers whose order lines (`buyer_counts.COLUMNS`) are in a block.

        Returns:
            A row for each launch and number of days, and a last one of each launch for everyone: `buyers`, and `total`
            of each product (`early_sales.sum_vectors`).
        """
        buyers: list[int] = []
        totals: list[NDArray[np.int64]] = []
        for launch, members in self.scored.select_members(lines):
            for days in launch.days:
                bought = members.first_bought < launch.launch_day + days
                buyers.append(int(bought.sum()))
                totals.append(sum_vectors(members.vectors, bought.astype(np.float64)))
            buyers.append(0)
            totals.append(sum_vectors(members.vectors, launch.raw[members.places]))
        total = pl.Series("total", np.stack(totals), dtype=pl.Array(pl.Int64, self.scored.products.height))
        return pl.DataFrame([pl.Series("buyers", buyers, dtype=pl.Int64), total])


@dataclass(frozen=True)
class CompareVectors:
    """A step: what the customers of a block did in the first days, and how much each resembles the early buyers.

    Attributes:
        scored: The launches.
        directions: What each vector is multiplied with, by number of days; one a launch.
    """

    scored: ScoredOnSale
    directions: Sequence[Mapping[int, Vector]]

    def __call__(self, lines: pl.DataFrame) -> pl.DataFrame:
        """Compare the customers whose order lines (`buyer_counts.COLUMNS`) are in a block.

        Returns:
            `number` of the launch, `days`, `place` among everyone scored, and the columns of `EarlySales`.
        """
        parts = [pl.DataFrame(schema=_COMPARED)]
        of_launches = zip(self.scored.select_members(lines), self.directions, strict=True)
        for number, ((launch, members), directions) in enumerate(of_launches):
            for days, direction in directions.items():
                columns = {
                    "place": members.places,
                    "bought": members.first_bought < launch.launch_day + days,
                    "ordered": members.next_order < launch.launch_day + days,
                    "similarity": np.asarray(members.vectors @ direction),
                }
                part = pl.DataFrame(columns).select(
                    pl.lit(number).alias("number"), pl.lit(days).alias("days"), pl.all()
                )
                parts.append(part.cast(_COMPARED))  # type: ignore[arg-type]
        return pl.concat(parts)


_COMPARED: Final = {
    **dict.fromkeys(("number", "days", "place"), pl.Int64()),
    **dict.fromkeys(("bought", "ordered"), pl.Boolean()),
    "similarity": pl.Float64(),
}


def _compare_sums(history: History, scored: ScoredOnSale) -> list[dict[int, Vector]]:
    """What the vectors of each launch are multiplied with, by number of days."""
    rows = sum(len(launch.days) + 1 for launch in scored.launches)
    buyers, totals = np.zeros(rows, np.int64), np.zeros((rows, scored.products.height), np.int64)
    for part in history.map_blocks(SumVectors(scored), COLUMNS):
        buyers += part["buyers"].to_numpy()
        totals += part["total"].to_numpy()
    directions, row = [], 0
    for launch in scored.launches:
        everyone = row + len(launch.days)
        weight = float(launch.raw.sum())
        directions.append(
            {
                days: compare_sums(totals[row + place], float(buyers[row + place]), totals[everyone], weight)
                for place, days in enumerate(launch.days)
            }
        )
        row = everyone + 1
    return directions


def _put_together(launches: Sequence[OnSale], parts: Iterator[pl.DataFrame]) -> list[list[EarlySales]]:
    kinds: dict[str, type[np.generic]] = {"bought": np.bool_, "ordered": np.bool_, "similarity": np.float64}
    columns: dict[Any, dict[str, NDArray[Any]]] = {
        (number, days): {name: np.zeros(len(launch.raw), kind) for name, kind in kinds.items()}
        for number, launch in enumerate(launches)
        for days in launch.days
    }
    for part in parts:
        for key, rows in part.group_by("number", "days"):
            for name, values in columns[key].items():
                values[rows["place"].to_numpy()] = rows[name].to_numpy()
    return [
        [EarlySales(days_on_sale=days, **columns[number, days]) for days in launch.days]
        for number, launch in enumerate(launches)
    ]
