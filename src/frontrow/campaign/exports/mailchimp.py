"""Mailchimp: contacts to import, each with a tag to send to.

Sources: Mailchimp Help, "Format Guidelines for Your Import File" (as read in November 2026): CSV; only the e-mail
address is required for e-mail contacts, and the SMS phone number for SMS contacts, in E.164; columns are matched by
name; tags are separated by commas and have at most 100 characters; no characters beyond ASCII before the @; text
fields hold 255 bytes and are clipped. No limit of size is stated there.

As read in December 2026: merge tags have at most ten characters (Segment's documentation of its Mailchimp
destination; Mailchimp's own plug-in for Magento keeps to the same), capital letters, digits and underscores, and an
audience has 30 fields, its own included, or 80 on Premium plans (Chimpmatic, "How to Find Mailchimp Audience Fields
and Merge Tags").
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final

import polars as pl

from frontrow.campaign.addresses import Channel
from frontrow.campaign.export import Export
from frontrow.campaign.list_template import build_template
from frontrow.campaign.properties import MERGE_TAGS

HEADER: Final = {"email": "Email Address", "sms": "SMS Phone Number"}
LIST_TAGS: Final = {"title": "P{}TITLE", "url": "P{}URL", "image_url": "P{}IMAGE", "price": "P{}PRICE"}
UNSUBSCRIBE: Final = '<a href="*|UNSUB|*">Unsubscribe</a><br>*|LIST:ADDRESSLINE|*'


class Mailchimp(Export):
    """The address, and the campaign's tag, as the contacts join an audience that has others."""

    name = "mailchimp"
    title = "Mailchimp contact import"
    property_headers = MERGE_TAGS
    address_headers = HEADER
    list_headers = LIST_TAGS
    list_steps = (
        "In Mailchimp first make a field for each column that begins with P and a number: Audience > All contacts > "
        "Settings > Audience fields and *|MERGE|* tags, Add A Field, of type Text, with the column's name as its tag.",
        "Open Audience > Add contacts > Import contacts, choose Upload a file, and take the file whose name ends in "
        "recommendations.csv. Leave the status as it is for contacts who are there already, and tick Update any "
        "existing contacts.",
        "In Campaigns > Email templates choose Create template > Code your own > Paste in code, and paste what the "
        "file template.html holds.",
        "Create the campaign with this template, and choose under To the contacts with the tag of the column Tags.",
        "Import a new file before each message: a field stays as it is until it is written again.",
    )
    most_fields: ClassVar[int | None] = 25
    longest_text: ClassVar[int | None] = 255
    uses_tags = True
    guide = "mailchimp"
    do_not = (
        "Do not send to the whole audience: choose the campaign's tag under To. Those held out are in the "
        "same audience.",
        "Do not choose Subscribed for contacts who are new to the audience unless they agreed to hear from "
        "you, and never change the status of contacts who are there already: it can bring back people who "
        "have unsubscribed.",
        "Do not import the files of contacts and of those held out in one go, with one tag for both.",
    )
    steps = (
        "For columns that begin with FR, first make a field for each: Audience > All contacts > Settings > "
        "Audience fields and *|MERGE|* tags, Add A Field, of type Text, with the column's name as its tag.",
        "In Mailchimp open Audience > Add contacts > Import contacts, choose Upload a file, and take the file.",
        "Leave the status as it is for contacts who are there already, and tick Update any existing contacts. "
        "The column Tags brings the campaign's tag.",
        "Create the campaign, choose under To the contacts with this tag, and check that Mailchimp counts no more "
        "recipients than the file has customers.",
    )
    held_out_steps = (
        "Import the file of those held out in the same way; it brings a tag that ends in held-out.",
        "Under To add the condition that this tag is not set, in every message about the product.",
    )
    lift_steps = (
        "In Audience > Tags delete the tag that ends in held-out. It goes from every contact; the contacts stay.",
        "If there is a file with held-out-lifted in its name: import it in the same way, with Update any "
        "existing contacts. It sets FRGROUP to lifted.",
    )
    phone_columns = (HEADER["sms"],)

    def table(self, contacts: pl.DataFrame, channel: Channel) -> pl.DataFrame:
        """See `Export.table`; addresses with other letters before the @ are left out, Mailchimp takes none."""
        address, tag = pl.col("address").alias(HEADER[channel]), pl.col("campaign_tag").alias("Tags")
        return self.take(contacts).select(address, tag, *self.property_columns(contacts))

    def take(self, contacts: pl.DataFrame) -> pl.DataFrame:
        """See `Export.take`."""
        return contacts.filter(pl.col("address").str.contains(r"^[\x00-\x7f]+(@|$)"))

    def list_template(self, positions: int, fields: Sequence[str]) -> str | None:
        """See `Export.list_template`."""
        return build_template(self.list_columns(positions, fields), _fill, _show_if, footer=UNSUBSCRIBE)


def _fill(column: str) -> str:
    return f"*|{column}|*"


def _show_if(column: str, html: str) -> str:
    return f"*|IF:{column}|*{html}*|END:IF|*"


EXPORT = Mailchimp()
