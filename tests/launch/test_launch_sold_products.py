"""New products that the shop sells already: how they are recognised, and that no owner is ranked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import polars as pl
import pytest

from frontrow.errors import LaunchError
from frontrow.launch.audience.audience import Audience, score_audience
from frontrow.launch.audience.reasons import add_reasons
from frontrow.launch.launch_files import NEW_PRODUCT_SCHEMA
from frontrow.launch.life_cycle import closed_launches, compute_life_cycles
from frontrow.launch.model.baseline_model import BaselineModel
from frontrow.launch.model.launch_model import LaunchModel
from frontrow.launch.new_products.sold_products import find_sold_products
from frontrow.launch.settings import LaunchSettings
from frontrow.models.gradient_boosting import BoostingSettings
from frontrow.schema import conform
from frontrow.shop.history import History
from frontrow.synthetic import SyntheticShop
from frontrow.testing.shops import DAY_ZERO, hand_made_shop

SETTINGS = LaunchSettings(boosting=BoostingSettings(trees=8, seeds=1))


def new_product(history: History, **values: Any) -> pl.DataFrame:
    row = {"product_id": "new", "title": "New", "launch_day": history.cutoff_day, **values}
    return conform(pl.DataFrame([row]), NEW_PRODUCT_SCHEMA)


@cache
def pots() -> History:
    """Sold: a red pot as of day 0, under a second code from day 50 on; the last order is of day 60."""
    products: Mapping[str, Mapping[str, Any]] = {
        "A1": {"title": "Red Pot", "skus": ["SKU-1"], "aliases": ["Red Pot", "Pot, red (old)"]},
        "A2": {"title": "RED POT", "skus": ["SKU-2"], "aliases": ["RED POT"]},
        "A3": {"title": "Never sold"},
    }
    lines = [(1, "A1", 0), (2, "A1", 3), (None, "A1", 4), (3, "A2", 50), (4, "cup", 60)]
    return hand_made_shop(lines, products).as_of()


@pytest.mark.parametrize(
    ("values", "product_id", "matched_by", "owners"),
    [
        ({"product_id": "A1", "title": "Anything"}, "A1", "product_id", [1, 2]),
        ({"sku": "sku-1", "title": "Anything"}, "A1", "sku", [1, 2]),
        ({"product_id": "sku-1", "title": "Anything"}, "A1", "product_id", [1, 2]),
        ({"title": "red   POT"}, "A2", "title", [1, 2, 3]),
        ({"title": "Pot: red, old"}, "A1", "title", [1, 2]),
        ({"product_id": "A1", "title": "Red pot"}, "A1", "product_id", [1, 2, 3]),
    ],
)
def test_a_product_is_recognised(values: dict[str, Any], product_id: str, matched_by: str, owners: list[int]) -> None:
    sold = find_sold_products(new_product(pots(), **values), pots())
    (row,) = sold.rows.to_dicts()
    assert (row["product_id"], row["matched_by"], row["owners"]) == (product_id, matched_by, len(owners))
    assert sold.owners["customer_id"].to_list() == owners


@pytest.mark.parametrize("values", [{"title": "Blue pot"}, {"product_id": "A3", "title": "Never sold"}])
def test_what_nobody_has_bought_is_new(values: dict[str, Any]) -> None:
    products = new_product(pots(), **values)
    sold = find_sold_products(products, pots())
    assert sold.rows.is_empty()
    assert sold.resolve(products, compute_life_cycles(pots())).equals(products)


def test_a_product_sold_after_the_cutoff_only_is_new() -> None:
    earlier = pots().as_of(DAY_ZERO + 40)
    assert find_sold_products(new_product(earlier, product_id="A2", title="x"), earlier).rows.is_empty()


def test_its_window_is_open_within_the_horizon() -> None:
    for day, under_way in ((51, True), (79, True), (80, False)):
        history = hand_made_shop([(1, "pot", 50), (1, "cup", 90)]).as_of().as_of(DAY_ZERO + day)
        assert find_sold_products(new_product(history, title="Pot"), history).rows["under_way"].to_list() == [under_way]


def test_two_rows_that_are_one_product_are_refused() -> None:
    both = pl.concat([new_product(pots(), product_id="A1"), new_product(pots(), title="Pot, red (old)")])
    with pytest.raises(LaunchError, match='"New" and "Pot, red \\(old\\)" are the same product of the shop, "A1"'):
        find_sold_products(both, pots())


@cache
def garden() -> tuple[History, LaunchModel, pl.DataFrame]:
    """A history, the launch model, and the launches of the past with most buyers first."""
    history = SyntheticShop(customers=400, seed=5, lines_a_year=8.0, days=500).shop().as_of()
    launches = closed_launches(compute_life_cycles(history, SETTINGS)).sort("buyers", descending=True)
    return history, LaunchModel.fit(history, SETTINGS), launches


def owners_of(history: History, product_id: str) -> set[int]:
    lines = history.lines.filter(pl.col("product_id") == product_id).select("customer_id").collect()
    return set(lines["customer_id"].drop_nulls())


def rank(values: dict[str, Any], *, as_of: int | None = None) -> tuple[Audience, History]:
    history, model, _ = garden()
    if as_of is not None:
        history = history.as_of(as_of)
        model = LaunchModel.fit(history, SETTINGS)
    return score_audience(history, new_product(history, **values), model), history


def test_no_owner_of_a_product_sold_long_ago_is_ranked() -> None:
    _, _, launches = garden()
    product = launches.row(0, named=True)
    audience, history = rank({"title": product["title"].upper()})
    owners = owners_of(history, product["product_id"])
    ranked = set(audience.rows["customer_id"])
    assert len(owners) > 20
    assert not ranked & owners
    assert audience.rows["rank"].to_list() == list(range(1, len(ranked) + 1))
    assert audience.sold.select("product_id", "owners", "under_way").row(0) == (
        product["product_id"],
        len(owners),
        False,
    )
    # everyone else is ranked as for a product of that description that is new
    stranger, _ = rank({name: product[name] for name in ("product_type", "vendor", "tags", "price")} | {"title": "x"})
    assert ranked == set(stranger.rows["customer_id"]) - owners


def test_within_its_window_the_first_days_of_sales_are_taken_by_themselves() -> None:
    _, _, launches = garden()
    product = launches.sort("launch_day").row(-1, named=True)
    audience, history = rank({"product_id": product["product_id"]}, as_of=product["launch_day"] + 9)
    assert audience.sold["under_way"].to_list() == [True]
    assert audience.sales_so_far["days_on_sale"].to_list() == [9]
    assert not set(audience.rows["customer_id"]) & owners_of(history, product["product_id"])
    explicit = score_audience(
        history,
        new_product(history, product_id=product["product_id"]),
        LaunchModel.fit(history, SETTINGS),
        sales_so_far=True,
    )
    assert audience.rows.equals(explicit.rows)


def test_new_products_beside_products_on_sale_keep_their_ranks() -> None:
    history, model, launches = garden()
    # under its own title: another would change which words are rare
    sold = new_product(history, product_id=launches["product_id"][0], title=launches["title"][0])
    fresh = new_product(history, product_id="fresh", title="Terracotta pot")
    both = score_audience(history, pl.concat([sold, fresh]), model)
    alone = score_audience(history, fresh, model)
    assert both.rows.filter(pl.col("product_id") == "fresh").equals(alone.rows)
    explained = add_reasons(both, history, pl.concat([sold, fresh]), model, both.top(2))
    assert explained.rows["reasons"].is_not_null().sum() == 4


def test_a_baseline_ranks_no_owner_either() -> None:
    history, _, launches = garden()
    product = launches.row(0, named=True)
    model = BaselineModel.from_name("text_similarity", history, SETTINGS, seed=0)
    audience = score_audience(history, new_product(history, title=product["title"]), model)
    assert audience.rows.height
    assert not set(audience.rows["customer_id"]) & owners_of(history, product["product_id"])


def test_where_every_active_customer_has_it_there_is_nobody_to_rank() -> None:
    history, model, _ = garden()
    shop = history.lines.collect()
    everyone = (
        shop.filter(pl.col("customer_id").is_not_null())
        .unique("customer_id")
        .with_columns(product_id=pl.lit(shop["product_id"][0]))
    )
    crowded = replace(history, lines=pl.concat([shop, everyone]).lazy())
    with pytest.raises(LaunchError, match="Every active customer has"):
        score_audience(crowded, new_product(crowded, product_id=shop["product_id"][0]), model)


def test_sales_so_far_of_a_product_whose_window_is_over_is_an_error_with_a_way_out() -> None:
    history, model, launches = garden()
    product = new_product(history, product_id=launches["product_id"][0])
    with pytest.raises(LaunchError, match=r"were not under way.*leave out --sales-so-far"):
        score_audience(history, product, model, sales_so_far=True)
