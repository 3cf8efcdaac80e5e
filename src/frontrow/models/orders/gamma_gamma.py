"""Gamma-gamma: what a customer spends on an order, as far as the orders so far can tell (Fader and Hardie, 2013).

"The Gamma-Gamma Model of Monetary Value", after Colombo and Jiang (1999). The amounts of a customer's orders are
gamma-distributed around a mean of their own, and the means of the customers follow an inverse gamma distribution. The
fewer orders a customer has, the nearer the estimate is to what everyone spends.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from frontrow.models.orders.maximum_likelihood import choose_rows, find_logarithms

Vector = NDArray[np.float64]


@dataclass(frozen=True)
class GammaGamma:
    """The three parameters of gamma-gamma.

    Attributes:
        p: Shape of the amounts of one customer's orders.
        q: Shape of the distribution of the customers' scales; above 1, so that there is a mean.
        gamma: Its scale, in money.

    Example:
        Published parameters for the CDNOW data; customers with 2 orders of 22.35 on average, and 7 of 73.74.

        >>> model = GammaGamma(p=6.25, q=3.74, gamma=15.44)
        >>> model.expected_spend_per_order(np.array([2.0, 7.0]), np.array([22.35, 73.74])).round(1).tolist()
        [24.7, 71.5]
    """

    p: float
    q: float
    gamma: float

    @classmethod
    def fit(cls, orders: Vector, spend_per_order: Vector) -> GammaGamma | None:
        """Maximum likelihood over the customers whose orders cost anything.

        Args:
            orders: Number of orders of each customer.
            spend_per_order: Their mean amount, in money.

        Returns:
            None where nobody has paid anything.
        """
        paying = np.flatnonzero(spend_per_order > 0)
        if not len(paying):
            return None
        rows = paying[choose_rows(len(paying))]
        unit = float(np.median(spend_per_order[rows]))
        counts, amounts = orders[rows], spend_per_order[rows] / unit
        best = find_logarithms(lambda logarithms: _read(logarithms).log_likelihood(counts, amounts), np.zeros(3))
        model = _read(best)
        return cls(model.p, model.q, model.gamma * unit)

    def log_likelihood(self, orders: Vector, spend_per_order: Vector) -> Vector:
        """Log likelihood of each customer's mean amount (equation 1a of the note); amounts above 0."""
        from scipy.special import gammaln

        p, q, gamma = self.p, self.q, self.gamma
        shape = p * orders
        constant = gammaln(shape + q) - gammaln(shape) - gammaln(q) + q * np.log(gamma)
        amounts = (shape - 1) * np.log(spend_per_order) + shape * np.log(orders)
        return np.asarray(constant + amounts - (shape + q) * np.log(gamma + orders * spend_per_order), dtype=np.float64)

    def expected_spend_per_order(self, orders: Vector, spend_per_order: Vector) -> Vector:
        """What each customer is expected to spend on an order: between their own mean and everyone's (equation 5)."""
        weight = self.p * orders + self.q - 1
        return np.asarray(self.p * (self.gamma + orders * spend_per_order) / weight, dtype=np.float64)


def _read(logarithms: Vector) -> GammaGamma:
    """Parameters from the logarithms that the fit moves; q stays above 1."""
    p, above, gamma = np.exp(logarithms).tolist()
    return GammaGamma(p, 1.0 + above, gamma)
