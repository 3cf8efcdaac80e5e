"""What each platform documents of its files, as it was looked up, against what is written.

The facts stand here apart from the exports, with where and when they were read, so that a change of either is seen.
"""

import csv

import polars as pl
import pytest

from frontrow.campaign.export import export_names, get_export
from frontrow.campaign.properties import PROPERTIES, with_properties
from frontrow.tables.csv_output import FORMULA
from frontrow.testing.exports import rough_contacts

FACTS = {
    "klaviyo": {
        "source": "Klaviyo Help Center, Create and add contacts to a new list; Troubleshooting list imports (2026-12)",
        "first_column": {"email": {"Email", "Email Address"}, "sms": {"Phone Number"}},
        "max_bytes": 50_000_000,
        "max_rows": None,
        "takes_more_columns": True,
        "longest_header": None,
    },
    "mailchimp": {
        "source": "Mailchimp Help, Format Guidelines for Your Import File (2026-11); merge tags: Segment's "
        "documentation of its Mailchimp destination (2026-12)",
        "first_column": {"email": {"Email Address"}, "sms": {"SMS Phone Number"}},
        "max_bytes": None,
        "max_rows": None,
        "takes_more_columns": True,
        "longest_header": 10,
    },
    "shopify_tags": {
        "source": "Shopify Help Center, Importing and exporting customer lists (copies, 2026-11)",
        "first_column": {"email": {"Email"}, "sms": {"Email"}},
        "max_bytes": 1_000_000,
        "max_rows": None,
        "takes_more_columns": False,
        "longest_header": None,
    },
    "meta_custom_audience": {
        "source": "Meta Business Help Centre, How to format a customer list when creating a custom audience (2026-12)",
        "first_column": {"email": {"email"}, "sms": {"phone"}},
        "max_bytes": None,
        "max_rows": 10_000,
        "takes_more_columns": False,
        "longest_header": None,
    },
    "google_customer_match": {
        "source": "Google Ads Help, Format your customer data file (2026-12)",
        "first_column": {"email": {"Email"}, "sms": {"Phone"}},
        "max_bytes": 5_000_000_000,
        "max_rows": None,
        "takes_more_columns": False,
        "longest_header": None,
    },
}


def with_everything(contacts):
    values = {name: [None] * contacts.height for name in PROPERTIES} | {"product": ["=1+1"] * contacts.height}
    schema = {"customer_id": pl.Int64(), **{name: stated.dtype for name, stated in PROPERTIES.items()}}
    return with_properties(contacts, pl.DataFrame({"customer_id": contacts["customer_id"], **values}, schema=schema))


def test_every_platform_has_its_facts():
    assert set(FACTS) == {name for name in export_names() if not name.startswith("generic")}


@pytest.mark.parametrize("channel", ["email", "sms"])
@pytest.mark.parametrize("name", FACTS)
def test_the_file_is_as_documented(name, channel, tmp_path):
    facts, export = FACTS[name], get_export(name)
    assert (export.max_bytes, export.max_rows) == (facts["max_bytes"], facts["max_rows"])
    contacts = with_everything(rough_contacts(channel))
    ((path, rows),) = export.write(contacts, channel, tmp_path, "contacts")
    content = path.read_bytes()
    # UTF-8 without a mark in front, which would become a part of the first header
    header, *lines = csv.reader(content.decode("utf-8").splitlines())
    assert not content.startswith(b"\xef\xbb\xbf")
    assert header[0] in facts["first_column"][channel]
    assert len(set(header)) == len(header)
    assert rows == len(lines) == export.take(contacts).height
    assert (len(header) - len(export.table(rough_contacts(channel), channel).columns) == len(PROPERTIES)) == facts[
        "takes_more_columns"
    ]
    own = [column for column in header if column in export.property_headers.values()]
    assert all(len(column) <= (facts["longest_header"] or 99) for column in own)
    armed = pl.Series([cell for line in lines for cell in line if not cell.startswith(("+", "'"))])
    assert not armed.str.contains(FORMULA).any()
