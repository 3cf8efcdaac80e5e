"""What a campaign costs and earns: how many customers to contact, and what a list of any length is expected to earn.

Profit is counted against contacting nobody. Of the customers on the list, `B` are expected to buy (the sum of their
probabilities), `u` units each. A share `s` of them would not have bought without the contact; the others would have
bought anyway, at the full price. So a list of `k` customers earns

    profit(k) = u B(k) (s margin - discount) - k contact_cost

Only the incremental share earns margin; every buyer on the list takes the discount, including those who would have paid
the full price; and every contact costs money, whether the customer buys or not. One more customer is worth it while
`u p (s margin - discount) > contact_cost`, so the list ends at a probability (Elkan, "The foundations of cost-sensitive
learning", IJCAI 2001). Where `s margin <= discount`, no list earns anything, however good its ranking.

`s` is assumed to be the same for everyone. That is a simplification: the likeliest buyers are likelier to buy anyway.
Only a hold-out can measure it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray

from frontrow.errors import CampaignError


@dataclass(frozen=True)
class IncrementalShare:
    """Share of the buyers on the list who would not have bought without the contact.

    The defaults are an assumption, wide on purpose. In the one public randomised e-mail test with purchases
    (Hillstrom, "MineThatData e-mail analytics challenge", 2008) the two mailings had .35 and .54, among customers
    chosen at random; among the likeliest buyers, more would have bought anyway.

    Attributes:
        low: Lower end of the range.
        expected: Value used for the expected profit.
        high: Upper end of the range.
        measured: Whether it was measured with a hold-out; an assumption has to be presented as one.
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
    def from_measurement(cls, record: Mapping[str, Any]) -> IncrementalShare:
        """The share that an earlier campaign's hold-out measured, clipped to between -1 and 1.

        Args:
            record: `Uplift.to_dict` of an outcome that is 0 or 1, such as conversion.

        Raises:
            CampaignError: The record has no share, because none of the contacted customers bought.

        Example:
            >>> record = {"incremental_share": 0.25, "incremental_interval": {"low": -0.5, "high": 0.75}}
            >>> IncrementalShare.from_measurement(record)
            IncrementalShare(low=-0.5, expected=0.25, high=0.75, measured=True)
        """
        share, interval = record.get("incremental_share"), record.get("incremental_interval")
        if share is None or interval is None:
            raise CampaignError(
                "The measured campaign has no incremental share: none of the contacted customers bought. "
                "Assume a range instead."
            )
        # an end is None where it has no bound
        low = -1.0 if interval["low"] is None else interval["low"]
        high = 1.0 if interval["high"] is None else interval["high"]
        low, expected, high = (min(max(float(value), -1.0), 1.0) for value in (low, share, high))
        return cls(low, expected, high, measured=True)


@dataclass(frozen=True)
class Economics:
    """What a campaign costs and earns; money in the shop's currency.

    Attributes:
        margin: Margin per unit sold at its full price, for products that are not in `margins`.
        contact_cost: Cost per customer contacted.
        discount: Discount per unit, for everyone contacted.
        capacity: Largest number of customers contacted; None for no limit.
        budget: Most money spent on contacts, discounts not included; None for no limit.
        stock: Units of the one product available to the customers scored: subtract what guests and new customers
            will buy. None for enough.
        incremental_share: Share of the buyers on the list who would not have bought anyway.
        units_per_buyer: Units that a buyer takes.
        margins: Margins of single products, by product id.
        stocks: Stocks of single products, by product id.

    Raises:
        CampaignError: An amount is negative or not a number.

    Example:
        >>> Economics(margin=10.0, contact_cost=0.5, budget=100.0).max_contacts(5_000)
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
        amounts = {attribute.name: getattr(self, attribute.name) for attribute in fields(self)}
        amounts |= {f"margin of {product_id}": margin for product_id, margin in self.margins.items()}
        amounts |= {f"stock of {product_id}": stock for product_id, stock in self.stocks.items()}
        for name, amount in amounts.items():
            if isinstance(amount, int | float) and not 0 <= amount < math.inf:
                raise CampaignError(f"{name} is {amount:g}. Give zero or more.")

    def for_products(self, products: pl.DataFrame) -> Economics:
        """The same economics with the margins and stocks of a table of products.

        Args:
            products: `product_id`, and `margin` and `stock` where the file has these columns (null for not stated).

        Raises:
            CampaignError: One stock is stated for several products.

        Example:
            >>> products = pl.DataFrame({"product_id": ["pot", "vase"], "margin": [4.0, None]})
            >>> economics = Economics(margin=10.0).for_products(products)
            >>> economics.of_product("pot").margin, economics.of_product("vase").margin
            (4.0, 10.0)
        """
        self.check_stock(products.height)
        by_product: dict[str, dict[str, float]] = {"margin": {}, "stock": {}}
        for column in by_product.keys() & set(products.columns):
            by_product[column] = dict(products.select("product_id", column).drop_nulls().iter_rows())
        return replace(self, margins=by_product["margin"], stocks=by_product["stock"])

    def check_stock(self, products: int) -> None:
        """Raise a `CampaignError` where one stock is stated for several products."""
        if self.stock is not None and products > 1:
            raise CampaignError(
                f"One stock is stated for {products} products. "
                "Write the units of each into a column named stock of the file of new products."
            )

    def of_product(self, product_id: str) -> Economics:
        """The economics of one product: its own margin and stock where it has them."""
        margin, stock = self.margins.get(product_id, self.margin), self.stocks.get(product_id, self.stock)
        return replace(self, margin=margin, stock=stock, margins={}, stocks={})

    def max_contacts(self, customers: int) -> int:
        """The largest number of so many customers that capacity and budget allow to contact."""
        limits = [customers]
        if self.capacity is not None:
            limits.append(int(self.capacity))
        if self.budget is not None and self.contact_cost > 0:
            # 0.3 / 0.1 is 2.9999999999999996
            paid = self.budget / self.contact_cost * (1 + 1e-12)
            limits.append(math.floor(min(paid, customers)))
        return min(limits)

    @property
    def buyer_value(self) -> float:
        """What a buyer on the list is expected to earn, without stock limits and the cost of contacts."""
        return self.units_per_buyer * (self.incremental_share.expected * self.margin - self.discount)

    def contact_value(self, probability: ArrayLike) -> NDArray[np.float64]:
        """What contacting each customer is expected to earn, without stock limits; shape as `probability`.

        Example:
            >>> share = IncrementalShare(0.5, 0.5, 0.5)
            >>> Economics(margin=10.0, contact_cost=0.5, incremental_share=share).contact_value([0.2, 0.05])
            array([ 0.5 , -0.25])
        """
        return np.asarray(probability, dtype=np.float64) * self.buyer_value - self.contact_cost

    def sold_out_length(self, probability: ArrayLike, *, all_buyers: float) -> int | None:
        """The length of the list, likeliest first, at which the stock is expected to be gone; None if it lasts.

        Args:
            probability: Of everyone who may be contacted, shape (customers,), in any order.
            all_buyers: Buyers expected if everyone scored were contacted.

        Example:
            >>> half = IncrementalShare(0.5, 0.5, 0.5)
            >>> Economics(margin=1.0, stock=1, incremental_share=half).sold_out_length([0.2, 0.8], all_buyers=1.4)
            1
        """
        p = np.sort(np.asarray(probability, dtype=np.float64))[::-1]
        s = self.incremental_share.expected
        demand = self.units_per_buyer * ((1 - s) * all_buyers + s * np.concatenate([[0.0], np.cumsum(p)]))
        if self.stock is None or demand[-1] < self.stock:
            return None
        return int(np.argmax(demand >= self.stock))

    def profit(
        self, lengths: ArrayLike, buyers: ArrayLike, *, all_buyers: float, share: float | None = None
    ) -> NDArray[np.float64]:
        """What lists are expected to earn, against contacting nobody.

        With `stock`, expected demand is cut at the stock. Customers who are not on the list still want
        `u (1 - s)` units for each expected buyer among them, and those on it as much even without the contact; where
        that alone uses up the stock, a contact sells nothing more. When demand exceeds stock, everyone is served in
        the same proportion. The variation of demand around its expectation is ignored.

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
            demand = np.maximum(anyway + more, 1e-12)
            more = np.minimum(demand, self.stock) - min(anyway, self.stock)
            discounted = units * np.minimum(1.0, self.stock / demand)
        return np.asarray(self.margin * more - self.discount * discounted - self.contact_cost * k)
