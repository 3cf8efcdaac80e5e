"""The loss against a plain softmax over all lines of a step, and by hand."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor

from frontrow.models.neural.two_tower.loss import sampled_softmax


def plain(scores: Tensor, orders: Tensor, products: Tensor, log_q: Tensor, weights: Tensor) -> Tensor:
    """Line by line: the bought product against the product of every other line that its order does not hold."""
    total = torch.zeros((), dtype=scores.dtype)
    for line in range(len(orders)):
        order, product = orders[line], products[line]
        own = set(products[orders == order].tolist())
        negatives = [p for p in products.tolist() if p not in own]
        logits = torch.stack([scores[order, p] - log_q[p] for p in [int(product), *negatives]])
        total = total - weights[line] * torch.log_softmax(logits, dim=0)[0]
    return total


def a_step(seed: int) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
    rng = np.random.default_rng(seed)
    orders = torch.from_numpy(np.sort(rng.integers(0, 5, 24)))
    products = torch.from_numpy(np.concatenate([np.arange(7), rng.integers(0, 7, 17)]))
    scores = torch.from_numpy(rng.normal(size=(5, 7))).requires_grad_()
    log_q = torch.from_numpy(np.log(rng.dirichlet(np.ones(7))))
    return scores, orders, products, log_q, torch.from_numpy(rng.random(24))


def test_value_and_gradient_are_those_of_the_plain_softmax() -> None:
    for seed in range(5):
        scores, orders, products, log_q, weights = a_step(seed)
        counts = torch.bincount(products, minlength=7).double()
        ours = sampled_softmax(scores, orders, products, counts, log_q, weights)
        (gradient,) = torch.autograd.grad(ours, scores)
        theirs = plain(scores, orders, products, log_q, weights)
        (expected,) = torch.autograd.grad(theirs, scores)
        torch.testing.assert_close(ours, theirs)
        torch.testing.assert_close(gradient, expected)


def test_the_gradient_is_that_of_small_steps() -> None:
    scores, orders, products, log_q, weights = a_step(9)
    counts = torch.bincount(products, minlength=7).double()
    assert torch.autograd.gradcheck(lambda s: sampled_softmax(s, orders, products, counts, log_q, weights), (scores,))


def test_log_q_by_hand() -> None:
    # one order bought product 0; product 1 stands on two lines of another order
    scores = torch.tensor([[1.0, 2.0], [0.0, 0.0]])
    orders, products = torch.tensor([0, 1, 1]), torch.tensor([0, 1, 1])
    counts, log_q = torch.tensor([1.0, 2.0]), torch.log(torch.tensor([0.25, 0.75]))
    weights = torch.tensor([1.0, 0.0, 0.0])
    positive, negative = math.exp(1.0) / 0.25, 2 * math.exp(2.0) / 0.75
    found = sampled_softmax(scores, orders, products, counts, log_q, weights)
    assert math.isclose(float(found), -math.log(positive / (positive + negative)), rel_tol=1e-5)


def test_what_the_order_holds_is_no_negative_by_hand() -> None:
    # order 0 holds products 0 and 1; product 2 is another order's
    scores = torch.tensor([[1.0, 5.0, 0.5], [0.0, 0.0, 0.0]])
    orders, products = torch.tensor([0, 0, 1]), torch.tensor([0, 1, 2])
    counts, log_q = torch.ones(3), torch.zeros(3)
    found = sampled_softmax(scores, orders, products, counts, log_q, torch.tensor([1.0, 0.0, 0.0]))
    assert math.isclose(float(found), -math.log(math.exp(1.0) / (math.exp(1.0) + math.exp(0.5))), rel_tol=1e-5)


def test_an_order_alone_in_a_step_has_no_gradient_and_no_hole() -> None:
    scores = torch.tensor([[1.0, 2.0]], requires_grad=True)
    lines = torch.tensor([0, 1])
    found = sampled_softmax(scores, torch.tensor([0, 0]), lines, torch.ones(2), torch.zeros(2), torch.ones(2))
    (gradient,) = torch.autograd.grad(found, scores)
    assert float(found.detach()) == 0.0
    assert gradient.tolist() == [[0.0, 0.0]]
