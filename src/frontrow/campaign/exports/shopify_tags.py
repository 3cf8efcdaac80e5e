"""Shopify: customer tags, through the import of customers.

Source: Shopify Help Center, "Importing and exporting customer lists", and its section "Description of the customer CSV
file" (as read, in copies, in November 2026): headers are case-sensitive; the column `Email` has to be there, its value
may be blank; the file is 1 MB or smaller (others report 15 MB by 2026; files of 1 MB are accepted in both cases).
Existing customers are found by e-mail or phone when "Overwrite existing customers" is ticked. The page does not say
that tags are added to those a customer has, so each cell holds those too, as the shop's last export knew them. Consent
columns are left out.
"""

from __future__ import annotations

from typing import ClassVar

import polars as pl

from frontrow.campaign.addresses import Channel
from frontrow.campaign.export import MEGABYTE, Export


class ShopifyTags(Export):
    """The address and the tags; the campaign's own comes first, so that no cell starts like a formula."""

    name = "shopify_tags"
    title = "Shopify customer tags"
    steps = (
        "In Shopify open Customers > Import, take the file, and tick Overwrite existing customers.",
        "Create a segment: customer_tags CONTAINS and the campaign's tag.",
        "In Messaging create the e-mail, and choose this segment under To.",
    )
    held_out_steps = (
        "Import the file of those held out in the same way; it brings a tag that ends in held-out.",
        "Add customer_tags NOT CONTAINS and this tag to the segment of every other message about the product.",
    )
    phone_columns = ("Phone",)
    max_bytes: ClassVar[int | None] = MEGABYTE

    def table(self, contacts: pl.DataFrame, channel: Channel) -> pl.DataFrame:
        """See `Export.table`."""
        tags = pl.concat_str("campaign_tag", "tags", separator=", ", ignore_nulls=True).alias("Tags")
        if channel == "email":
            return contacts.select(pl.col("address").alias("Email"), tags)
        return contacts.select(pl.lit(None, pl.String).alias("Email"), pl.col("address").alias("Phone"), tags)


EXPORT = ShopifyTags()
