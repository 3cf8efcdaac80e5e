"""What a history has opened stays what it was, whatever other commands commit meanwhile."""

from __future__ import annotations

import gc
from pathlib import Path

import polars as pl
import pytest

from frontrow.launch.backtest.backtest import BacktestSettings, backtest
from frontrow.launch.settings import LaunchSettings
from frontrow.shop.shop import Shop
from frontrow.storage.commit import sweep_shop
from frontrow.storage.pointer import ORDERS
from frontrow.storage.shop_lock import lock_shop
from frontrow.synthetic import SyntheticShop
from frontrow.testing.shops import hand_made_shop, table_file


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    hand_made_shop([(1, "pot", 0), (2, "pot", 3)]).write(tmp_path)
    return tmp_path


def test_order_lines_can_be_read_after_two_other_commits(folder: Path) -> None:
    history = Shop.read(folder).as_of()
    old = table_file(folder, ORDERS)
    for last in (9, 10):
        hand_made_shop([(1, "pot", 0), (3, "bulb", last)]).write(folder)
    assert history.lines.collect()["product_id"].to_list() == ["pot", "pot"]
    assert history.as_of(history.cutoff).lines.select(pl.len()).collect().item() == 2
    assert old.exists()
    del history
    gc.collect()
    with lock_shop(folder, "config"):
        assert sweep_shop(folder) == []
    assert not old.exists()


def test_a_reader_that_holds_nothing_keeps_nothing(folder: Path) -> None:
    shop = Shop.read(folder, hold=False)
    old = table_file(folder, ORDERS)
    hand_made_shop([(1, "pot", 1)]).write(folder)
    assert not old.exists()
    assert shop.products.height == 1


def test_a_backtest_gives_the_same_while_another_command_writes(tmp_path: Path) -> None:
    garden = SyntheticShop(customers=100, seed=1, lines_a_year=8.0)
    garden.write(tmp_path / "shop")
    settings, few = LaunchSettings(horizon_days=30), BacktestSettings(min_buyers=1)
    expected = backtest(Shop.read(tmp_path / "shop").as_of(), settings, few)
    steps = []

    def write_meanwhile(done: int, total: int) -> None:
        steps.append((done, total))
        if len(steps) in (2, 3):
            hand_made_shop([(1, "pot", len(steps))]).write(tmp_path / "shop")

    running = backtest(Shop.read(tmp_path / "shop").as_of(), settings, few, progress=write_meanwhile)
    assert len(steps) > 3
    assert running.summary().equals(expected.summary())
