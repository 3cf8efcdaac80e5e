"""One small shop and the jobs on it."""

from __future__ import annotations

from pathlib import Path

import pytest

from frontrow.synthetic import SyntheticShop

pytest.importorskip("pydantic", reason="requests need the extra web")

from job_bench import Bench, open_bench

GARDEN = SyntheticShop(customers=250, seed=5, lines_a_year=8.0, days=500)


@pytest.fixture(scope="session")
def garden_bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """A bench with the garden shop, for jobs that leave it as it is."""
    shops = tmp_path_factory.mktemp("shops")
    GARDEN.write(shops / "garden")
    return open_bench(shops)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """A bench without any shop."""
    return open_bench(tmp_path)


@pytest.fixture(scope="session")
def exports(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The garden's exports, in Shopify's format."""
    folder = tmp_path_factory.mktemp("exports")
    return SyntheticShop(customers=60, seed=3, lines_a_year=4.0).write_shopify(folder)
