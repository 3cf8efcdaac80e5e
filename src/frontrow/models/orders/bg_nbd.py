"""BG/NBD: how often a customer orders, and whether the customer is still one (Fader, Hardie and Lee, 2005).

"Counting Your Customers" the Easy Way: An Alternative to the Pareto/NBD Model, Marketing Science 24(2). A customer
orders at random at a rate of their own (the rates are gamma-distributed), and after each order leaves for good with a
probability of their own (beta-distributed). Four numbers describe the whole shop.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from frontrow.models.orders.maximum_likelihood import choose_rows, find_logarithms

Vector = NDArray[np.float64]


@dataclass(frozen=True)
class OrderCounts:
    """What BG/NBD reads of each customer; arrays of one length.

    Attributes:
        repeats: Orders after the first.
        last_day: Days from the first order to the last one.
        tenure_days: Days from the first order to the cutoff.
    """

    repeats: Vector
    last_day: Vector
    tenure_days: Vector

    def take(self, rows: NDArray[np.int64]) -> OrderCounts:
        """Some of the customers."""
        return OrderCounts(self.repeats[rows], self.last_day[rows], self.tenure_days[rows])


@dataclass(frozen=True)
class BetaGeometric:
    """The four parameters of BG/NBD.

    Attributes:
        r: Shape of the gamma distribution of order rates.
        alpha: Its scale, in days.
        a: First parameter of the beta distribution of the probability to leave after an order.
        b: Its second parameter.

    Example:
        The customer of the paper, in weeks: 2 repeat orders, the last in week 30.43 of 38.86, asked about 39 weeks.

        >>> model = BetaGeometric(r=0.243, alpha=4.414, a=0.793, b=2.426)
        >>> customer = OrderCounts(np.array([2.0]), np.array([30.43]), np.array([38.86]))
        >>> round(float(model.expected_orders(customer, 39.0)[0]), 3)
        1.226
    """

    r: float
    alpha: float
    a: float
    b: float

    @classmethod
    def fit(cls, customers: OrderCounts, *, start: BetaGeometric | None = None) -> BetaGeometric:
        """Maximum likelihood.

        Args:
            customers: At least one.
            start: Where the search starts, such as the parameters of a later day; it is quicker near the end.
        """
        read = customers.take(choose_rows(len(customers.repeats)))
        unit = max(float(read.tenure_days.mean()), 1.0)
        scaled = OrderCounts(read.repeats, read.last_day / unit, read.tenure_days / unit)
        first = np.zeros(4) if start is None else np.log([start.r, start.alpha / unit, start.a, start.b])
        best = find_logarithms(lambda logarithms: cls(*np.exp(logarithms).tolist()).log_likelihood(scaled), first)
        r, alpha, a, b = np.exp(best).tolist()
        return cls(r, alpha * unit, a, b)

    def log_likelihood(self, customers: OrderCounts) -> Vector:
        """Log likelihood of each customer's orders (the paper's equation 6)."""
        from scipy.special import gammaln

        r, alpha, a, b = self.r, self.alpha, self.a, self.b
        x = customers.repeats
        repeated = x > 0
        rates = gammaln(r + x) - gammaln(r) + r * np.log(alpha)
        stays = gammaln(a + b) + gammaln(b + x) - gammaln(b) - gammaln(a + b + x)
        here = -(r + x) * np.log(alpha + customers.tenure_days)
        # the denominator is not read where there is no repeat order
        left = np.log(a) - np.log(np.where(repeated, b + x - 1, 1.0)) - (r + x) * np.log(alpha + customers.last_day)
        return np.asarray(rates + stays + np.logaddexp(here, np.where(repeated, left, -np.inf)), dtype=np.float64)

    def chance_alive(self, customers: OrderCounts) -> Vector:
        """Probability that each customer has not left; 1 without a repeat order."""
        x = customers.repeats
        repeated = x > 0
        longer = (self.alpha + customers.tenure_days) / (self.alpha + customers.last_day)
        odds = (
            np.exp(np.clip((self.r + x) * np.log(longer), None, 700.0))
            * self.a
            / np.where(repeated, self.b + x - 1, 1.0)
        )
        return np.where(repeated, 1.0 / (1.0 + odds), 1.0)

    def chance_to_order(self, customers: OrderCounts, days: float) -> Vector:
        """Probability of an order within the days after the cutoff."""
        start = self.alpha + customers.tenure_days
        silent = np.exp((self.r + customers.repeats) * np.log(start / (start + days)))
        return np.asarray(self.chance_alive(customers) * (1.0 - silent), dtype=np.float64)

    def expected_orders(self, customers: OrderCounts, days: float) -> Vector:
        """Expected number of orders within the days after the cutoff (the paper's equation 10)."""
        from scipy.special import hyp2f1

        a = self.a if abs(self.a - 1.0) > 1e-6 else 1.0 + 1e-6
        x, start = customers.repeats, self.alpha + customers.tenure_days
        shrinks = np.exp((self.r + x) * np.log(start / (start + days)))
        series = hyp2f1(self.r + x, self.b + x, a + self.b + x - 1, days / (start + days))
        if_alive = (a + self.b + x - 1) / (a - 1) * (1.0 - shrinks * series)
        return np.asarray(np.maximum(if_alive, 0.0) * self.chance_alive(customers), dtype=np.float64)
