"""A pattern that is only in the order of purchases: the networks learn it; a model that ignores the order cannot."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace

import numpy as np
import pytest
import torch

from frontrow.models.neural.sequences.events import Events
from frontrow.models.neural.sequences.model import fit_network, predict_next
from frontrow.models.neural.sequences.networks import SequenceNetwork
from frontrow.models.neural.settings import SequenceNetworkName, SequenceSettings

KINDS = 4
"""Pairs (a, b) of the first four products; a then b leads to one product, b then a to another."""


def planted(customers: int, seed: int) -> list[list[int]]:
    """Two different products, then the one that this pair in this order leads to."""
    rng = np.random.default_rng(seed)
    pairs = [(a, b) for a in range(KINDS) for b in range(KINDS) if a != b]
    follows = {pair: KINDS + number for number, pair in enumerate(pairs)}
    chosen_pairs = [pairs[pair] for pair in rng.integers(0, len(pairs), customers)]
    return [[*pair, follows[pair]] for pair in chosen_pairs]


PRODUCTS = KINDS + KINDS * (KINDS - 1)


def settings(name: SequenceNetworkName) -> SequenceSettings:
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


def fitted(name: SequenceNetworkName, seed: int = 0) -> SequenceNetwork:
    network, _ = fit_network(Events.from_sequences(planted(600, 1), PRODUCTS), settings(name), seed=seed)
    return network


def share_predicted(network: SequenceNetwork, name: SequenceNetworkName) -> float:
    """Share of new customers whose third product has the highest score."""
    sequences = planted(200, 2)
    events = Events.from_sequences([sequence[:2] for sequence in sequences], PRODUCTS)
    vectors = predict_next(network, events, np.arange(200), settings(name))
    best = (vectors @ network.products.detach().numpy().T).argmax(axis=1)
    return float((best == np.array([sequence[2] for sequence in sequences])).mean())


@pytest.mark.parametrize("name", ["gru4rec", "sasrec", "bert4rec"])
def test_order_is_learned(name: SequenceNetworkName) -> None:
    assert share_predicted(fitted(name), name) > 0.97


def test_without_order_no_prediction_is_better_than_one_half() -> None:
    """The best prediction from the set of both products, learned from the test customers themselves."""
    thirds: dict[frozenset[int], Counter[int]] = defaultdict(Counter)
    sequences = planted(2_000, 2)
    for first, second, third in sequences:
        thirds[frozenset((first, second))][third] += 1
    best = sum(max(counts.values()) for counts in thirds.values())
    assert best / len(sequences) < 0.56


@pytest.mark.parametrize("name", ["gru4rec", "sasrec", "bert4rec"])
def test_the_seed_repeats_to_the_bit(name: SequenceNetworkName) -> None:
    small = Events.from_sequences(planted(100, 1), PRODUCTS)
    tiny_settings = SequenceSettings(name, embedding_size=8, epochs=2, batch_events=64, negatives=4)
    first, repeated, another_seed = (fit_network(small, tiny_settings, seed=seed)[0] for seed in (4, 4, 5))
    assert all(torch.equal(a, b) for a, b in zip(first.parameters(), repeated.parameters(), strict=True))
    assert not torch.equal(first.products, another_seed.products)


def test_bpr_max_learns_order_too() -> None:
    with_bpr = replace(settings("gru4rec"), loss="bpr_max", epochs=60)
    network, _ = fit_network(Events.from_sequences(planted(600, 1), PRODUCTS), with_bpr, seed=0)
    assert share_predicted(network, "gru4rec") > 0.9
