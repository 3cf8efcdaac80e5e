"""A shop as a run sees it: which engine works on its order lines."""

from pathlib import Path

import pytest

from frontrow.errors import EngineError
from frontrow.service.launches import list_launches
from frontrow.service.opening import RunSettings
from frontrow.service.recommendations import find_similar, train
from frontrow.shop.config import ShopConfig
from frontrow.testing.recommenders import planted_tastes

NOWHERE = "spark://127.0.0.1:1"
"""A port that nothing listens to."""


def test_what_is_trained_on_one_machine_does_not_need_the_engine_of_the_shop(tmp_path: Path) -> None:
    pytest.importorskip("pyspark", reason="needs frontrow[spark]")
    shop = planted_tastes(customers=60).shop
    shop.write(tmp_path / "shop")
    ShopConfig(engine=NOWHERE).write(tmp_path / "shop")
    notices = (f"For this run engine is local; the shop states {NOWHERE} (frontrow config).",)
    assert train(tmp_path / "shop", tmp_path / "trained", RunSettings(), model="popular").notices == notices
    product = shop.products["product_id"][0]
    assert find_similar(tmp_path / "shop", product, RunSettings(), model="item_to_item").notices == notices
    with pytest.raises(EngineError, match="Nothing answers"):
        list_launches(tmp_path / "shop", RunSettings())
