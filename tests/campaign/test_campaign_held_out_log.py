"""Customers held out of a recorded campaign are excluded from later ones for the same product until the window ends."""

import datetime as dt
from dataclasses import replace

import polars as pl
import pytest
from campaign_shops import a_shop, ranked
from hypothesis import given, settings
from hypothesis import strategies as st

from frontrow.campaign.eligibility.contact_rules import ContactHistory, ContactRules
from frontrow.campaign.eligibility.eligible_customers import select_eligible
from frontrow.campaign.experiment.holdout import GlobalControlGroup
from frontrow.campaign.plan import CampaignSettings, plan_campaign
from frontrow.campaign.record.contact_log import HELD_OUT_LOG_SCHEMA, ContactLog, HeldOutLog, record_contacts
from frontrow.errors import ShopError
from frontrow.launch.audience.audience import Audience
from frontrow.launch.launch_files import NEW_PRODUCT_SCHEMA
from frontrow.schema import conform
from frontrow.shop.cutoff import EPOCH
from frontrow.shop.erase import forget
from frontrow.storage.commit import commit
from frontrow.storage.pointer import CONTACT_LOG, HELD_OUT_LOG, Pointer
from frontrow.testing.shops import order_lines, read_table, table_file

DAY = dt.date(2026, 3, 1)


def new_products(*ids, launch_day=None):
    table = pl.DataFrame({"product_id": ids, "title": [product_id.title() for product_id in ids]})
    return conform(table.with_columns(launch_day=pl.lit(launch_day, pl.Int32)), NEW_PRODUCT_SCHEMA)


def planned(shop, ids=("new",), *, customer_ids=None, launch_day=None, length=40, **contacts):
    customer_ids = customer_ids or shop.customers.collect()["customer_id"].to_list()
    half = len(customer_ids) // 2
    rotated = {
        product_id: customer_ids[position * half :] + customer_ids[: position * half]
        for position, product_id in enumerate(ids)
    }
    rows = pl.concat(ranked(order, product_id, product_id.title()) for product_id, order in rotated.items())
    settings = CampaignSettings("spring", 30, length=length, holdout_share=0.3)
    audience = Audience(rows, rows["customer_id"].n_unique())
    return plan_campaign(
        audience, new_products(*ids, launch_day=launch_day), shop.as_of(), settings, contacts=ContactHistory(**contacts)
    )


def held_of(shop, log, product_id, title, *, day=None):
    later = order_lines([(None, "pot", 200)], first_order=900_000)
    shop = shop if day is None else replace(shop, orders=pl.concat([shop.orders, later.lazy()]))
    history = shop.as_of(day)
    everyone = ranked(shop.customers.collect()["customer_id"].to_list(), product_id, title)
    eligible = select_eligible(everyone, history, ContactRules(), ContactHistory(held_out_log=log))
    return set(everyone["customer_id"]) - set(eligible.rows["customer_id"])


@pytest.fixture
def shop():
    return a_shop([{} for _ in range(40)])


def test_a_reminder_skips_the_held_out_until_the_window_ends(shop):
    campaign = planned(shop).campaign
    log = HeldOutLog.empty().with_campaign(campaign)
    held_out, end = set(campaign.held_out["customer_id"]), campaign.as_of.date() + dt.timedelta(days=30)
    assert len(held_out) == 12
    assert held_of(shop, log, "new", "New") == held_out
    assert held_of(shop, log, "new", "New", day=end - dt.timedelta(days=1)) == held_out
    assert held_of(shop, log, "new", "New", day=end) == set()


def test_the_window_begins_with_a_launch_that_is_later(shop):
    start = (shop.as_of().cutoff.date() - EPOCH).days
    log = HeldOutLog.empty().with_campaign(planned(shop, launch_day=start + 10).campaign)
    assert log.rows["until"].unique().to_list() == [EPOCH + dt.timedelta(days=start + 40)]


@pytest.mark.parametrize(
    ("product_id", "title", "is_same"),
    [
        ("NEW", "Another title", True),
        ("SKU-9", " new ", True),
        ("another", "Another", False),
        ("pot", "Pot", False),
    ],
)
def test_a_product_is_the_same_by_id_or_title(shop, product_id, title, is_same):
    campaign = planned(shop).campaign
    log = HeldOutLog.empty().with_campaign(campaign)
    held_out = set(campaign.held_out["customer_id"]) if is_same else set()
    bought = set(range(1, 41)) if product_id == "pot" else set()
    assert held_of(shop, log, product_id, title) == held_out | bought


def test_a_product_is_matched_under_its_later_name_in_the_shop(shop):
    campaign = planned(shop, ("blue vase",)).campaign
    log = HeldOutLog.empty().with_campaign(campaign)
    held_out = set(campaign.held_out["customer_id"])
    assert held_of(shop, log, "vase-1", "Vase in blue") == held_out
    assert held_of(shop, log, "x", "VASE") == held_out


def test_with_several_launches_each_customer_is_held_out_of_one(shop):
    campaign = planned(shop, ("new", "other")).campaign
    log = HeldOutLog.empty().with_campaign(campaign)
    for product_id in ("new", "other"):
        held_out = campaign.held_out.filter(pl.col("product_id") == product_id)["customer_id"]
        assert held_out.len() > 0
        assert held_of(shop, log, product_id, product_id.title()) == set(held_out)


def test_held_out_customers_are_counted_under_their_own_reason(shop):
    first = planned(shop)
    log = HeldOutLog.empty().with_campaign(first.campaign)
    second = planned(shop, held_out_log=log).campaign
    excluded = {reason["reason"]: reason["customers"] for reason in second.counts["excluded"] if reason["customers"]}
    assert excluded == {"still held out": 12}
    assert not set(first.campaign.held_out["customer_id"]) & set(second.assignment["customer_id"])


def test_another_record_of_the_same_identity_is_held_out_too():
    shop = a_shop([{"email": "jane.doe@gmail.com"}, {"email": "JaneDoe+x@gmail.com"}, {}])
    row = {"customer_id": 1, "product_id": "new", "title": "New", "until": dt.date(2100, 1, 1), "campaign": "spring"}
    assert held_of(shop, HeldOutLog(pl.DataFrame([row], schema=dict(HELD_OUT_LOG_SCHEMA))), "new", "New") == {1, 2}


def test_the_global_control_group_on_the_first_list_is_left_out_of_the_second(shop):
    control_group = GlobalControlGroup("salt", 0.2)
    first = planned(shop, global_control_group=control_group).campaign
    controls = {customer for customer in range(1, 41) if control_group.contains(pl.Series([customer]))[0]}
    assert controls < set(first.held_out["customer_id"])
    second = planned(
        shop, global_control_group=control_group, held_out_log=HeldOutLog.empty().with_campaign(first)
    ).campaign
    assert not set(first.held_out["customer_id"]) & set(second.assignment["customer_id"])


def test_recording_writes_both_logs_and_recording_again_changes_nothing(shop, tmp_path):
    shop.write(tmp_path)
    campaign = planned(shop).campaign
    assert record_contacts(tmp_path, campaign, DAY) == 28
    tables = Pointer.read(tmp_path).tables
    assert {CONTACT_LOG, HELD_OUT_LOG} < set(tables)
    assert record_contacts(tmp_path, campaign, DAY) == 0
    assert Pointer.read(tmp_path).tables == tables
    assert ContactLog.read(tmp_path).rows.height == 28
    assert HeldOutLog.read(tmp_path).rows["customer_id"].sort().to_list() == sorted(campaign.held_out["customer_id"])


@pytest.mark.parametrize("name", [CONTACT_LOG, HELD_OUT_LOG])
@pytest.mark.parametrize("content", [b"not parquet", pl.DataFrame({"customer_id": [1]})])
def test_a_damaged_log_is_refused_and_nothing_is_recorded(shop, tmp_path, name, content):
    shop.write(tmp_path)
    record_contacts(tmp_path, planned(shop).campaign, DAY)
    if isinstance(content, bytes):
        table_file(tmp_path, name).write_bytes(content)
    else:
        commit(tmp_path, {name: content.lazy()}, {})
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    with pytest.raises(ShopError, match=name):
        record_contacts(tmp_path, planned(shop).campaign, DAY)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_an_erased_customer_leaves_both_logs(shop, tmp_path):
    shop.write(tmp_path)
    campaign = planned(shop).campaign
    record_contacts(tmp_path, campaign, DAY)
    contacted, held_out = campaign.contacted["customer_id"][0], campaign.held_out["customer_id"][0]
    for customer in (contacted, held_out):
        forget(tmp_path, f"c{customer}")
    assert contacted not in ContactLog.read(tmp_path).rows["customer_id"]
    assert held_out not in HeldOutLog.read(tmp_path).rows["customer_id"]
    assert HeldOutLog.read(tmp_path).rows.height == 11


@pytest.mark.parametrize("name", [CONTACT_LOG, HELD_OUT_LOG])
def test_a_damaged_log_stops_forgetting_before_anything_is_changed(shop, tmp_path, name):
    shop.write(tmp_path)
    record_contacts(tmp_path, planned(shop).campaign, DAY)
    table_file(tmp_path, name).write_bytes(b"x")
    with pytest.raises(ShopError, match=f"{name}.* is damaged"):
        forget(tmp_path, "c1")
    assert read_table(tmp_path, "customers").height == 40


@settings(max_examples=25)
@given(st.lists(st.permutations(range(1, 31)), min_size=2, max_size=4), st.integers(0, 5))
def test_no_later_campaign_contacts_the_held_out_about_the_product(orders, seed):
    shop, log, held_out = a_shop([{} for _ in range(30)]), HeldOutLog.empty(), set()
    for order in orders:
        rows = ranked(order)
        campaign_settings = CampaignSettings("again", 30, length=15, holdout_share=0.2, seed=seed)
        campaign = plan_campaign(
            Audience(rows, 30),
            new_products("new"),
            shop.as_of(),
            campaign_settings,
            contacts=ContactHistory(held_out_log=log),
        ).campaign
        assert not held_out & set(campaign.assignment["customer_id"])
        held_out |= set(campaign.held_out["customer_id"])
        log = log.with_campaign(campaign)
