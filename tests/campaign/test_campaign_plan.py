"""The campaign folder: written completely or not at all, read back equal, repeatable, without personal data."""

import datetime as dt
import json

import polars as pl
import pytest
from campaign_shops import a_shop, ranked

from frontrow.campaign.contacts import collect_contacts, product_stems, write_campaign
from frontrow.campaign.economics.economics import Economics
from frontrow.campaign.eligibility.contact_rules import ContactHistory, ContactRules
from frontrow.campaign.experiment.holdout import GlobalControlGroup
from frontrow.campaign.plan import CampaignSettings, plan_campaign
from frontrow.campaign.record.campaign import ASSIGNMENT_SCHEMA, Campaign
from frontrow.errors import CampaignError
from frontrow.launch.audience.audience import Audience
from frontrow.launch.launch_files import NEW_PRODUCT_SCHEMA
from frontrow.schema import conform

CREATED = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)


def new_products(*ids):
    table = pl.DataFrame({"product_id": ids, "title": [product_id.title() for product_id in ids], "launch_day": 20_001})
    return conform(table, NEW_PRODUCT_SCHEMA)


def planned(shop=None, *, products=("new",), rows=None, **options):
    shop = shop or a_shop([{} for _ in range(40)])
    contacts = {
        name: options.pop(name)
        for name in ("contact_log", "global_control_group", "suppression_list")
        if name in options
    }
    if rows is None:
        ids = shop.customers.collect()["customer_id"].to_list()
        rows = pl.concat(ranked(ids, product_id, product_id.title()) for product_id in products)
    settings = CampaignSettings(**{"name": "spring", "horizon_days": 30, "length": 20, "holdout_share": 0.2, **options})
    audience = Audience(rows, rows["customer_id"].n_unique())
    return plan_campaign(
        audience, new_products(*products), shop.as_of(), settings, contacts=ContactHistory(**contacts), created=CREATED
    )


def test_a_campaign_is_read_back_as_it_was(tmp_path):
    campaign = planned(economics=Economics(margin=5.0, contact_cost=0.1, budget=100.0)).campaign
    campaign.save(tmp_path / "spring")
    loaded = Campaign.read(tmp_path / "spring")
    assert loaded.assignment.equals(campaign.assignment)
    assert loaded.to_json() == campaign.to_json()
    assert (loaded.as_of, loaded.created) == (campaign.as_of, CREATED)
    assert loaded.assignment.schema == pl.Schema(ASSIGNMENT_SCHEMA)


def test_the_folder_holds_what_is_needed_to_repeat_and_to_measure_it(tmp_path):
    plan = planned(global_control_group=GlobalControlGroup("salt", 0.1))
    plan.campaign.save(tmp_path / "spring")
    saved = json.loads((tmp_path / "spring" / "campaign.json").read_text())
    assert saved["format_version"] == 2
    assert saved["counts"]["chosen"] == 20 == saved["counts"]["contacted"] + saved["counts"]["held_out"]
    assert saved["contact_rules"]["channel"] == saved["channel"] == "email"
    assert (saved["global_control_share"], saved["seed"], saved["horizon_days"]) == (0.1, 0, 30)
    assert {product["product_id"] for product in saved["products"]} == {"new"}
    expected = saved["expected_buyers"][0]
    probability = plan.campaign.assignment["probability"].sum()
    assert expected["contacted"] + expected["held_out"] == pytest.approx(probability)


def test_the_same_settings_give_the_same_campaign_and_another_seed_another():
    assert planned().campaign.to_json() == planned().campaign.to_json()
    assert planned().campaign.assignment.equals(planned().campaign.assignment)
    assert not planned(seed=1).campaign.assignment.equals(planned().campaign.assignment)


def test_each_customer_is_assigned_the_most_probable_product():
    rows = pl.concat([ranked([1, 2, 3], "a"), ranked([3, 2, 1], "b")])
    plan = planned(a_shop([{}, {}, {}]), rows=rows, products=("a", "b"), length=3, holdout_share=0.0)
    pairs = plan.campaign.assignment.select("customer_id", "product_id").sort("customer_id").rows()
    assert pairs == [(1, "a"), (2, "a"), (3, "b")]


def test_the_length_is_taken_from_the_top_and_money_may_decide_it():
    assert planned(length=7).campaign.assignment["rank"].sort().to_list() == list(range(1, 8))
    profitable = planned(length=None, economics=Economics(margin=10.0, contact_cost=0.3))
    # 0.3 x 10 x p > 0.3 while p > 0.1: the first nine of 1/2, 1/3, ...
    assert profitable.campaign.list_length in (8, 9)
    assert profitable.curve.best_length == profitable.campaign.list_length
    assert planned(length=20, economics=Economics(margin=1.0, capacity=5)).campaign.counts["contacted"] == 5


def test_without_a_length_or_money_the_list_holds_half_of_the_buyers():
    plan = planned(length=None)
    everyone, chosen = plan.eligible.rows["probability"], plan.campaign.assignment["probability"]
    assert plan.origin == "default"
    assert chosen.sum() >= everyone.sum() / 2 > chosen.sum() - chosen.min()
    assert planned(length=7).origin == "asked"
    assert planned(length=None, economics=Economics(margin=10.0, contact_cost=0.3)).origin == "profitable"


@pytest.mark.parametrize("length", [None, 30])
@pytest.mark.parametrize("control_group", [None, GlobalControlGroup("salt", 0.2)])
def test_the_budget_is_spent_on_those_contacted_and_the_held_out_come_on_top(length, control_group):
    economics = Economics(margin=100.0, contact_cost=0.5, budget=8.2)
    plan = planned(length=length, economics=economics, global_control_group=control_group)
    counts = plan.campaign.counts
    assert counts["contacted"] == 16
    assert counts["held_out"] >= 3
    assert plan.campaign.list_length == counts["chosen"] == 16 + counts["held_out"]


def test_a_length_is_the_whole_list_whatever_the_budget_leaves():
    counts = planned(length=20, economics=Economics(margin=1.0, capacity=18)).campaign.counts
    assert (counts["chosen"], counts["contacted"], counts["held_out"]) == (20, 16, 4)


def test_each_customer_is_assigned_the_most_valuable_product():
    rows = pl.concat([ranked([1, 2, 3], "a"), ranked([3, 2, 1], "b")])
    economics = Economics(margin=1.0, margins={"b": 20.0})
    plan = planned(
        a_shop([{}, {}, {}]), rows=rows, products=("a", "b"), holdout_share=0.0, length=3, economics=economics
    )
    assert set(plan.campaign.assignment["product_id"]) == {"b"}
    # .3 x 20 per buyer of b; 1/2 + 1/3 + 1/4 buyers are expected
    assert plan.curve.of_list(plan.campaign.contacted)[0] == pytest.approx(6 * (1 / 2 + 1 / 3 + 1 / 4))


def test_a_sold_out_product_leaves_its_customers_to_the_next_one():
    rows = pl.concat([ranked([1, 2, 3], "a"), ranked([1, 2, 3], "b").with_columns(pl.col("probability") / 4)])
    economics = Economics(margin=10.0, stocks={"a": 1.0})
    plan = planned(
        a_shop([{}, {}, {}]), rows=rows, products=("a", "b"), holdout_share=0.0, length=3, economics=economics
    )
    # .7 x 1.08 of product a are demanded anyway, so two more likely buyers use up the stock
    assert plan.campaign.assignment.sort("customer_id")["product_id"].to_list() == ["a", "a", "b"]


def test_customers_who_may_not_be_contacted_use_stock_too():
    economics = Economics(margin=10.0, stock=1.0, contact_cost=0.1)
    refusing = [{} if index < 2 else {"accepts_email": False} for index in range(12)]
    unrestricted = planned(a_shop([{}, {}]), rows=ranked([1, 2]), length=2, holdout_share=0.0, economics=economics)
    with_refusing = planned(
        a_shop(refusing), rows=ranked(range(1, 13)), length=2, holdout_share=0.0, economics=economics
    )
    assert unrestricted.curve.table["profit"][2] > 0 > with_refusing.curve.table["profit"][2]
    assert unrestricted.curve.sold_out_anyway() == []
    assert with_refusing.curve.sold_out_anyway() == ["new"]


def test_an_impossible_plan_is_an_error_that_explains_why():
    with pytest.raises(CampaignError, match="no consent 1"):
        planned(a_shop([{"accepts_email": None}]))
    with pytest.raises(CampaignError, match="no list is expected to earn"):
        planned(length=None, economics=Economics(margin=1.0, discount=2.0))
    with pytest.raises(CampaignError, match="Give one or more"):
        planned(length=0)
    rows = pl.concat([ranked([1, 2, 3], "a"), ranked([3, 2, 1], "b")])
    with pytest.raises(CampaignError, match="One stock is stated for 2 products"):
        planned(rows=rows, products=("a", "b"), economics=Economics(margin=1.0, stock=5.0))


def test_ranks_without_probabilities_do_where_a_length_is_stated():
    rows = ranked(range(1, 41)).with_columns(probability=pl.lit(None, pl.Float64))
    campaign = planned(rows=rows).campaign
    assert campaign.assignment["rank"].sort().to_list() == list(range(1, 21))
    assert campaign.expected_buyers == ({"product_id": "new", "contacted": None, "held_out": None},)
    assert planned(rows=rows, economics=Economics(margin=5.0, capacity=7)).campaign.counts["contacted"] == 7
    with pytest.raises(CampaignError, match="State a length"):
        planned(rows=rows, length=None, economics=Economics(margin=5.0))


def test_a_campaign_is_never_written_over(tmp_path):
    planned().campaign.save(tmp_path / "spring")
    before = (tmp_path / "spring" / "campaign.json").read_bytes()
    with pytest.raises(CampaignError, match="exists already"):
        planned(seed=5).campaign.save(tmp_path / "spring")
    assert (tmp_path / "spring" / "campaign.json").read_bytes() == before
    (tmp_path / "empty").mkdir()
    planned().campaign.save(tmp_path / "empty")


def test_an_export_that_fails_leaves_nothing(tmp_path, monkeypatch):
    shop = a_shop([{} for _ in range(9)])
    campaign = planned(shop, length=9).campaign
    contacts = collect_contacts(campaign, shop.as_of(), ContactRules())
    with pytest.raises(CampaignError, match="no export named"):
        write_campaign(campaign, tmp_path / "spring", contacts, ["klaviyo", "nothing"])
    monkeypatch.setattr("frontrow.campaign.export.Export.write", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        write_campaign(campaign, tmp_path / "spring", contacts, ["klaviyo"])
    assert list(tmp_path.iterdir()) == []


def test_there_is_one_file_per_platform_and_product(tmp_path):
    shop = a_shop([{} for _ in range(6)])
    rows = pl.concat([ranked([1, 2, 3], "new:Red pot!"), ranked([4, 5, 6], "red pot")])
    campaign = planned(shop, rows=rows, products=("new:Red pot!", "red pot"), holdout_share=0.0).campaign
    assert list(product_stems(campaign).values()) == ["1-red-pot", "2-red-pot"]
    contacts = collect_contacts(campaign, shop.as_of(), ContactRules())
    files = write_campaign(campaign, tmp_path / "c", contacts, ["klaviyo", "shopify_tags", "klaviyo"])
    assert [file.path.name for file in files] == [
        f"{platform}-{number}-red-pot.csv" for platform in ("klaviyo", "shopify_tags") for number in (1, 2)
    ]
    assert all(file.path.is_file() and file.rows == 3 for file in files)


def test_whoever_withdrew_since_stops_the_export():
    campaign = planned(a_shop([{} for _ in range(9)]), length=9, holdout_share=0.0).campaign
    later = a_shop([{"accepts_email": False}, *({} for _ in range(8))])
    with pytest.raises(CampaignError, match="Plan the campaign again"):
        collect_contacts(campaign, later.as_of(), ContactRules())


@pytest.mark.parametrize("damage", ["json", "version", "assignment", "group", "field", "gone"])
def test_a_damaged_folder_is_refused(tmp_path, damage):
    planned().campaign.save(tmp_path / "c")
    file, rows = tmp_path / "c" / "campaign.json", tmp_path / "c" / "assignment.parquet"
    if damage == "json":
        file.write_text(file.read_text()[:50])
    elif damage in ("version", "field"):
        saved = json.loads(file.read_text())
        saved.pop("seed") if damage == "field" else saved.update(format_version=9)
        file.write_text(json.dumps(saved))
    elif damage == "assignment":
        rows.write_bytes(b"x")
    elif damage == "group":
        pl.read_parquet(rows).with_columns(group=pl.lit("control")).write_parquet(rows)
    else:
        rows.unlink()
    with pytest.raises(CampaignError, match=r"campaign\.json|assignment\.parquet"):
        Campaign.read(tmp_path / "c")
    with pytest.raises(CampaignError, match="holds no campaign"):
        Campaign.read(tmp_path / "nothing")
