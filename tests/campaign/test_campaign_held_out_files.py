"""Each platform gets a file of those held out, so that it can leave them out; nobody else is in it."""

import polars as pl
import pytest
from campaign_shops import a_shop

from frontrow.campaign.contacts import collect_contacts, collect_held_out, write_campaign
from frontrow.campaign.eligibility.contact_rules import ContactRules
from frontrow.campaign.export import export_names, get_export
from frontrow.campaign.record.campaign import ASSIGNMENT_SCHEMA
from frontrow.present.sections.platform_guide import build_guides
from frontrow.schema import conform
from frontrow.testing.campaigns import hand_made_campaign

RULES = ContactRules()
ASSIGNMENT = conform(
    pl.DataFrame(
        {
            "product_id": "new",
            "customer_id": [1, 2, 3, 4],
            "rank": [1, 2, 3, 4],
            "probability": [0.4, 0.3, 0.2, 0.1],
            "group": ["contacted", "held out", "contacted", "held out"],
            "stratum": [1, 1, 1, 1],
        }
    ),
    ASSIGNMENT_SCHEMA,
)
CAMPAIGN = hand_made_campaign(ASSIGNMENT)


def test_those_held_out_have_their_addresses_and_one_tag():
    held_out = collect_held_out(CAMPAIGN, a_shop([{}] * 4).as_of(), RULES)
    assert held_out["address"].to_list() == ["c2@example.com", "c4@example.com"]
    assert held_out["campaign_tag"].unique().to_list() == ["frontrow-vases-held-out"]


def test_who_withdrew_consent_needs_no_file():
    people = [{}, {"accepts_email": False}, {}, {}]
    held_out = collect_held_out(CAMPAIGN, a_shop(people).as_of(), RULES)
    assert held_out["customer_id"].to_list() == [4]


@pytest.mark.parametrize("name", export_names())
def test_each_platform_has_a_file_of_its_own_and_says_what_to_do(name, tmp_path):
    history = a_shop([{}] * 4).as_of()
    contacts, held_out = collect_contacts(CAMPAIGN, history, RULES), collect_held_out(CAMPAIGN, history, RULES)
    files = write_campaign(CAMPAIGN, tmp_path / "vases", contacts, [name], held_out=held_out)
    assert [(file.held_out, file.rows) for file in files] == [(False, 2), (True, 2)]
    assert files[1].path.name.startswith(f"{name}-held-out-do-not-contact")
    assert files[0].path.read_bytes() != files[1].path.read_bytes()
    assert get_export(name).steps
    assert get_export(name).held_out_steps


def test_without_anyone_held_out_there_is_no_such_file(tmp_path):
    everyone = hand_made_campaign(ASSIGNMENT.with_columns(group=pl.lit("contacted")))
    history = a_shop([{}] * 4).as_of()
    contacts, held_out = collect_contacts(everyone, history, RULES), collect_held_out(everyone, history, RULES)
    files = write_campaign(everyone, tmp_path / "vases", contacts, ["klaviyo"], held_out=held_out)
    assert [file.held_out for file in files] == [False]


def test_a_list_that_is_too_short_for_the_platform_is_named_before_the_steps(tmp_path):
    history = a_shop([{}] * 4).as_of()
    contacts, held_out = collect_contacts(CAMPAIGN, history, RULES), collect_held_out(CAMPAIGN, history, RULES)
    files = write_campaign(
        CAMPAIGN, tmp_path / "vases", contacts, ["meta_custom_audience", "klaviyo"], held_out=held_out
    )
    meta, klaviyo = build_guides(CAMPAIGN, files)
    assert any("Fewer than 100 customers" in sentence for sentence in meta.introduction)
    assert not any("Fewer than" in sentence for sentence in klaviyo.introduction)
    assert [heading for heading, _ in klaviyo.parts] == ["Do not", "To contact", "So that those held out hear nothing"]
    assert [file.path.name for file in files if file.held_out and file.export == "klaviyo"] == [
        "klaviyo-held-out-do-not-contact.csv"
    ]
