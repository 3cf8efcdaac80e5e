"""Any other platform: a CSV file in UTF-8, one row a contact."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import polars as pl

from frontrow.campaign.addresses import Channel
from frontrow.campaign.export import PRODUCT_HEADERS, Export, to_one_line
from frontrow.campaign.properties import LONG_HEADERS

HEADER: Final = {"email": "email", "sms": "phone"}


def plain_table(contacts: pl.DataFrame, channel: Channel, properties: Sequence[pl.Expr] = ()) -> pl.DataFrame:
    """The address under `email` or `phone`, product and rank, most likely buyers first.

    Args:
        contacts: `export.CONTACT_SCHEMA`.
        channel: email or sms.
        properties: Columns of chosen properties, which come last.
    """
    address = pl.col("address").alias(HEADER[channel])
    return contacts.sort("rank", "customer_id").select(
        address, "product_id", "title", "customer_id", "rank", pl.col("probability").round(6), *properties
    )


class GenericCsv(Export):
    """Address, product and rank; a title is one line."""

    name = "generic_csv"
    title = "CSV for any platform"
    property_headers = LONG_HEADERS
    address_headers = HEADER
    list_headers = PRODUCT_HEADERS
    list_steps = ("Upload the file as a list of its own, its columns as fields of the contacts.",)
    phone_columns = ("phone",)

    def table(self, contacts: pl.DataFrame, channel: Channel) -> pl.DataFrame:
        """See `Export.table`."""
        one_line = contacts.with_columns(to_one_line("product_id"), to_one_line("title"))
        return plain_table(one_line, channel, self.property_columns(contacts))


EXPORT = GenericCsv()
