"""Klaviyo: a list of profiles to upload.

Sources: Klaviyo Help Center, "Create and add contacts to a new list", section "Requirements for formatting CSVs", and
"How to upload a list of SMS contacts", section "Required information for an SMS import" (both as read in November
2026): CSV; the first column is headed `Email Address` or `Phone Number`; a phone number comes with its country code
or a country column; at most 50 MB a file, larger uploads are split; other columns become custom properties of the
column's name. Consent is given to all of a file or to none, so the file holds only those who agreed to the channel.

As read in December 2026: "How to upload and segment with consent" (an upload asks for no second opt-in; flows that
start from a list send to everyone uploaded into it), article 360039859932 on dates (YYYY-MM-DD; without a time of day
they are best mapped as text) and "Troubleshooting list imports" (the first row is a header, no address twice).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final

import polars as pl

from frontrow.campaign.addresses import Channel
from frontrow.campaign.export import MEGABYTE, PRODUCT_HEADERS, Export
from frontrow.campaign.list_template import build_template
from frontrow.campaign.properties import LONG_HEADERS

HEADER: Final = {"email": "Email Address", "sms": "Phone Number"}
UNSUBSCRIBE: Final = "{% unsubscribe 'Unsubscribe' %}"


class Klaviyo(Export):
    """The address, and chosen properties as custom properties; Klaviyo's own list is the segment."""

    name = "klaviyo"
    title = "Klaviyo list upload"
    property_headers = LONG_HEADERS
    address_headers = HEADER
    list_headers = PRODUCT_HEADERS
    list_steps = (
        "In Klaviyo open Audience > Lists & segments, choose Create new > List, and upload the file whose name ends in "
        "recommendations.csv: map each column that begins with product_ to a custom property of that name, as Text.",
        "In Content > Templates choose Create > Import HTML (or Code), paste what the file template.html holds, and "
        "preview it with a profile of the list.",
        "Create the campaign with this template, and choose this list under Send to.",
        "Upload a new file before each message: a property stays as it is until it is written again.",
    )
    guide = "klaviyo"
    do_not = (
        "Do not upload the file with held-out-do-not-contact in its name into the list that you send to: it "
        "goes into a list of its own.",
        "Do not choose a list of everyone, such as Newsletter, beside the campaign's list under Send to.",
        "Do not subscribe anyone while you upload: where Klaviyo offers to update consent, leave it as it is. "
        "Subscribing can bring back people who have unsubscribed.",
        "Turn off flows that start when somebody is added to a list, before you upload.",
    )
    steps = (
        "In Klaviyo open Audience > Lists & segments, choose Create new > List, and name it after the campaign.",
        "Choose Upload contacts and take the file. The first column is Email or Phone Number; map each column "
        "that begins with frontrow_ to a custom property of that name, frontrow_next_order_date as Text.",
        "Create the campaign, choose this list under Send to, and check that Klaviyo counts no more recipients than "
        "the file has customers.",
    )
    held_out_steps = (
        "Make a second list in the same way from the file of those held out, named held-out and the campaign.",
        "In the campaign choose this list under Don't send to. Do the same in every other campaign about the "
        "product, and exclude the list from flows about it.",
    )
    lift_steps = (
        "In Audience > Lists & segments open the list named held-out, and choose Delete list. Its profiles stay.",
        "If there is a file with held-out-lifted in its name: upload it into any list that no flow starts "
        "from. It sets frontrow_group to lifted.",
    )
    phone_columns = (HEADER["sms"],)
    max_bytes: ClassVar[int | None] = 50 * MEGABYTE

    def table(self, contacts: pl.DataFrame, channel: Channel) -> pl.DataFrame:
        """See `Export.table`."""
        return contacts.select(pl.col("address").alias(HEADER[channel]), *self.property_columns(contacts))

    def list_template(self, positions: int, fields: Sequence[str]) -> str | None:
        """See `Export.list_template`; the language of Klaviyo's templates is that of Django."""
        return build_template(self.list_columns(positions, fields), _fill, _show_if, footer=UNSUBSCRIBE)


def _fill(column: str) -> str:
    return f"{{{{ person|lookup:'{column}'|default:'' }}}}"


def _show_if(column: str, html: str) -> str:
    return f"{{% if person|lookup:'{column}' %}}{html}{{% endif %}}"


EXPORT = Klaviyo()
