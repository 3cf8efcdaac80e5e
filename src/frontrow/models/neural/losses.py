"""Losses of the retrieval networks: in-batch softmax, sampled softmax with its own gradient, and BPR-max."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

MASKED = -1e30
"""Score of a product that is no negative; minus infinity has no gradient where an order is the only one of a step."""

QUERIES_PER_BLOCK = 512
"""Rows of scores computed at a time: few enough for the processor's cache, enough for a fast matrix product."""

SCORE_PENALTY = 0.01
"""BPR-max: weight of the squared scores of negatives."""


def in_batch_softmax(
    scores: Tensor, orders: Tensor, products: Tensor, counts: Tensor, log_q: Tensor, weights: Tensor
) -> Tensor:
    """Return the weighted sum over lines of the negative log likelihood of the product bought.

    The products of a step are the negatives of each other's orders (Yi et al., "Sampling-bias-corrected neural modeling
    for large corpus item recommendations", RecSys 2019). A popular product occurs more often among the negatives, so
    `log q` is subtracted from its score; products of the order itself are masked.

    Lines of one order share their customer, and many lines share their product. The score matrix therefore has one row
    per order and one column per distinct product, and a product on `n` lines counts as `n` negatives. Up to rounding
    this is the loss over the matrix of all lines by all lines, at a fraction of its size.

    Args:
        scores: Score of each order and distinct product, divided by the temperature; float32 (orders, products).
        orders: Row of each line; int64 (lines,).
        products: Column of each line; int64 (lines,).
        counts: Number of lines of each product in the step; float32 (products,).
        log_q: Log probability that a line is of each product, or zeros for no correction; float32 (products,).
        weights: Weight of each line; float32 (lines,).

    Example:
        One order with one of two products: the other product is its negative.

        >>> scores = torch.tensor([[1.0, 1.0]])
        >>> bought, weights = torch.tensor([0]), torch.tensor([1.0])
        >>> loss = in_batch_softmax(scores, bought, bought, torch.tensor([1.0, 1.0]), torch.zeros(2), weights)
        >>> round(float(loss), 4)
        0.6931
    """
    corrected = scores - log_q
    in_order = torch.zeros_like(scores, dtype=torch.bool)
    in_order[orders, products] = True
    negatives = (corrected + counts.log()).masked_fill(in_order, MASKED).logsumexp(dim=1)
    positive = corrected[orders, products]
    return (weights * (torch.logaddexp(positive, negatives[orders]) - positive)).sum()


@dataclass(frozen=True)
class Targets:
    """The products that each query should rank first.

    Attributes:
        starts: First target of each query, and the end of the last; int64 (queries + 1,).
        columns: Column of each target among the products of the step; int64 (targets,).
        weights: Weight of each target; float32 (targets,).
    """

    starts: Tensor
    columns: Tensor
    weights: Tensor

    def query_rows(self) -> Tensor:
        """Return the query of each target; int64 (targets,)."""
        return torch.repeat_interleave(torch.arange(len(self.starts) - 1), torch.diff(self.starts))

    def query_weights(self) -> Tensor:
        """Return the total weight of each query; float32 (queries,)."""
        totals = torch.zeros(len(self.starts) - 1, dtype=self.weights.dtype)
        return totals.index_add(0, self.query_rows(), self.weights)


def sampled_softmax(queries: Tensor, products: Tensor, log_q: Tensor, targets: Targets) -> Tensor:
    """Return the weighted mean over targets of the negative log likelihood among the products of the step.

    `log q`, the log probability that a product is in the step, is subtracted from each score (Bengio and Senécal,
    2008). With every product in the step and zero `log q`, this is the full softmax.

    Args:
        queries: Vectors of the queries; float32 (queries, width).
        products: Embeddings of the products of the step; float32 (products, width).
        log_q: Log probability of each product; float32 (products,).
        targets: The targets of each query.

    Example:
        >>> queries, products = torch.zeros(1, 2), torch.zeros(4, 2)
        >>> targets = Targets(torch.tensor([0, 1]), torch.tensor([3]), torch.tensor([1.0]))
        >>> round(float(sampled_softmax(queries, products, torch.zeros(4), targets)), 4)
        1.3863
    """
    loss: Tensor = _SampledSoftmax.apply(queries, products, log_q, targets)  # type: ignore[no-untyped-call]
    return loss


class _SampledSoftmax(torch.autograd.Function):
    """Computes the gradient together with the loss, block by block, so that the score matrix is never stored."""

    @staticmethod
    def forward(ctx: Any, queries: Tensor, products: Tensor, log_q: Tensor, targets: Targets) -> Tensor:
        query_gradient, product_gradient = torch.empty_like(queries), torch.zeros_like(products)
        rows, query_weights = targets.query_rows(), targets.query_weights()
        loss = queries.new_zeros(())
        for start in range(0, len(queries), QUERIES_PER_BLOCK):
            end = min(start + QUERIES_PER_BLOCK, len(queries))
            block = queries[start:end]
            scores = torch.addmm(-log_q, block, products.T)
            torch.softmax(scores, dim=1, out=scores)
            in_block = slice(int(targets.starts[start]), int(targets.starts[end]))
            cells = (rows[in_block] - start, targets.columns[in_block])
            smallest = torch.finfo(scores.dtype).tiny
            loss -= (targets.weights[in_block] * scores[cells].clamp(min=smallest).log()).sum()
            scores *= query_weights[start:end, None]
            scores.index_put_(cells, -targets.weights[in_block], accumulate=True)
            torch.mm(scores, products, out=query_gradient[start:end])
            product_gradient.addmm_(scores.T, block)
        total = query_weights.sum().clamp(min=torch.finfo(query_weights.dtype).tiny)
        ctx.save_for_backward(query_gradient.div_(total), product_gradient.div_(total))
        return loss / total

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, Tensor, None, None]:
        query_gradient, product_gradient = ctx.saved_tensors
        return gradient * query_gradient, gradient * product_gradient, None, None


def bpr_max(queries: Tensor, products: Tensor, targets: Targets) -> Tensor:
    """Return the BPR-max loss (Hidasi and Karatzoglou, 2018, equations 8 and 9).

    The target's score should be above those of the highest-scored negatives, which are weighted by the softmax of
    their scores; squared scores are penalised. Targets of the query itself are no negatives.

    Args:
        queries: Vectors of the queries; float32 (queries, width).
        products: Embeddings of the products of the step; float32 (products, width).
        targets: The targets of each query.

    Example:
        One negative with the same score as the target: the probability that the target is ranked first is one half.

        >>> targets = Targets(torch.tensor([0, 1]), torch.tensor([1]), torch.tensor([1.0]))
        >>> round(float(bpr_max(torch.zeros(1, 2), torch.zeros(2, 2), targets)), 4)
        0.6931
    """
    rows = targets.query_rows()
    scores = queries @ products.T
    is_target = torch.zeros_like(scores, dtype=torch.bool).index_put_((rows, targets.columns), torch.tensor(True))
    shares = torch.softmax(scores.masked_fill(is_target, -torch.inf), dim=1).nan_to_num(0.0)[rows]
    margins = scores[rows, targets.columns][:, None] - scores[rows]
    log_probability = torch.log((shares * torch.sigmoid(margins)).sum(dim=1).clamp(min=1e-12))
    penalty = SCORE_PENALTY * (shares * scores[rows] ** 2).sum(dim=1)
    total = targets.weights.sum().clamp(min=torch.finfo(queries.dtype).tiny)
    return (targets.weights * (penalty - log_probability)).sum() / total
