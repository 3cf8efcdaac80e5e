"""Expected profit as a function of the length of the list: where to stop, and what other lists would earn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray

from frontrow.campaign.economics.economics import Economics, IncrementalShare
from frontrow.errors import CampaignError

CHOSEN: Final = "chosen length"
BEST: Final = "best length"
RANDOM: Final = "random list of that length"
TOP_TENTH: Final = "top 10 %"
EVERYONE: Final = "everyone"

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class ProfitCurve:
    """What a list of each length is expected to earn, most likely buyers first.

    Attributes:
        table: One row a length, from 0 to everyone: `length` int64 and as float64 `expected_buyers`, `profit`, `low`,
            `high`, `random` (profit of a random list of that length). `low` and `high` are the least and the most
            that any pair of ends of the incremental share and of the expected count gives: wider than either alone,
            and not a confidence interval.
        best_length: The length of the highest profit that capacity and budget allow; the shortest of equals; 0 where
            no list earns anything.
        max_length: The longest list that capacity and budget allow, including those on it who are held out.
        economics: Margins and costs used.
        demand: Buyers expected of each product if everyone scored were contacted, by product id.
        count_factor: Ends of the interval of actual over expected buyers.
    """

    table: pl.DataFrame
    best_length: int
    max_length: int
    economics: Economics
    demand: Mapping[str, float] = field(default_factory=dict)
    count_factor: tuple[float, float] = (1.0, 1.0)

    def of_list(self, listed: pl.DataFrame) -> tuple[float, float, float]:
        """What contacting some of the customers is expected to earn, the least and the most, as in `table`.

        Args:
            listed: `product_id`, `probability`; products are those of `demand`.
        """
        if listed.is_empty():
            return 0.0, 0.0, 0.0
        parts = _list_parts(listed, self.economics, self.demand)
        low, high = _profit_range(parts, self.economics.incremental_share, self.count_factor)
        return float(_profit(parts)[-1]), float(low[-1]), float(high[-1])

    def sold_out_anyway(self) -> list[str]:
        """Ids of the products whose stock is expected to be gone without any contact."""
        return [
            product_id
            for product_id, buyers in self.demand.items()
            if self.economics.of_product(product_id).sold_out_length([], all_buyers=buyers) == 0
        ]

    def summary(self, length: int | None = None) -> pl.DataFrame:
        """A list and what it is compared with; the first columns are those of the first notebooks.

        Args:
            length: Length of the first list, `CHOSEN`; the best by default.

        Returns:
            `list` (`CHOSEN` where it differs from the best, `RANDOM` of the same length, `BEST`, `TOP_TENTH`,
            `EVERYONE`; the last three whether chosen or allowed or not), `chosen` (customers), `expected_buyers`,
            `precision` (expected buyers among the chosen; NaN of nobody), `base_rate` (among everyone), `lift` (their
            ratio), `profit`, `low`, `high` (null for the random list).
        """
        customers = self.table.height - 1
        first = self.best_length if length is None else length
        best = self._summary_row(BEST, self.best_length)
        chosen = best if first == self.best_length else self._summary_row(CHOSEN, first)
        rows = [chosen, self._summary_row(RANDOM, first), *([] if chosen is best else [best])]
        rows += [self._summary_row(TOP_TENTH, -(-customers // 10)), self._summary_row(EVERYONE, customers)]
        base_rate = self.table["expected_buyers"][-1] / customers
        precision = pl.col("expected_buyers") / pl.col("chosen")
        return pl.DataFrame(rows).select(
            *("list", "chosen", "expected_buyers"),
            precision.alias("precision"),
            pl.lit(base_rate).alias("base_rate"),
            (precision / base_rate).alias("lift"),
            *("profit", "low", "high"),
        )

    def points(self, count: int = 200) -> pl.DataFrame:
        """About `count` rows of `table`, both ends and the best length among them; denser where the curve bends."""
        last = self.table.height - 1
        steps = np.linspace(0.0, 1.0, min(count, self.table.height)) ** 2 * last
        return self.table[np.unique([*np.ceil(steps).astype(np.int64), self.best_length, self.max_length])]

    def _summary_row(self, name: str, length: int) -> dict[str, object]:
        row = self.table.row(length, named=True)
        summary = {"list": name, "chosen": length, **{key: row[key] for key in ("expected_buyers", "profit")}}
        if name != RANDOM:
            return {**summary, "low": row["low"], "high": row["high"]}
        everyone = self.table.row(-1, named=True)
        buyers = everyone["expected_buyers"] * length / everyone["length"]
        return {**summary, "expected_buyers": buyers, "profit": row["random"], "low": None, "high": None}


def profit_curve(
    probability: ArrayLike, economics: Economics, count_factor: tuple[float, float] = (1.0, 1.0)
) -> ProfitCurve:
    """Expected profit of the best list of each length, of one product.

    Args:
        probability: Calibrated probability that each customer buys within the horizon, shape (customers,), any order.
        economics: Margin, costs, limits, incremental share.
        count_factor: Ends of the interval of actual over expected buyers, such as (0.6, 1.5).

    Raises:
        CampaignError: There is no customer, a probability is not one, or the factors are not an interval.

    Example:
        >>> curve = profit_curve([0.4, 0.05, 0.2, 0.01], Economics(margin=20.0, contact_cost=1.0))
        >>> curve.best_length, curve.table["profit"].round(2).to_list()
        (2, [0.0, 1.4, 1.6, 0.9, -0.04])
    """
    listed = pl.DataFrame({"product_id": "", "probability": _descending(probability)})
    return list_profit_curve(listed, economics, {"": float(listed["probability"].sum())}, count_factor)


def list_profit_curve(
    listed: pl.DataFrame,
    economics: Economics,
    demand: Mapping[str, float],
    count_factor: tuple[float, float] = (1.0, 1.0),
    max_length: int | None = None,
) -> ProfitCurve:
    """Expected profit of lists of each length, where each customer hears of one of several products.

    Args:
        listed: `product_id`, `probability`, in the order in which customers are contacted.
        economics: Margins, costs, limits, incremental share.
        demand: Buyers expected of each product if everyone scored were contacted, by product id.
        count_factor: Ends of the interval of actual over expected buyers.
        max_length: The longest list allowed; by default what capacity and budget allow where nobody is held out.

    Raises:
        CampaignError: As for `profit_curve`.

    Example:
        >>> listed = pl.DataFrame({"product_id": ["pot", "vase"], "probability": [0.4, 0.5]})
        >>> economics = Economics(margin=20.0, contact_cost=1.0, margins={"vase": 10.0})
        >>> list_profit_curve(listed, economics, {"pot": 0.4, "vase": 0.5}).table["profit"].round(2).to_list()
        [0.0, 1.4, 1.9]
    """
    _descending(listed["probability"])
    _check_factor(count_factor)
    parts = _list_parts(listed, economics, demand)
    low, high = _profit_range(parts, economics.incremental_share, count_factor)
    profit = _profit(parts)
    table = pl.DataFrame(
        {
            "length": np.arange(listed.height + 1),
            "expected_buyers": np.sum([part.buyers for part in parts], axis=0),
            "profit": profit,
            "low": low,
            "high": high,
            "random": _profit([part.of_random_list() for part in parts]),
        }
    )
    max_length = economics.max_contacts(listed.height) if max_length is None else max_length
    return ProfitCurve(table, int(np.argmax(profit[: max_length + 1])), max_length, economics, demand, count_factor)


@dataclass(frozen=True)
class _ListPart:
    """What lists of each length, from nobody to everyone, hold of one product: each has its own margin and stock.

    Attributes:
        economics: Of the product.
        customers: Customers who hear of it, shape (longest list + 1,).
        buyers: Buyers expected among them, same shape.
        demand: Buyers expected if everyone scored were contacted.
    """

    economics: Economics
    customers: Floats
    buyers: Floats
    demand: float

    def of_random_list(self) -> _ListPart:
        """The same for lists drawn at random."""
        drawn = np.linspace(0.0, 1.0, len(self.customers))
        return _ListPart(self.economics, drawn * self.customers[-1], drawn * self.buyers[-1], self.demand)


def _list_parts(listed: pl.DataFrame, economics: Economics, demand: Mapping[str, float]) -> list[_ListPart]:
    parts = []
    for product_id in listed["product_id"].unique(maintain_order=True):
        is_product = (listed["product_id"] == product_id).to_numpy()
        buyers = _running_total(is_product * listed["probability"].to_numpy())
        parts.append(
            _ListPart(economics.of_product(product_id), _running_total(is_product), buyers, demand[product_id])
        )
    return parts


def _profit(parts: Sequence[_ListPart], factor: float = 1.0, share: float | None = None) -> Floats:
    """What lists of each length are expected to earn, with `factor` times the expected buyers."""
    profits = [
        part.economics.profit(part.customers, part.buyers * factor, all_buyers=part.demand * factor, share=share)
        for part in parts
    ]
    return np.asarray(np.sum(profits, axis=0))


def _profit_range(
    parts: Sequence[_ListPart], share: IncrementalShare, count_factor: tuple[float, float]
) -> tuple[Floats, Floats]:
    """Least and most of the pairs of ends; profit is monotone in each, without stock, but in either direction."""
    corners = [
        _profit(parts, factor, end)
        for end, factor in product({share.low, share.expected, share.high}, {*count_factor, 1.0})
    ]
    return np.min(corners, axis=0), np.max(corners, axis=0)


def _running_total(values: NDArray[np.generic]) -> Floats:
    return np.concatenate([[0.0], np.cumsum(values, dtype=np.float64)])


def _descending(probability: ArrayLike) -> Floats:
    p = np.sort(np.asarray(probability, dtype=np.float64))[::-1]
    # NaN sorts last, so after reversal it comes first.
    if p.ndim != 1 or len(p) == 0 or not (p[0] <= 1 and p[-1] >= 0):
        raise CampaignError("Probabilities must be numbers between 0 and 1, one a customer, of one customer or more.")
    return p


def _check_factor(count_factor: tuple[float, float]) -> None:
    low, high = count_factor
    if not 0 <= low <= high < np.inf:
        raise CampaignError(
            f"The count factors are {low:g} and {high:g}. Give two factors of the expected count, the lower first."
        )
