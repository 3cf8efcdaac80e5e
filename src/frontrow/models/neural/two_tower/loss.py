"""In-batch sampled softmax with log-Q correction, accidental hits masked.

The products of a step are the negatives of one another's orders (Yi et al., "Sampling-bias-corrected neural modeling
for large corpus item recommendations", RecSys 2019). A popular product turns up among the negatives more often, so
`log q` is taken off its score; what the order itself holds is never its own negative.

Lines of one order share their customer, and many lines share their product. The matrix of scores therefore has one
row an order and one column a distinct product, and a product found `n` times in the step counts as `n` negatives:
the loss, to rounding, of the matrix of all lines by all lines, for a fraction of its size.
"""

from __future__ import annotations

import torch
from torch import Tensor

NOTHING = -1e30
"""The score of what is no negative; minus infinity would have no gradient where an order stands alone in a step."""


def sampled_softmax(
    scores: Tensor, orders: Tensor, products: Tensor, counts: Tensor, log_q: Tensor, weights: Tensor
) -> Tensor:
    """Weighted sum over lines of the negative log likelihood of the product bought.

    Args:
        scores: Of each order and distinct product of the step, temperature included; float32 (orders, products).
        orders: Row of each line; int64 (lines,).
        products: Column of each line; int64 (lines,).
        counts: How many lines each product has in the step; float32 (products,).
        log_q: Log of each product's chance to be drawn as a line; zeros for no correction; float32 (products,).
        weights: Of each line; float32 (lines,).

    Example:
        One order with one of two products: the other one is its negative.

        >>> scores = torch.tensor([[1.0, 1.0]])
        >>> bought, one = torch.tensor([0]), torch.tensor([1.0])
        >>> loss = sampled_softmax(scores, bought, bought, torch.tensor([1.0, 1.0]), torch.zeros(2), one)
        >>> round(float(loss), 4)
        0.6931
    """
    corrected = scores - log_q
    own = torch.zeros_like(scores, dtype=torch.bool)
    own[orders, products] = True
    negatives = (corrected + counts.log()).masked_fill(own, NOTHING).logsumexp(dim=1)
    positive = corrected[orders, products]
    return (weights * (torch.logaddexp(positive, negatives[orders]) - positive)).sum()
