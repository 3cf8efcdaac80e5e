"""A hold-out is lifted after its window, or early where a person says so; nothing is changed by a refusal."""

from __future__ import annotations

import csv
import datetime as dt
import shutil
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from frontrow.campaign.record.campaign import Campaign
from frontrow.campaign.record.contact_log import HeldOutLog
from frontrow.campaign.record.lift import Lift
from frontrow.errors import CampaignError
from frontrow.service.campaign import write_plan
from frontrow.service.lift import LiftSettings, lift_hold_out
from frontrow.service.opening import RunSettings
from frontrow.service.plan_settings import PlanSettings
from frontrow.storage.pointer import Pointer
from frontrow.synthetic import SyntheticShop

GARDEN = SyntheticShop(customers=300, seed=5, lines_a_year=8.0, days=500)


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("lift")
    GARDEN.write(folder / "shop")
    GARDEN.write_upcoming(folder / "new.csv")
    settings = PlanSettings(
        folder / "new.csv",
        folder / "spring",
        model="order_lines",
        length=40,
        holdout_share=0.3,
        exports=("klaviyo", "mailchimp", "shopify_tags", "generic_csv"),
        properties=("campaign", "group", "rank"),
        contacted=True,
    )
    write_plan(folder / "shop", settings, RunSettings())
    return folder


@pytest.fixture
def folder(planned: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(planned, tmp_path / "planned"))


def window_of(campaign: Path) -> dt.date:
    planned = Campaign.read(campaign)
    return max(planned.window_end(product) for product in planned.products)


def rows_of(file: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(file.read_text("utf-8").splitlines()))


def files_of(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_while_the_window_is_open_it_is_refused(folder: Path) -> None:
    before, last = files_of(folder), window_of(folder / "spring") - dt.timedelta(days=1)
    with pytest.raises(CampaignError, match=r"open until .* 1 day from now.* --early"):
        lift_hold_out(folder / "shop", folder / "spring", LiftSettings(today=last))
    after = files_of(folder)
    assert {name: after[name] for name in before} == before
    assert Lift.read(folder / "spring") is None


def test_after_the_window_files_take_the_mark_off_those_held_out(folder: Path) -> None:
    until = window_of(folder / "spring")
    result = lift_hold_out(folder / "shop", folder / "spring", LiftSettings(today=until))
    assert (result.lift.early, result.platforms) == (False, ("generic_csv", "klaviyo", "mailchimp", "shopify_tags"))
    held_out = Campaign.read(folder / "spring").held_out.height
    written = {file.export: rows_of(file.path) for file in result.files}
    assert set(written) == {"generic_csv", "klaviyo", "mailchimp"}
    assert list(written["klaviyo"][0]) == ["Email Address", "frontrow_group"]
    assert list(written["mailchimp"][0]) == ["Email Address", "FRGROUP"]
    assert {row["frontrow_group"] for row in written["klaviyo"]} == {"lifted"}
    marked = folder / "spring" / "exports" / "klaviyo-held-out-do-not-contact.csv"
    addresses = [row["Email Address"] for row in rows_of(marked)]
    assert [row["Email Address"] for row in written["klaviyo"]] == addresses
    assert len(addresses) == held_out
    assert Lift.read(folder / "spring") == Lift(until, early=False)


def test_the_platforms_are_known_after_the_files_were_deleted(folder: Path) -> None:
    shutil.rmtree(folder / "spring" / "exports")
    settings = LiftSettings(today=window_of(folder / "spring"), exports=("meta_custom_audience",))
    result = lift_hold_out(folder / "shop", folder / "spring", settings)
    assert result.platforms == ("generic_csv", "klaviyo", "mailchimp", "meta_custom_audience", "shopify_tags")
    assert {file.export for file in result.files} == {"generic_csv", "klaviyo", "mailchimp"}


def test_lifted_again_nothing_changes(folder: Path) -> None:
    until = window_of(folder / "spring")
    first = lift_hold_out(folder / "shop", folder / "spring", LiftSettings(today=until))
    files = files_of(folder / "spring")
    again = lift_hold_out(folder / "shop", folder / "spring", LiftSettings(today=until + dt.timedelta(days=9)))
    assert again.lift == first.lift
    assert files_of(folder / "spring") == files


def test_lifted_early_those_held_out_may_be_contacted_from_that_day(folder: Path) -> None:
    day = window_of(folder / "spring") - dt.timedelta(days=10)
    before = HeldOutLog.read(folder / "shop").rows
    result = lift_hold_out(folder / "shop", folder / "spring", LiftSettings(early=True, today=day))
    after = HeldOutLog.read(folder / "shop").rows
    assert result.to_dict()["early"]
    assert after.height == before.height > 0
    assert after.filter(pl.col("until") > day).is_empty()
    generation = Pointer.read(folder / "shop").generation
    lift_hold_out(folder / "shop", folder / "spring", LiftSettings(early=True, today=day))
    assert HeldOutLog.read(folder / "shop").rows.equals(after)
    assert Pointer.read(folder / "shop").generation >= generation


def test_a_campaign_of_another_shop_or_without_a_hold_out_is_refused(folder: Path, tmp_path: Path) -> None:
    replace(Campaign.read(folder / "spring"), imports_digest="0").save(tmp_path / "elsewhere")
    with pytest.raises(CampaignError, match="another shop"):
        lift_hold_out(folder / "shop", tmp_path / "elsewhere", LiftSettings(early=True))
    settings = PlanSettings(folder / "new.csv", tmp_path / "all", model="order_lines", length=5, holdout_share=0.0)
    write_plan(folder / "shop", settings, RunSettings())
    with pytest.raises(CampaignError, match="nobody out"):
        lift_hold_out(folder / "shop", tmp_path / "all", LiftSettings(early=True))
