"""Who may be contacted: each rule by hand, and customers with two records."""

import datetime as dt

import polars as pl
import pytest
from campaign_shops import a_shop, ranked

from frontrow.campaign.eligibility.contact_rules import (
    ContactHistory,
    ContactRules,
    check_consent,
    flag_customers,
    resolve_identities,
)
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


def first_reasons(eligible):
    return {reason: count for reason, count, _ in eligible.counts.iter_rows() if count}


def test_consent_is_read_per_channel_and_unknown_counts_as_no():
    shop = a_shop(
        [
            {"phone": "+447700900001"},
            {"accepts_email": None, "phone": "+447700900002"},
            {"accepts_email": False, "accepts_sms": None, "phone": "+447700900003"},
        ]
    )
    assert decide(shop).rows["customer_id"].to_list() == [1]
    assert decide(shop, ContactRules(channel="sms")).rows["customer_id"].to_list() == [1, 2]


def test_a_shop_in_which_nobody_agreed_is_refused_at_once():
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
    suppression_list = SuppressionList(frozenset({"c1@example.com"}), frozenset({"447700900123"}))
    eligible = decide(shop, suppression_list=suppression_list)
    assert eligible.rows["customer_id"].to_list() == [3]
    assert first_reasons(eligible) == {"suppression list": 2}


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
    log = ContactLog.empty()
    for days, customers in [(1, [1]), (29, [1, 2]), (31, [3])]:
        log = log.with_contacts(pl.Series(customers), day - dt.timedelta(days=days), "email", f"campaign {days}")
    assert decide(shop, contact_log=log).rows.height == 3
    rules = ContactRules(not_contacted_days=30)
    assert decide(shop, rules, contact_log=log).rows["customer_id"].to_list() == [3]
    two_contacts = ContactRules(not_contacted_days=30, max_contacts=2)
    assert decide(shop, two_contacts, contact_log=log).rows["customer_id"].to_list() == [2, 3]


def test_partial_refunds_count_only_with_the_rule_and_only_recent_ones():
    lines = [(1, "pot", 0), (2, "pot", 90), (3, "pot", 90)]
    shop = a_shop([{}, {}, {}], lines, partially_refunded=[True, True, False])
    assert decide(shop).rows.height == 3
    assert decide(shop, ContactRules(not_refunded_days=30)).rows["customer_id"].to_list() == [1, 3]


@pytest.mark.parametrize(("product_id", "title"), [("vase-1", "x"), ("new", "vase"), ("new", "BLUE VASE")])
def test_customers_who_bought_the_product_under_its_id_or_title_are_excluded(product_id, title):
    shop = a_shop([{}, {}], [(1, "vase-1", 0), (2, "pot", 0)])
    eligible = decide(shop, rows=ranked([1, 2], product_id, title))
    assert eligible.rows["customer_id"].to_list() == [2]
    assert first_reasons(eligible) == {"already bought": 1}


def test_a_purchase_after_the_cutoff_is_ignored():
    shop = a_shop([{}, {}], [(1, "vase-1", 10), (2, "pot", 0)])
    history = shop.as_of(shop.midnight(shop.as_of().cutoff_day - 5))
    assert select_eligible(ranked([1, 2], "vase-1"), history, ContactRules()).rows.height == 2


@pytest.mark.parametrize(
    ("second_email", "expected"),
    [
        ({}, [1]),
        ({"accepts_email": False}, []),
        ({"accepts_email": None}, [1]),
        ({"tags": "do-not-contact"}, []),
    ],
)
def test_two_records_of_one_mailbox_are_one_person(second_email, expected):
    shop = a_shop([{"email": "jane.doe@gmail.com"}, {"email": "JaneDoe+shop@gmail.com", **second_email}])
    assert decide(shop).rows["customer_id"].to_list() == expected
    # the other record need not be on the list at all
    assert decide(shop, rows=ranked([1])).rows["customer_id"].to_list() == expected


def test_a_purchase_of_the_other_record_counts():
    shop = a_shop([{"email": "a@example.com"}, {"email": "A@example.com"}], [(1, "pot", 0), (2, "vase-1", 0)])
    assert decide(shop, rows=ranked([1], "vase-1")).rows.is_empty()


def test_each_customer_is_counted_once_and_every_reason_is_listed():
    shop = a_shop([{"accepts_email": False, "tags": "refunded"}, {"accepts_email": None, "email": None}, {}])
    eligible = decide(shop)
    assert eligible.counts["reason"].to_list() == list(REASONS)
    assert first_reasons(eligible) == {"do-not-contact tag": 1, "no consent": 2 - 1}
    assert dict(eligible.counts.select("reason", "any_customers").iter_rows())["no consent"] == 2
    assert eligible.considered == eligible.counts["customers"].sum() + eligible.rows["customer_id"].n_unique()


def test_a_customer_eligible_for_one_product_is_not_counted_as_excluded():
    shop = a_shop([{}], [(1, "vase-1", 0)])
    rows = pl.concat([ranked([1], "vase-1"), ranked([1], "new")])
    eligible = decide(shop, rows=rows)
    assert eligible.rows["product_id"].to_list() == ["new"]
    assert eligible.counts["customers"].sum() == 0
    assert dict(eligible.counts.select("reason", "any_customers").iter_rows())["already bought"] == 1


def test_whoever_the_shop_does_not_know_has_not_agreed():
    assert first_reasons(decide(a_shop([{}]), rows=ranked([1, 99]))) == {"no consent": 1}


def test_no_personal_data_is_left():
    eligible = decide(a_shop([{}]))
    assert eligible.rows.columns == ["product_id", "title", "customer_id", "rank", "probability"]


@pytest.mark.parametrize("options", [{"channel": "post"}, {"max_contacts": 0}, {"not_contacted_days": -1}])
def test_rules_that_are_none_are_an_error(options):
    with pytest.raises(CampaignError):
        ContactRules(**options)


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        ({"channel": "post"}, '"post" is not a channel. The channels are: email, sms.'),
        ({"not_contacted_days": 0}, "not_contacted_days is 0. Give one or more."),
        ({"not_refunded_days": -3}, "not_refunded_days is -3. Give one or more."),
        ({"max_contacts": 0}, "max_contacts is 0. Give one or more."),
    ],
)
def test_messages_of_rules_say_what_is_expected(rules, message):
    with pytest.raises(CampaignError) as refused:
        ContactRules(**rules)
    assert str(refused.value) == message
    ContactRules(not_contacted_days=1, max_contacts=1, not_refunded_days=1)


def test_without_consent_the_message_names_what_to_import():
    with pytest.raises(CampaignError) as refused:
        check_consent(a_shop([{"accepts_email": None}]).as_of(), ContactRules())
    assert str(refused.value) == (
        "No customer of the shop is known to have agreed to email, and unknown counts as no. "
        "Import an export that says who agreed: Shopify's customers export, or orders with accepts_marketing."
    )


def test_identities_by_hand():
    customers = [{"email": "jane.doe@gmail.com"}, {"email": "no address"}, {"email": "JaneDoe+x@gmail.com "}]
    lines = [(1, "pot", 0), (1, "pot", 5), (1, "pot", 9), (3, "pot", 2)]
    shop = a_shop(customers, lines, country=["US", "DE", None, "FR"])
    identities = resolve_identities(shop.as_of(), ContactRules())
    assert identities["customer_id"].to_list() == [1, 2, 3]
    assert "company" not in identities.columns
    assert identities["country"].to_list() == ["DE", None, "FR"]
    assert identities["address"].to_list() == ["jane.doe@gmail.com", None, "janedoe+x@gmail.com"]
    assert identities["identity"][0] == identities["identity"][2]
    assert identities["identity"][1] is None


def test_every_reason_of_a_record_holds_for_the_whole_identity():
    """Each pair of records is one identity; the second record of a pair has the reason."""
    reasons = {
        "suppression list": {"phone": "+447700900123"},
        "do-not-contact tag": {"tags": "VIP,REFUNDED "},
        "country": {},
        "partial refund": {},
        "recently contacted": {},
    }
    customers, lines = [], []
    for number, columns in enumerate(reasons.values()):
        customers += [{"email": f"p{number}@gmail.com"}, {"email": f"P{number}+x@gmail.com", **columns}]
    for number in range(1, 11):
        lines.append((number, "pot", 95))
    shop = a_shop(
        customers,
        lines,
        country=[*["US"] * 5, " de ", *["US"] * 4],
        partially_refunded=[*[False] * 7, True, False, False],
    )
    day = shop.as_of().cutoff.date()
    log = ContactLog.empty().with_contacts(pl.Series([10]), day - dt.timedelta(days=9), "email", "earlier")
    rules = ContactRules(not_countries=("DE",), not_refunded_days=9, not_contacted_days=9)
    contacts = ContactHistory(SuppressionList(numbers=frozenset({"447700900123"})), log)
    flags = flag_customers(resolve_identities(shop.as_of(), rules), shop.as_of(), rules, contacts)
    assert flags["customer_id"].to_list() == list(range(1, 11))
    for number, reason in enumerate(reasons):
        assert flags.filter(pl.col(reason))["customer_id"].to_list() == [2 * number + 1, 2 * number + 2]
    assert not flags["no consent"].any()
    assert not flags["no address"].any()


def test_a_record_without_an_address_has_its_own_identity():
    shop = a_shop([{"email": None, "tags": "do not contact"}, {"email": None}])
    rules = ContactRules()
    flags = flag_customers(resolve_identities(shop.as_of(), rules), shop.as_of(), rules, ContactHistory())
    assert flags["do-not-contact tag"].to_list() == [True, False]
    assert flags["no address"].to_list() == [True, True]


@pytest.mark.parametrize(
    ("tag", "excluded"), [("Do  not--contact", True), ("do_not_contact", True), ("contact", False)]
)
def test_spaces_and_hyphens_of_tags_do_not_matter(tag, excluded):
    shop = a_shop([{"tags": f"VIP, {tag}"}])
    for rule in ("do not contact", " DO-not_contact "):
        assert decide(shop, ContactRules(not_tagged=(rule,))).rows.is_empty() == excluded
    assert decide(shop, ContactRules(not_tagged=())).rows.height == 1


def test_both_country_rules_hold_together():
    lines = [(number, "pot", 0) for number in range(1, 5)]
    shop = a_shop([{}] * 4, lines, country=["US", "CA", "DE", None])
    rules = ContactRules(countries=(" us", "CA"), not_countries=(" ca ",))
    assert decide(shop, rules).rows["customer_id"].to_list() == [1]
    assert first_reasons(decide(shop, rules)) == {"country": 3}


@pytest.mark.parametrize(("days", "expected"), [(9, [2]), (10, []), (1, [2])])
def test_a_refund_of_the_first_day_counts(days, expected):
    shop = a_shop([{}, {}], [(1, "pot", 99), (2, "pot", 90)], partially_refunded=[True, True])
    assert decide(shop, ContactRules(not_refunded_days=days)).rows["customer_id"].to_list() == expected


@pytest.mark.parametrize(("days", "expected"), [(29, [1]), (30, [])])
def test_a_contact_of_the_first_day_counts(days, expected):
    shop = a_shop([{}])
    contacted = shop.as_of().cutoff.date() - dt.timedelta(days=30)
    log = ContactLog.empty().with_contacts(pl.Series([1]), contacted, "email", "earlier")
    assert (
        decide(shop, ContactRules(not_contacted_days=days), contact_log=log).rows["customer_id"].to_list() == expected
    )


def test_the_most_likely_record_of_an_identity_stays():
    shop = a_shop([{"email": "a@gmail.com"}, {"email": "A@gmail.com"}, {"email": "a+x@gmail.com"}, {}])
    rows = ranked([1, 2, 3, 4]).with_columns(probability=pl.Series([0.1, 0.4, 0.4, 0.2]), rank=pl.Series([4, 2, 1, 3]))
    eligible = decide(shop, rows=rows)
    assert eligible.rows["customer_id"].to_list() == [3, 4]
    assert first_reasons(eligible) == {"shares an address": 2}
    assert (eligible.considered, eligible.counts["customers"].sum()) == (4, 2)
    unranked = rows.with_columns(probability=pl.Series([None, None, 0.1, None], dtype=pl.Float64))
    assert decide(shop, rows=unranked).rows["customer_id"].to_list() == [3, 4]
    tied = rows.with_columns(probability=pl.lit(0.4), rank=pl.lit(1))
    assert decide(shop, rows=tied).rows["customer_id"].to_list() == [1, 4]


def test_an_excluded_record_does_not_take_the_place_of_another():
    """The more probable record has bought the product, so the identity has: both are excluded for that reason."""
    shop = a_shop([{"email": "a@gmail.com"}, {"email": "A@gmail.com"}], [(1, "vase-1", 0), (2, "pot", 0)])
    assert first_reasons(decide(shop, rows=ranked([1, 2], "vase-1"))) == {"already bought": 2}
    eligible = decide(shop, rows=ranked([1, 2], "new"))
    assert (eligible.rows["customer_id"].to_list(), first_reasons(eligible)) == ([1], {"shares an address": 1})


def test_counts_of_several_products_by_hand():
    """1 bought the vase and is eligible for the pot; 2 bought both; 3 refused; 4 is eligible for both."""
    customers = [{}, {}, {"accepts_email": False}, {}]
    lines = [(1, "vase-1", 0), (2, "vase-1", 0), (2, "pot", 1), (3, "vase-1", 0)]
    rows = pl.concat([ranked([1, 2, 3, 4], "vase-1", "Vase"), ranked([1, 2, 3, 4], "pot", "Pot")])
    eligible = decide(a_shop(customers, lines), rows=rows)
    assert eligible.rows.select("product_id", "customer_id").rows() == [("vase-1", 4), ("pot", 1), ("pot", 4)]
    counts = {reason: (first, any_) for reason, first, any_ in eligible.counts.iter_rows() if first or any_}
    assert counts == {"no consent": (1, 1), "already bought": (1, 3)}
    assert eligible.counts.columns == ["reason", "customers", "any_customers"]
    assert (eligible.considered, eligible.counts["customers"].sum()) == (4, 2)


@pytest.mark.parametrize(("region", "expected"), [("GB", [1]), (None, [])])
def test_the_region_of_phone_numbers_removes_the_doubt(region, expected):
    """A German number ends like the customer's own, which is British only where the region says so."""
    shop = a_shop([{"phone": "07700 900123"}])
    suppression_list = SuppressionList(numbers=frozenset({"497700900123"}))
    eligible = decide(shop, ContactRules(phone_region=region), suppression_list=suppression_list)
    assert eligible.rows["customer_id"].to_list() == expected


def test_the_probability_decides_before_the_rank():
    shop = a_shop([{"email": "a@gmail.com"}, {"email": "A@gmail.com"}])
    rows = ranked([1, 2]).with_columns(probability=pl.Series([0.1, 0.4]), rank=pl.Series([1, 2]))
    assert decide(shop, rows=rows).rows["customer_id"].to_list() == [2]
