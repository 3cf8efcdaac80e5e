"""Mailchimp: who was sent a campaign, opened, clicked, bounced, unsubscribed or complained, from its report.

Source: Mailchimp's Marketing API, version 3.0, as its published client libraries describe it (read in December 2026):
`/campaigns`, and below `/reports/{campaign_id}` the lists `sent-to`, `email-activity` and `unsubscribed`, in
pages of at most 1,000, and `abuse-reports`. A key of a user with the role Viewer is enough.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Final

from frontrow.campaign.addresses import Channel
from frontrow.campaign.responses.reading import ResponseRows
from frontrow.errors import CampaignError, RemoteError
from frontrow.push.response_reader import PlatformCampaign, ReadingClient, ResponseReader, build_rows

CAMPAIGNS: Final = "/campaigns"
REPORT: Final = "/reports/{campaign_id}"
COMPLAINTS: Final = "abuse-reports"
LISTS: Final[Mapping[str, tuple[str, str]]] = {
    "sent-to": ("sent_to", "email_address,status"),
    "email-activity": ("emails", "email_address,activity"),
    "unsubscribed": ("unsubscribes", "email_address"),
    COMPLAINTS: ("abuse_reports", "email_address"),
}
"""The lists of a report: the name of its rows, and the fields that are asked for."""

PAGE_SIZE: Final = 1_000
MOST_PAGES: Final = 10_000
LATEST: Final = 25
ACTIONS: Final = {"open": "opened", "click": "clicked", "bounce": "bounced"}


class MailchimpReader(ResponseReader):
    """Reads the report of a campaign."""

    name = "mailchimp"
    calls = (("GET", CAMPAIGNS), *(("GET", f"{REPORT}/{part}") for part in LISTS))
    requests_per_second: ClassVar[float] = 10.0
    scopes = ("Viewer",)

    def list_campaigns(self, client: ReadingClient, channel: Channel) -> list[PlatformCampaign]:
        """See `ResponseReader.list_campaigns`.

        Raises:
            CampaignError: The channel is not e-mail: text messages have no such report.
        """
        if channel != "email":
            raise CampaignError("Mailchimp's report is about e-mail. Export the list of text messages, and give it.")
        params: dict[str, str | int] = {
            "status": "sent",
            "count": LATEST,
            "sort_field": "send_time",
            "sort_dir": "DESC",
            "fields": "campaigns.id,campaigns.send_time,campaigns.settings.title,campaigns.settings.subject_line",
        }
        campaigns = client.request("GET", CAMPAIGNS, params=params).json()["campaigns"]
        return [
            PlatformCampaign(
                str(item["id"]),
                str(item["settings"].get("title") or item["settings"].get("subject_line") or ""),
                str(item.get("send_time") or ""),
            )
            for item in campaigns
        ]

    def read(
        self,
        client: ReadingClient,
        campaign: PlatformCampaign,
        channel: Channel,  # noqa: ARG002
        since: dt.datetime,  # noqa: ARG002
    ) -> ResponseRows:
        """See `ResponseReader.read`."""
        report = REPORT.format(campaign_id=campaign.id)
        addresses: dict[str, set[str]] = {
            name: set() for name in ("sent", "opened", "clicked", "bounced", "unsubscribed")
        }
        for row in _read_list(client, report, "sent-to"):
            addresses["sent"].add(row["email_address"])
            if row.get("status") in ("hard", "soft"):
                addresses["bounced"].add(row["email_address"])
        for row in _read_list(client, report, "email-activity"):
            for event in row.get("activity") or ():
                if event.get("action") in ACTIONS:
                    addresses[ACTIONS[event["action"]]].add(row["email_address"])
        for part in ("unsubscribed", COMPLAINTS):
            addresses["unsubscribed"] |= {row["email_address"] for row in _read_list(client, report, part)}
        return build_rows("Mailchimp", addresses)


def _read_list(client: ReadingClient, report: str, part: str) -> Iterator[Mapping[str, Any]]:
    """The rows of every page of a list; complaints come on one page, whatever their number."""
    name, names = LISTS[part]
    fields = ",".join(f"{name}.{field}" for field in names.split(","))
    if part == COMPLAINTS:
        yield from client.request("GET", f"{report}/{part}", params={"fields": fields}).json()[name]
        return
    for page in range(MOST_PAGES):
        params: dict[str, str | int] = {
            "count": PAGE_SIZE,
            "offset": page * PAGE_SIZE,
            "fields": f"{fields},total_items",
        }
        answer = client.request("GET", f"{report}/{part}", params=params).json()
        yield from answer[name]
        if (page + 1) * PAGE_SIZE >= int(answer["total_items"]) or not answer[name]:
            return
    raise RemoteError("Mailchimp names one page after another without an end. Run the command again later.")


READER = MailchimpReader()
