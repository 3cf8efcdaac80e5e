"""Several campaigns measured alone and together: named one by one, or by their pool."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from campaign_programme import CUSTOMERS, planned, write_programme
from typer.testing import CliRunner

from frontrow.campaign.record.campaign import Campaign
from frontrow.campaign.record.contact_log import record_contacts
from frontrow.cli.application import build
from frontrow.errors import CampaignError, SettingError
from frontrow.present.section import Table
from frontrow.report.page import write_pooled
from frontrow.service.measurement import MeasureSettings, measure_campaign
from frontrow.service.opening import RunSettings
from frontrow.service.pooled_measurement import measure_pool, measure_together
from frontrow.service.pools import list_pool

ALONE = MeasureSettings()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_programme(tmp_path_factory.mktemp("programme"))


def places(folder: Path) -> list[Path]:
    return [folder.parent / "kept" / name for name in ("spring", "reminder")]


def test_each_is_measured_as_alone_and_then_together(folder: Path) -> None:
    alone = [measure_campaign(folder, place, ALONE, RunSettings()).measurement.to_dict() for place in places(folder)]
    for place in places(folder):
        (place / "measured.json").unlink()
    result = measure_together(folder, places(folder), ALONE, RunSettings())
    assert [measurement.to_dict() for measurement in result.measurements] == alone
    assert all((place / "measured.json").is_file() for place in places(folder))
    # nobody bought within the window of the second, which says nothing
    assert (result.pooled.left_out, result.pooled.outcomes) == (("reminder",), ())
    assert result.pooled.customers == len(CUSTOMERS)
    assert result.pooled.repeatedly_held_out == 10


def test_a_pool_is_all_its_campaigns_that_were_sent(folder: Path) -> None:
    assert [campaign.name for campaign in list_pool(folder, "year").values()] == ["spring", "reminder"]
    late = planned("late", "d4", start=40, held_out=range(1, 21), pool="year")
    late.save(folder.parent / "late")
    assert [campaign.name for campaign in list_pool(folder, "year").values()] == ["spring", "reminder", "late"]
    result = measure_pool(folder, "year", ALONE, RunSettings())
    assert [measurement.campaign for measurement in result.measurements] == ["spring", "reminder"]
    assert result.notices[0].startswith('"late" of the pool was not recorded as sent')
    with pytest.raises(CampaignError, match='The pool "month" has 0 of 0 campaigns'):
        measure_pool(folder, "month", ALONE, RunSettings())


def test_the_same_campaign_twice_is_refused(folder: Path) -> None:
    spring = places(folder)[0]
    with pytest.raises(CampaignError, match="hold the same campaign"):
        measure_together(folder, [spring, spring], ALONE, RunSettings())


def test_a_product_is_named_for_the_campaign_that_has_it(folder: Path) -> None:
    named = MeasureSettings(sold_as=("new=pot",))
    result = measure_together(folder, places(folder), named, RunSettings())
    assert {product.window.sold_as for item in result.measurements for product in item.products} == {"pot"}
    with pytest.raises(SettingError, match="of one of the campaigns"):
        measure_together(folder, places(folder), MeasureSettings(sold_as=("vase=pot",)), RunSettings())


def a_pool(parent: Path) -> Path:
    """Two campaigns at the same time, each to everyone, with hold-outs of their own, of which people bought."""
    folder = write_programme(parent)
    for name, campaign_id, held_out in (("first", "e5", range(1, 41)), ("second", "f6", range(41, 81))):
        campaign = replace(planned(name, campaign_id, start=0, held_out=held_out, pool="both"), contact_rules={})
        campaign.save(parent / name)
        record_contacts(folder, campaign)
    return folder


def test_the_command_prints_and_draws_the_pool(tmp_path: Path) -> None:
    folder, page = a_pool(tmp_path), tmp_path / "pooled.html"
    arguments = ["measure", str(folder), "--pool", "both", "--report", str(page)]
    printed = CliRunner().invoke(build(), arguments)
    assert printed.exit_code == 0, printed.output
    for words in (
        "Each campaign alone",
        "All campaigns together",
        "first",
        "second",
        "Campaigns like these have a mean",
    ):
        assert words in printed.output
    text = page.read_text("utf-8")
    assert "What 2 campaigns caused together" in text
    assert len(re.findall("<svg", text)) == 2
    listed = CliRunner().invoke(
        build(), ["measure", str(folder), str(tmp_path / "first"), str(tmp_path / "second"), "--json"]
    )
    values = json.loads(listed.stdout)
    assert [campaign["campaign"] for campaign in values["campaigns"]] == ["first", "second"]
    conversion = values["pooled"]["outcomes"][0]
    assert conversion["outcome"] == "conversion"
    assert set(conversion["pooled"]) == {"fixed", "random", "q", "p_value", "i_squared", "tau_squared"}


@pytest.mark.parametrize("arguments", [[], ["kept/spring", "--pool", "year"]])
def test_the_command_needs_folders_or_a_pool(folder: Path, arguments: list[str]) -> None:
    result = CliRunner().invoke(build(), ["measure", str(folder), *arguments])
    assert result.exit_code == 2
    assert "Name the folder of a campaign" in result.output


def test_campaigns_of_which_nothing_can_be_said_make_a_page_all_the_same(folder: Path, tmp_path: Path) -> None:
    result = measure_together(folder, places(folder), ALONE, RunSettings())
    nothing = replace(result.pooled, outcomes=())
    write_pooled(tmp_path / "page.html", result.measurements, nothing)
    assert "Fewer than two of the campaigns can be pooled" in (tmp_path / "page.html").read_text("utf-8")
    tables = [block for section in replace(result, pooled=nothing).sections() for block in section.blocks]
    assert sum(isinstance(block, Table) for block in tables) == 1


def test_the_pool_is_written_into_the_campaign(folder: Path) -> None:
    assert Campaign.read(places(folder)[0]).pool == "year"
    record = json.loads((places(folder)[0] / "campaign.json").read_text("utf-8"))
    assert record["pool"] == "year"


def test_a_campaign_of_the_pool_that_has_no_orders_yet_is_left_out(tmp_path: Path) -> None:
    folder = a_pool(tmp_path)
    late = planned("late", "g7", start=36, held_out=range(1, 21), pool="both")
    late.save(tmp_path / "late")
    record_contacts(folder, late)
    result = measure_pool(folder, "both", ALONE, RunSettings())
    assert [measurement.campaign for measurement in result.measurements] == ["first", "second"]
    assert result.notices[0].startswith('"late" cannot be measured yet, and is left out. The orders end before')
    assert not (tmp_path / "late" / "measured.json").exists()
    # named one by one, it is an error, as it is alone
    with pytest.raises(CampaignError, match="The orders end before"):
        measure_together(folder, [tmp_path / "first", tmp_path / "late"], ALONE, RunSettings())
