"""A trained recommender gives identical lists without the orders and contains no personal data."""

from __future__ import annotations

import datetime as dt
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from frontrow.errors import ArtifactError, RecommendationError
from frontrow.models.interactions.interactions import build_interactions
from frontrow.recommend.recommend_products import recommend_products
from frontrow.recommend.rerank.past_purchases import PastPurchases
from frontrow.recommend.rerank.rules import AtMost, Pin, Rules
from frontrow.recommend.settings import RecommendSettings
from frontrow.recommend.similar_products import find_similar_by_trained
from frontrow.recommend.trained import TrainedRecommender
from frontrow.schema import order_line_schema
from frontrow.shop.erase import forget
from frontrow.shop.settings import ShopSettings
from frontrow.shop.shop import Shop
from frontrow.synthetic import SyntheticShop
from frontrow.testing.shops import hand_made_shop

RULES = Rules("when due", at_most=AtMost(per_vendor=2), diversity=0.3)


@pytest.fixture(scope="module")
def shop() -> Shop:
    synthetic = SyntheticShop(customers=300, seed=4).shop()
    customers = synthetic.customers.collect().with_columns(company=pl.lit("Green & Sons"), phone=pl.lit("+15550100"))
    return Shop.from_tables(synthetic.orders.collect(), synthetic.products, customers, settings=synthetic.settings)


@pytest.fixture(scope="module")
def best_seller(shop: Shop) -> str:
    return shop.as_of().lines.collect()["product_id"].value_counts(sort=True)["product_id"][0]


@pytest.mark.parametrize("model", ["own_repeats", "item_to_item", "popular_in_country"])
def test_a_loaded_model_gives_identical_lists_without_the_orders(
    shop: Shop, best_seller: str, model: str, tmp_path: Path
) -> None:
    trained = TrainedRecommender.fit(shop.as_of(), model, seed=1)
    trained.save(tmp_path / "trained")
    loaded = TrainedRecommender.load(tmp_path / "trained")
    customers = np.array([*trained.active(365), 10**9])
    rules = replace(RULES, pinned=(Pin(best_seller, 2),))
    for basket in ((), (trained.items["product_id"][3],)):
        lists = trained.recommend(trained.queries(customers), k=6, rules=rules, basket=basket)
        again = loaded.recommend(loaded.queries(customers), k=6, rules=rules, basket=basket)
        np.testing.assert_array_equal(lists.columns, again.columns)
        np.testing.assert_array_equal(lists.scores, again.scores)
        np.testing.assert_array_equal(lists.sources, again.sources)
        assert lists.effects.equals(again.effects)
    assert loaded.items.equals(trained.items)
    assert (loaded.cutoff, loaded.model) == (trained.cutoff, model)


def parts_of(folder: Path) -> Path:
    (parts,) = folder.glob("parts-*")
    return parts


def test_a_saved_model_contains_no_personal_data(shop: Shop, tmp_path: Path) -> None:
    TrainedRecommender.fit(shop.as_of(), "popular").save(tmp_path / "trained")
    customers = shop.customers.select("source_id", "email").collect()
    personal = {value for value in [*customers["source_id"], *customers["email"], "Green & Sons", "+15550100"] if value}
    for file in (tmp_path / "trained").rglob("*"):
        if file.is_file():
            content = file.read_bytes()
            tables = pl.read_parquet(content).write_csv() if file.suffix == ".parquet" else content.decode("latin-1")
            assert not any(text in tables for text in personal), file


def test_saving_replaces_a_model_and_nothing_else(shop: Shop, tmp_path: Path) -> None:
    trained = TrainedRecommender.fit(shop.as_of(), "own_repeats")
    trained.save(tmp_path / "trained")
    TrainedRecommender.fit(shop.as_of(), "item_to_item").save(tmp_path / "trained")
    assert TrainedRecommender.load(tmp_path / "trained").similarity_model is None
    assert sorted(path.name for path in tmp_path.iterdir()) == ["trained"]
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear", "utf-8")
    # a web page has a manifest.json too
    for manifest in (None, '{"name": "page"}', "[]", "{"):
        if manifest is not None:
            (tmp_path / "mine" / "manifest.json").write_text(manifest, "utf-8")
        with pytest.raises(ArtifactError, match="holds something else"):
            trained.save(tmp_path / "mine")
    assert (tmp_path / "mine" / "letter.txt").read_text("utf-8") == "dear"


def test_a_damaged_or_missing_model_is_refused(shop: Shop, tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match="holds no saved model"):
        TrainedRecommender.load(tmp_path)
    TrainedRecommender.fit(shop.as_of(), "popular").save(tmp_path / "trained")
    for name in ("items.parquet", "contexts.parquet", "past_purchases/arrays.safetensors", "model/arrays.safetensors"):
        file = parts_of(tmp_path / "trained") / name
        content = file.read_bytes()
        file.write_bytes(content[:-1])
        with pytest.raises(ArtifactError, match=r"was changed|damaged"):
            TrainedRecommender.load(tmp_path / "trained")
        file.write_bytes(content)


def test_a_training_that_fails_leaves_the_model_of_before(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trained = TrainedRecommender.fit(shop.as_of(), "popular")
    trained.save(tmp_path / "trained")
    before = {path: path.read_bytes() for path in (tmp_path / "trained").rglob("*") if path.is_file()}
    for place in ("sync_tree", "digest_parts", "write_artifact"):
        with monkeypatch.context() as patched:
            patched.setattr(f"frontrow.recommend.trained.{place}", lambda *_: 1 / 0)
            with pytest.raises(ZeroDivisionError):
                trained.save(tmp_path / "trained")
            with pytest.raises(ZeroDivisionError):
                trained.save(tmp_path / "new")
        assert {path: path.read_bytes() for path in (tmp_path / "trained").rglob("*") if path.is_file()} == before
        assert not (tmp_path / "new").exists()


def test_what_a_killed_training_left_goes_with_the_next(shop: Shop, tmp_path: Path) -> None:
    trained = TrainedRecommender.fit(shop.as_of(), "popular")
    (tmp_path / "trained" / "parts-0123abcd" / "model").mkdir(parents=True)
    with pytest.raises(ArtifactError, match="holds no saved model"):
        TrainedRecommender.load(tmp_path / "trained")
    trained.save(tmp_path / "trained")
    assert len(list((tmp_path / "trained").iterdir())) == 2
    assert TrainedRecommender.load(tmp_path / "trained").model == "popular"


def test_a_model_that_is_replaced_while_it_is_read_is_read_again(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    TrainedRecommender.fit(shop.as_of(), "popular").save(tmp_path / "trained")
    other = TrainedRecommender.fit(shop.as_of(), "own_repeats")
    real = PastPurchases.load

    def overtaken(folder: Path) -> PastPurchases:
        monkeypatch.setattr(PastPurchases, "load", real)
        other.save(tmp_path / "trained")
        return real(folder)

    monkeypatch.setattr(PastPurchases, "load", overtaken)
    assert TrainedRecommender.load(tmp_path / "trained").model == "own_repeats"


@pytest.mark.parametrize("part", ["model", "past_purchases", "similarity"])
def test_parts_of_two_models_are_refused(part: str, tmp_path: Path) -> None:
    for name, bulbs in (("first", 1), ("second", 2)):
        lines = [(7, "pot", 0), *((8 + number, "bulb", 1) for number in range(bulbs))]
        TrainedRecommender.fit(hand_made_shop(lines).as_of(), "popular_in_country").save(tmp_path / name)
    shutil.rmtree(parts_of(tmp_path / "first") / part)
    with pytest.raises(ArtifactError, match="lacks a part of the model"):
        TrainedRecommender.load(tmp_path / "first")
    shutil.copytree(parts_of(tmp_path / "second") / part, parts_of(tmp_path / "first") / part)
    with pytest.raises(ArtifactError, match="or has a part of another"):
        TrainedRecommender.load(tmp_path / "first")


def test_active_and_unknown_customers() -> None:
    trained = TrainedRecommender.fit(hand_made_shop([(7, "pot", 0), (8, "pot", 9), (9, "bulb", 4)]).as_of(), "popular")
    assert trained.active(6).tolist() == [8, 9]
    queries = trained.queries(np.array([9, 99, 7]))
    assert queries.rows.tolist() == [2, -1, 0]
    assert queries.context["hour"].to_list() == [12, None, 12]
    assert queries.context["month"].n_unique() == 1


def test_a_basket_lists_related_products_and_never_its_own() -> None:
    lines = [(1, "pot", 0), (1, "saucer", 0), (2, "pot", 1), (2, "saucer", 1), (3, "bulb", 2), (4, "bulb", 2)]
    trained = TrainedRecommender.fit(hand_made_shop([*lines, (5, "bulb", 2)]).as_of(), "popular")
    lists = trained.recommend(trained.queries(np.array([99])), k=3, basket=["pot", "pot"])
    assert trained.items["product_id"].gather(lists.columns[0, :2]).to_list() == ["saucer", "bulb"]
    assert lists.columns[0, 2] == -1
    # nobody bought pot and bulb together: bulb comes from the model
    assert lists.sources[0].tolist() == ["basket", "popular", ""]
    with pytest.raises(RecommendationError, match='holds "rake", which was never sold'):
        trained.recommend(trained.queries(np.array([99])), basket=["rake"])


def test_similar_products_of_a_trained_model(shop: Shop, best_seller: str) -> None:
    trained = TrainedRecommender.fit(shop.as_of(), "item_to_item")
    similar = find_similar_by_trained(trained, best_seller, k=3)
    assert similar.rows.height == 3
    with pytest.raises(RecommendationError, match='"popular" does not compare'):
        find_similar_by_trained(TrainedRecommender.fit(shop.as_of(), "popular"), best_seller, k=3)


def test_a_shop_of_guests_is_refused() -> None:
    with pytest.raises(RecommendationError, match="nothing to learn from"):
        TrainedRecommender.fit(hand_made_shop([(None, "pot", 0)]).as_of(), "popular")


def test_gaps_are_medians_of_the_product_or_else_of_the_shop() -> None:
    lines = [(customer, "feed", day) for customer in range(6) for day in (0, 7, 7, 14)]
    lines += [(9, "rake", 0), (9, "rake", 100), (9, "pot", 3)]
    past_purchases = PastPurchases.fit(build_interactions(hand_made_shop(lines).as_of()))
    # feed, pot, rake: twelve gaps of a week, none, one of a hundred days; thirteen in all
    assert past_purchases.gap.tolist() == [7.0, 7.0, 7.0]
    due = hand_made_shop([*lines, *[(customer, "rake", 10 * again) for customer in range(20, 30) for again in (0, 3)]])
    assert PastPurchases.fit(build_interactions(due.as_of())).gap.tolist() == [7.0, 7.0, 30.0]


def test_what_comes_after_the_cutoff_changes_nothing(shop: Shop) -> None:
    middle = shop.as_of().cutoff - dt.timedelta(days=200)
    before = shop.as_of(middle).lines.collect()
    later = shop.orders.collect().filter(pl.col("ordered_at") >= middle)
    changed = pl.concat([before.select(later.columns), later.with_columns(customer_id=pl.lit(1, pl.Int64))])
    assert changed.schema == order_line_schema(shop.settings.time_zone)
    changed_shop = Shop.from_tables(changed, shop.products, shop.customers.collect(), settings=shop.settings)
    for current in (shop, changed_shop):
        trained = TrainedRecommender.fit(current.as_of(middle), "own_repeats")
        lists = trained.recommend(trained.queries(trained.active(365)), k=5, rules=RULES)
        if current is shop:
            first = lists
    np.testing.assert_array_equal(first.columns, lists.columns)
    np.testing.assert_array_equal(first.scores, lists.scores)


def test_launches_for_those_who_have_not_ordered_are_refused(tmp_path: Path) -> None:
    trained = TrainedRecommender.fit(hand_made_shop([(7, "pot", 0)]).as_of(), "popular")
    with pytest.raises(RecommendationError, match="new customers have none"):
        recommend_products(trained, tmp_path, RecommendSettings(customers="new", launches=tmp_path / "new.csv"))


def test_an_erased_customer_gets_no_list(tmp_path: Path) -> None:
    hand_made_shop([(7, "pot", 0), (8, "bulb", 1)]).write(tmp_path / "shop")
    trained = TrainedRecommender.fit(Shop.read(tmp_path / "shop").as_of(), "popular")
    forget(tmp_path / "shop", "c8")
    recommendations = recommend_products(trained, tmp_path / "shop", RecommendSettings()).recommendations
    assert recommendations.rows["customer_id"].unique().to_list() == [7]
    assert recommendations.customers == 1


def test_a_model_of_another_shop_is_refused(tmp_path: Path) -> None:
    for name in ("mine", "theirs"):
        settings = ShopSettings(imports=({"file": f"{name}.csv"},))
        hand_made_shop([(7, "pot", 0), (8, "bulb", 1)]).with_settings(settings).write(tmp_path / name)
    TrainedRecommender.fit(Shop.read(tmp_path / "mine").as_of(), "popular").save(tmp_path / "trained")
    trained = TrainedRecommender.load(tmp_path / "trained")
    assert recommend_products(trained, tmp_path / "mine", RecommendSettings()).recommendations.customers == 2
    with pytest.raises(RecommendationError, match="trained on another shop"):
        recommend_products(trained, tmp_path / "theirs", RecommendSettings())
