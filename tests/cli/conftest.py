"""One small shop on disk for all tests of the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from frontrow.launch.backtest.backtest import Backtest, backtest
from frontrow.progress import Progress
from frontrow.shop.history import History
from frontrow.synthetic import SyntheticShop

GARDEN = SyntheticShop(customers=700, seed=5, lines_a_year=8.0, days=540)


@pytest.fixture(scope="session")
def shop_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cli") / "shop"
    GARDEN.write(folder)
    return folder


@pytest.fixture
def tested_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Past launches are tested once for a shop and settings: what is printed and what is JSON come of the same test."""
    results: dict[str, Backtest] = {}

    def test_once(history: History, *settings: object, progress: Progress, **others: object) -> Backtest:
        key = repr((history.cutoff, settings, others))
        if key not in results:
            results[key] = backtest(history, *settings, progress=progress, **others)
        return results[key]

    monkeypatch.setattr("frontrow.service.backtest.backtest", test_once)


@pytest.fixture(scope="session")
def new_products(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("new") / "new.csv"
    GARDEN.write_upcoming(file)
    return file
