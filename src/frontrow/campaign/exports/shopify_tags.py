"""Shopify: customer tags, through the import of customers.

Source: Shopify Help Center, "Importing and exporting customer lists", and its section "Description of the customer
CSV file" (as read, in copies, in November 2026): headers are case-sensitive; the column `Email` has to be there, its
value may be blank; the file is 1 MB or smaller (StageBit, "How do I import existing customers into Shopify", updated
February 2026, says 15 MB; files of 1 MB are accepted in both cases). Existing customers are found by e-mail or phone
when "Overwrite existing customers that have the same email or phone number" is ticked. The page does not say that
tags are added to those a customer has, so each cell holds those too, as the shop's last export knew them. Consent
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
    uses_tags = True
    guide = "shopify"
    do_not = (
        "Do not send to All subscribers or any other segment without the condition about the held-out tag.",
        "Do not import an old file again: its column Tags holds the tags of the day on which it was written, "
        "and may put them in the place of newer ones.",
        "Do not add columns about consent to the file: an import can change who is subscribed.",
    )
    steps = (
        "In Shopify open Customers > Import, choose Add file, take the file, and tick Overwrite existing "
        "customers that have the same email or phone number.",
        "Open Customers > Segments > Create segment, and write: customer_tags CONTAINS and the campaign's tag "
        "in quotes.",
        "In Messaging create the e-mail, choose this segment under To, and check that Shopify counts no more "
        "recipients than the file has customers.",
    )
    held_out_steps = (
        "Import the file of those held out in the same way; it brings a tag that ends in held-out.",
        "Add AND customer_tags NOT CONTAINS and this tag in quotes to the segment of every other message "
        "about the product.",
    )
    lift_steps = (
        "In Customers filter by the tag that ends in held-out, select all customers, and choose Remove tags "
        "and this tag.",
        "Take the condition about this tag out of your segments.",
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
