"""A shop that stays opened: the same as long as nothing changed, and nothing of it outlives a change."""

from __future__ import annotations

from pathlib import Path

from frontrow.launch.life_cycle import compute_life_cycles
from frontrow.service.cached_shop import MOST_SHOPS, open_cached_shop
from frontrow.service.config import configure, set_launch_day
from frontrow.service.status import StatusSettings, read_status
from frontrow.shop.cutoff import EPOCH
from frontrow.storage.holding import is_held
from frontrow.storage.pointer import CUSTOMERS, Pointer
from frontrow.testing.shops import DAY_ZERO, hand_made_shop

LINES = [(1, "red pot", 0), (2, "red pot", 3), (1, "tin cup", 40), (2, "tin cup", 41)]


def test_it_is_opened_once_until_something_changes(tmp_path: Path) -> None:
    hand_made_shop(LINES).write(tmp_path)
    opened = open_cached_shop(tmp_path)
    assert open_cached_shop(tmp_path) is opened
    configure(tmp_path, "horizon_days", "14")
    changed = open_cached_shop(tmp_path)
    assert changed is not opened
    assert changed.settings.horizon_days == 14
    hand_made_shop([*LINES, (3, "tin cup", 60)]).write(tmp_path)
    assert open_cached_shop(tmp_path).history.cutoff_day == DAY_ZERO + 61


def test_it_holds_no_table_on_the_disk(tmp_path: Path) -> None:
    hand_made_shop(LINES).write(tmp_path)
    customers = tmp_path / Pointer.read(tmp_path).tables[CUSTOMERS].file
    opened = open_cached_shop(tmp_path)
    assert not is_held(customers)
    assert compute_life_cycles(opened.history, opened.settings).height == 2
    hand_made_shop([*LINES, (3, "tin cup", 60)]).write(tmp_path)
    configure(tmp_path, "horizon_days", "14")
    assert not customers.exists()


def test_only_some_shops_stay_opened(tmp_path: Path) -> None:
    folders = [tmp_path / str(number) for number in range(MOST_SHOPS + 1)]
    for folder in folders:
        hand_made_shop(LINES).write(folder)
    opened = [open_cached_shop(folder) for folder in folders]
    assert open_cached_shop(folders[-1]) is opened[-1]
    assert open_cached_shop(folders[0]) is not opened[0]


def test_the_status_of_an_opened_shop_is_the_same(tmp_path: Path) -> None:
    hand_made_shop(LINES).write(tmp_path)
    settings = StatusSettings(today=EPOCH)
    opened = open_cached_shop(tmp_path)
    for _ in range(2):
        assert read_status(tmp_path, settings, opened).to_dict() == read_status(tmp_path, settings).to_dict()


def test_a_launch_day_of_one_product_leaves_the_others(tmp_path: Path) -> None:
    hand_made_shop(LINES).write(tmp_path)
    day = open_cached_shop(tmp_path).history.midnight(DAY_ZERO + 5).date()
    set_launch_day(tmp_path, "red pot", day)
    result = set_launch_day(tmp_path, "tin cup", day)
    assert result.to_dict() == {"launch_dates": {"red pot": day.isoformat(), "tin cup": day.isoformat()}}
    assert set_launch_day(tmp_path, "red pot", None).to_dict() == {"launch_dates": {"tin cup": day.isoformat()}}
