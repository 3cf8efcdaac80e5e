"""Klaviyo: who received, opened, clicked, bounced, unsubscribed or complained, from the events of its metrics.

Source: Klaviyo's published OpenAPI files, github.com/klaviyo/openapi, revision 2026-07-15 (read in December 2026):
`/api/campaigns` (campaigns:read), `/api/metrics` (metrics:read) and `/api/events` (events:read, profiles:read), in
pages of at most 1,000 events of one metric, newest first or oldest first. An event says in `$message` and `Campaign
Name` which message it is about.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Final
from urllib.parse import parse_qs, urlsplit

from frontrow.campaign.addresses import Channel
from frontrow.campaign.response_layouts.klaviyo import METRICS as METRIC_NAMES
from frontrow.campaign.responses.reading import ResponseRows
from frontrow.errors import RemoteError
from frontrow.push.response_reader import PlatformCampaign, ReadingClient, ResponseReader, build_rows

CAMPAIGNS: Final = "/api/campaigns"
METRICS: Final = "/api/metrics"
EVENTS: Final = "/api/events"
LATEST: Final = 25
PAGE_SIZE: Final = 1_000
MOST_PAGES: Final = 10_000
ADDRESS: Final = {"email": "email", "sms": "phone_number"}
MESSAGE: Final = "$message"
CAMPAIGN_NAME: Final = "Campaign Name"


class KlaviyoReader(ResponseReader):
    """Reads the events of a campaign's messages."""

    name = "klaviyo"
    calls = (("GET", CAMPAIGNS), ("GET", METRICS), ("GET", EVENTS))
    # events are allowed far more often; the lists of campaigns and metrics are 10 a second
    requests_per_second: ClassVar[float] = 8.0
    scopes = ("campaigns:read", "metrics:read", "events:read", "profiles:read")

    def list_campaigns(self, client: ReadingClient, channel: Channel) -> list[PlatformCampaign]:
        """See `ResponseReader.list_campaigns`."""
        params: dict[str, str | int] = {
            "filter": f"and(equals(messages.channel,'{channel}'),equals(status,'Sent'))",
            "fields[campaign]": "name,send_time",
            "sort": "-scheduled_at",
            "page[size]": LATEST,
        }
        campaigns = client.request("GET", CAMPAIGNS, params=params).json()["data"]
        return [
            PlatformCampaign(
                str(item["id"]),
                str(item["attributes"].get("name") or ""),
                str(item["attributes"].get("send_time") or ""),
            )
            for item in campaigns
        ]

    def read(
        self, client: ReadingClient, campaign: PlatformCampaign, channel: Channel, since: dt.datetime
    ) -> ResponseRows:
        """See `ResponseReader.read`."""
        addresses: dict[str, set[str]] = {}
        for metric_id, name in _read_metrics(client):
            for response, names in METRIC_NAMES.items():
                if name in names:
                    part = addresses.setdefault(response, set())
                    # who unsubscribed through another message has unsubscribed as well
                    about = None if response == "unsubscribed" else campaign
                    part |= set(_read_addresses(client, metric_id, about, channel, since))
        return build_rows("Klaviyo", addresses)


def _read_metrics(client: ReadingClient) -> list[tuple[str, str]]:
    """Id and name of every metric."""
    pages = _read_pages(client, METRICS, {"fields[metric]": "name"})
    return [(str(item["id"]), str(item["attributes"]["name"])) for page in pages for item in page["data"]]


def _read_addresses(
    client: ReadingClient, metric_id: str, campaign: PlatformCampaign | None, channel: Channel, since: dt.datetime
) -> Iterator[str]:
    """The addresses of those of whom a metric has an event about a campaign; about anything where it is None."""
    instant = since.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    params: dict[str, str | int] = {
        "filter": f'and(equals(metric_id,"{metric_id}"),greater-or-equal(datetime,{instant}))',
        "include": "profile",
        "fields[event]": "event_properties",
        "fields[profile]": "email,phone_number",
        "page[size]": PAGE_SIZE,
        "sort": "datetime",
    }
    for page in _read_pages(client, EVENTS, params):
        profiles = {
            item["id"]: item["attributes"].get(ADDRESS[channel])
            for item in page.get("included") or ()
            if item["type"] == "profile"
        }
        for event in page["data"]:
            profile = ((event.get("relationships") or {}).get("profile") or {}).get("data") or {}
            address = profiles.get(profile.get("id"))
            if address and (campaign is None or _is_about(event["attributes"].get("event_properties") or {}, campaign)):
                yield str(address)


def _is_about(properties: Mapping[str, Any], campaign: PlatformCampaign) -> bool:
    """Whether an event is about a campaign: by the id of its message, or by its name."""
    return campaign.id in (properties.get(MESSAGE), properties.get("$campaign")) or (
        bool(campaign.name) and properties.get(CAMPAIGN_NAME) == campaign.name
    )


def _read_pages(client: ReadingClient, path: str, params: Mapping[str, str | int]) -> Iterator[Mapping[str, Any]]:
    """Every page of a list."""
    page = dict(params)
    for _ in range(MOST_PAGES):
        answer = client.request("GET", path, params=page).json()
        yield answer
        following = (answer.get("links") or {}).get("next")
        cursor = parse_qs(urlsplit(following or "").query).get("page[cursor]", [""])[0]
        if not cursor:
            return
        page["page[cursor]"] = cursor
    raise RemoteError("Klaviyo names one page after another without an end. Run the command again later.")


READER = KlaviyoReader()
