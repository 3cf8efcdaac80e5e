"""The losses against a plain softmax and by hand; how often each product is drawn."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional

from frontrow.models.neural.sequences import loss as losses
from frontrow.models.neural.sequences.loss import Targets, bpr_max, sampled_softmax
from frontrow.models.neural.sequences.negatives import Negatives


def a_step(seed: int, queries: int = 7, products: int = 5) -> tuple[Tensor, Tensor, Tensor, Targets]:
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


def plain(queries: Tensor, products: Tensor, log_q: Tensor, targets: Targets) -> Tensor:
    logs = torch.log_softmax(queries @ products.T - log_q, dim=1)
    found = logs[targets.rows(), targets.columns]
    return -(targets.weights * found).sum() / targets.weights.sum()


def test_value_and_gradient_are_those_of_a_plain_softmax(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(losses, "QUERIES_AT_ONCE", 3)
    for seed in range(5):
        queries, products, log_q, targets = a_step(seed)
        ours, theirs = (one(queries, products, log_q, targets) for one in (sampled_softmax, plain))
        torch.testing.assert_close(ours, theirs)
        gradients = (torch.autograd.grad(2.0 * one, (queries, products)) for one in (ours, theirs))
        for one, other in zip(*gradients, strict=True):
            torch.testing.assert_close(one, other)


def test_the_gradient_is_that_of_small_steps() -> None:
    queries, products, log_q, targets = a_step(9)
    assert torch.autograd.gradcheck(lambda q, p: sampled_softmax(q, p, log_q, targets), (queries, products))


def test_with_every_product_a_negative_it_is_the_full_softmax() -> None:
    rng = np.random.default_rng(4)
    queries, products = torch.randn(6, 3), torch.randn(8, 3)
    wanted = rng.integers(0, 8, 6)
    for count in (8, 99):
        drawn = Negatives.of(np.arange(8), count).draw(wanted, rng)
        targets = Targets(torch.arange(7), drawn.places, torch.ones(6))
        ours = sampled_softmax(queries, products[drawn.columns], drawn.log_q, targets)
        torch.testing.assert_close(ours, functional.cross_entropy(queries @ products.T, torch.from_numpy(wanted)))


def test_log_q_is_the_log_of_the_chance_to_be_drawn() -> None:
    bought = np.array([60, 25, 10, 5, 0, 0])
    negatives, rng = Negatives.of(bought, 2), np.random.default_rng(1)
    drawn_in, said = np.zeros(6), np.zeros(6)
    for _ in range(20_000):
        drawn = negatives.draw(rng.choice(6, 3, p=bought / 100), rng)
        drawn_in[drawn.columns.numpy()] += 1
        said[drawn.columns.numpy()] = drawn.log_q.numpy()
    np.testing.assert_allclose(drawn_in / 20_000, np.exp(said), atol=0.012)


def test_targets_are_among_what_is_drawn_and_nothing_twice() -> None:
    negatives, rng = Negatives.of(np.ones(50, np.int64), 10), np.random.default_rng(1)
    for _ in range(20):
        wanted = rng.integers(0, 50, 12)
        drawn = negatives.draw(wanted, rng)
        assert (drawn.columns[drawn.places].numpy() == wanted).all()
        assert (np.diff(drawn.columns.numpy()) > 0).all()
        assert 10 <= len(drawn.columns) <= 22


def test_bpr_max_by_hand() -> None:
    # scores 1, 2 and 0; the first is wanted
    queries, products = torch.tensor([[1.0, 2.0]]), torch.tensor([[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]])
    one = Targets(torch.tensor([0, 1]), torch.tensor([0]), torch.tensor([3.0]))
    shares = [math.exp(2) / (math.exp(2) + 1), 1 / (math.exp(2) + 1)]
    above = shares[0] / (1 + math.exp(1)) + shares[1] / (1 + math.exp(-1))
    expected = -math.log(above) + losses.SCORE_PENALTY * shares[0] * 4
    assert math.isclose(float(bpr_max(queries, products, one)), expected, rel_tol=1e-5)


def test_bpr_max_takes_nothing_wanted_as_a_negative() -> None:
    queries = torch.tensor([[1.0, 2.0]], requires_grad=True)
    products = torch.tensor([[1.0, 0.0], [0.0, 50.0], [0.0, 0.0]])
    both = Targets(torch.tensor([0, 2]), torch.tensor([0, 1]), torch.tensor([1.0, 0.0]))
    found = bpr_max(queries, products, both)
    assert math.isclose(float(found.detach()), -math.log(1 / (1 + math.exp(-1))), rel_tol=1e-5)
    (gradient,) = torch.autograd.grad(found, queries)
    assert torch.isfinite(gradient).all()


def test_nothing_wanted_is_no_hole() -> None:
    queries, products = torch.ones(2, 3, requires_grad=True), torch.ones(4, 3)
    none = Targets(torch.zeros(3, dtype=torch.int64), torch.zeros(0, dtype=torch.int64), torch.zeros(0))
    found = sampled_softmax(queries, products, torch.zeros(4), none)
    (gradient,) = torch.autograd.grad(found, queries)
    assert float(found.detach()) == 0.0
    assert (gradient == 0).all()
