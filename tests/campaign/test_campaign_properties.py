"""Properties: chosen by name, worked out once, the same in every platform's file, and never a name of a person."""

import csv
import datetime as dt
import io

import polars as pl
import pytest
from campaign_shops import a_shop

from frontrow.campaign.contacts import collect_contacts, collect_held_out, write_campaign
from frontrow.campaign.eligibility.contact_rules import ContactRules
from frontrow.campaign.export import export_names, get_export
from frontrow.campaign.properties import (
    PROPERTIES,
    build_properties,
    check_properties,
    read_properties,
)
from frontrow.campaign.record.campaign import ASSIGNMENT_SCHEMA
from frontrow.errors import CampaignError, SettingError
from frontrow.schema import conform
from frontrow.testing.campaigns import hand_made_campaign

ALL = tuple(PROPERTIES)
RULES = ContactRules()
ASSIGNMENT = conform(
    pl.DataFrame(
        {
            "product_id": "new",
            "customer_id": [1, 2, 3, 4],
            "rank": [1, 2, 13, 14],
            "probability": [0.6, 0.05, 0.012, None],
            "group": ["contacted", "held out", "contacted", "contacted"],
            "stratum": [1, 2, 9, 10],
        }
    ),
    ASSIGNMENT_SCHEMA,
)
CAMPAIGN = hand_made_campaign(ASSIGNMENT, products=({"product_id": "new", "title": "=Red\npot"},))
FIGURES = pl.DataFrame(
    {
        "customer_id": [1, 2, 3],
        "expected_value": [1.25, -0.5, None],
        "reasons": ["similar_products; rhythm", "", None],
        "next_order_date": [dt.date(2026, 12, 24), None, dt.date(2027, 1, 3)],
    }
)


def write(tmp_path, export, names=ALL):
    history = a_shop([{}] * 4).as_of()
    properties = build_properties(CAMPAIGN, names, FIGURES)
    contacts, held_out = collect_contacts(CAMPAIGN, history, RULES), collect_held_out(CAMPAIGN, history, RULES)
    files = write_campaign(CAMPAIGN, tmp_path / "vases", contacts, [export], held_out=held_out, properties=properties)
    return [list(csv.DictReader(io.StringIO(file.path.read_text("utf-8"), newline=""))) for file in files]


def test_bands_say_where_on_the_list_and_how_likely():
    built = build_properties(CAMPAIGN, ("rank_band", "probability_band"))
    assert built["rank_band"].to_list() == [
        *("top 10 percent", "10 to 20 percent", "80 to 90 percent", "90 to 100 percent")
    ]
    assert built["probability_band"].to_list() == ["50 percent or more", "5 to 10 percent", "1 to 2 percent", None]


def test_a_file_holds_what_was_chosen_under_the_platforms_own_names(tmp_path):
    contacted, held_out = write(tmp_path, "klaviyo")
    assert contacted[0] == {
        "Email Address": "c1@example.com",
        "frontrow_campaign": "vases",
        "frontrow_group": "contacted",
        "frontrow_product": "'=Red pot",
        "frontrow_rank": "1",
        "frontrow_rank_band": "top 10 percent",
        "frontrow_probability_band": "50 percent or more",
        "frontrow_expected_value": "1.25",
        "frontrow_reasons": "similar_products; rhythm",
        "frontrow_next_order_date": "2026-12-24",
    }
    assert [row["frontrow_group"] for row in held_out] == ["held out"]


def test_mailchimp_has_merge_tags_of_ten_capitals_at_most(tmp_path):
    tags = [prop.merge_tag for prop in PROPERTIES.values()]
    assert len({*tags}) == len(tags)
    assert all(tag.isascii() and tag.isalnum() and tag.isupper() and len(tag) <= 10 for tag in tags)
    contacted, _ = write(tmp_path, "mailchimp", ("group", "rank"))
    assert list(contacted[0]) == ["Email Address", "Tags", "FRGROUP", "FRRANK"]


@pytest.mark.parametrize("name", ["shopify_tags", "google_customer_match", "meta_custom_audience"])
def test_a_platform_that_takes_no_columns_gets_none(name, tmp_path):
    contacted, _ = write(tmp_path, name)
    plain = get_export(name).table(collect_contacts(CAMPAIGN, a_shop([{}] * 4).as_of(), RULES), "email")
    assert list(contacted[0]) == plain.columns


@pytest.mark.parametrize("name", export_names())
def test_what_was_not_chosen_is_in_no_file(name, tmp_path):
    history = a_shop([{}] * 4).as_of()
    contacts = collect_contacts(CAMPAIGN, history, RULES)
    write_campaign(CAMPAIGN, tmp_path / "vases", contacts, [name])
    assert not (tmp_path / "vases" / "properties.parquet").exists()
    assert read_properties(tmp_path / "vases") is None


def test_the_campaigns_folder_keeps_them_by_number(tmp_path):
    write(tmp_path, "klaviyo")
    properties = read_properties(tmp_path / "vases")
    assert properties.columns == ["customer_id", *ALL]
    assert properties.equals(build_properties(CAMPAIGN, ALL, FIGURES))
    assert properties["customer_id"].to_list() == [1, 2, 3, 4]


def test_a_damaged_file_is_an_error(tmp_path):
    (tmp_path / "properties.parquet").write_bytes(b"PAR1")
    with pytest.raises(CampaignError, match="damaged"):
        read_properties(tmp_path)


@pytest.mark.parametrize("name", ["first_name", "email", "shoe_size"])
def test_no_property_names_a_person(name):
    with pytest.raises(SettingError, match="Available: campaign, group"):
        check_properties(["rank", name])


def test_names_come_in_the_order_of_their_columns():
    assert check_properties([*reversed(ALL), " Rank-Band "]) == ALL
    assert build_properties(CAMPAIGN, ("group",)).columns == ["customer_id", "group"]
