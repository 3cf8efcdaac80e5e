"""All campaigns of a shop in one list: each plan, what it earned, overlaps, and the global control group."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from campaign_programme import CUSTOMERS, GROUP, TODAY, write_programme

from frontrow.campaign.uplift.measurement import MEASURED
from frontrow.errors import CampaignError
from frontrow.present.section import Table
from frontrow.report.page import write_campaigns
from frontrow.service.campaign_list import list_campaigns
from frontrow.service.campaigns import SurveySettings, survey_campaigns
from frontrow.service.measurement import MeasureSettings, measure_campaign
from frontrow.service.opening import RunSettings
from frontrow.storage.commit import commit
from frontrow.testing.campaigns import START
from frontrow.testing.shops import hand_made_shop


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """See `campaign_programme`."""
    return write_programme(tmp_path)


def test_every_plan_is_in_the_list_with_how_far_it_is(folder: Path) -> None:
    survey = survey_campaigns(folder, SurveySettings(today=TODAY)).survey
    assert [(row.name, row.state, row.recorded, row.pool) for row in survey.campaigns] == [
        ("summer", "planned", False, ""),
        ("reminder", "waiting for orders", True, "year"),
        ("spring", "to be measured", True, "year"),
    ]
    assert [row.effects for row in survey.campaigns] == [None] * 3


def test_a_measured_campaign_says_what_it_earned(folder: Path) -> None:
    place = folder.parent / "kept" / "spring"
    measured = measure_campaign(folder, place, MeasureSettings(), RunSettings()).measurement
    margin = measured.overall_of("margin")
    assert margin is not None
    row = survey_campaigns(folder, SurveySettings(today=TODAY)).survey.campaigns[2]
    assert row.state == "measured"
    assert row.effects is not None
    assert row.effects.buyers is not None
    assert row.effects.earned is not None
    assert row.effects.buyers.value == pytest.approx(40)
    assert row.effects.buyers.is_certain
    assert row.effects.earned.value == pytest.approx((margin.difference - 0.1) * 80)
    listed = list_campaigns(folder).rows[2]
    assert listed["measured"]["earned"]["value"] == row.effects.earned.value
    (place / MEASURED).write_text("{}")
    with pytest.raises(CampaignError, match="Measure the campaign again"):
        survey_campaigns(folder, SurveySettings(today=TODAY))


def test_overlaps_name_the_campaigns_and_the_product(folder: Path) -> None:
    result = survey_campaigns(folder, SurveySettings(today=TODAY))
    (pair,) = result.survey.overlaps.pairs
    assert (pair.first, pair.second) == ("a1", "b2")
    # 1 to 10 were held out of the first alone, 11 to 20 of both
    assert (pair.contacted_by_both, pair.held_out_then_contacted, pair.same_product) == (70, 10, 10)
    sentences = [block.plain for block in result.sections()[1].blocks if not isinstance(block, Table)]
    assert sentences[0].startswith("70 customers were contacted by two campaigns")
    assert sentences[2].startswith("10 of them heard of the very product")


def test_the_global_control_group_is_compared_since_it_was_drawn(folder: Path) -> None:
    effect = survey_campaigns(folder, SurveySettings(today=TODAY)).survey.control_group
    assert effect is not None
    assert effect.drawn_on == START.date()
    orders = effect.uplift_of("orders")
    assert orders.contacted + orders.held_out == len(CUSTOMERS)
    total = orders.contacted_mean * orders.contacted + orders.held_out_mean * orders.held_out
    assert total == pytest.approx(40)


def test_a_group_of_before_its_day_was_recorded_was_drawn_for_the_first_campaign_that_has_it(folder: Path) -> None:
    commit(folder, {}, replace(GROUP, drawn_on=None).to_sections())
    effect = survey_campaigns(folder, SurveySettings(today=TODAY)).survey.control_group
    assert effect is not None
    assert effect.drawn_on == START.date()


def test_without_a_group_the_list_says_how_to_begin_one(tmp_path: Path) -> None:
    hand_made_shop([(1, "pot", 0)]).write(tmp_path / "shop")
    survey = survey_campaigns(tmp_path / "shop", SurveySettings(today=TODAY)).survey
    assert (survey.control_group, survey.campaigns) == (None, [])
    assert "--global-control-share" in survey.no_control_group


def test_a_campaign_whose_folder_is_gone_is_still_listed(folder: Path) -> None:
    (folder.parent / "kept" / "spring").rename(folder.parent / "elsewhere")
    (folder.parent / "kept" / "summer").rename(folder.parent / "kept" / "other")
    rows = {row["name"]: row for row in list_campaigns(folder).rows}
    # beside the shop it is found again
    assert rows["spring"]["contacted"] == 80
    assert (rows["summer"]["state"], rows["summer"]["contacted"]) == ("its folder was moved", None)


def test_the_page_and_the_json_hold_all_of_it(folder: Path, tmp_path: Path) -> None:
    result = survey_campaigns(folder, SurveySettings(today=TODAY))
    values = json.loads(json.dumps(result.to_dict(), default=str))
    assert [row["name"] for row in values["campaigns"]] == ["summer", "reminder", "spring"]
    assert values["overlaps"]["same_product"] == 10
    assert values["control_group"]["drawn_on"] == str(START.date())
    write_campaigns(tmp_path / "page.html", result.survey)
    page = (tmp_path / "page.html").read_text("utf-8")
    for words in ("All campaigns together", "control group drawn", "reminder", "heard of the very product"):
        assert words in page
