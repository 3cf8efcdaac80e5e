"""Meta: a customer list for a custom audience, hashed.

Sources (as read in November 2026): Meta Business Help Centre, "How to format a customer list when creating a custom
audience", table "Main identifiers": headers `email` and `phone`; a phone number has to have its country code. Meta for
Developers, "Customer File Custom Audiences" (updated 28 April 2026): data are normalised and hashed; at most 10,000
records at a time. Its rules for phone numbers according to Salesforce Help (article 000391108): no symbols, letters or
leading zeros, country code first, and no match with a leading plus sign. SHA-256 in hexadecimal digits of e-mails
trimmed and in lower case. The limit is that of the interface; none is documented for a file uploaded by hand, and files
of 10,000 rows are accepted in both cases.
"""

from __future__ import annotations

from typing import ClassVar, Final

import polars as pl

from frontrow.campaign.addresses import Channel, digits, sha256
from frontrow.campaign.export import Export

HEADER: Final = {"email": "email", "sms": "phone"}


class MetaCustomAudience(Export):
    """One column, the hashed address."""

    name = "meta_custom_audience"
    title = "Meta custom audience"
    guide = "meta-custom-audience"
    do_not = (
        "Do not choose the audience of those held out under Include: it belongs under Exclude.",
        "Do not run an ad set about the product without this exclusion, broad ones and Advantage+ audiences "
        "too: they reach those held out.",
        "Do not make a lookalike audience of those held out.",
        "Do not count on an audience of fewer than 100 people: Meta advises against such lists, and may not "
        "deliver to them or exclude them.",
    )
    steps = (
        "In Meta Ads Manager open Audiences > Create audience > Custom audience > Customer list.",
        "Upload the file, and map its only column to Email or Phone number; its addresses are hashed already.",
        "Choose this audience in the ad set, under Include.",
    )
    held_out_steps = (
        "Make a second audience of the same kind from the file of those held out.",
        "Choose it under Exclude in every ad set about the product.",
    )
    lift_steps = (
        "Take the audience of those held out out of Exclude in your ad sets.",
        "In Audiences select it, and choose Delete.",
    )
    max_rows: ClassVar[int | None] = 10_000
    least_rows: ClassVar[int | None] = 100
    hashed = True

    def table(self, contacts: pl.DataFrame, channel: Channel) -> pl.DataFrame:
        """See `Export.table`."""
        plain = [address if channel == "email" else digits(address) for address in contacts["address"]]
        hashed = [sha256(address) for address in plain]
        return pl.DataFrame({HEADER[channel]: hashed}, schema={HEADER[channel]: pl.String})


EXPORT = MetaCustomAudience()
