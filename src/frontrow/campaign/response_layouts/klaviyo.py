"""Klaviyo: who received, opened and clicked, by the names of its metrics; and the consent column of its own exports.

Source (as read in December 2026): the metrics that Klaviyo records of its messages are called Received Email, Opened
Email, Clicked Email, Bounced Email, Marked Email as Spam, Unsubscribed from Email Marketing (Unsubscribed in older
accounts), and the same for text messages; the export of a list or segment has the columns `Email`, `Phone Number` and
`Email Marketing Consent`, whose cells are SUBSCRIBED, UNSUBSCRIBED and NEVER_SUBSCRIBED. The tabs under Recipient
activity of a campaign export one list each, and the list does not say which: write `opened=FILE`.
"""

from __future__ import annotations

from typing import Final

from frontrow.campaign.response_layout import EventColumn, ResponseLayout

METRICS: Final = {
    "delivered": ("Received Email", "Received SMS"),
    "opened": ("Opened Email", "Opened SMS"),
    "clicked": ("Clicked Email", "Clicked SMS"),
    "bounced": ("Bounced Email", "Failed to Deliver SMS", "Dropped Email"),
    "unsubscribed": (
        "Unsubscribed from Email Marketing",
        "Unsubscribed from SMS Marketing",
        "Unsubscribed",
        "Unsubscribed from List",
        "Marked Email as Spam",
    ),
}
"""The names of Klaviyo's metrics, by what they mean."""

LAYOUT = ResponseLayout(
    name="klaviyo",
    title="Klaviyo export",
    addresses={
        "email": ("Email", "Email Address", "Profile Email", "Recipient"),
        "sms": ("Phone Number", "Phone", "Recipient"),
    },
    responses=METRICS,
    events=(
        EventColumn(("Metric", "Metric Name", "Event", "Event Name"), METRICS),
        EventColumn(("Email Marketing Consent",), {"unsubscribed": ("UNSUBSCRIBED",)}, "email"),
        EventColumn(("SMS Marketing Consent",), {"unsubscribed": ("UNSUBSCRIBED",)}, "sms"),
    ),
)
