"""Events read from interactions, and the training steps made of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontrow.models.interactions.interactions import build_interactions
from frontrow.models.neural.sequences.batches import Batch, TrainingSequences, draw_hidden, target_weights
from frontrow.models.neural.sequences.events import Events
from frontrow.models.neural.settings import SequenceSettings
from frontrow.testing.shops import hand_made_shop

SMALL = SequenceSettings("sasrec", batch_events=8, negatives=99)


def sequences(seed: int = 0, customers: int = 30) -> Events:
    """Events with one product each, all of them different, so that a product identifies its event."""
    lengths = np.random.default_rng(seed).integers(0, 9, customers)
    ends = np.cumsum(lengths)
    products = [list(range(end - length, end)) for length, end in zip(lengths, ends, strict=True)]
    return Events.from_sequences(products, int(ends[-1]))


def trained_pairs(batch: Batch) -> list[tuple[int, int]]:
    """The product of each trained event, and the product that it should predict."""
    inputs = batch.inputs.products[batch.inputs.lines[batch.positions]]
    targets = batch.sampled.columns[batch.targets.columns]
    return list(zip(inputs.tolist(), targets[batch.targets.starts[:-1]].tolist(), strict=True))


def test_an_order_is_one_event_with_each_product_once() -> None:
    lines = [(7, "pot", 0), (7, "bulb", 0), (7, "pot", 0), (9, "pot", 1), (None, "bulb", 1), (7, "seed", 4)]
    interactions = build_interactions(hand_made_shop(lines).as_of())
    events = Events.from_interactions(interactions)
    names = interactions.products["product_id"].to_list()
    # in a hand-made shop, each line is one order
    assert [names[column] for column in events.products].count("pot") == 3
    assert events.starts.tolist() == [0, 4, 5]
    assert (events.cutoff_day - events.days).tolist() == [5, 5, 5, 1, 4]
    order = pl.Series("order", [0, 0, 0, 1, 2], dtype=pl.Int32)
    merged = Events.from_interactions(replace(interactions, lines=interactions.lines.with_columns(order)))
    assert merged.starts.tolist() == [0, 2, 3]
    assert np.diff(merged.lines).tolist() == [2, 1, 1]


@pytest.mark.parametrize("seed", [0, 1])
def test_each_order_predicts_the_next_one_exactly_once(seed: int) -> None:
    events = sequences(seed)
    pairs = [
        pair
        for batch in TrainingSequences(events, SMALL).batches(np.random.default_rng(seed))
        for pair in trained_pairs(batch)
    ]
    first = set(events.starts.tolist())
    expected = [(event - 1, event) for event in range(len(events.products)) if event not in first]
    assert sorted(pairs) == expected


def test_long_histories_are_cut_at_their_beginning() -> None:
    events = Events.from_sequences([list(range(20))], 20)
    (batch,) = TrainingSequences(events, replace(SMALL, length=4)).batches(np.random.default_rng(0))
    assert sorted(trained_pairs(batch)) == [(15, 16), (16, 17), (17, 18), (18, 19)]


def test_a_hidden_order_is_its_own_target() -> None:
    settings = replace(SMALL, network="bert4rec", length=4)
    events = sequences(3)
    for batch in TrainingSequences(events, settings).batches(np.random.default_rng(0)):
        pairs = trained_pairs(batch)
        assert all(hidden == target for hidden, target in pairs)
        assert batch.inputs.hidden.nonzero().ravel().tolist() == batch.positions.tolist()
        assert batch.inputs.lengths.max() <= 4
        assert set(batch.inputs.rows[batch.positions].tolist()) == set(range(len(batch.inputs.lengths)))


def test_steps_have_the_size_of_the_settings_and_sequences_of_similar_length() -> None:
    events = sequences(5, customers=400)
    batches = list(TrainingSequences(events, replace(SMALL, batch_events=64)).batches(np.random.default_rng(0)))
    sizes = [len(batch.inputs.rows) for batch in batches]
    assert max(sizes) <= 64
    padding = sum(int(b.inputs.lengths.max()) * len(b.inputs.lengths) for b in batches) / sum(sizes) - 1
    assert padding < 0.35
    again = list(TrainingSequences(events, replace(SMALL, batch_events=64)).batches(np.random.default_rng(1)))
    assert [len(batch.inputs.rows) for batch in again] != sizes


@pytest.mark.parametrize("network", ["gru4rec", "sasrec", "bert4rec"])
def test_customers_without_two_orders_give_no_steps(network: str) -> None:
    events = Events.from_sequences([[], []], 3)
    assert list(TrainingSequences(events, SequenceSettings(network)).batches(np.random.default_rng(0))) == []


def test_targets_are_weighted_by_age_and_size_of_the_order() -> None:
    events = Events(
        np.array([0, 2]), np.array([10, 20], np.int32), np.array([0, 4, 5]), np.array([0, 1, 2, 3, 0]), 4, 30
    )
    weights = target_weights(events, replace(SMALL, half_life_days=10))
    np.testing.assert_allclose(weights, [0.25 / 2] * 4 + [0.5])
    np.testing.assert_allclose(target_weights(events, SMALL), [0.5] * 4 + [1.0])


@given(st.lists(st.integers(1, 6), min_size=1, max_size=20), st.floats(0, 1), st.integers(0, 99))
def test_every_sequence_has_a_hidden_event(lengths: list[int], share: float, seed: int) -> None:
    hidden = draw_hidden(np.array(lengths), share, np.random.default_rng(seed))
    assert len(hidden) == sum(lengths)
    assert all(events.any() for events in np.split(hidden, np.cumsum(lengths)[:-1]))


def test_the_last_order_is_hidden_most() -> None:
    hidden = draw_hidden(np.full(4_000, 5), 0.3, np.random.default_rng(0)).reshape(-1, 5).mean(axis=0)
    # in half of the sequences only the last; else with probability .3, or where nothing else is hidden
    np.testing.assert_allclose(hidden[:4], 0.15, atol=0.02)
    np.testing.assert_allclose(hidden[4], 0.5 + 0.5 * (0.3 + 0.7**5), atol=0.03)
