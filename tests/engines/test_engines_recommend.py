"""Lists on Spark: learned from blocks and written by the workers, to the last bit as on one machine."""

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from frontrow.engines import blocks as engine_blocks
from frontrow.engines.spark import SparkEngine
from frontrow.recommend.blocks.recommend_blocks import recommend_by_blocks, works_by_blocks
from frontrow.recommend.recommend_products import fit_and_recommend
from frontrow.recommend.settings import RecommendSettings
from frontrow.shop.shop import Shop
from frontrow.testing.recommenders import planted_tastes

# Spark's client leaves sockets open and calls deprecated functions of its dependencies.
pytestmark = pytest.mark.filterwarnings("ignore")


def test_lists_of_two_workers_are_those_of_one_machine(
    local_cluster: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "shop"
    planted_tastes(customers=120).shop.write(folder)
    settings = RecommendSettings(k=4, active_days=60)
    here = Shop.read(folder)
    expected, _ = fit_and_recommend(here.as_of(), "tifu_knn", folder, settings)
    monkeypatch.setattr(engine_blocks, "BLOCK_LINES", 700)
    there = here.with_engine(SparkEngine("local-cluster", local_cluster)).as_of()
    assert works_by_blocks(there, "tifu_knn", settings)
    actual, _ = recommend_by_blocks(there, "tifu_knn", folder, settings)
    assert actual.recommendations.customers == expected.recommendations.customers
    assert_frame_equal(*(_sort(result.recommendations.rows) for result in (expected, actual)), check_exact=True)


def _sort(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.sort("customer_id", "rank")
