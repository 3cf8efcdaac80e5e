"""Lists made block by block: the same, to the bit, as those made of all order lines in memory."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from frontrow.engines import blocks as engine_blocks
from frontrow.engines.blocks import Block
from frontrow.engines.engine import Step
from frontrow.engines.local import LocalEngine
from frontrow.errors import RecommendationError, SettingError
from frontrow.models.interactions.blocks import LATEST, InteractionBlocks
from frontrow.models.interactions.interactions import build_interactions
from frontrow.models.rankers import boosted_trees
from frontrow.models.recommender import LearnsFromBlocks, TakesCustomers
from frontrow.models.recommenders import item_to_item, tifu_knn, two_stage
from frontrow.models.similarity.blocks import nearest_of_blocks
from frontrow.models.two_stage.settings import TwoStageSettings
from frontrow.recommend.blocks import recommend_blocks
from frontrow.recommend.blocks.learned import learn_recommender, list_learners
from frontrow.recommend.blocks.list_step import ListsOfBlock
from frontrow.recommend.settings import RecommendSettings
from frontrow.service.opening import RunSettings
from frontrow.service.recommendations import recommend
from frontrow.shop.history import History
from frontrow.shop.shop import Shop
from frontrow.storage.packed_folder import PackedFolder
from frontrow.storage.table_output import TableFile
from frontrow.testing.recommenders import planted_tastes
from frontrow.testing.shops import hand_made_shop

SMALL = planted_tastes(customers=150)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shop on disk, with a customer without an order line."""
    place = tmp_path_factory.mktemp("planted") / "shop"
    without_order = pl.DataFrame({"customer_id": [9_000], "source_id": ["c9000"]})
    customers = pl.concat([SMALL.shop.customers.collect(), without_order], how="diagonal")
    shop = SMALL.shop
    Shop.from_tables(shop.orders.collect(), shop.products, customers, settings=shop.settings).write(place)
    return place


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every shop is worked on in blocks of about 300 order lines."""
    monkeypatch.setattr(engine_blocks, "BLOCK_LINES", 300)
    monkeypatch.setattr(recommend_blocks, "LINES_IN_MEMORY", 0)


def lists_of(folder: Path, output: Path, settings: RecommendSettings, model: str) -> pl.DataFrame:
    recommend(folder, settings, RunSettings(active_days=20), model=model, output=TableFile.choose(output))
    return pl.read_parquet(output).sort("customer_id", "rank")


@pytest.mark.parametrize("model", ["popular", "popular_recent", "item_to_item", "bm25", "tifu_knn"])
def test_blocks_give_the_same_lists(model: str, folder: Path, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    rules = tmp_path / "rules.toml"
    rules.write_text('already_bought = "when due"\n')
    settings = [RecommendSettings(k=5), RecommendSettings(k=5, customers="all", rules=rules)]
    expected = [lists_of(folder, tmp_path / "expected.parquet", chosen, model) for chosen in settings]
    request.getfixturevalue("small_blocks")
    for chosen, table in zip(settings, expected, strict=True):
        assert_frame_equal(table, lists_of(folder, tmp_path / "lists.parquet", chosen, model), check_exact=True)


def test_what_is_said_of_the_lists_is_the_same(folder: Path, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    rules = tmp_path / "rules.toml"
    rules.write_text('already_bought = "hide"\n[[pinned]]\nproduct_id = "p03"\nrank = 2\n')
    settings, run = RecommendSettings(k=40, customers="all", rules=rules), RunSettings(active_days=20)
    expected = recommend(folder, settings, run, model="popular", examples=0).to_dict()
    request.getfixturevalue("small_blocks")
    result = recommend(folder, settings, run, model="popular", examples=2)
    said = result.to_dict()
    assert len({row["customer_id"] for row in said["examples"]}) == 2
    assert {**said, "examples": []} == expected
    assert result.table.height == pl.DataFrame(result.table).unique(["customer_id", "rank"]).height


def test_customers_of_a_file_get_the_same_lists(folder: Path, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    file = tmp_path / "customers.csv"
    file.write_text("customer_id\n9000\n3\n1\n")
    settings = RecommendSettings(k=3, customers=str(file))
    expected = lists_of(folder, tmp_path / "expected.parquet", settings, "tifu_knn")
    request.getfixturevalue("small_blocks")
    assert_frame_equal(expected, lists_of(folder, tmp_path / "lists.parquet", settings, "tifu_knn"), check_exact=True)


def test_workers_without_a_common_disk_are_sent_the_recommender(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    expected = lists_of(folder, tmp_path / "expected.parquet", RecommendSettings(k=3), "tifu_knn")
    request.getfixturevalue("small_blocks")
    sent: list[object] = []
    write_blocks = LocalEngine.write_blocks

    def note_step(self: LocalEngine, blocks: Sequence[Block], step: Step, *where: Any) -> pl.LazyFrame:
        sent.append(step)
        return write_blocks(self, blocks, step, *where)

    monkeypatch.setattr(LocalEngine, "write_blocks", note_step)
    monkeypatch.setattr("frontrow.service.opening.choose_engine", lambda _: LocalEngine("elsewhere", False))
    monkeypatch.setattr(recommend_blocks, "is_published", lambda _: True)
    actual = lists_of(folder, tmp_path / "lists.parquet", RecommendSettings(k=3), "tifu_knn")
    assert_frame_equal(expected, actual, check_exact=True)
    (step,) = sent
    assert isinstance(step, ListsOfBlock)
    assert isinstance(step.trained, PackedFolder)


@pytest.mark.usefixtures("small_blocks")
def test_a_csv_file_is_written_in_parts(folder: Path, tmp_path: Path) -> None:
    table = lists_of(folder, tmp_path / "lists.parquet", RecommendSettings(k=2), "popular")
    file = TableFile.choose(tmp_path / "lists.csv")
    recommend(folder, RecommendSettings(k=2), RunSettings(active_days=20), model="popular", output=file)
    written = pl.read_csv(file.path).sort("customer_id", "rank")
    assert written["product_id"].to_list() == table["product_id"].to_list()


def small_history() -> History:
    return SMALL.shop.as_of(SMALL.cutoff())


@pytest.mark.usefixtures("small_blocks")
def test_the_two_stage_recommender_serves_customers_of_a_block_alone() -> None:
    trees = boosted_trees.Ranker(boosted_trees.TreeSettings(fits=1, trees=10))
    recommender = two_stage.Recommender(TwoStageSettings(windows=1, new_windows=1, least_new=5), trees)
    everyone = build_interactions(small_history())
    fitted, needed = recommender.learn(InteractionBlocks.of(small_history()), seed=0)
    expected = recommender.fit(everyone, seed=0).scores(everyone.queries())
    assert isinstance(recommender, TakesCustomers)
    for rows in (np.arange(0, 70), np.arange(70, everyone.shape[0])):
        block = everyone.select(rows)
        others = recommender.with_customers(fitted, block, block.rows_of(needed.customer_ids))
        np.testing.assert_array_equal(others.scores(block.queries()), expected[rows])


def test_a_sample_is_of_some_of_the_customers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(two_stage, "SAMPLE_LINES", 100)
    blocks = InteractionBlocks.of(small_history())
    sample = blocks.sample(two_stage.SAMPLE_LINES)
    assert 0 < sample.lines.height < blocks.counts.lines
    assert set(sample.customer_ids) < set(build_interactions(small_history()).customer_ids)


def test_sums_of_a_part_of_the_products_at_a_time_are_the_same() -> None:
    blocks = InteractionBlocks.of(small_history())
    whole, parts = (
        nearest_of_blocks(blocks, item_to_item.CountTogether(), 5, table_bytes=size) for size in (10**6, 2_000)
    )
    np.testing.assert_array_equal(whole.toarray(), parts.toarray())
    assert whole.nnz > 0


def test_a_recommender_that_needs_all_lines_says_so() -> None:
    with pytest.raises(RecommendationError, match="item_to_item, popular, popular_recent, tifu_knn, two_stage"):
        learn_recommender(InteractionBlocks.of(small_history()), "ease")
    assert "bm25" in list_learners()
    assert not isinstance(SMALL, LearnsFromBlocks)


def test_a_pool_that_is_larger_than_what_is_counted_is_an_error() -> None:
    recommender = tifu_knn.Recommender(tifu_knn.TifuKnnSettings(pool=LATEST + 1))
    with pytest.raises(ValueError, match="at most 20000 are counted"):
        recommender.learn(InteractionBlocks.of(small_history()), seed=0)


def test_nothing_to_learn_from_is_an_error() -> None:
    history = hand_made_shop([(None, "pot", 0)]).as_of()
    with pytest.raises(RecommendationError, match="nothing to learn from"):
        learn_recommender(InteractionBlocks.of(history), "popular")


def test_what_a_cluster_cannot_do_is_said_before_anything_is_done(folder: Path) -> None:
    run = RunSettings(engine="local[1]")
    for settings, model in ((RecommendSettings(customers="new"), "popular"), (RecommendSettings(), "sasrec")):
        with pytest.raises(SettingError, match="Write --engine local"):
            recommend(folder, settings, run, model=model)
