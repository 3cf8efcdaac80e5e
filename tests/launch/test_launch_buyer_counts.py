"""Customers who bought products, and several together, before cutoffs: by hand, and in any number of blocks."""

from dataclasses import replace

import numpy as np
import pytest

from frontrow.launch.model.buyer_counts import BuyerCounts
from frontrow.shop.history import History
from frontrow.synthetic import SyntheticShop
from frontrow.testing.shops import DAY_ZERO, hand_made_shop

LINES = [(1, "a", 0), (1, "b", 5), (1, "a", 9), (2, "a", 5), (2, "c", 9), (3, "b", 9), (3, "c", 12), (None, "b", 1)]


@pytest.mark.parametrize("rows", [100, 1])
def test_by_hand(rows: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("frontrow.engines.blocks.BLOCK_ROWS", rows)
    history = hand_made_shop(LINES).as_of()
    days, nearest = np.array([10, 6, 13]) + DAY_ZERO, [np.array([0]), np.array([1, 0]), np.array([2, 1])]
    counts = BuyerCounts.count(history, ["a", "b", "c"], days, nearest)
    assert counts.buyers.tolist() == [[2, 2, 1], [2, 1, 0], [2, 2, 2]]
    # a day's own lines come after its midnight
    expected = [[[2, 1, 1]], [[1, 1, 0], [2, 1, 0]], [[1, 1, 2], [1, 2, 1]]]
    assert [together.tolist() for together in counts.bought_together] == expected


def _count(history: History) -> BuyerCounts:
    product_ids = history.products["product_id"].sort().to_list()
    days = history.cutoff_day - np.array([100, 30, 100])
    nearest = [np.arange(number, number + 20) for number in (0, 10, 20)]
    return BuyerCounts.count(history, product_ids, days, nearest)


def test_blocks_give_the_same_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    history = SyntheticShop(customers=300, seed=4).shop().as_of()
    whole = _count(history)
    monkeypatch.setattr("frontrow.engines.blocks.BLOCK_ROWS", 50)
    blocks = _count(replace(history))
    np.testing.assert_array_equal(whole.buyers, blocks.buyers)
    for together, other in zip(whole.bought_together, blocks.bought_together, strict=True):
        np.testing.assert_array_equal(together, other)
        assert together.sum() > 0


def test_nobody_ordered() -> None:
    history = hand_made_shop(LINES).as_of().as_of(DAY_ZERO - 1)
    counts = BuyerCounts.count(history, ["a", "b"], np.array([DAY_ZERO - 1]), [np.array([1])])
    assert counts.buyers.tolist() == [[0, 0]]
    assert counts.bought_together[0].tolist() == [[0, 0]]
