"""The networks against plain references, and the inputs that must not change an output."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from frontrow.models.neural.sequences.events import EventBatch, Events, gap_steps
from frontrow.models.neural.sequences.networks import (
    Recurrent,
    SequenceNetwork,
    attention,
    causal_mask,
    full_mask,
    initialize,
)
from frontrow.models.neural.settings import SequenceNetworkName, SequenceSettings

NAMES: tuple[SequenceNetworkName, ...] = ("gru4rec", "sasrec", "bert4rec")
ORDERS = [[[0, 3], [1], [2, 4, 5]], [[5]], [[1, 2], [3], [0], [4, 0], [2]]]
"""Three customers, each order a list of products."""


def events_of(orders: list[list[list[int]]], days: list[int] | None = None) -> Events:
    flat = [order for customer in orders for order in customer]
    starts = np.cumsum([0, *[len(customer) for customer in orders]])
    lines = np.cumsum([0, *[len(order) for order in flat]])
    products = np.array([product for order in flat for product in order])
    days = days or list(range(0, 3 * len(flat), 3))
    return Events(starts, np.array(days, np.int32), lines, products, 6, 100)


def padded(orders: list[list[list[int]]], days: list[int] | None = None) -> EventBatch:
    events = events_of(orders, days)
    return EventBatch.from_events(events, events.starts[:-1], events.starts[1:])


def network_of(name: SequenceNetworkName, **settings: object) -> SequenceNetwork:
    values = {"embedding_size": 8, "length": 10, **settings}
    network = SequenceNetwork(6, SequenceSettings(name, **values))  # type: ignore[arg-type]
    initialize(network, 0.5, torch.Generator().manual_seed(1))
    return network.eval()


def all_events(events: EventBatch) -> Tensor:
    return torch.arange(len(events.rows))


def outputs(network: SequenceNetwork, events: EventBatch) -> Tensor:
    with torch.inference_mode():
        return network(events, all_events(events))


@pytest.mark.parametrize("build_mask", [causal_mask, full_mask])
def test_attention_is_that_of_torch(build_mask: object) -> None:
    generator = torch.Generator().manual_seed(0)
    queries, keys, values = (torch.randn(3, 2, 5, 4, generator=generator) for _ in range(3))
    is_event = torch.arange(5) < torch.tensor([[5], [3], [1]])
    mask = build_mask(is_event)[:, None]  # type: ignore[operator]
    actual = attention(queries, keys, values, mask)
    expected = functional.scaled_dot_product_attention(queries, keys, values, attn_mask=mask.expand(3, 1, 5, 5))
    torch.testing.assert_close(actual, expected)
    if build_mask is causal_mask:
        torch.testing.assert_close(
            actual, functional.scaled_dot_product_attention(queries, keys, values, is_causal=True)
        )


def test_the_recurrent_unit_equals_its_equations() -> None:
    """Cho et al. (2014), as torch.nn.GRU numbers its gates: reset, update, new."""
    recurrent = Recurrent(SequenceSettings("gru4rec", embedding_size=4, layers=1)).eval()
    initialize(recurrent, 0.5, torch.Generator().manual_seed(2))
    values = torch.randn(2, 6, 4, generator=torch.Generator().manual_seed(3))
    unit: nn.GRU = recurrent.units
    state, states = torch.zeros(2, 4), []
    for step in range(6):
        input_gates = (values[:, step] @ unit.weight_ih_l0.T + unit.bias_ih_l0).chunk(3, dim=1)
        recurrent_gates = (state @ unit.weight_hh_l0.T + unit.bias_hh_l0).chunk(3, dim=1)
        reset, update = (
            torch.sigmoid(input_gates[0] + recurrent_gates[0]),
            torch.sigmoid(input_gates[1] + recurrent_gates[1]),
        )
        proposal = torch.tanh(input_gates[2] + reset * recurrent_gates[2])
        state = (1 - update) * proposal + update * state
        states.append(state)
    expected = torch.stack(states, dim=1) @ recurrent.out.weight.T + recurrent.out.bias
    torch.testing.assert_close(recurrent(values, torch.ones(2, 6, dtype=torch.bool)), expected)


def test_an_order_is_the_sum_of_its_products_over_the_root_of_their_number() -> None:
    network = network_of("gru4rec")
    events = padded(ORDERS)
    weight, scale = network.products, 8**0.5
    embedded = network.events(events)
    torch.testing.assert_close(embedded[0], scale * (weight[0] + weight[3]) / 2**0.5)
    torch.testing.assert_close(embedded[1], scale * weight[1])


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("gaps", [False, True])
def test_padding_changes_nothing(name: SequenceNetworkName, gaps: bool) -> None:
    network = network_of(name, time_gaps=gaps)
    padded_outputs = outputs(network, padded(ORDERS, [1, 2, 9, 4, 1, 3, 4, 9, 20]))
    unpadded = [
        outputs(network, padded([ORDERS[0]], [1, 2, 9])),
        outputs(network, padded([ORDERS[1]], [4])),
        outputs(network, padded([ORDERS[2]], [1, 3, 4, 9, 20])),
    ]
    torch.testing.assert_close(padded_outputs, torch.cat(unpadded))


@pytest.mark.parametrize("name", ["gru4rec", "sasrec"])
def test_a_later_order_changes_no_earlier_output(name: SequenceNetworkName) -> None:
    network = network_of(name, time_gaps=True)
    before = outputs(network, padded(ORDERS))
    for position in range(1, 5):
        changed = [*ORDERS[:2], [*ORDERS[2][:position], [5, 4, 3], *ORDERS[2][position + 1 :]]]
        after = outputs(network, padded(changed))
        unchanged = (before == after).all(dim=1)
        assert unchanged[: 4 + position].all()
        assert not unchanged[4 + position :].any()


def test_a_hidden_order_is_not_read_and_both_sides_are() -> None:
    network = network_of("bert4rec")
    hidden = torch.zeros(9, dtype=torch.bool)
    hidden[6] = True
    before = outputs(network, padded(ORDERS).hide(hidden))
    other_hidden_order = [*ORDERS[:2], [*ORDERS[2][:2], [5, 4, 3], *ORDERS[2][3:]]]
    assert torch.equal(before, outputs(network, padded(other_hidden_order).hide(hidden)))
    for position in (0, 4):
        changed = [list(customer) for customer in ORDERS]
        changed[2][position] = [5]
        assert not torch.equal(before[6], outputs(network, padded(changed).hide(hidden))[6])
    assert not torch.equal(before[6], outputs(network, padded(ORDERS))[6])


@pytest.mark.parametrize("name", NAMES)
def test_days_between_orders_count_only_with_time_gaps(name: SequenceNetworkName) -> None:
    wide_gaps, short_gaps = padded(ORDERS, list(range(0, 90, 10))), padded(ORDERS, list(range(9)))
    blind, seeing = network_of(name), network_of(name, time_gaps=True)
    assert torch.equal(outputs(blind, wide_gaps), outputs(blind, short_gaps))
    differs = (outputs(seeing, wide_gaps) != outputs(seeing, short_gaps)).any(dim=1)
    # the second customer has one order, and with it no gap
    assert differs[[1, 2, 5, 6, 7, 8]].all()
    assert not differs[3]


def test_a_hidden_event_is_appended_to_each_sequence() -> None:
    extended = padded(ORDERS).append_hidden(np.array([7, 0, 1]))
    assert extended.lengths.tolist() == [4, 2, 6]
    assert extended.hidden.nonzero().ravel().tolist() == extended.last_events().tolist() == [3, 5, 11]
    assert extended.positions.tolist() == [0, 1, 2, 3, 0, 1, 0, 1, 2, 3, 4, 5]
    assert extended.gaps[extended.last_events()].tolist() == gap_steps(np.array([7, 0, 1])).tolist()
    assert torch.diff(extended.lines).tolist() == [2, 1, 3, 0, 1, 0, 2, 1, 1, 2, 1, 0]
    # the network was trained to predict a hidden event
    network = network_of("bert4rec")
    appended = padded([[*ORDERS[0], [5]], [*ORDERS[1], [5]], [*ORDERS[2], [5]]])
    torch.testing.assert_close(
        outputs(network, replace(extended, gaps=appended.gaps)), outputs(network, appended.hide(extended.hidden))
    )


def test_first_weights_come_from_the_seed_alone() -> None:
    for name in NAMES:
        for first, second in zip(network_of(name).parameters(), network_of(name).parameters(), strict=True):
            assert torch.equal(first, second)
