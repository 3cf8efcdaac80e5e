"""Mailchimp: contacts to import, each with a tag to send to.

Source: Mailchimp Help, "Format Guidelines for Your Import File" (as read in November 2026): CSV; only the e-mail
address is required for e-mail contacts, and the SMS phone number for SMS contacts, in E.164; columns are matched by
name; tags are separated by commas and have at most 100 characters; no characters beyond ASCII before the @. No limit
of size is stated there.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from frontrow.campaign.addresses import Channel
from frontrow.campaign.export import Export
from frontrow.campaign.properties import MERGE_TAGS

HEADER: Final = {"email": "Email Address", "sms": "SMS Phone Number"}


class Mailchimp(Export):
    """The address, and the campaign's tag, as the contacts join an audience that has others."""

    name = "mailchimp"
    title = "Mailchimp contact import"
    property_headers = MERGE_TAGS
    steps = (
        "In Mailchimp open Audience > Add contacts > Import contacts, and upload the file.",
        "Leave the status as it is for contacts who are there already; the column Tags brings the campaign's tag.",
        "Create the campaign, and choose under To the contacts with this tag.",
    )
    held_out_steps = (
        "Import the file of those held out in the same way; it brings a tag that ends in held-out.",
        "Under To add the condition that this tag is not set, in every message about the product.",
    )
    phone_columns = (HEADER["sms"],)

    def table(self, contacts: pl.DataFrame, channel: Channel) -> pl.DataFrame:
        """See `Export.table`; addresses with other letters before the @ are left out, Mailchimp takes none."""
        taken = contacts.filter(pl.col("address").str.contains(r"^[\x00-\x7f]+(@|$)"))
        address, tag = pl.col("address").alias(HEADER[channel]), pl.col("campaign_tag").alias("Tags")
        return taken.select(address, tag, *self.property_columns(contacts))


EXPORT = Mailchimp()
