"""A campaign is recorded before its folder appears; an interrupted one is completed, and two never meet."""

from __future__ import annotations

import datetime as dt
import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from frontrow.campaign.economics.list_length import DEFAULT_SHARE_OF_CUSTOMERS
from frontrow.campaign.experiment.holdout import GlobalControlGroup
from frontrow.campaign.properties import read_properties
from frontrow.campaign.record import register
from frontrow.campaign.record.campaign import Campaign
from frontrow.campaign.record.contact_log import ContactLog, HeldOutLog
from frontrow.campaign.record.register import read_register
from frontrow.errors import CampaignError, SettingError, ShopLockedError
from frontrow.present.section import Sentence
from frontrow.service import campaign_properties
from frontrow.service.campaign import write_plan
from frontrow.service.config import configure
from frontrow.service.contacts import record_contacts
from frontrow.service.defaults import ContactRuleSettings, MoneySettings
from frontrow.service.forgetting import forget_customer
from frontrow.service.opening import RunSettings
from frontrow.service.plan_settings import PlanSettings
from frontrow.shop.shop import Shop
from frontrow.storage.commit import STAGING
from frontrow.storage.pointer import Pointer
from frontrow.synthetic import SyntheticShop

GARDEN = SyntheticShop(customers=400, seed=5, lines_a_year=8.0, days=500)


@pytest.fixture(scope="module")
def planned_on(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("campaigns")
    GARDEN.write(folder / "shop")
    GARDEN.write_upcoming(folder / "new.csv")
    return folder


@pytest.fixture
def shop(planned_on: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(planned_on / "shop", tmp_path / "shop"))


def settings_of(planned_on: Path, output: Path, **changes: object) -> PlanSettings:
    rules = ContactRuleSettings(not_contacted_days=30)
    settings = PlanSettings(
        planned_on / "new.csv",
        output,
        model="order_lines",
        rules=rules,
        length=30,
        exports=("generic_csv",),
        contacted=True,
    )
    return replace(settings, **changes)  # type: ignore[arg-type]


class SoonAgain:
    """In the place of the order model, whose fit takes seconds: everyone orders on one day."""

    @classmethod
    def fit(cls, *_: object, **__: object) -> SoonAgain:
        return cls()

    def forecast(self, customers: pl.DataFrame) -> pl.DataFrame:
        return customers.select("customer_id", expected_next_order_on=pl.lit(dt.date(2026, 12, 24)))


def files_of(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_same_command_again_changes_nothing(shop: Path, planned_on: Path, tmp_path: Path) -> None:
    settings = settings_of(planned_on, tmp_path / "spring")
    first = write_plan(shop, settings, RunSettings())
    logs, files = ContactLog.read(shop).rows, files_of(tmp_path / "spring")
    assert logs.height == first.plan.campaign.contacted.height > 0
    again = write_plan(shop, settings, RunSettings())
    assert again.plan.campaign.assignment.equals(first.plan.campaign.assignment)
    assert ContactLog.read(shop).rows.equals(logs)
    assert files_of(tmp_path / "spring") == files
    assert not (shop / STAGING).exists()
    (registered,) = read_register(shop).values()
    assert (registered.name, registered.recorded, registered.folder) == ("spring", True, str(tmp_path / "spring"))
    assert set(logs["campaign_id"]) == {registered.campaign_id}


def test_other_settings_are_another_campaign(shop: Path, planned_on: Path, tmp_path: Path) -> None:
    settings = settings_of(planned_on, tmp_path / "spring")
    write_plan(shop, settings, RunSettings())
    for other in (replace(settings, length=20), replace(settings, name="other")):
        with pytest.raises(CampaignError, match="exists already"):
            write_plan(shop, other, RunSettings())
    with pytest.raises(CampaignError, match="exists already"):
        write_plan(shop, settings, RunSettings(seed=3))


def test_a_campaign_that_was_planned_is_recorded_by_the_same_command(
    shop: Path, planned_on: Path, tmp_path: Path
) -> None:
    settings = settings_of(planned_on, tmp_path / "spring", contacted=False)
    planned = write_plan(shop, settings, RunSettings()).plan.campaign
    assert ContactLog.read(shop).rows.is_empty()
    write_plan(shop, replace(settings, contacted=True), RunSettings())
    assert ContactLog.read(shop).rows["customer_id"].sort().equals(planned.contacted["customer_id"].sort())
    assert HeldOutLog.read(shop).rows.height == planned.held_out.height


def test_a_campaign_that_would_choose_others_now_is_refused(shop: Path, planned_on: Path, tmp_path: Path) -> None:
    spring = settings_of(planned_on, tmp_path / "spring", contacted=False)
    write_plan(shop, spring, RunSettings())
    write_plan(shop, settings_of(planned_on, tmp_path / "summer"), RunSettings())
    logs, files, pointer = ContactLog.read(shop).rows, files_of(tmp_path / "spring"), Pointer.read(shop)
    with pytest.raises(CampaignError, match="would choose other customers now"):
        write_plan(shop, replace(spring, contacted=True), RunSettings())
    assert ContactLog.read(shop).rows.equals(logs)
    assert files_of(tmp_path / "spring") == files
    assert Pointer.read(shop) == pointer


@pytest.mark.parametrize("next_command", ["the same", "another"])
def test_a_campaign_that_was_interrupted_after_its_logs_is_completed(
    shop: Path, planned_on: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, next_command: str
) -> None:
    settings = settings_of(planned_on, tmp_path / "spring")

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(register, "_move", interrupt)
        with pytest.raises(KeyboardInterrupt):
            write_plan(shop, settings, RunSettings())
    logs = ContactLog.read(shop).rows
    assert logs.height
    assert not (tmp_path / "spring").exists()
    if next_command == "the same":
        write_plan(shop, settings, RunSettings())
    else:
        configure(shop, "margin", "12")
    campaign = Campaign.read(tmp_path / "spring")
    assert set(campaign.contacted["customer_id"]) == set(logs["customer_id"])
    assert ContactLog.read(shop).rows.equals(logs)
    assert list((tmp_path / "spring" / "exports").iterdir())
    assert not (shop / STAGING).exists()


def test_a_campaign_that_was_interrupted_before_its_logs_leaves_nothing(
    shop: Path, planned_on: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = files_of(shop)

    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(register, "commit", interrupt)
        with pytest.raises(KeyboardInterrupt):
            write_plan(shop, settings_of(planned_on, tmp_path / "spring"), RunSettings())
    assert files_of(shop).keys() - {"shop.lock"} == before.keys() - {"shop.lock"}
    assert Pointer.read(shop).generation == 1
    assert not (tmp_path / "spring").exists()


def test_a_place_that_cannot_be_written_to_keeps_the_campaign_for_later(
    shop: Path, planned_on: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patched:
        patched.setattr(register, "_move", refuse)
        with pytest.raises(CampaignError, match="its files wait there"):
            write_plan(shop, settings_of(planned_on, tmp_path / "spring"), RunSettings())
        configure(shop, "margin", "12")
    configure(shop, "margin", "13")
    assert Campaign.read(tmp_path / "spring").name == "spring"


def test_another_file_system_gets_a_copy(
    shop: Path, planned_on: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Path.rename

    def rename(path: Path, target: Path) -> Path:
        if STAGING in path.parts:
            raise OSError(18, "Invalid cross-device link")
        return real(path, target)

    monkeypatch.setattr(Path, "rename", rename)
    write_plan(shop, settings_of(planned_on, tmp_path / "spring"), RunSettings())
    assert Campaign.read(tmp_path / "spring").name == "spring"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["shop", "spring"]
    assert not (shop / STAGING).exists()


def test_two_campaigns_at_once_never_write_to_the_same_people(shop: Path, planned_on: Path, tmp_path: Path) -> None:
    names = ("one", "two", "three")

    def plan(name: str) -> set[int]:
        result = write_plan(shop, settings_of(planned_on, tmp_path / name), RunSettings(), wait=60)
        return set(result.plan.campaign.contacted["customer_id"])

    with ThreadPoolExecutor(3) as pool:
        contacted = list(pool.map(plan, names))
    assert sum(map(len, contacted)) == len(set().union(*contacted)) == ContactLog.read(shop).rows.height
    assert all((tmp_path / name / "campaign.json").exists() for name in names)


def test_two_records_at_once_both_stay(shop: Path, planned_on: Path, tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_plan(shop, settings_of(planned_on, tmp_path / name, contacted=False), RunSettings())
    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(lambda name: record_contacts(shop, tmp_path / name, wait=60), ("one", "two")))
    assert set(ContactLog.read(shop).rows["campaign"]) == {"one", "two"}
    assert ContactLog.read(shop).rows.height == sum(result.contacts for result in results)


def test_a_campaign_of_another_shop_is_refused(shop: Path, planned_on: Path, tmp_path: Path) -> None:
    write_plan(shop, settings_of(planned_on, tmp_path / "spring", contacted=False), RunSettings())
    other = Shop.read(shop)
    other.with_settings(replace(other.settings, imports=({"file": "other.csv"},))).write(tmp_path / "other")
    campaign = Campaign.read(tmp_path / "spring")
    replace(campaign, imports_digest="0").save(tmp_path / "elsewhere")
    with pytest.raises(CampaignError, match="was planned on another shop"):
        record_contacts(shop, tmp_path / "elsewhere")
    assert ContactLog.read(shop).rows.is_empty()


def test_a_command_that_waits_in_vain_changes_nothing(shop: Path, planned_on: Path, tmp_path: Path) -> None:
    from frontrow.storage.shop_lock import lock_shop

    with lock_shop(shop, "import"), ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(write_plan, shop, settings_of(planned_on, tmp_path / "spring"), RunSettings(), wait=0)
        with pytest.raises(ShopLockedError):
            waiting.result()
    assert not (tmp_path / "spring").exists()


def test_without_a_length_or_a_margin_there_is_a_default_list(shop: Path, planned_on: Path, tmp_path: Path) -> None:
    result = write_plan(shop, settings_of(planned_on, tmp_path / "spring", length=None), RunSettings())
    eligible = result.plan.eligible.rows["customer_id"].n_unique()
    assert result.plan.origin == result.to_dict()["length_origin"] == "default"
    assert result.plan.campaign.list_length == round(DEFAULT_SHARE_OF_CUSTOMERS * eligible)
    assert any("likeliest tenth" in block.plain for block in result.sections()[0].blocks if isinstance(block, Sentence))


def test_properties_are_kept_and_written_and_what_takes_none_is_said(
    shop: Path, planned_on: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(campaign_properties, "OrderModel", SoonAgain)
    settings = settings_of(
        planned_on,
        tmp_path / "spring",
        exports=("klaviyo", "shopify_tags"),
        properties=("next_order_date", "rank", "expected_value"),
        money=MoneySettings(margin=10.0),
    )
    result = write_plan(shop, settings, RunSettings())
    properties = read_properties(tmp_path / "spring")
    assert properties is not None
    assert properties.columns == ["customer_id", "rank", "expected_value", "next_order_date"]
    assert set(properties["next_order_date"]) == {dt.date(2026, 12, 24)}
    assert properties.height == result.plan.campaign.list_length
    assert any("Shopify" in notice for notice in result.notices)
    header = next((tmp_path / "spring" / "exports").glob("klaviyo-*.csv")).read_text("utf-8").splitlines()[0]
    assert header == "Email Address,frontrow_rank,frontrow_expected_value,frontrow_next_order_date"


def test_reasons_of_a_baseline_are_refused_and_nothing_is_written(shop: Path, planned_on: Path, tmp_path: Path) -> None:
    before = files_of(shop)
    with pytest.raises(SettingError, match="baseline"):
        write_plan(shop, settings_of(planned_on, tmp_path / "spring", properties=("reasons",)), RunSettings())
    assert files_of(shop) == before
    assert not (tmp_path / "spring").exists()


def test_who_is_forgotten_is_in_no_property(shop: Path, planned_on: Path, tmp_path: Path) -> None:
    write_plan(shop, settings_of(planned_on, tmp_path / "spring", properties=("rank",)), RunSettings())
    listed = Campaign.read(tmp_path / "spring").assignment["customer_id"]
    customers = Shop.read(shop).customers.filter(pl.col("customer_id") == listed[0]).collect()
    forget_customer(shop, customers["email"][0])
    properties = read_properties(tmp_path / "spring")
    assert properties is not None
    assert sorted(properties["customer_id"]) == sorted(listed.to_list()[1:])


def test_a_pool_is_recorded_and_makes_another_campaign(shop: Path, planned_on: Path, tmp_path: Path) -> None:
    settings = settings_of(planned_on, tmp_path / "spring", pool="year", global_control_share=0.2)
    first = write_plan(shop, settings, RunSettings())
    assert Campaign.read(tmp_path / "spring").pool == "year"
    assert first.plan.pooled == ()
    group = GlobalControlGroup.read(shop)
    assert group is not None
    assert group.drawn_on == first.plan.campaign.as_of.date()
    second = write_plan(shop, replace(settings, output=tmp_path / "summer"), RunSettings())
    assert [rows.height for rows in second.plan.pooled] == [first.plan.campaign.list_length]
    # the same command again does not count itself
    assert len(write_plan(shop, replace(settings, output=tmp_path / "summer"), RunSettings()).plan.pooled) == 1
    with pytest.raises(CampaignError, match="exists already"):
        write_plan(shop, replace(settings, pool="season"), RunSettings())
    with pytest.raises(SettingError, match="Give the pool a name"):
        write_plan(shop, replace(settings, pool=" "), RunSettings())
