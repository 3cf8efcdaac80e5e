"""Expected profit as a function of the length of the list: where to stop, and what other lists would earn."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray

from frontrow.campaign.economics import Economics
from frontrow.errors import CampaignError

CHOSEN: Final = "chosen length"
BEST: Final = "best length"
RANDOM: Final = "random list of that length"
TOP_TENTH: Final = "top 10 %"
EVERYONE: Final = "everyone"


@dataclass(frozen=True)
class ProfitCurve:
    """What a list of each length is expected to earn, most likely buyers first.

    Attributes:
        table: One row a length, from 0 to everyone: `length` int64 and as float64 `expected_buyers`, `profit`, `low`,
            `high`, `random` (profit of a random list of that length). `low` and `high` are the least and the most
            that any pair of ends of the incremental share and of the expected count gives: wider than either alone,
            and no confidence interval.
        best_length: The length of the highest profit that capacity and budget allow; the shortest of equals; 0 where
            no list earns anything.
        longest: The longest list that capacity and budget allow.
        economics: What it was reckoned with.
    """

    table: pl.DataFrame
    best_length: int
    longest: int
    economics: Economics

    def summary(self, length: int | None = None) -> pl.DataFrame:
        """A list and what it is compared with; the first columns are those of the first notebooks.

        Args:
            length: Of the list told first, `CHOSEN`; the best by default.

        Returns:
            `list` (`CHOSEN` where it is another than the best, `RANDOM` of the same length, `BEST`, `TOP_TENTH`,
            `EVERYONE`; the last three whether chosen or allowed or not), `chosen` (customers), `expected_buyers`,
            `precision` (expected buyers among the chosen; NaN of nobody), `base_rate` (among everyone), `lift` (their
            ratio), `profit`, `low`, `high` (null for the random list).
        """
        customers = self.table.height - 1
        first, best = self.best_length if length is None else length, self._told(BEST, self.best_length)
        chosen = best if first == self.best_length else self._told(CHOSEN, first)
        rows = [chosen, self._told(RANDOM, first), *([] if chosen is best else [best])]
        rows += [self._told(TOP_TENTH, -(-customers // 10)), self._told(EVERYONE, customers)]
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
        return self.table[np.unique([*np.ceil(steps).astype(np.int64), self.best_length, self.longest])]

    def _told(self, name: str, length: int) -> dict[str, object]:
        row = self.table.row(length, named=True)
        told = {"list": name, "chosen": length, **{key: row[key] for key in ("expected_buyers", "profit")}}
        if name != RANDOM:
            return {**told, "low": row["low"], "high": row["high"]}
        everyone = self.table.row(-1, named=True)
        buyers = everyone["expected_buyers"] * length / everyone["length"]
        return {**told, "expected_buyers": buyers, "profit": row["random"], "low": None, "high": None}


def profit_curve(
    probability: ArrayLike, economics: Economics, count_factor: tuple[float, float] = (1.0, 1.0)
) -> ProfitCurve:
    """Expected profit of the best list of each length.

    Args:
        probability: Calibrated chance that each customer buys within the horizon, shape (customers,), in any order.
        economics: Margin, costs, limits, incremental share.
        count_factor: Ends of the interval of actual over expected buyers, such as (0.6, 1.5).

    Raises:
        CampaignError: There is no customer, a probability is none, or the factors are no interval.

    Example:
        >>> curve = profit_curve([0.4, 0.05, 0.2, 0.01], Economics(margin=20.0, contact_cost=1.0))
        >>> curve.best_length, curve.table["profit"].round(2).to_list()
        (2, [0.0, 1.4, 1.6, 0.9, -0.04])
    """
    p = _descending(probability)
    _check_factor(count_factor)
    lengths = np.arange(len(p) + 1)
    buyers = np.concatenate([[0.0], np.cumsum(p)])
    low, high = _band(economics, lengths, buyers, count_factor)
    at_random = lengths * (buyers[-1] / len(p))
    profit = economics.profit(lengths, buyers, all_buyers=buyers[-1])
    table = pl.DataFrame(
        {
            "length": lengths,
            "expected_buyers": buyers,
            "profit": profit,
            "low": low,
            "high": high,
            "random": economics.profit(lengths, at_random, all_buyers=buyers[-1]),
        }
    )
    longest = economics.longest(len(p))
    return ProfitCurve(table, int(np.argmax(profit[: longest + 1])), longest, economics)


def _descending(probability: ArrayLike) -> NDArray[np.float64]:
    p = np.sort(np.asarray(probability, dtype=np.float64))[::-1]
    # NaN sorts last, so it stands first here.
    if p.ndim != 1 or len(p) == 0 or not (p[0] <= 1 and p[-1] >= 0):
        raise CampaignError("Probabilities must be numbers between 0 and 1, one a customer, of one customer or more.")
    return p


def _check_factor(count_factor: tuple[float, float]) -> None:
    low, high = count_factor
    if not 0 <= low <= high < np.inf:
        raise CampaignError(
            f"The expected count is said to be {low:g} to {high:g} times what it seems. Give two factors, lower first."
        )


def _band(
    economics: Economics, lengths: NDArray[np.int64], buyers: NDArray[np.float64], count_factor: tuple[float, float]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Least and most of the pairs of ends; profit is monotone in each, without stock, but in either direction."""
    share = economics.incremental_share
    corners = [
        economics.profit(lengths, buyers * factor, all_buyers=buyers[-1] * factor, share=one)
        for one, factor in product({share.low, share.expected, share.high}, {*count_factor, 1.0})
    ]
    return np.min(corners, axis=0), np.max(corners, axis=0)
