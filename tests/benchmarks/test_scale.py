"""The made-up shops of the benchmark of scale: the same every time, the same by every road, and worth learning from."""

from __future__ import annotations

import sys
from pathlib import Path

import polars as pl
import pytest

from frontrow.launch.life_cycle import compute_life_cycles
from frontrow.shop.import_settings import ImportSettings
from frontrow.shop.order_blocks import sort_into_blocks
from frontrow.shop.shop import Shop
from frontrow.shop.update import import_files

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "benchmarks"))

import scale
import scale_folders
import scale_shops
from scale_folders import make_shop
from scale_shops import ScaleShop, write_export

TINY = ScaleShop(20_000)
on_linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="measures processes by /proc")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    folder = tmp_path_factory.mktemp("scale") / "made"
    make_shop(TINY, folder)
    return Shop.read(folder)


def test_the_same_size_and_seed_give_the_same_bytes(tmp_path: Path) -> None:
    for name, shop in {"first": TINY, "again": ScaleShop(20_000), "seed": ScaleShop(20_000, seed=1)}.items():
        write_export(shop, tmp_path / f"{name}.parquet", "parquet")
    first, again, other = ((tmp_path / f"{name}.parquet").read_bytes() for name in ("first", "again", "seed"))
    assert first == again
    assert first != other


def test_sizes_are_as_stated_in_however_many_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scale_shops, "BLOCK_ORDERS", 3_000)
    blocks = list(TINY.blocks())
    lines = pl.concat(blocks)
    assert [block["number"].n_unique() for block in blocks] == [3_000, 3_000, 2_000]
    assert lines.height == TINY.lines
    assert lines["customer"].drop_nulls().unique().sort().to_list() == list(range(TINY.customers))
    guests = lines.filter(pl.col("customer").is_null())["number"].n_unique()
    assert guests == pytest.approx(0.05 * TINY.orders, rel=0.15)
    assert (lines["price"] * 100).round(6).equals((lines["price"] * 100).round().cast(float))


@pytest.mark.parametrize("layout", scale_shops.LAYOUTS)
def test_a_shop_written_directly_is_what_its_import_writes(layout: str, made: Shop, tmp_path: Path) -> None:
    file = tmp_path / f"orders.{scale.LAYOUTS[layout]}"
    write_export(TINY, file, layout)
    import_files([file], tmp_path / "shop", settings=ImportSettings(time_zone="UTC", currency="GBP"))
    imported = Shop.read(tmp_path / "shop")
    # the raw export names no products by id, and its discounts are of whole orders
    same = ["order_id", "line_number", "ordered_at", "quantity", "price", "country"]
    columns = made.orders.collect_schema().names() if layout != "shopify" else same
    assert imported.orders.select(columns).collect().equals(made.orders.select(columns).collect())
    assert imported.products["title"].sort().equals(made.products["title"].sort())
    if layout != "shopify":
        assert imported.products.equals(made.products)
        assert imported.customers.collect().equals(made.customers.collect())
        assert imported.order_states.collect().equals(made.order_states.collect())


def test_buyers_of_launches_follow_their_taste(made: Shop) -> None:
    history = made.as_of()
    cycles = compute_life_cycles(history)
    launches = cycles.filter(pl.col("verdict") == "launch")
    assert launches.height > 30
    assert cycles.filter(pl.col("verdict").is_in(["launch", "too few buyers"])).height >= 100
    noun_taste = {noun: str(taste) for taste, nouns in enumerate(scale_shops.TASTES) for noun in nouns}
    noun = pl.col("title").str.extract(f"({'|'.join(noun_taste)}) ")
    lines = history.lines.join(made.products.select("product_id", "title").lazy(), on="product_id").with_columns(
        taste=noun.replace_strict(noun_taste)
    )
    usual = lines.group_by("customer_id").agg(usual=pl.col("taste").mode().min())
    of_launches = lines.join(launches.select("product_id").lazy(), on="product_id").join(usual, on="customer_id")
    assert of_launches.select((pl.col("taste") == pl.col("usual")).mean()).collect().item() > 0.6


def test_a_large_shop_is_in_the_order_of_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scale_folders, "FILE_LINES", 150_000)
    large = ScaleShop(320_000)
    make_shop(large, tmp_path / "shop")
    shop = Shop.read(tmp_path / "shop")
    orders, sizes = sort_into_blocks(pl.concat(scale_folders.to_orders(block) for block in large.blocks()).lazy())
    assert sizes["block"].to_list() == [0, 1, 2, 3, None]
    assert shop.block_sizes.equals(sizes)
    assert shop.orders.collect().equals(orders.collect())


@on_linux
def test_the_table_has_a_row_for_each_step_and_uses_a_shop_again(tmp_path: Path) -> None:
    work = scale.Work(tmp_path, 5_000)
    rows = dict(scale.measure(work, ["import", "launches"], make_shop=False))
    assert list(rows) == ["write parquet", "import parquet", "launches"]
    assert all(run.outcome == "done" and 50 < run.cost.peak_megabytes < 4_000 for run in rows.values())
    verdicts = pl.read_parquet(tmp_path / f"launches-{work.name}.parquet")["verdict"]
    assert "catalogue start" in verdicts
    assert not list(scale.measure(work, ["import"], make_shop=False))
    for fitted in scale.FITTED:
        (work.shop / fitted).mkdir()
    list(scale.measure(work, ["launches"], make_shop=False))
    assert not [fitted for fitted in scale.FITTED if (work.shop / fitted).exists()], "nothing fitted before is used"


@on_linux
def test_a_step_above_its_memory_is_stopped_and_says_so(tmp_path: Path) -> None:
    work = scale.Work(tmp_path, 5_000, most_megabytes=20)
    ((step, run),) = scale.measure(work, ["launches"], make_shop=True)
    assert run.outcome == "stopped above 20 MB"
    assert scale.to_row(step, 5_000, run).endswith("stopped above 20 MB")
