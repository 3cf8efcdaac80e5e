"""The losses against plain softmaxes and by hand; how often each product is drawn."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional

from frontrow.models.neural import losses
from frontrow.models.neural.losses import Targets, bpr_max, in_batch_softmax, sampled_softmax
from frontrow.models.neural.sequences.batches import ProductSampler


def plain_in_batch(scores: Tensor, orders: Tensor, products: Tensor, log_q: Tensor, weights: Tensor) -> Tensor:
    """Line by line: the bought product against the products of all other lines that are not in its order."""
    total = torch.zeros((), dtype=scores.dtype)
    for line in range(len(orders)):
        order, product = orders[line], products[line]
        in_order = set(products[orders == order].tolist())
        negatives = [p for p in products.tolist() if p not in in_order]
        logits = torch.stack([scores[order, p] - log_q[p] for p in [int(product), *negatives]])
        total = total - weights[line] * torch.log_softmax(logits, dim=0)[0]
    return total


def in_batch_step(seed: int) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
    rng = np.random.default_rng(seed)
    orders = torch.from_numpy(np.sort(rng.integers(0, 5, 24)))
    products = torch.from_numpy(np.concatenate([np.arange(7), rng.integers(0, 7, 17)]))
    scores = torch.from_numpy(rng.normal(size=(5, 7))).requires_grad_()
    log_q = torch.from_numpy(np.log(rng.dirichlet(np.ones(7))))
    return scores, orders, products, log_q, torch.from_numpy(rng.random(24))


def test_in_batch_value_and_gradient_are_those_of_the_plain_softmax() -> None:
    for seed in range(5):
        scores, orders, products, log_q, weights = in_batch_step(seed)
        counts = torch.bincount(products, minlength=7).double()
        actual = in_batch_softmax(scores, orders, products, counts, log_q, weights)
        (gradient,) = torch.autograd.grad(actual, scores)
        reference = plain_in_batch(scores, orders, products, log_q, weights)
        (expected,) = torch.autograd.grad(reference, scores)
        torch.testing.assert_close(actual, reference)
        torch.testing.assert_close(gradient, expected)


def test_the_in_batch_gradient_is_that_of_small_steps() -> None:
    scores, orders, products, log_q, weights = in_batch_step(9)
    counts = torch.bincount(products, minlength=7).double()
    assert torch.autograd.gradcheck(lambda s: in_batch_softmax(s, orders, products, counts, log_q, weights), (scores,))


def test_in_batch_log_q_by_hand() -> None:
    # one order has product 0; another order has product 1 on two lines
    scores = torch.tensor([[1.0, 2.0], [0.0, 0.0]])
    orders, products = torch.tensor([0, 1, 1]), torch.tensor([0, 1, 1])
    counts, log_q = torch.tensor([1.0, 2.0]), torch.log(torch.tensor([0.25, 0.75]))
    weights = torch.tensor([1.0, 0.0, 0.0])
    positive, negative = math.exp(1.0) / 0.25, 2 * math.exp(2.0) / 0.75
    loss = in_batch_softmax(scores, orders, products, counts, log_q, weights)
    assert math.isclose(float(loss), -math.log(positive / (positive + negative)), rel_tol=1e-5)


def test_products_of_the_order_are_no_negatives_by_hand() -> None:
    # order 0 has products 0 and 1, another order has product 2
    scores = torch.tensor([[1.0, 5.0, 0.5], [0.0, 0.0, 0.0]])
    orders, products = torch.tensor([0, 0, 1]), torch.tensor([0, 1, 2])
    counts, log_q = torch.ones(3), torch.zeros(3)
    loss = in_batch_softmax(scores, orders, products, counts, log_q, torch.tensor([1.0, 0.0, 0.0]))
    assert math.isclose(float(loss), -math.log(math.exp(1.0) / (math.exp(1.0) + math.exp(0.5))), rel_tol=1e-5)


def test_the_only_order_of_a_step_has_a_loss_and_gradient_of_zero() -> None:
    scores = torch.tensor([[1.0, 2.0]], requires_grad=True)
    lines = torch.tensor([0, 1])
    loss = in_batch_softmax(scores, torch.tensor([0, 0]), lines, torch.ones(2), torch.zeros(2), torch.ones(2))
    (gradient,) = torch.autograd.grad(loss, scores)
    assert float(loss.detach()) == 0.0
    assert gradient.tolist() == [[0.0, 0.0]]


def sampled_step(seed: int, queries: int = 7, products: int = 5) -> tuple[Tensor, Tensor, Tensor, Targets]:
    rng = np.random.default_rng(seed)
    counts = rng.integers(0, 4, queries)
    starts = torch.from_numpy(np.concatenate([[0], np.cumsum(counts)]))
    columns = torch.from_numpy(rng.integers(0, products, counts.sum()))
    return (
        torch.from_numpy(rng.normal(size=(queries, 3))).requires_grad_(),
        torch.from_numpy(rng.normal(size=(products, 3))).requires_grad_(),
        torch.from_numpy(np.log(rng.random(products))),
        Targets(starts, columns, torch.from_numpy(rng.random(counts.sum()))),
    )


def plain_sampled(queries: Tensor, products: Tensor, log_q: Tensor, targets: Targets) -> Tensor:
    logs = torch.log_softmax(queries @ products.T - log_q, dim=1)
    log_likelihood = logs[targets.query_rows(), targets.columns]
    return -(targets.weights * log_likelihood).sum() / targets.weights.sum()


def test_sampled_value_and_gradient_are_those_of_the_plain_softmax(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(losses, "QUERIES_PER_BLOCK", 3)
    for seed in range(5):
        queries, products, log_q, targets = sampled_step(seed)
        actual, reference = (loss(queries, products, log_q, targets) for loss in (sampled_softmax, plain_sampled))
        torch.testing.assert_close(actual, reference)
        gradients = (torch.autograd.grad(2.0 * loss, (queries, products)) for loss in (actual, reference))
        for gradient, expected in zip(*gradients, strict=True):
            torch.testing.assert_close(gradient, expected)


def test_the_sampled_gradient_is_that_of_small_steps() -> None:
    queries, products, log_q, targets = sampled_step(9)
    assert torch.autograd.gradcheck(lambda q, p: sampled_softmax(q, p, log_q, targets), (queries, products))


def test_with_every_product_a_negative_it_is_the_full_softmax() -> None:
    rng = np.random.default_rng(4)
    queries, products = torch.randn(6, 3), torch.randn(8, 3)
    columns = rng.integers(0, 8, 6)
    for count in (8, 99):
        sample = ProductSampler.from_counts(np.arange(8), count).sample(columns, rng)
        targets = Targets(torch.arange(7), sample.target_columns, torch.ones(6))
        sampled = sampled_softmax(queries, products[sample.columns], sample.log_q, targets)
        torch.testing.assert_close(sampled, functional.cross_entropy(queries @ products.T, torch.from_numpy(columns)))


def test_log_q_is_the_log_probability_to_be_in_the_step() -> None:
    bought = np.array([60, 25, 10, 5, 0, 0])
    sampler, rng = ProductSampler.from_counts(bought, 2), np.random.default_rng(1)
    occurrences, log_q = np.zeros(6), np.zeros(6)
    for _ in range(20_000):
        sample = sampler.sample(rng.choice(6, 3, p=bought / 100), rng)
        occurrences[sample.columns.numpy()] += 1
        log_q[sample.columns.numpy()] = sample.log_q.numpy()
    np.testing.assert_allclose(occurrences / 20_000, np.exp(log_q), atol=0.012)


def test_targets_are_in_the_step_and_no_product_twice() -> None:
    sampler, rng = ProductSampler.from_counts(np.ones(50, np.int64), 10), np.random.default_rng(1)
    for _ in range(20):
        columns = rng.integers(0, 50, 12)
        sample = sampler.sample(columns, rng)
        assert (sample.columns[sample.target_columns].numpy() == columns).all()
        assert (np.diff(sample.columns.numpy()) > 0).all()
        assert 10 <= len(sample.columns) <= 22


def test_bpr_max_by_hand() -> None:
    # scores 1, 2 and 0; the first product is the target
    queries, products = torch.tensor([[1.0, 2.0]]), torch.tensor([[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]])
    targets = Targets(torch.tensor([0, 1]), torch.tensor([0]), torch.tensor([3.0]))
    shares = [math.exp(2) / (math.exp(2) + 1), 1 / (math.exp(2) + 1)]
    probability = shares[0] / (1 + math.exp(1)) + shares[1] / (1 + math.exp(-1))
    expected = -math.log(probability) + losses.SCORE_PENALTY * shares[0] * 4
    assert math.isclose(float(bpr_max(queries, products, targets)), expected, rel_tol=1e-5)


def test_bpr_max_takes_no_target_as_a_negative() -> None:
    queries = torch.tensor([[1.0, 2.0]], requires_grad=True)
    products = torch.tensor([[1.0, 0.0], [0.0, 50.0], [0.0, 0.0]])
    targets = Targets(torch.tensor([0, 2]), torch.tensor([0, 1]), torch.tensor([1.0, 0.0]))
    loss = bpr_max(queries, products, targets)
    assert math.isclose(float(loss.detach()), -math.log(1 / (1 + math.exp(-1))), rel_tol=1e-5)
    (gradient,) = torch.autograd.grad(loss, queries)
    assert torch.isfinite(gradient).all()


def test_no_targets_give_a_loss_and_gradient_of_zero() -> None:
    queries, products = torch.ones(2, 3, requires_grad=True), torch.ones(4, 3)
    targets = Targets(torch.zeros(3, dtype=torch.int64), torch.zeros(0, dtype=torch.int64), torch.zeros(0))
    loss = sampled_softmax(queries, products, torch.zeros(4), targets)
    (gradient,) = torch.autograd.grad(loss, queries)
    assert float(loss.detach()) == 0.0
    assert (gradient == 0).all()
