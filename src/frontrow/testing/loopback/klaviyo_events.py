"""Campaigns, metrics and events of a loopback Klaviyo: what became of messages, to be read and never changed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from frontrow.testing.loopback.exchange import Reply, Request
from frontrow.testing.loopback.klaviyo import MEDIA_TYPE, NOW, KlaviyoServer

LARGEST_PAGE: Final = 1_000


def add_events(server: KlaviyoServer, campaigns: Mapping[str, str], events: Iterable[tuple[str, str, str]]) -> None:
    """Let a server know of campaigns that were sent, and of what became of their messages.

    Args:
        server: A loopback Klaviyo.
        campaigns: Name by id.
        events: Name of the metric, address of the profile, id of the message.
    """
    listed = list(events)
    metrics = {name: f"M{number}" for number, name in enumerate(dict.fromkeys(name for name, _, _ in listed))}

    def list_campaigns(_: Request) -> Reply:
        return _reply(
            [
                {"type": "campaign", "id": key, "attributes": {"name": name, "send_time": NOW}}
                for key, name in campaigns.items()
            ]
        )

    def list_metrics(_: Request) -> Reply:
        return _reply([{"type": "metric", "id": key, "attributes": {"name": name}} for name, key in metrics.items()])

    def list_events(request: Request) -> Reply:
        match = re.search(r'equals\(metric_id,"([^"]+)"\)', request.params["filter"])
        rows = [event for event in listed if match is not None and metrics[event[0]] == match[1]]
        size, start = int(request.params["page[size]"]), int(request.params.get("page[cursor]", "0"))
        page = rows[start : start + min(size, LARGEST_PAGE)]
        following = f"{server.url}{request.path}?page%5Bcursor%5D={start + size}" if start + size < len(rows) else None
        data = [_event(number, address, message, campaigns) for number, (_, address, message) in enumerate(page, start)]
        included = [
            {"type": "profile", "id": f"P-{address}", "attributes": {"email": address, "phone_number": None}}
            for address in dict.fromkeys(address for _, address, _ in page)
        ]
        return _reply(data, included=included, links={"next": following})

    server._serve("GET", "/api/campaigns", list_campaigns)
    server._serve("GET", "/api/metrics", list_metrics)
    server._serve("GET", "/api/events", list_events)


def _event(number: int, address: str, message: str, campaigns: Mapping[str, str]) -> dict[str, Any]:
    properties = {"$message": message, "Campaign Name": campaigns.get(message, "Another"), "Subject": "New"}
    return {
        "type": "event",
        "id": f"E{number}",
        "attributes": {"event_properties": properties},
        "relationships": {"profile": {"data": {"type": "profile", "id": f"P-{address}"}}},
    }


def _reply(data: list[dict[str, Any]], **others: Any) -> Reply:
    return Reply({"data": data, **others}, 200, {"Content-Type": MEDIA_TYPE})
