"""Neighbours of a product: found by id or title, never the product itself; similar titles are suggested."""

from __future__ import annotations

import pytest

from frontrow.errors import RecommendationError
from frontrow.models.recommender import recommenders
from frontrow.recommend.similar_products import find_similar_products
from frontrow.shop.history import History
from frontrow.testing.shops import hand_made_shop

PRODUCTS = {"p1": {"title": "Red pot"}, "p2": {"title": "Red saucer"}, "p3": {"title": "Bulb"}, "Bulb": {"title": "p1"}}


@pytest.fixture(scope="module")
def history() -> History:
    lines = [(1, "p1", 0), (1, "p2", 0), (2, "p1", 1), (2, "p2", 2), (3, "p1", 3), (3, "p3", 3), (4, "Bulb", 4)]
    return hand_made_shop([*lines, (None, "p4", 4)], PRODUCTS).as_of()


def test_the_most_similar_come_first_without_the_product_itself(history: History) -> None:
    similar = find_similar_products(history, "p1", model="item_to_item", k=2)
    assert similar.product == {"product_id": "p1", "title": "Red pot"}
    assert similar.rows["product_id"].to_list() == ["p2", "p3"]
    assert similar.rows["similarity"].to_list() == pytest.approx([2 / 6**0.5, 1 / 3**0.5])


@pytest.mark.parametrize(
    ("id_or_title", "product_id"), [("p1", "p1"), ("Bulb", "Bulb"), (" red POT ", "p1"), ("p4", "p4")]
)
def test_an_id_takes_precedence_over_a_title_and_case_is_ignored(
    history: History, id_or_title: str, product_id: str
) -> None:
    assert find_similar_products(history, id_or_title, model="item_to_item", k=1).product["product_id"] == product_id


def test_products_with_nothing_in_common_are_not_listed(history: History) -> None:
    assert find_similar_products(history, "p1", model="item_to_item", k=50).rows["product_id"].to_list() == ["p2", "p3"]
    # only a guest bought it
    assert find_similar_products(history, "p4", model="item_to_item", k=50).rows.height == 0


def test_a_product_not_for_sale_can_be_queried_and_is_not_listed() -> None:
    lines = [(1, "p1", 0), (1, "p2", 0), (1, "p3", 0), (2, "p1", 0), (2, "p2", 0)]
    products = {**PRODUCTS, "p2": {"title": "Red saucer", "status": "archived"}}
    history = hand_made_shop(lines, products).as_of()
    listed = find_similar_products(history, "p1", model="item_to_item", k=1).rows["product_id"].to_list()
    assert listed == ["p3"]
    assert find_similar_products(history, "p2", model="item_to_item", k=1).rows["product_id"].to_list() == ["p1"]


def test_a_near_miss_is_helped(history: History) -> None:
    with pytest.raises(RecommendationError, match=r'title "rod pot"\. Did you mean: Red pot'):
        find_similar_products(history, "rod pot", model="item_to_item", k=1)
    with pytest.raises(RecommendationError, match="Did you mean: Red pot; Red saucer"):
        find_similar_products(history, "red", model="item_to_item", k=1)
    with pytest.raises(RecommendationError, match="frontrow launches --all"):
        find_similar_products(history, "zzzz", model="item_to_item", k=1)


def test_models_that_compare_nothing_are_refused_before_they_are_fitted(
    history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(recommenders()["popular"]), "fit", pytest.fail)
    with pytest.raises(
        RecommendationError, match=r'"popular" does not compare products\..* als, bert4rec, .*two_tower\.$'
    ):
        find_similar_products(history, "p1", model="popular", k=1)
    with pytest.raises(RecommendationError, match='no recommender named "oracle"'):
        find_similar_products(history, "p1", model="oracle", k=1)


def test_a_title_of_several_products_is_refused_with_their_ids() -> None:
    lines = [(1, "p1", 0), (1, "p2", 0), (2, "p3", 1)]
    history = hand_made_shop(lines, {"p1": {"title": "Red pot"}, "p2": {"title": "red Pot"}}).as_of()
    with pytest.raises(RecommendationError, match=r'2 products have the title "RED POT", p1, p2\. Give an id\.'):
        find_similar_products(history, "RED POT", model="item_to_item", k=1)
    assert find_similar_products(history, "Red pot", model="item_to_item", k=1).product["product_id"] == "p1"
