"""Who may be contacted: each rule by hand, and people with two records."""

import datetime as dt

import polars as pl
import pytest
from campaign_shops import a_shop, ranked

from frontrow.campaign.eligibility.contact_rules import ContactHistory, ContactRules, check_consent
from frontrow.campaign.eligibility.eligible_customers import REASONS, select_eligible
from frontrow.campaign.eligibility.suppression import SuppressionList
from frontrow.campaign.record.contact_log import ContactLog
from frontrow.errors import CampaignError


def decide(shop, rules=None, rows=None, **contacts):
    history = shop.as_of()
    everyone = ranked(shop.customers.collect()["customer_id"].to_list())
    return select_eligible(
        everyone if rows is None else rows, history, rules or ContactRules(), ContactHistory(**contacts)
    )


def first_reasons(found):
    return {reason: count for reason, count, _ in found.counts.iter_rows() if count}


def test_consent_is_the_channels_own_and_unknown_is_no():
    shop = a_shop(
        [
            {"phone": "+447700900001"},
            {"accepts_email": None, "phone": "+447700900002"},
            {"accepts_email": False, "accepts_sms": None, "phone": "+447700900003"},
        ]
    )
    assert decide(shop).rows["customer_id"].to_list() == [1]
    assert decide(shop, ContactRules(channel="sms")).rows["customer_id"].to_list() == [1, 2]


def test_a_shop_in_which_nobody_agreed_is_told_so_at_once():
    shop = a_shop([{"accepts_sms": None}, {"accepts_sms": False}])
    check_consent(shop.as_of(), ContactRules())
    with pytest.raises(CampaignError, match="known to have agreed to sms"):
        check_consent(shop.as_of(), ContactRules(channel="sms"))


def test_without_an_address_for_the_channel_nobody_is_contacted():
    shop = a_shop([{"phone": "07700 900001"}, {"email": None, "phone": "+447700900002"}, {"email": "at example.com"}])
    assert first_reasons(decide(shop)) == {"no address": 2}
    assert decide(shop, ContactRules(channel="sms")).rows["customer_id"].to_list() == [2]
    assert decide(shop, ContactRules(channel="sms", phone_region="GB")).rows["customer_id"].to_list() == [1, 2]


def test_a_phone_number_is_read_with_the_country_of_the_last_order():
    shop = a_shop([{"phone": "07700 900001"}], country="GB")
    assert decide(shop, ContactRules(channel="sms")).rows.height == 1


def test_suppression_is_by_email_or_phone_whatever_the_channel():
    shop = a_shop([{}, {"phone": "07700 900123"}, {}], country="GB")
    listed = SuppressionList(frozenset({"c1@example.com"}), frozenset({"447700900123"}))
    found = decide(shop, suppression_list=listed)
    assert found.rows["customer_id"].to_list() == [3]
    assert first_reasons(found) == {"suppression list": 2}


def test_tags_are_compared_whatever_their_case_and_hyphens():
    shop = a_shop([{"tags": "VIP, Do-Not_Contact"}, {"tags": "do not contact me"}, {"tags": "wholesale"}, {"tags": ""}])
    assert decide(shop).rows["customer_id"].to_list() == [2, 3, 4]
    rules = ContactRules(not_tagged=("Wholesale", "do not contact"))
    assert decide(shop, rules).rows["customer_id"].to_list() == [2, 4]


def test_countries_are_those_of_the_last_order_and_an_unknown_one_is_excluded_by_any_rule():
    lines = [(1, "pot", 0), (1, "pot", 5), (2, "pot", 0), (3, "pot", 0)]
    shop = a_shop([{}, {}, {}], lines, country=["US", "DE", "US", None])
    assert decide(shop).rows.height == 3
    assert decide(shop, ContactRules(countries=("us",))).rows["customer_id"].to_list() == [2]
    assert decide(shop, ContactRules(not_countries=("DE",))).rows["customer_id"].to_list() == [2]


def test_who_was_contacted_often_enough_is_left_alone():
    shop = a_shop([{}, {}, {}])
    day = shop.as_of().cutoff.date()
    log = ContactLog.read("/nowhere")
    for days, customers in [(1, [1]), (29, [1, 2]), (31, [3])]:
        log = log.with_contacts(pl.Series(customers), day - dt.timedelta(days=days), "email", f"campaign {days}")
    assert decide(shop, contact_log=log).rows.height == 3
    rules = ContactRules(not_contacted_days=30)
    assert decide(shop, rules, contact_log=log).rows["customer_id"].to_list() == [3]
    twice = ContactRules(not_contacted_days=30, max_contacts=2)
    assert decide(shop, twice, contact_log=log).rows["customer_id"].to_list() == [2, 3]


def test_partial_refunds_count_only_when_asked_and_only_lately():
    lines = [(1, "pot", 0), (2, "pot", 90), (3, "pot", 90)]
    shop = a_shop([{}, {}, {}], lines, partially_refunded=[True, True, False])
    assert decide(shop).rows.height == 3
    assert decide(shop, ContactRules(not_refunded_days=30)).rows["customer_id"].to_list() == [1, 3]


@pytest.mark.parametrize(("product_id", "title"), [("vase-1", "x"), ("new", "vase"), ("new", "BLUE VASE")])
def test_who_has_the_product_already_under_its_id_or_a_title_is_not_told_of_it(product_id, title):
    shop = a_shop([{}, {}], [(1, "vase-1", 0), (2, "pot", 0)])
    found = decide(shop, rows=ranked([1, 2], product_id, title))
    assert found.rows["customer_id"].to_list() == [2]
    assert first_reasons(found) == {"already bought": 1}


def test_a_purchase_after_the_cutoff_is_not_known():
    shop = a_shop([{}, {}], [(1, "vase-1", 10), (2, "pot", 0)])
    history = shop.as_of(shop.midnight(shop.as_of().cutoff_day - 5))
    assert select_eligible(ranked([1, 2], "vase-1"), history, ContactRules()).rows.height == 2


@pytest.mark.parametrize(
    ("other", "left"),
    [
        ({}, [1]),
        ({"accepts_email": False}, []),
        ({"accepts_email": None}, [1]),
        ({"tags": "do-not-contact"}, []),
    ],
)
def test_two_records_of_one_mailbox_are_one_person(other, left):
    shop = a_shop([{"email": "jane.doe@gmail.com"}, {"email": "JaneDoe+shop@gmail.com", **other}])
    assert decide(shop).rows["customer_id"].to_list() == left
    # the other record need not be on the list at all
    assert decide(shop, rows=ranked([1])).rows["customer_id"].to_list() == left


def test_a_purchase_of_the_other_record_counts():
    shop = a_shop([{"email": "a@example.com"}, {"email": "A@example.com"}], [(1, "pot", 0), (2, "vase-1", 0)])
    assert decide(shop, rows=ranked([1], "vase-1")).rows.is_empty()


def test_each_customer_is_counted_once_and_every_reason_is_told():
    shop = a_shop([{"accepts_email": False, "tags": "refunded"}, {"accepts_email": None, "email": None}, {}])
    found = decide(shop)
    assert found.counts["reason"].to_list() == list(REASONS)
    assert first_reasons(found) == {"do-not-contact tag": 1, "no consent": 2 - 1}
    assert dict(found.counts.select("reason", "any_customers").iter_rows())["no consent"] == 2
    assert found.considered == found.counts["customers"].sum() + found.rows["customer_id"].n_unique()


def test_a_customer_left_for_one_product_is_not_counted_as_excluded():
    shop = a_shop([{}], [(1, "vase-1", 0)])
    rows = pl.concat([ranked([1], "vase-1"), ranked([1], "new")])
    found = decide(shop, rows=rows)
    assert found.rows["product_id"].to_list() == ["new"]
    assert found.counts["customers"].sum() == 0
    assert dict(found.counts.select("reason", "any_customers").iter_rows())["already bought"] == 1


def test_whoever_the_shop_does_not_know_has_not_agreed():
    assert first_reasons(decide(a_shop([{}]), rows=ranked([1, 99]))) == {"no consent": 1}


def test_no_personal_data_is_left():
    found = decide(a_shop([{}]))
    assert found.rows.columns == ["product_id", "title", "customer_id", "rank", "probability"]


@pytest.mark.parametrize("wrong", [{"channel": "post"}, {"max_contacts": 0}, {"not_contacted_days": -1}])
def test_rules_that_are_none_are_an_error(wrong):
    with pytest.raises(CampaignError):
        ContactRules(**wrong)
