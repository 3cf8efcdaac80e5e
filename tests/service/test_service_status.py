"""The status of a shop: how fresh it is, which models are current, how far campaigns are, what needs doing."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from frontrow.campaign.record.campaign import Campaign
from frontrow.campaign.record.contact_log import record_contacts
from frontrow.campaign.record.register import REGISTER, with_campaign
from frontrow.errors import SettingError
from frontrow.launch.model.calibrated_model import load_or_fit_launch_model
from frontrow.launch.settings import LaunchSettings
from frontrow.present.section import Sentence, Table
from frontrow.present.shop_status import ShopStatus
from frontrow.recommend.cached_recommenders import load_or_fit_recommender
from frontrow.recommend.trained import TrainedRecommender
from frontrow.service.config import configure
from frontrow.service.status import StatusSettings, read_status
from frontrow.shop.cutoff import EPOCH
from frontrow.shop.erase import UNFINISHED
from frontrow.shop.shop import Shop
from frontrow.storage.commit import commit
from frontrow.storage.json_file import write_json
from frontrow.storage.shop_lock import lock_shop
from frontrow.synthetic import SyntheticShop
from frontrow.testing.campaigns import START_DAY, hand_made_campaign
from frontrow.testing.shops import DAY_ZERO, hand_made_shop

LINES = [(1, "pot", 0), (2, "pot", 3), (None, "bulb", 5), (1, "bulb", 50)]
RECORD = {"file": "orders.csv", "format": "order_lines", "rows": 5, "kept": 4, "dropped": {"test order": 1}}


def day(number: int) -> dt.date:
    """A day counted as in `hand_made_shop`."""
    return EPOCH + dt.timedelta(days=DAY_ZERO + number)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A shop whose last order is of day 50, imported on day 51."""
    shop = hand_made_shop(LINES)
    record = {**RECORD, "imported_at": f"{day(51)}T02:00:00+00:00"}
    shop.with_settings(replace(shop.settings, currency="EUR", imports=(record,))).write(tmp_path / "shop")
    return tmp_path / "shop"


def look(folder: Path, today: int, **settings: object) -> ShopStatus:
    return read_status(folder, StatusSettings(today=day(today), **settings)).status  # type: ignore[arg-type]


def kinds(status: ShopStatus) -> list[str]:
    return [task.kind for task in status.tasks]


def test_a_shop_says_what_it_holds_and_what_came_when(folder: Path) -> None:
    status = look(folder, 51)
    holdings = status.holdings
    assert (holdings.orders, holdings.lines, holdings.customers, holdings.products) == (4, 4, 2, 2)
    assert (holdings.first_day, holdings.last_day) == (day(0), day(50))
    assert [(record.file, record.rows, record.kept) for record in status.imports] == [("orders.csv", 5, 4)]
    assert (status.days_since_last_order, status.is_stale) == (1, False)
    assert kinds(status) == ["import_older_orders"]


def test_old_orders_need_an_import_first_of_all(folder: Path) -> None:
    assert not look(folder, 57).is_stale
    status = look(folder, 60)
    assert kinds(status) == ["import", "import_older_orders"]
    assert "10 days ago: export the orders since" in status.tasks[0].sentence
    assert status.tasks[0].command == f"frontrow import {folder} FILE..."
    assert not look(folder, 60, stale_days=10).is_stale
    assert look(folder, 60, stale_days=9).is_stale


def test_an_import_that_brought_nothing_new_points_at_the_export(folder: Path) -> None:
    assert "check that the export reaches to today" in look(folder, 58).tasks[0].sentence


def test_an_order_of_tomorrow_is_not_fresh(folder: Path) -> None:
    status = look(folder, 40)
    assert kinds(status)[0] == "check_orders"
    assert "10 days after today" in status.tasks[0].sentence


def test_a_shop_without_orders_is_stale(tmp_path: Path) -> None:
    hand_made_shop([], {"pot": {}}).write(tmp_path / "shop")
    status = look(tmp_path / "shop", 0)
    assert (status.holdings.orders, status.holdings.products) == (0, 1)
    assert status.days_since_last_order is None
    assert status.is_stale
    assert kinds(status) == ["import"]


@pytest.fixture
def sent(folder: Path) -> Path:
    """A campaign of day 10 with a horizon of 30 days, sent and recorded, in a folder beside the shop."""
    assignment = pl.DataFrame(
        {"product_id": "new", "customer_id": [1, 2], "rank": [1, 2], "probability": [0.2, 0.1]}
    ).with_columns(group=pl.Series(["contacted", "held out"]), stratum=pl.lit(1, pl.Int32))
    campaign = hand_made_campaign(assignment, name="vases")
    campaign.save(folder.parent / "vases")
    record_contacts(folder, campaign, day(10))
    return folder.parent / "vases"


def test_a_campaign_is_open_then_to_be_measured_then_measured(folder: Path, sent: Path) -> None:
    assert START_DAY == DAY_ZERO + 10
    (campaign,) = look(folder, 39).campaigns
    assert (campaign.name, campaign.state, campaign.until) == ("vases", "open", day(40))
    assert (campaign.contacted_on, campaign.contacted, campaign.held_out) == (day(10), 1, 1)
    status = look(folder, 51)
    assert status.campaigns[0].state == "to be measured"
    assert kinds(status) == ["measure", "import_older_orders"]
    assert status.tasks[0].command == f"frontrow measure {folder} {sent}"
    write_json({"products": [{"closed": False}]}, sent / "measured.json")
    assert look(folder, 51).campaigns[0].state == "to be measured"
    write_json({"products": [{"closed": True}]}, sent / "measured.json")
    assert look(folder, 51).campaigns[0].state == "measured"
    assert kinds(look(folder, 51)) == ["import_older_orders"]


@pytest.mark.usefixtures("sent")
def test_a_campaign_waits_for_orders_that_reach_its_end(folder: Path) -> None:
    shop = Shop.read(folder)
    lines = shop.orders.filter(pl.col("day") < DAY_ZERO + 39).collect()
    Shop.from_tables(lines, shop.products, shop.customers.collect(), settings=shop.settings).write(folder)
    assert look(folder, 41).campaigns[0].state == "waiting for orders"
    assert "measure" not in kinds(look(folder, 41))


def test_a_campaign_whose_folder_is_elsewhere_is_known_from_the_logs(folder: Path, sent: Path) -> None:
    sent.rename(folder / "moved")
    status = look(folder, 51)
    (campaign,) = status.campaigns
    assert (campaign.state, campaign.contacted, campaign.held_out, campaign.folder) == ("to be measured", 1, 1, None)
    assert "--outputs" in status.tasks[0].sentence
    assert look(folder, 51, outputs=folder).campaigns[0].folder == folder / "moved"


def test_two_campaigns_of_one_name_are_two(folder: Path) -> None:
    for number, customer in (("1", 1), ("2", 2)):
        assignment = pl.DataFrame({"product_id": ["new"], "customer_id": [customer], "group": ["contacted"]})
        record_contacts(folder, hand_made_campaign(assignment, name="vases", campaign_id=number), day(10))
    assert [(campaign.name, campaign.contacted) for campaign in look(folder, 51).campaigns] == [("vases", 1)] * 2


def test_a_campaign_is_looked_for_where_it_was_written(folder: Path, sent: Path, tmp_path: Path) -> None:
    """Its folder is in the shop's register, wherever that is."""
    place = sent.rename(tmp_path.parent / f"{tmp_path.name}-elsewhere")
    assert look(folder, 51).campaigns[0].folder is None
    with lock_shop(folder, "campaign"):
        commit(folder, {}, {REGISTER: with_campaign(folder, Campaign.read(place), place, recorded=True)})
    assert look(folder, 51).campaigns[0].folder == place


def test_a_campaign_that_cannot_be_read_is_a_notice(folder: Path, sent: Path) -> None:
    (sent / "campaign.json").write_text("{")
    result = read_status(folder, StatusSettings(today=day(51)))
    assert "damaged" in " ".join(result.notices)


@pytest.fixture(scope="module")
def garden(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("garden") / "shop"
    SyntheticShop(customers=500, seed=1).write(folder)
    return folder


def test_a_cached_model_is_current_until_what_it_rests_on_changes(garden: Path) -> None:
    history = Shop.read(garden).as_of()
    end = history.cutoff.date()
    load_or_fit_launch_model(history, LaunchSettings(), folder=garden)
    load_or_fit_recommender(history, "popular", folder=garden)
    models = read_status(garden, StatusSettings(today=end)).status.cached_models
    assert [(model.kind, model.name, model.cutoff, model.is_current) for model in models] == [
        ("launch model", "", end, True),
        ("recommender", "popular", end, True),
    ]
    configure(garden, "horizon_days", "20")
    models = read_status(garden, StatusSettings(today=end)).status.cached_models
    assert [model.is_current for model in models] == [False, True]


def test_an_old_trained_recommender_is_to_be_trained_again(garden: Path) -> None:
    history = Shop.read(garden).as_of()
    earlier = history.as_of(history.cutoff_day - 40)
    TrainedRecommender.fit(earlier, "popular").save(garden.parent / "trained")
    TrainedRecommender.fit(history, "popular").save(garden.parent / "fresh")
    status = read_status(garden, StatusSettings(today=history.cutoff.date())).status
    assert [(trained.folder.name, trained.age_days) for trained in status.trained_models] == [
        ("fresh", 0),
        ("trained", 40),
    ]
    (task,) = status.tasks
    assert task.kind == "train"
    assert task.command == f"frontrow train {garden} --output {garden.parent / 'trained'} --model popular"


@pytest.mark.usefixtures("sent")
def test_a_person_reads_one_screen_and_a_program_stable_keys(folder: Path) -> None:
    result = read_status(folder, StatusSettings(today=day(60)))
    blocks = [block for section in result.sections() for block in section.blocks]
    lines = sum(1 if isinstance(block, Sentence) else 4 + len(block.rows) for block in blocks)
    assert lines < 24
    text = " ".join(block.text for block in blocks if isinstance(block, Sentence))
    assert text.index("4 orders") < text.index("To do 1: No order since") < text.index("To do 2: The window")
    assert [block.title for block in blocks if isinstance(block, Table)] == [
        "Imports, latest first",
        "Campaigns, latest first",
    ]
    values = json.loads(json.dumps(result.to_dict(), default=str))
    assert [*values] == [
        *("format_version", "shop", "today", "time_zone", "currency", "tasks", "freshness", "holdings"),
        *("imports", "cached_models", "trained_models", "campaigns", "unfinished_erasures", "sources"),
        "outdated_addresses",
    ]
    assert values["freshness"]["days_since_last_order"] == 10
    assert values["freshness"]["last_import_at"] == f"{day(51)} 02:00:00+00:00"
    assert [task["kind"] for task in values["tasks"]] == ["import", "measure", "import_older_orders"]


def test_folders_of_other_users_are_passed_over(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder.parent / "private").mkdir()
    is_file = Path.is_file

    def refuse(path: Path) -> bool:
        if path.parent.name == "private":
            raise PermissionError
        return is_file(path)

    monkeypatch.setattr(Path, "is_file", refuse)
    assert look(folder, 51).campaigns == ()


def test_outputs_that_are_not_there_are_refused(folder: Path) -> None:
    with pytest.raises(SettingError, match="not a folder"):
        look(folder, 51, outputs=folder / "nowhere")


def test_an_erasure_that_is_not_finished_comes_first(folder: Path) -> None:
    with lock_shop(folder, "forget"):
        commit(folder, {}, {UNFINISHED: [1]})
    task, *_ = look(folder, 60).tasks
    assert (task.kind, task.command) == ("forget", f"frontrow forget {folder} WHO")
    assert "1 person to be forgotten" in task.sentence


def test_nothing_to_do_is_said(garden: Path) -> None:
    end = Shop.read(garden).end().date()
    result = read_status(garden, StatusSettings(outputs=garden, today=end))
    assert result.warnings == ()
    assert "Nothing needs doing." in [
        block.text for section in result.sections() for block in section.blocks if isinstance(block, Sentence)
    ]
