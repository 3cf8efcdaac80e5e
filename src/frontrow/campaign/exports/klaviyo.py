"""Klaviyo: a list of profiles to upload.

Source: Klaviyo Help Center, "Create and add contacts to a new list", section "Requirements for formatting CSVs", and
"How to upload a list of SMS contacts", section "Required information for an SMS import" (both as read in November
2026): CSV; the first column is headed `Email Address` or `Phone Number`; a phone number comes with its country code or
a country column; at most 50 MB a file, larger uploads are split. Consent is given to all of a file or to none, so the
file holds only those who agreed to the channel.
"""

from __future__ import annotations

from typing import ClassVar, Final

import polars as pl

from frontrow.campaign.addresses import Channel
from frontrow.campaign.export import MEGABYTE, Export
from frontrow.campaign.properties import LONG_HEADERS

HEADER: Final = {"email": "Email Address", "sms": "Phone Number"}


class Klaviyo(Export):
    """The address, and chosen properties as custom properties; Klaviyo's own list is the segment."""

    name = "klaviyo"
    title = "Klaviyo list upload"
    property_headers = LONG_HEADERS
    steps = (
        "In Klaviyo open Audience > Lists & segments, choose Create new > List, and name it after the campaign.",
        "Choose Upload contacts, take the file, and map its only column.",
        "Create the campaign, and choose this list under Send to.",
    )
    held_out_steps = (
        "Make a second list of the same kind from the file of those held out, named held-out.",
        "In the campaign choose this list under Don't send to, and exclude it from flows about the product.",
    )
    phone_columns = (HEADER["sms"],)
    max_bytes: ClassVar[int | None] = 50 * MEGABYTE

    def table(self, contacts: pl.DataFrame, channel: Channel) -> pl.DataFrame:
        """See `Export.table`."""
        return contacts.select(pl.col("address").alias(HEADER[channel]), *self.property_columns(contacts))


EXPORT = Klaviyo()
