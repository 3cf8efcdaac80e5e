"""What a campaign costs and earns: how many customers to contact, and what a list of any length is expected to earn.

Profit is counted against contacting nobody. Of the customers on the list, `B` are expected to buy (the sum of their
probabilities), `u` units each. A share `s` of them would not have bought without the contact; the others would have
bought anyway, at the full price. So a list of `k` customers earns

    profit(k) = u B(k) (s margin - discount) - k contact_cost

Only the incremental share earns margin; every buyer on the list takes the discount, those who would have paid the full
price too; and every contact costs money, bought or not. One more customer is worth it while
`u p (s margin - discount) > contact_cost`, so the list ends at a probability (Elkan, "The foundations of cost-sensitive
learning", IJCAI 2001). Where `s margin <= discount`, no list earns anything, however good its ranking.

`s` is taken to be the same for everyone. That is a simplification: the likeliest buyers are likelier to buy anyway.
Only a hold-out tells.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from frontrow.errors import CampaignError


@dataclass(frozen=True)
class IncrementalShare:
    """Share of the buyers on the list who would not have bought without the contact.

    The defaults are an assumption, wide on purpose. In the one public randomised e-mail test with purchases
    (Hillstrom, "MineThatData e-mail analytics challenge", 2008) the two mailings had .35 and .54, among customers
    chosen by lot; among the likeliest buyers, more would have bought anyway.

    Attributes:
        low: Lower end.
        expected: What is reckoned with.
        high: Upper end.
        measured: Whether a hold-out told it; an assumption has to be shown as one.
    """

    low: float = 0.1
    expected: float = 0.3
    high: float = 0.5
    measured: bool = False

    def __post_init__(self) -> None:
        if not -1 <= self.low <= self.expected <= self.high <= 1:
            raise CampaignError(
                f"The incremental share is {self.low:g}, {self.expected:g}, {self.high:g}. "
                "Give low, expected and high in rising order, none above 1 (of every buyer) or below -1."
            )

    @classmethod
    def measured_by(cls, record: Mapping[str, Any]) -> IncrementalShare:
        """What an earlier campaign's hold-out told, cut to between -1 and 1.

        Args:
            record: What `effect.Effect.to_dict` gives of an outcome that is 0 or 1, such as having bought.

        Raises:
            CampaignError: The record tells no share, for none of the contacted bought.

        Example:
            >>> told = {"incremental_share": 0.25, "incremental_interval": {"low": -0.5, "high": 0.75}}
            >>> IncrementalShare.measured_by(told)
            IncrementalShare(low=-0.5, expected=0.25, high=0.75, measured=True)
        """
        share, interval = record.get("incremental_share"), record.get("incremental_interval")
        if share is None or interval is None:
            raise CampaignError("That campaign tells no incremental share: nobody contacted bought. Assume a range.")
        # an end is None where it has no bound
        low = -1.0 if interval["low"] is None else interval["low"]
        high = 1.0 if interval["high"] is None else interval["high"]
        low, expected, high = (min(max(float(one), -1.0), 1.0) for one in (low, share, high))
        return cls(low, expected, high, measured=True)


@dataclass(frozen=True)
class Economics:
    """What a campaign costs and earns; money in the shop's currency.

    Attributes:
        margin: Earned per unit sold at its full price.
        contact_cost: Per customer contacted.
        discount: Money off per unit, for everyone contacted.
        capacity: Most customers contacted; None for no bound.
        budget: Most money spent on contacts; discounts do not count. None for no bound.
        stock: Units there are for the customers scored: take off what guests and new customers will want. None for
            enough.
        incremental_share: Share of the buyers on the list who would not have bought anyway.
        units_per_buyer: Units a buyer takes.

    Raises:
        CampaignError: An amount is negative or no number.

    Example:
        >>> Economics(margin=10.0, contact_cost=0.5, budget=100.0).longest(5_000)
        200
    """

    margin: float
    contact_cost: float = 0.0
    discount: float = 0.0
    capacity: int | None = None
    budget: float | None = None
    stock: float | None = None
    incremental_share: IncrementalShare = field(default_factory=IncrementalShare)
    units_per_buyer: float = 1.0

    def __post_init__(self) -> None:
        for one in fields(self):
            amount = getattr(self, one.name)
            if isinstance(amount, int | float) and not 0 <= amount < math.inf:
                raise CampaignError(f"{one.name} is {amount:g}. Give zero or more.")

    def longest(self, customers: int) -> int:
        """The longest list that capacity and budget allow."""
        allowed = [customers]
        if self.capacity is not None:
            allowed.append(int(self.capacity))
        if self.budget is not None and self.contact_cost > 0:
            # 0.3 / 0.1 is 2.9999999999999996
            allowed.append(math.floor(self.budget / self.contact_cost * (1 + 1e-12)))
        return min(allowed)

    def contact_value(self, probability: ArrayLike) -> NDArray[np.float64]:
        """What contacting each customer is expected to earn, stock left aside; shape as `probability`.

        Example:
            >>> share = IncrementalShare(0.5, 0.5, 0.5)
            >>> Economics(margin=10.0, contact_cost=0.5, incremental_share=share).contact_value([0.2, 0.05])
            array([ 0.5 , -0.25])
        """
        each = self.units_per_buyer * (self.incremental_share.expected * self.margin - self.discount)
        return np.asarray(probability, dtype=np.float64) * each - self.contact_cost

    def profit(
        self, lengths: ArrayLike, buyers: ArrayLike, *, all_buyers: float, share: float | None = None
    ) -> NDArray[np.float64]:
        """What lists are expected to earn, against contacting nobody.

        With `stock`, expected demand is cut at the stock. Customers who are not on the list still want
        `u (1 - s)` units for each expected buyer among them, and those on it as much even without the contact; where
        that alone empties the shelves, a contact sells nothing more. When demand exceeds stock, everyone is served in
        the same proportion. That demand is spread around what is expected is left aside.

        Args:
            lengths: Customers on each list.
            buyers: Expected (or actual) buyers on each list; same shape.
            all_buyers: Buyers expected if everyone scored were contacted; matters with `stock` only.
            share: Incremental share; the expected one by default.

        Returns:
            Money, shape as `lengths`.

        Example:
            >>> half = IncrementalShare(0.5, 0.5, 0.5)
            >>> shop = Economics(margin=10.0, contact_cost=0.5, discount=1.0, incremental_share=half)
            >>> shop.profit([0, 100], [0, 20], all_buyers=40)  # 20 buyers x (5 - 1) - 100 x 0.5
            array([ 0., 30.])
        """
        k, bought = np.asarray(lengths, dtype=np.float64), np.asarray(buyers, dtype=np.float64)
        s = self.incremental_share.expected if share is None else share
        units = self.units_per_buyer * bought
        anyway = self.units_per_buyer * (1 - s) * all_buyers
        more, discounted = s * units, units
        if self.stock is not None:
            wanted = np.maximum(anyway + more, 1e-12)
            more = np.minimum(wanted, self.stock) - min(anyway, self.stock)
            discounted = units * np.minimum(1.0, self.stock / wanted)
        return np.asarray(self.margin * more - self.discount * discounted - self.contact_cost * k)
