"""What lists of every length bring: equal to the campaign that is planned afterwards."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from frontrow.campaign.economics.list_length import DEFAULT_SHARE_OF_BUYERS
from frontrow.campaign.experiment.holdout import hold_out
from frontrow.service.audience import AudienceSettings, rank_audience
from frontrow.service.campaign import write_plan
from frontrow.service.defaults import ContactRuleSettings, MoneySettings
from frontrow.service.list_length import NEWER_ORDERS, ListLengthSettings, preview_list
from frontrow.service.opening import RunSettings
from frontrow.service.plan_settings import PlanSettings
from frontrow.service.saved_audience import SavedAudience, read_saved_audience, save_audience
from frontrow.synthetic import SyntheticShop

GARDEN = SyntheticShop(customers=400, seed=5, lines_a_year=8.0, days=500)
MONEY = MoneySettings(margin=12.0, contact_cost=0.05)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("list_length")
    GARDEN.write(folder / "shop")
    GARDEN.write_upcoming(folder / "new.csv")
    return folder


@pytest.fixture(scope="module")
def saved(place: Path) -> SavedAudience:
    save_audience(rank_audience(place / "shop", AudienceSettings(place / "new.csv"), RunSettings()), place / "audience")
    return read_saved_audience(place / "audience", place / "shop")


@pytest.mark.parametrize(
    ("length", "money"), [(50, MoneySettings()), (None, MONEY), (80, MoneySettings(margin=12.0, capacity=40))]
)
def test_a_campaign_with_the_same_settings_is_the_same(
    place: Path, saved: SavedAudience, length: int | None, money: MoneySettings, tmp_path: Path
) -> None:
    rules = ContactRuleSettings(not_tagged=("wholesale",))
    preview = preview_list(place / "shop", saved, ListLengthSettings(length, rules, money, holdout_share=0.2))
    settings = PlanSettings(
        place / "new.csv", tmp_path / "spring", rules=rules, length=length, money=money, holdout_share=0.2
    )
    planned = write_plan(place / "shop", settings, RunSettings())
    assert preview.plan.campaign.counts == planned.plan.campaign.counts
    assert preview.plan.campaign.expected_buyers == planned.plan.campaign.expected_buyers
    # added up in another order
    assert preview.plan.profit_of_contacted() == (
        None if planned.plan.curve is None else pytest.approx(planned.plan.profit_of_contacted())
    )
    point = preview.points.row(by_predicate=pl.col("length") == planned.plan.campaign.list_length, named=True)
    assert point["contacted"] == planned.plan.campaign.counts["contacted"]


def test_points_say_what_each_length_brings(place: Path, saved: SavedAudience) -> None:
    preview = preview_list(place / "shop", saved, ListLengthSettings(money=MONEY))
    points, curve = preview.points, preview.plan.curve
    assert curve is not None
    assert preview.to_dict()["length"] == curve.best_length
    assert points["length"].is_sorted()
    assert points["length"][-1] == curve.table["length"][-1]
    assert (points["contacted"] + points["held_out"]).equals(points["length"], check_names=False)
    assert points["cost"].to_list() == pytest.approx((points["contacted"] * 0.05).to_list())
    for row in points.iter_rows(named=True):
        assert row["profit"] == curve.table["profit"][row["length"]]
        assert row["expected_buyers"] == pytest.approx(curve.table["expected_buyers"][row["length"]])


def test_the_number_held_out_is_exact_at_every_point(place: Path, saved: SavedAudience) -> None:
    from frontrow.campaign.economics.offers import select_offers

    preview = preview_list(place / "shop", saved, ListLengthSettings(length=60, holdout_share=0.3))
    offers = select_offers(preview.plan.eligible.rows)
    for row in preview.points.iter_rows(named=True):
        divided = hold_out(offers.head(row["length"]), 0.3, seed=0)
        assert (divided["group"] == "held out").sum() == row["held_out"]


def test_without_money_the_list_holds_half_of_the_buyers(place: Path, saved: SavedAudience) -> None:
    preview = preview_list(place / "shop", saved, ListLengthSettings(holdout_share=0.0))
    buyers = dict(preview.points.select("length", "expected_buyers").iter_rows())
    length, everyone = preview.plan.campaign.list_length, preview.points["expected_buyers"][-1]
    assert preview.origin == "default"
    assert buyers[length] >= DEFAULT_SHARE_OF_BUYERS * everyone > buyers[length] - saved.audience.rows["probability"][0]
    assert preview.points["profit"].null_count() == preview.points.height
    assert "half of the buyers" in preview.sections()[0].blocks[1].text  # type: ignore[union-attr]


def test_where_no_list_earns_anything_it_says_so_and_still_shows_the_curve(place: Path, saved: SavedAudience) -> None:
    money = MoneySettings(margin=1.0, contact_cost=50.0)
    preview = preview_list(place / "shop", saved, ListLengthSettings(money=money))
    assert preview.origin == "unprofitable"
    assert (preview.points["profit"] < 0).all()
    assert "No list is expected to earn anything" in preview.sections()[0].blocks[1].text  # type: ignore[union-attr]


def test_a_hold_out_that_can_show_nothing_is_met_with_advice(place: Path, saved: SavedAudience) -> None:
    few = preview_list(place / "shop", saved, ListLengthSettings(length=20, holdout_share=0.1))
    texts = [block.text for section in few.sections() for block in section.blocks if hasattr(block, "text")]
    assert any("This launch alone can show little" in text for text in texts)


def test_newer_orders_than_those_ranked_by_are_said(place: Path, saved: SavedAudience) -> None:
    assert NEWER_ORDERS not in preview_list(place / "shop", saved, ListLengthSettings(length=20)).notices
    earlier = replace(saved, as_of=saved.as_of - dt.timedelta(days=7))
    assert NEWER_ORDERS in preview_list(place / "shop", earlier, ListLengthSettings(length=20)).notices
