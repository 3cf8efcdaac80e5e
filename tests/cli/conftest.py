"""One small shop on disk for all tests of the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from frontrow.synthetic import SyntheticShop

GARDEN = SyntheticShop(customers=700, seed=5, lines_a_year=8.0)


@pytest.fixture(scope="session")
def shop_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cli") / "shop"
    GARDEN.write(folder)
    return folder


@pytest.fixture(scope="session")
def new_products(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("new") / "new.csv"
    GARDEN.write_upcoming(file)
    return file
