"""Cached recommenders: read back while nothing has changed, and removed when a customer is erased."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from frontrow.errors import RecommendationError
from frontrow.recommend.cached_recommenders import load_or_fit_recommender, recommender_path
from frontrow.recommend.trained import TrainedRecommender
from frontrow.shop.erase import forget
from frontrow.shop.shop import Shop
from frontrow.testing.shops import hand_made_shop

LINES = [(7, "pot", 0), (8, "pot", 1), (8, "bulb", 3)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    hand_made_shop(LINES).write(tmp_path / "shop")
    return tmp_path / "shop"


def cached(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "recommenders" / "popular").iterdir())


def test_it_is_fitted_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    history = Shop.read(folder).as_of()
    load_or_fit_recommender(history, "popular", folder=folder)
    names = cached(folder)
    monkeypatch.setattr(TrainedRecommender, "fit", pytest.fail)
    assert load_or_fit_recommender(history, "popular", folder=folder).customer_ids.tolist() == [7, 8]
    assert cached(folder) == names


def test_a_purchase_of_a_guest_is_a_change(folder: Path) -> None:
    """It says which products are on sale, though nothing is learned of guests."""
    with_guest = hand_made_shop([*LINES, (None, "bulb", 2)])
    before, after = (
        recommender_path(shop.as_of(shop.midnight(20_010)), "popular", folder=folder)
        for shop in (hand_made_shop(LINES), with_guest)
    )
    assert before != after


def test_what_has_changed_takes_its_place(folder: Path) -> None:
    shop = Shop.read(folder)
    load_or_fit_recommender(shop.as_of(), "popular", folder=folder)
    first = cached(folder)
    load_or_fit_recommender(shop.as_of(shop.midnight(20_002)), "popular", folder=folder)
    assert len(cached(folder)) == 1
    assert cached(folder) != first
    load_or_fit_recommender(shop.as_of(), "popular", folder=folder)
    assert cached(folder) == first
    archived = shop.products.with_columns(status=pl.lit("archived"))
    Shop.from_tables(shop.orders.collect(), archived, shop.customers.collect(), settings=shop.settings).write(folder)
    trained = load_or_fit_recommender(Shop.read(folder).as_of(), "popular", folder=folder)
    assert trained.items["status"].to_list() == ["archived"] * 2


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("items.parquet", b""),
        ("manifest.json", None),
        ("manifest.json", b"{"),
        ("manifest.json", b'{"kind": "trained recommender", "format_version": 2, "files": {}, "model": "oracle"}'),
    ],
)
def test_a_damaged_one_is_fitted_again(folder: Path, name: str, content: bytes | None) -> None:
    history = Shop.read(folder).as_of()
    load_or_fit_recommender(history, "popular", folder=folder)
    model = folder / "recommenders" / "popular" / cached(folder)[0]
    (file,) = model.rglob("items.parquet") if name == "items.parquet" else [model / name]
    file.unlink()
    if content is not None:
        file.write_bytes(content)
    assert load_or_fit_recommender(history, "popular", folder=folder).items.height == 2
    assert TrainedRecommender.load(model).model == "popular"


def test_what_another_run_is_writing_is_left_alone(folder: Path) -> None:
    history = Shop.read(folder).as_of()
    (folder / "recommenders" / "popular" / ".2024-10-05-begun").mkdir(parents=True)
    load_or_fit_recommender(history, "popular", folder=folder)
    assert cached(folder)[0] == ".2024-10-05-begun"


def test_who_is_forgotten_is_in_none(folder: Path) -> None:
    load_or_fit_recommender(Shop.read(folder).as_of(), "popular", folder=folder)
    forget(folder, "c8")
    assert not (folder / "recommenders").exists()
    again = load_or_fit_recommender(Shop.read(folder).as_of(), "popular", folder=folder)
    assert again.customer_ids.tolist() == [7]


def test_no_model_by_that_name_leaves_no_trace(folder: Path) -> None:
    with pytest.raises(RecommendationError, match="no recommender named"):
        load_or_fit_recommender(Shop.read(folder).as_of(), "../oracle", folder=folder)
    assert not (folder / "recommenders").exists()
