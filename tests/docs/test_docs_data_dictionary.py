"""The data dictionary names every column of every table, with the type the source gives it."""

import dataclasses
import re

import polars as pl
import pytest
from docs_pages import ROOT

from frontrow.campaign.properties import PROPERTIES
from frontrow.campaign.record.campaign import ASSIGNMENT_SCHEMA
from frontrow.campaign.record.contact_log import CONTACT_LOG_SCHEMA, HELD_OUT_LOG_SCHEMA
from frontrow.launch.launch_files import NEW_PRODUCT_SCHEMA
from frontrow.launch.new_products.value_checks import FAR_AHEAD_DAYS, LONG_PAST_DAYS
from frontrow.models.interactions.interactions import CONTEXT_SCHEMA
from frontrow.orders.order_model import CUSTOMER_FORECAST_SCHEMA
from frontrow.recommend.candidates import CANDIDATE_ITEM_SCHEMA
from frontrow.schema import CUSTOMER_SCHEMA, PRODUCT_SCHEMA, order_line_schema, order_state_schema
from frontrow.shop.config import ShopConfig
from frontrow.shop.forgotten import FORGOTTEN_SCHEMA

PROPERTIES_SCHEMA = {"customer_id": pl.Int64(), **{name: stated.dtype for name, stated in PROPERTIES.items()}}
# no company: it may be a person's name
TRAINED_CONTEXT_SCHEMA = {
    "customer_id": CUSTOMER_SCHEMA["customer_id"],
    **{name: dtype for name, dtype in CONTEXT_SCHEMA.items() if name != "company"},
}
PAGE = (ROOT / "docs" / "data-dictionary.md").read_text("utf-8")


def rows_after(heading):
    """The rows of the first table after a heading or sentence: column and type."""
    text = PAGE.partition(heading)[2]
    table = re.search(r"\|---\|---\|---\|\n((?:\|.*\n)+)", text)[1]
    return [tuple(cell.strip(" `") for cell in line.split("|")[1:3]) for line in table.splitlines()]


@pytest.mark.parametrize(
    ("heading", "schema"),
    [
        ("### orders\n", order_line_schema("UTC")),
        ("### order_states\n", order_state_schema("UTC")),
        ("### products\n", PRODUCT_SCHEMA),
        ("### customers\n", CUSTOMER_SCHEMA),
        ("### contact_log\n", CONTACT_LOG_SCHEMA),
        ("### held_out_log\n", HELD_OUT_LOG_SCHEMA),
        ("### forgotten\n", FORGOTTEN_SCHEMA),
        ("## The file of customers", CUSTOMER_FORECAST_SCHEMA),
        ("### assignment.parquet", ASSIGNMENT_SCHEMA),
        ("### properties.parquet", PROPERTIES_SCHEMA),
        ("### items.parquet", CANDIDATE_ITEM_SCHEMA),
        ("### contexts.parquet", TRAINED_CONTEXT_SCHEMA),
        ("## The file of new products", NEW_PRODUCT_SCHEMA),
    ],
)
def test_the_columns_of_a_table_are_those_of_its_schema(heading, schema):
    expected = [(name, re.sub(r"Datetime\(.*", "Datetime", str(dtype))) for name, dtype in schema.items()]
    assert rows_after(heading) == expected


def test_the_keys_of_the_configuration_are_all_there():
    expected = [(field.name, re.match(r"\w+", field.type)[0]) for field in dataclasses.fields(ShopConfig)]
    assert rows_after("The keys of `config.json`") == [
        (name, kind.replace("Mapping", "dict")) for name, kind in expected
    ]


def test_the_thresholds_of_launch_dates_are_those_of_the_code():
    assert f"more than {LONG_PAST_DAYS} days before the cutoff, or more than {FAR_AHEAD_DAYS} after" in PAGE
