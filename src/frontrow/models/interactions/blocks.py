"""Interactions a block of whole customers at a time, where the order lines are too many for the memory of one machine.

What is learned of a product is a sum of whole numbers over customers, so neither the number of blocks nor the machine
that adds one up changes a bit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, TypeAlias

import numpy as np
import polars as pl
from numpy.typing import NDArray

from frontrow.engines.parts import combine_parts
from frontrow.models.interactions.gaps import count_gaps
from frontrow.models.interactions.interactions import (
    CONTEXT_SCHEMA,
    FIRST_LINE,
    Interactions,
    add_hours,
    number_lines_of,
    sold_products,
)
from frontrow.models.popularity.popularity import RECENT_DAYS, buyers, scaled_ranks
from frontrow.shop.history import History

InteractionStep: TypeAlias = Callable[[Interactions], pl.DataFrame]
"""From the interactions of a block to a table; an instance of a class, as every `engines.engine.Step`."""

PURCHASE_COLUMNS: Final = ("customer_id", *FIRST_LINE, "product_id", "day", "quantity")
"""Of the order lines, what interactions without the context of an order are made of."""

LINE_COLUMNS: Final = (*PURCHASE_COLUMNS, "country", "province", "city")
"""Of the order lines, what the interactions of a block are made of."""

LATEST: Final = 20_000
"""Customers who ordered last that are counted in `PurchaseCounts`."""

_CUSTOMERS, _LINES, _BUYERS, _RECENT_BUYERS, _GAPS, _LATEST = range(6)
_COUNT_SCHEMA: Final = {"kind": pl.Int8(), "key": pl.Int64(), "value": pl.Int64(), "count": pl.Int64()}
_MULTIPLIER: Final = 1_640_531_527
_SHARES: Final = 2**32


@dataclass(frozen=True)
class PurchaseCounts:
    """What is counted of all customers in one pass.

    Attributes:
        customers: Number of customers.
        lines: Number of their order lines.
        buyers: Customers of each product; shape (products,), float32.
        recent_buyers: The same in the last `popularity.RECENT_DAYS` days.
        gaps: `gaps.count_gaps`.
        latest: `customer_id` of the customers who ordered last, at most `LATEST`, those first who ordered last of all.
    """

    customers: int
    lines: int
    buyers: NDArray[np.float32]
    recent_buyers: NDArray[np.float32]
    gaps: pl.DataFrame
    latest: pl.Series

    @property
    def popularity(self) -> NDArray[np.float32]:
        """`popularity.recent_popularity`."""
        return scaled_ranks(self.recent_buyers, self.buyers)


@dataclass(frozen=True)
class InteractionBlocks:
    """The interactions of a history, which no machine has to hold.

    Attributes:
        history: The history.
        products: See `Interactions.products`.
    """

    history: History
    products: pl.DataFrame

    @classmethod
    def of(cls, history: History) -> InteractionBlocks:
        """Number the products of a history.

        Example:
            >>> from frontrow.testing.shops import hand_made_shop
            >>> shop = hand_made_shop([(7, "pot", 0), (8, "pot", 1), (8, "bulb", 1)])
            >>> InteractionBlocks.of(shop.as_of()).counts.buyers.tolist()
            [1.0, 2.0]
        """
        return cls(history, sold_products(history))

    def map(self, step: InteractionStep) -> Iterator[pl.DataFrame]:
        """Apply a step to the interactions of each block, where the engine works; see `History.map_blocks`.

        Args:
            step: From interactions, of which it looks at no context, to a table that stays small.
        """
        return self.history.map_blocks(OnInteractions(self.history.cutoff_day, self.products, step), PURCHASE_COLUMNS)

    def read(self, customer_ids: pl.Series) -> Interactions:
        """The interactions of some customers, with the columns of all products.

        Args:
            customer_ids: Numbers of the customers; as many as memory has room for.
        """
        return self._read(SelectCustomers(customer_ids.rename("customer_id").to_frame()))

    def sample(self, most_lines: int) -> Interactions:
        """The interactions of some customers, drawn by their numbers: the same ones for any number of blocks.

        Args:
            most_lines: About so many order lines; where there are no more, everybody is among them.
        """
        return self._read(DrawCustomers(min(1.0, most_lines / max(self.counts.lines, 1))))

    @cached_property
    def counts(self) -> PurchaseCounts:
        """What is counted of all customers."""
        counted = combine_parts(self.map(CountPurchases()), _add_up)
        by_kind = {kind: counted.filter(kind=kind) for kind in range(6)}

        def of_products(kind: int) -> NDArray[np.float32]:
            counts = np.zeros(self.products.height, dtype=np.float32)
            counts[by_kind[kind]["key"].to_numpy()] = by_kind[kind]["count"].to_numpy()
            return counts

        return PurchaseCounts(
            customers=int(by_kind[_CUSTOMERS]["count"].sum()),
            lines=int(by_kind[_LINES]["count"].sum()),
            buyers=of_products(_BUYERS),
            recent_buyers=of_products(_RECENT_BUYERS),
            gaps=by_kind[_GAPS].select(product="key", gap="value", count="count"),
            latest=by_kind[_LATEST]["key"].rename("customer_id"),
        )

    def _read(self, step: Callable[[pl.DataFrame], pl.DataFrame]) -> Interactions:
        lines = pl.concat(self.history.map_blocks(step, LINE_COLUMNS))
        return number_block(lines, self.products, self.history.cutoff_day)


@dataclass(frozen=True)
class OnInteractions:
    """A step on order lines that makes interactions of them first.

    Attributes:
        cutoff_day: See `Interactions`.
        products: See `Interactions`.
        step: The step on interactions.
    """

    cutoff_day: int
    products: pl.DataFrame
    step: InteractionStep

    def __call__(self, lines: pl.DataFrame) -> pl.DataFrame:
        """Apply the step."""
        return self.step(number_block(lines, self.products, self.cutoff_day))


@dataclass(frozen=True)
class SelectCustomers:
    """A step that gives the order lines of some customers.

    Attributes:
        customers: `customer_id`.
    """

    customers: pl.DataFrame

    def __call__(self, lines: pl.DataFrame) -> pl.DataFrame:
        """Select."""
        return lines.join(self.customers, on="customer_id", how="semi", maintain_order="left")


@dataclass(frozen=True)
class DrawCustomers:
    """A step that gives the order lines of a share of the customers.

    Attributes:
        share: From 0 to 1.
    """

    share: float

    def __call__(self, lines: pl.DataFrame) -> pl.DataFrame:
        """Draw, by the numbers of the customers alone."""
        place = (pl.col("customer_id") % _SHARES) * _MULTIPLIER % _SHARES
        return lines.filter(place < int(self.share * _SHARES))


@dataclass(frozen=True)
class CountPurchases:
    """A step on interactions for `PurchaseCounts`."""

    def __call__(self, interactions: Interactions) -> pl.DataFrame:
        """Count."""
        gaps = count_gaps(interactions)
        last = interactions.lines.group_by("customer").agg(pl.col("day").max())
        rows = last["customer"].to_numpy()
        parts = [
            _count_of(_CUSTOMERS, [0], [0], [interactions.shape[0]]),
            _count_of(_LINES, [0], [0], [interactions.lines.height]),
            *(
                _count_buyers(kind, interactions, days)
                for kind, days in ((_BUYERS, None), (_RECENT_BUYERS, RECENT_DAYS))
            ),
            _count_of(_GAPS, gaps["product"], gaps["gap"], gaps["count"]),
            _count_of(_LATEST, interactions.customer_ids[rows], last["day"], np.ones(len(rows))),
        ]
        return _add_up(pl.concat(parts))


def number_block(lines: pl.DataFrame, products: pl.DataFrame, cutoff_day: int) -> Interactions:
    """The interactions of a block of order lines; of the context of an order, the company is not known.

    Args:
        lines: `LINE_COLUMNS`, all of customers; of the context, nothing is known with `PURCHASE_COLUMNS`.
        products: See `Interactions`.
        cutoff_day: See `Interactions`.
    """
    unknown = {name: pl.lit(None, dtype) for name, dtype in CONTEXT_SCHEMA.items() if name not in lines.columns}
    with_context = lines.lazy().with_columns(**unknown)
    return number_lines_of(
        add_hours(with_context) if "country" in lines.columns else with_context, products, cutoff_day
    )


def _count_buyers(kind: int, interactions: Interactions, days: int | None) -> pl.DataFrame:
    counts = buyers(interactions, days)
    products = np.flatnonzero(counts)
    return _count_of(kind, products, np.zeros(len(products)), counts[products])


def _count_of(kind: int, keys: Iterable[Any], values: Iterable[Any], counts: Iterable[Any]) -> pl.DataFrame:
    columns = {"key": keys, "value": values, "count": counts}
    table = pl.DataFrame({name: pl.Series(name, column) for name, column in columns.items()})
    return table.select(pl.lit(kind, pl.Int8).alias("kind"), pl.all().cast(pl.Int64))


def _add_up(parts: pl.DataFrame) -> pl.DataFrame:
    """Counts of the same kind together; of the customers, those who ordered last."""
    is_customer = pl.col("kind") == _LATEST
    counts = parts.filter(~is_customer).group_by("kind", "key", "value").agg(pl.col("count").sum())
    latest = parts.filter(is_customer).sort("value", "key", descending=[True, False]).head(LATEST)
    return pl.concat([counts.sort("kind", "key", "value"), latest]).cast(_COUNT_SCHEMA)  # type: ignore[arg-type]
