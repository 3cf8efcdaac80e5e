"""For any shop, no excluded customer is in any export file in any form, and no other file has personal data."""

import datetime as dt
import tempfile
from pathlib import Path

import polars as pl
from campaign_shops import a_shop, ranked
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from frontrow.campaign.addresses import mailbox, normal_email, normal_phone
from frontrow.campaign.contacts import collect_contacts, write_campaign
from frontrow.campaign.eligibility.contact_rules import ContactHistory, ContactRules
from frontrow.campaign.eligibility.suppression import SuppressionList
from frontrow.campaign.experiment.holdout import GlobalControlGroup
from frontrow.campaign.export import export_names
from frontrow.campaign.plan import CampaignSettings, plan_campaign
from frontrow.campaign.record.contact_log import ContactLog, record_contacts
from frontrow.errors import CampaignError
from frontrow.launch.audience.audience import Audience
from frontrow.launch.launch_files import NEW_PRODUCT_SCHEMA
from frontrow.schema import conform
from frontrow.storage.pointer import CONTACT_LOG, HELD_OUT_LOG, Pointer
from frontrow.testing.exports import forms_of
from frontrow.testing.shops import table_file

COUNTRIES = ["GB"] * 6 + ["DE", None]
NOT_COUNTRY, TAG, PRODUCTS = "DE", "Do-Not-Contact", ("vase-1", "new")
LOCAL = {"GB": "07700 9001{:02d}", "DE": "030 12345{:02d}"}

consent = st.sampled_from([True] * 8 + [False, None])
customer_lists = st.lists(
    st.fixed_dictionaries(
        {
            # few addresses, so that some customers have two records; some are spelled in two ways
            "email": st.integers(0, 14).flatmap(
                lambda number: st.sampled_from(
                    [f"jane.doe{number}@gmail.com", f"JaneDoe{number}+x@gmail.com", f" ann{number}@b.co"]
                )
            )
            | st.sampled_from([None, "=1+1@b.co", "no address"]),
            "phone": st.integers(0, 20),
            "local": st.booleans(),
            "accepts_email": consent,
            "accepts_sms": consent,
            "tags": st.sampled_from([None, "vip", "vip", "vip", "vip, do not contact", "REFUNDED"]),
            "country": st.sampled_from(COUNTRIES),
            "bought": st.sampled_from(["pot", "pot", "pot", "vase-1"]),
            "suppressed": st.sampled_from([""] * 8 + ["email", "phone"]),
            "contacted": st.sampled_from([None] * 6 + [5, 400]),
        }
    ),
    min_size=4,
    max_size=20,
)


def phone_of(person):
    """As typed: with a country code, or in the local form of the country."""
    if person["local"] and person["country"]:
        return LOCAL[person["country"]].format(person["phone"])
    return f"+44 7700 9001{person['phone']:02d}"


def a_shop_of(records):
    lines = [(number, person["bought"], 0) for number, person in enumerate(records, 1)]
    columns = ("email", "accepts_email", "accepts_sms", "tags")
    rows = [{**{name: person[name] for name in columns}, "phone": phone_of(person)} for person in records]
    return a_shop(rows, lines, country=[person["country"] for person in records])


def log_of(records, cutoff):
    log = ContactLog.empty()
    for number, person in enumerate(records, 1):
        if person["contacted"] is not None:
            day = cutoff.date() - dt.timedelta(days=person["contacted"])
            log = log.with_contacts(pl.Series([number]), day, "email", "earlier")
    return log


def suppression_list_of(records, folder):
    rows = [
        person["email"] or "nobody@b.co" for person in records if person["suppressed"] == "email" and person["email"]
    ]
    rows = [email for email in rows if normal_email(email)] + [
        phone_of(person) for person in records if person["suppressed"] == "phone"
    ]
    file = folder / "stop.csv"
    file.write_text("\n".join(rows), "utf-8")
    return SuppressionList.read([file])


def excluded(person, channel, product):
    """The rules for one record, implemented plainly."""
    return (
        person[f"accepts_{channel}"] is False
        or (person["suppressed"] == "email" and normal_email(person["email"]) is not None)
        or person["suppressed"] == "phone"
        or (person["tags"] or "").lower() in ("vip, do not contact", "refunded")
        or person["country"] in (NOT_COUNTRY, None)
        or person["contacted"] == 5
        or person["bought"] == product
    )


def plain_addresses(person, channel):
    address = normal_email(person["email"]) if channel == "email" else normal_phone(phone_of(person), person["country"])
    return [] if address is None else [address]


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(customer_lists, st.sampled_from(["email", "sms"]), st.integers(0, 99), st.sampled_from([0.0, 0.3]))
def test_nobody_excluded_is_exported_and_nothing_personal_is_anywhere_else(records, channel, seed, holdout_share):
    shop = a_shop_of(records)
    history = shop.as_of()
    rules = ContactRules(channel=channel, not_countries=(NOT_COUNTRY,), not_contacted_days=30)
    campaign_settings = CampaignSettings("spring", 30, rules, holdout_share=holdout_share, seed=seed)
    ids = list(range(1, len(records) + 1))
    rows = pl.concat([ranked(ids, PRODUCTS[0]), ranked(ids[::-1], PRODUCTS[1])])
    new_products = conform(pl.DataFrame({"product_id": PRODUCTS, "title": PRODUCTS}), NEW_PRODUCT_SCHEMA)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        contacts = {
            "suppression_list": suppression_list_of(records, folder),
            "contact_log": log_of(records, history.cutoff),
            "global_control_group": GlobalControlGroup("salt", 0.1),
        }
        try:
            campaign = plan_campaign(
                Audience(rows, len(ids)), new_products, history, campaign_settings, contacts=ContactHistory(**contacts)
            ).campaign
        except CampaignError:
            return
        contacts = collect_contacts(campaign, history, rules)
        files = write_campaign(campaign, folder / "spring", contacts, export_names())
        shop.write(folder / "shop")
        record_contacts(folder / "shop", campaign, history.cutoff.date())
        written = Pointer.read(folder / "shop").tables
        logs = [table_file(folder / "shop", name) for name in (CONTACT_LOG, HELD_OUT_LOG) if name in written]
        for product in PRODUCTS:
            text = "\n".join(text_of(file.path) for file in files if file.product_id == product)
            held_out = set(campaign.held_out["customer_id"])
            for number, person in enumerate(records, 1):
                if excluded(person, channel, product) or number in held_out:
                    for address in plain_addresses(person, channel):
                        assert not [form for form in forms_of(address) if form in text]
        check_that_records_agreed(records, campaign, channel)
        check_nothing_personal(records, folder / "spring", logs)


def check_that_records_agreed(records, campaign, channel):
    """Each contact has agreed on exactly this record, and no mailbox is contacted twice."""
    contacted = campaign.contacted["customer_id"].to_list()
    assert all(records[number - 1][f"accepts_{channel}"] is True for number in contacted)
    boxes = [mailbox(plain_addresses(records[number - 1], channel)[0]) for number in contacted]
    assert len(set(boxes)) == len(boxes)


def check_nothing_personal(records, folder, logs):
    others = [path for path in folder.rglob("*") if path.is_file() and path.parent.name != "exports"]
    assert {path.name for path in others} == {"campaign.json", "assignment.parquet"}
    text = "\n".join(map(text_of, [*others, *logs]))
    assert "@" not in text
    for number, person in enumerate(records, 1):
        forms = {
            form
            for channel in ("email", "sms")
            for address in plain_addresses(person, channel)
            for form in forms_of(address)
        }
        assert not [form for form in (*forms, phone_of(person), f'"c{number}"') if form in text]


def text_of(path):
    if path.suffix == ".parquet":
        return "\n".join(str(row) for row in pl.read_parquet(path).iter_rows())
    return path.read_text("utf-8")
