"""Mailchimp: the lists behind the numbers of a report, and the audience's own export.

Source (as read in December 2026): View report of an e-mail, a click on one of its numbers (Recipients, Opened, Clicked,
Bounced, Unsubscribed), Export. Each file is one list, with the columns `Email Address`, the merge fields and
`MEMBER_RATING`; where the list does not say what it is a list of, write `opened=FILE`. The export of an audience marks
those who have unsubscribed by `UNSUB_TIME`, `UNSUB_CAMPAIGN_TITLE` and `UNSUB_REASON`, and those cleaned after bounces
by `CLEAN_TIME` and `CLEAN_CAMPAIGN_TITLE`.
"""

from __future__ import annotations

from frontrow.campaign.response_layout import ResponseLayout

LAYOUT = ResponseLayout(
    name="mailchimp",
    title="Mailchimp export",
    addresses={"email": ("Email Address",), "sms": ("SMS Phone Number", "Phone Number")},
    responses={
        "opened": ("Opens",),
        "clicked": ("Clicks",),
        "bounced": ("CLEAN_TIME", "Bounce Type"),
        "unsubscribed": ("UNSUB_TIME", "UNSUB_REASON"),
    },
)
