"""Any other platform: a CSV file in UTF-8, one row a contact."""

from __future__ import annotations

import polars as pl

from frontrow.campaign.addresses import Channel
from frontrow.campaign.export import Export, to_one_line


def plain_table(contacts: pl.DataFrame, channel: Channel) -> pl.DataFrame:
    """The address under `email` or `phone`, product and rank, most likely buyers first.

    Args:
        contacts: `export.CONTACT_SCHEMA`.
        channel: email or sms.
    """
    address = pl.col("address").alias("email" if channel == "email" else "phone")
    return contacts.sort("rank", "customer_id").select(
        address, "product_id", "title", "customer_id", "rank", pl.col("probability").round(6)
    )


class GenericCsv(Export):
    """Address, product and rank; a title is one line."""

    name = "generic_csv"
    title = "CSV for any platform"
    phone_columns = ("phone",)

    def table(self, contacts: pl.DataFrame, channel: Channel) -> pl.DataFrame:
        """See `Export.table`."""
        return plain_table(contacts.with_columns(to_one_line("product_id"), to_one_line("title")), channel)


EXPORT = GenericCsv()
