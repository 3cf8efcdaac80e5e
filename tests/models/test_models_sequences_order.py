"""A pattern that lies in the order of purchases alone: the networks find it, a model without order cannot."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace

import numpy as np
import pytest
import torch

from frontrow.models.neural.sequences.events import Events
from frontrow.models.neural.sequences.fit import FittedNetwork, fit_network
from frontrow.models.neural.sequences.serving import next_vectors
from frontrow.models.neural.sequences.settings import NetworkName, SequenceSettings

KINDS = 4
"""Pairs (a, b) of the first four products; a then b leads to one product, b then a to another."""


def planted(customers: int, seed: int) -> list[list[int]]:
    """Two different products, then the one that this pair in this order leads to."""
    rng = np.random.default_rng(seed)
    pairs = [(a, b) for a in range(KINDS) for b in range(KINDS) if a != b]
    follows = {pair: KINDS + number for number, pair in enumerate(pairs)}
    drawn = [pairs[one] for one in rng.integers(0, len(pairs), customers)]
    return [[*pair, follows[pair]] for pair in drawn]


PRODUCTS = KINDS + KINDS * (KINDS - 1)


def settings(name: NetworkName) -> SequenceSettings:
    return SequenceSettings(
        name,
        embedding_size=32,
        layers=1,
        dropout=0.1,
        negatives=8,
        batch_events=128,
        epochs=40,
        learning_rate=0.01,
    )


def fitted(name: NetworkName, seed: int = 0) -> FittedNetwork:
    return fit_network(Events.of_sequences(planted(600, 1), PRODUCTS), settings(name), seed=seed)


def share_found(fit: FittedNetwork, name: NetworkName) -> float:
    """Of new customers, whose third product is the first on the list."""
    asked = planted(200, 2)
    events = Events.of_sequences([one[:2] for one in asked], PRODUCTS)
    vectors = next_vectors(fit.network, events, np.arange(200), settings(name))
    best = (vectors @ fit.network.products.detach().numpy().T).argmax(axis=1)
    return float((best == np.array([one[2] for one in asked])).mean())


@pytest.mark.parametrize("name", ["gru4rec", "sasrec", "bert4rec"])
def test_order_is_learned(name: NetworkName) -> None:
    assert share_found(fitted(name), name) > 0.97


def test_without_order_one_half_is_the_best_there_is() -> None:
    """The best guess from the set of products, known from the very customers that are asked about."""
    seen: dict[frozenset[int], Counter[int]] = defaultdict(Counter)
    asked = planted(2_000, 2)
    for first, second, third in asked:
        seen[frozenset((first, second))][third] += 1
    best = sum(max(counts.values()) for counts in seen.values())
    assert best / len(asked) < 0.56


@pytest.mark.parametrize("name", ["gru4rec", "sasrec", "bert4rec"])
def test_the_seed_repeats_to_the_bit(name: NetworkName) -> None:
    small = Events.of_sequences(planted(100, 1), PRODUCTS)
    few = SequenceSettings(name, embedding_size=8, epochs=2, batch_events=64, negatives=4)
    one, same, other = (fit_network(small, few, seed=seed).network for seed in (4, 4, 5))
    assert all(torch.equal(a, b) for a, b in zip(one.parameters(), same.parameters(), strict=True))
    assert not torch.equal(one.products, other.products)


def test_bpr_max_learns_it_too() -> None:
    made = replace(settings("gru4rec"), loss="bpr_max", epochs=60)
    fit = fit_network(Events.of_sequences(planted(600, 1), PRODUCTS), made, seed=0)
    assert share_found(fit, "gru4rec") > 0.9
