"""Google Ads: a customer list for Customer Match, hashed.

Sources (as read in November 2026): Google Ads Help, "Format your customer data file", sections "Basic formatting
guidelines" and "Column header formatting guidelines": CSV in UTF-8, headers `Email` and `Phone`, in English; "Upload
data files and manage your Customer Match audiences" (an older page): at most 5 GB a file. Google for Developers, Data
Manager API, "Format user data", section "UserData requirements": lower case, no white space; with gmail.com and
googlemail.com dots before the @, a plus sign and what follows it are removed, with other domains they stay; phone
numbers in E.164 with the plus sign; SHA-256 in hexadecimal digits.
"""

from __future__ import annotations

from typing import ClassVar, Final

import polars as pl

from frontrow.campaign.addresses import Channel, mailbox, sha256
from frontrow.campaign.export import MEGABYTE, Export

HEADER: Final = {"email": "Email", "sms": "Phone"}


class GoogleCustomerMatch(Export):
    """One column, the hashed address."""

    name = "google_customer_match"
    title = "Google Ads Customer Match"
    guide = "google-customer-match"
    do_not = (
        "Do not add the segment of those held out to the campaign's audiences: it belongs to the exclusions.",
        "Do not run another campaign about the product without this exclusion, Performance Max too.",
        "Do not choose Upload plain text data: the file is hashed, and would be hashed a second time.",
        "Do not count on a short list: Google uses a segment only from a number of active users on, and "
        "matching can take two days.",
    )
    steps = (
        "In Google Ads open Tools > Shared library > Audience manager > Your data segments, choose the plus "
        "button, and Customer list.",
        "Choose Upload hashed data, take the file, and tick that the data were collected in line with "
        "Google's policies.",
        "Add this segment to the campaign under Audiences.",
    )
    held_out_steps = (
        "Make a second segment of the same kind from the file of those held out.",
        "Add it to the exclusions of every campaign about the product.",
    )
    lift_steps = (
        "Take the segment of those held out out of the exclusions of your campaigns.",
        "In Audience manager > Your data segments select it, and choose Remove.",
    )
    max_bytes: ClassVar[int | None] = 5_000 * MEGABYTE
    hashed = True

    def table(self, contacts: pl.DataFrame, channel: Channel) -> pl.DataFrame:
        """See `Export.table`."""
        plain = [mailbox(address) if channel == "email" else address for address in contacts["address"]]
        hashed = [sha256(address) for address in plain]
        return pl.DataFrame({HEADER[channel]: hashed}, schema={HEADER[channel]: pl.String})


EXPORT = GoogleCustomerMatch()
