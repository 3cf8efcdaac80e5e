"""How often, and how lately, each customer bought each product: the vectors of TIFU-KNN (Hu et al., 2020)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from frontrow.models.interactions.interactions import Interactions


def purchase_vectors(
    interactions: Interactions, *, groups: int, decay_within: float, decay_between: float
) -> sparse.csr_matrix:
    """Personal item frequency: a decayed mean over the orders of a group, then over the groups.

    The orders of a customer are cut from the latest back into at most `groups` groups of equal size, the earliest
    group being shorter where they do not divide. Order j of the k of a group weighs decay_within^(k-j) / k, group i
    of m weighs decay_between^(m-i) / m, and an order holds a product or does not.

    Args:
        interactions: Gives the orders.
        groups: Most groups a customer.
        decay_within: From one order of a group to the one before it, in (0, 1].
        decay_between: From one group to the one before it, in (0, 1].

    Returns:
        Shape (customers, products), float32.

    Example:
        >>> from frontrow.models.interactions.interactions import build_interactions
        >>> from frontrow.testing.shops import hand_made_shop
        >>> interactions = build_interactions(hand_made_shop([(7, "pot", 0), (7, "bulb", 1), (7, "bulb", 2)]).as_of())
        >>> purchase_vectors(interactions, groups=2, decay_within=0.8, decay_between=0.5).toarray().round(3)
        array([[0.45, 0.25]], dtype=float32)
    """
    bought = interactions.purchases
    _, first, order = np.unique(bought.order, return_index=True, return_inverse=True)
    weights = _order_weights(bought.customer[first], groups, decay_within, decay_between)
    place = (bought.customer, bought.product)
    return sparse.csr_matrix((weights[order], place), shape=interactions.shape, dtype=np.float32)


def _order_weights(
    customer: NDArray[np.int64], groups: int, decay_within: float, decay_between: float
) -> NDArray[np.float64]:
    """The weight of each order, given its customer, by customer and time."""
    orders = np.bincount(customer)
    ends = np.cumsum(orders)
    size = -(-orders // groups)[customer]
    # orders since: 0 for the latest
    since = ends[customer] - 1 - np.arange(len(customer))
    group = since // np.maximum(size, 1)
    inside = np.minimum(size, orders[customer] - group * size)
    filled = -(-orders[customer] // np.maximum(size, 1))
    within = decay_within ** (since - group * size) / inside
    return np.asarray(within * decay_between**group / filled)
