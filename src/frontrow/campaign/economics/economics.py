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
from dataclasses import dataclass, field, fields, replace

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray

from frontrow.campaign.economics.incremental_share import IncrementalShare
from frontrow.errors import CampaignError


@dataclass(frozen=True)
class Economics:
    """What a campaign costs and earns; money in the shop's currency.

    Attributes:
        margin: Earned per unit sold at its full price, where the product has none of its own in `margins`.
        contact_cost: Per customer contacted.
        discount: Money off per unit, for everyone contacted.
        capacity: Most customers contacted; None for no bound.
        budget: Most money spent on contacts; discounts do not count. None for no bound.
        stock: Units there are of the one product for the customers scored: take off what guests and new customers
            will want. None for enough.
        incremental_share: Share of the buyers on the list who would not have bought anyway.
        units_per_buyer: Units a buyer takes.
        margins: Margins of single products, by product id.
        stocks: Stocks of single products, by product id.

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
    margins: Mapping[str, float] = field(default_factory=dict)
    stocks: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        amounts = {one.name: getattr(self, one.name) for one in fields(self)}
        amounts |= {f"margin of {name}": one for name, one in self.margins.items()}
        amounts |= {f"stock of {name}": one for name, one in self.stocks.items()}
        for name, amount in amounts.items():
            if isinstance(amount, int | float) and not 0 <= amount < math.inf:
                raise CampaignError(f"{name} is {amount:g}. Give zero or more.")

    def for_products(self, products: pl.DataFrame) -> Economics:
        """The same, with the margins and stocks that a table of products tells.

        Args:
            products: `product_id`, and `margin` and `stock` where they are told (null where not).

        Raises:
            CampaignError: One stock is stated for several products.

        Example:
            >>> told = pl.DataFrame({"product_id": ["pot", "vase"], "margin": [4.0, None]})
            >>> both = Economics(margin=10.0).for_products(told)
            >>> both.of("pot").margin, both.of("vase").margin
            (4.0, 10.0)
        """
        self.check_stock(products.height)
        own: dict[str, dict[str, float]] = {"margin": {}, "stock": {}}
        for name in own.keys() & set(products.columns):
            own[name] = dict(products.select("product_id", name).drop_nulls().iter_rows())
        return replace(self, margins=own["margin"], stocks=own["stock"])

    def check_stock(self, products: int) -> None:
        """Raise a `CampaignError` where one stock is stated for several products."""
        if self.stock is not None and products > 1:
            raise CampaignError(
                f"One stock is stated for {products} products. "
                "Write the units of each into a column named stock of the file of new products."
            )

    def of(self, product_id: str) -> Economics:
        """What holds for one product."""
        margin, stock = self.margins.get(product_id, self.margin), self.stocks.get(product_id, self.stock)
        return replace(self, margin=margin, stock=stock, margins={}, stocks={})

    def longest(self, customers: int) -> int:
        """The longest list that capacity and budget allow."""
        allowed = [customers]
        if self.capacity is not None:
            allowed.append(int(self.capacity))
        if self.budget is not None and self.contact_cost > 0:
            # 0.3 / 0.1 is 2.9999999999999996
            paid = self.budget / self.contact_cost * (1 + 1e-12)
            allowed.append(math.floor(min(paid, customers)))
        return min(allowed)

    @property
    def buyer_value(self) -> float:
        """What a buyer on the list is expected to earn, stock and the cost of contacts left aside."""
        return self.units_per_buyer * (self.incremental_share.expected * self.margin - self.discount)

    def contact_value(self, probability: ArrayLike) -> NDArray[np.float64]:
        """What contacting each customer is expected to earn, stock left aside; shape as `probability`.

        Example:
            >>> share = IncrementalShare(0.5, 0.5, 0.5)
            >>> Economics(margin=10.0, contact_cost=0.5, incremental_share=share).contact_value([0.2, 0.05])
            array([ 0.5 , -0.25])
        """
        return np.asarray(probability, dtype=np.float64) * self.buyer_value - self.contact_cost

    def sold_out_at(self, probability: ArrayLike, *, all_buyers: float) -> int | None:
        """The list, likeliest first, with which the stock is expected to be gone; None where it is enough for everyone.

        Args:
            probability: Of everyone who may be contacted, shape (customers,), in any order.
            all_buyers: Buyers expected if everyone scored were contacted.

        Example:
            >>> half = IncrementalShare(0.5, 0.5, 0.5)
            >>> Economics(margin=1.0, stock=1, incremental_share=half).sold_out_at([0.2, 0.8], all_buyers=1.4)
            1
        """
        p = np.sort(np.asarray(probability, dtype=np.float64))[::-1]
        s = self.incremental_share.expected
        wanted = self.units_per_buyer * ((1 - s) * all_buyers + s * np.concatenate([[0.0], np.cumsum(p)]))
        if self.stock is None or wanted[-1] < self.stock:
            return None
        return int(np.argmax(wanted >= self.stock))

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
