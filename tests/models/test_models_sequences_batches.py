"""Orders by time, and the steps that are made of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontrow.models.interactions.interactions import build_interactions
from frontrow.models.neural.sequences.batches import Batch, Batches, hide, line_weights
from frontrow.models.neural.sequences.events import Events
from frontrow.models.neural.sequences.settings import SequenceSettings
from frontrow.testing.shops import hand_made_shop

SMALL = SequenceSettings("sasrec", batch_events=8, negatives=99)


def sequences(seed: int = 0, customers: int = 30) -> Events:
    """Product numbers are all different, so that each tells which event it is."""
    lengths = np.random.default_rng(seed).integers(0, 9, customers)
    ends = np.cumsum(lengths)
    made = [list(range(end - length, end)) for length, end in zip(lengths, ends, strict=True)]
    return Events.of_sequences(made, int(ends[-1]))


def found(batch: Batch) -> list[tuple[int, int]]:
    """The event asked at (its product), and the product to be found there."""
    own = batch.inputs.products[batch.inputs.lines[batch.asked]]
    wanted = batch.drawn.columns[batch.targets.columns]
    return list(zip(own.tolist(), wanted[batch.targets.starts[:-1]].tolist(), strict=True))


def test_an_order_is_one_event_and_a_product_stands_once_in_it() -> None:
    lines = [(7, "pot", 0), (7, "bulb", 0), (7, "pot", 0), (9, "pot", 1), (None, "bulb", 1), (7, "seed", 4)]
    known = build_interactions(hand_made_shop(lines).as_of())
    events = Events.of(known)
    names = known.products["product_id"].to_list()
    each = [[names[one] for one in events.products[a:b]] for a, b in zip(events.lines, events.lines[1:], strict=False)]
    # made by hand, each line is an order of its own
    assert [one for order in each for one in order].count("pot") == 3
    assert events.starts.tolist() == [0, 4, 5]
    assert (events.day - events.days).tolist() == [5, 5, 5, 1, 4]
    orders = pl.Series("order", [0, 0, 0, 1, 2], dtype=pl.Int32)
    basket = Events.of(replace(known, lines=known.lines.with_columns(orders)))
    assert basket.starts.tolist() == [0, 2, 3]
    assert np.diff(basket.lines).tolist() == [2, 1, 1]


@pytest.mark.parametrize("seed", [0, 1])
def test_each_order_is_to_foretell_the_next_one_and_each_once(seed: int) -> None:
    events = sequences(seed)
    pairs = [pair for batch in Batches(events, SMALL).batches(np.random.default_rng(seed)) for pair in found(batch)]
    first = set(events.starts.tolist())
    expected = [(event - 1, event) for event in range(len(events.products)) if event not in first]
    assert sorted(pairs) == expected


def test_long_histories_are_cut_at_their_beginning() -> None:
    events = Events.of_sequences([list(range(20))], 20)
    (batch,) = Batches(events, replace(SMALL, length=4)).batches(np.random.default_rng(0))
    assert sorted(found(batch)) == [(15, 16), (16, 17), (17, 18), (18, 19)]


def test_a_hidden_order_is_to_be_found_itself() -> None:
    settings = replace(SMALL, network="bert4rec", length=4)
    events = sequences(3)
    for batch in Batches(events, settings).batches(np.random.default_rng(0)):
        pairs = found(batch)
        assert all(own == wanted for own, wanted in pairs)
        assert batch.inputs.hidden.nonzero().ravel().tolist() == batch.asked.tolist()
        assert batch.inputs.lengths.max() <= 4
        assert set(batch.inputs.rows[batch.asked].tolist()) == set(range(len(batch.inputs.lengths)))


def test_steps_hold_about_as_many_orders_as_asked_and_sequences_of_like_length() -> None:
    events = sequences(5, customers=400)
    batches = list(Batches(events, replace(SMALL, batch_events=64)).batches(np.random.default_rng(0)))
    held = [len(batch.inputs.rows) for batch in batches]
    assert max(held) <= 64
    padding = sum(int(b.inputs.lengths.max()) * len(b.inputs.lengths) for b in batches) / sum(held) - 1
    assert padding < 0.35
    again = list(Batches(events, replace(SMALL, batch_events=64)).batches(np.random.default_rng(1)))
    assert [len(batch.inputs.rows) for batch in again] != held


@pytest.mark.parametrize("network", ["gru4rec", "sasrec", "bert4rec"])
def test_nobody_with_two_orders_leaves_nothing_to_learn_and_is_no_error(network: str) -> None:
    events = Events.of_sequences([[], []], 3)
    assert list(Batches(events, SequenceSettings(network)).batches(np.random.default_rng(0))) == []


def test_lines_weigh_by_age_and_by_the_root_of_their_number() -> None:
    events = Events(
        np.array([0, 2]), np.array([10, 20], np.int32), np.array([0, 4, 5]), np.array([0, 1, 2, 3, 0]), 4, 30
    )
    found = line_weights(events, replace(SMALL, half_life_days=10))
    np.testing.assert_allclose(found, [0.25 / 2] * 4 + [0.5])
    np.testing.assert_allclose(line_weights(events, SMALL), [0.5] * 4 + [1.0])


@given(st.lists(st.integers(1, 6), min_size=1, max_size=20), st.floats(0, 1), st.integers(0, 99))
def test_something_is_hidden_of_every_sequence(lengths: list[int], share: float, seed: int) -> None:
    hidden = hide(np.array(lengths), share, np.random.default_rng(seed))
    assert len(hidden) == sum(lengths)
    assert all(part.any() for part in np.split(hidden, np.cumsum(lengths)[:-1]))


def test_the_last_order_is_hidden_most() -> None:
    hidden = hide(np.full(4_000, 5), 0.3, np.random.default_rng(0)).reshape(-1, 5).mean(axis=0)
    # alone half of the time; else with a chance of .3, or where nothing else is hidden
    np.testing.assert_allclose(hidden[:4], 0.15, atol=0.02)
    np.testing.assert_allclose(hidden[4], 0.5 + 0.5 * (0.3 + 0.7**5), atol=0.03)
