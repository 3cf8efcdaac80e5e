"""Losses over the products of a step: sampled softmax, computed with its gradient in one go, and BPR-max."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

QUERIES_AT_ONCE = 512
"""Rows of scores held at a time: few enough for the processor's cache, enough for a quick matrix product."""

SCORE_PENALTY = 0.01
"""BPR-max: weight of the squared scores of negatives."""


@dataclass(frozen=True)
class Targets:
    """What each query should find.

    Attributes:
        starts: First target of each query, and the end of all; int64 (queries + 1,).
        columns: Column of each target among the products of the step; int64 (targets,).
        weights: float32 (targets,).
    """

    starts: Tensor
    columns: Tensor
    weights: Tensor

    def rows(self) -> Tensor:
        """Query of each target; int64 (targets,)."""
        return torch.repeat_interleave(torch.arange(len(self.starts) - 1), torch.diff(self.starts))

    def totals(self) -> Tensor:
        """Weight of each query; float32 (queries,)."""
        return torch.zeros(len(self.starts) - 1, dtype=self.weights.dtype).index_add(0, self.rows(), self.weights)


def sampled_softmax(queries: Tensor, products: Tensor, log_q: Tensor, targets: Targets) -> Tensor:
    """Weighted mean over targets of the negative log likelihood among the products of the step.

    Each score has `log q` taken off, the log of the product's chance to be in the step (Bengio and Senécal, 2008); with
    every product there and `log q` zero, it is the full softmax.

    Args:
        queries: float32 (queries, width).
        products: Embeddings of the products of the step; float32 (products, width).
        log_q: float32 (products,).
        targets: What each query should find.

    Example:
        >>> queries, products = torch.zeros(1, 2), torch.zeros(4, 2)
        >>> one = Targets(torch.tensor([0, 1]), torch.tensor([3]), torch.tensor([1.0]))
        >>> round(float(sampled_softmax(queries, products, torch.zeros(4), one)), 4)
        1.3863
    """
    loss: Tensor = _Softmax.apply(queries, products, log_q, targets)  # type: ignore[no-untyped-call]
    return loss


class _Softmax(torch.autograd.Function):
    """Scores are the largest thing of a step; here a block of them is made, used and forgotten, not kept for later."""

    @staticmethod
    def forward(ctx: Any, queries: Tensor, products: Tensor, log_q: Tensor, targets: Targets) -> Tensor:
        by_query, by_product = torch.empty_like(queries), torch.zeros_like(products)
        rows, totals = targets.rows(), targets.totals()
        loss = queries.new_zeros(())
        for start in range(0, len(queries), QUERIES_AT_ONCE):
            end = min(start + QUERIES_AT_ONCE, len(queries))
            block = queries[start:end]
            scores = torch.addmm(-log_q, block, products.T)
            torch.softmax(scores, dim=1, out=scores)
            here = slice(int(targets.starts[start]), int(targets.starts[end]))
            place = (rows[here] - start, targets.columns[here])
            loss -= (targets.weights[here] * scores[place].clamp(min=torch.finfo(scores.dtype).tiny).log()).sum()
            scores *= totals[start:end, None]
            scores.index_put_(place, -targets.weights[here], accumulate=True)
            torch.mm(scores, products, out=by_query[start:end])
            by_product.addmm_(scores.T, block)
        total = totals.sum().clamp(min=torch.finfo(totals.dtype).tiny)
        ctx.save_for_backward(by_query.div_(total), by_product.div_(total))
        return loss / total

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, Tensor, None, None]:
        by_query, by_product = ctx.saved_tensors
        return gradient * by_query, gradient * by_product, None, None


def bpr_max(queries: Tensor, products: Tensor, targets: Targets) -> Tensor:
    """The target's score above those of the hardest negatives (Hidasi and Karatzoglou, 2018, equations 8 and 9).

    Negatives weigh by the softmax of their scores, and their squares are kept small. What the query itself should
    find is no negative. Arguments as for `sampled_softmax`.

    Example:
        One negative with the target's own score: the chance that the target stands above it is one half.

        >>> one = Targets(torch.tensor([0, 1]), torch.tensor([1]), torch.tensor([1.0]))
        >>> round(float(bpr_max(torch.zeros(1, 2), torch.zeros(2, 2), one)), 4)
        0.6931
    """
    rows = targets.rows()
    scores = queries @ products.T
    own = torch.zeros_like(scores, dtype=torch.bool).index_put_((rows, targets.columns), torch.tensor(True))
    shares = torch.softmax(scores.masked_fill(own, -torch.inf), dim=1).nan_to_num(0.0)[rows]
    ahead = scores[rows, targets.columns][:, None] - scores[rows]
    above = torch.log((shares * torch.sigmoid(ahead)).sum(dim=1).clamp(min=1e-12))
    penalty = SCORE_PENALTY * (shares * scores[rows] ** 2).sum(dim=1)
    total = targets.weights.sum().clamp(min=torch.finfo(queries.dtype).tiny)
    return (targets.weights * (penalty - above)).sum() / total
