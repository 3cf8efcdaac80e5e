"""A Mailchimp on this machine: one audience, its contacts, tags, and the report of a campaign.

It keeps the documented limits, refuses addresses, loses keys on demand, and holds each contact's status, which nothing
of a push may change.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any, Final

from frontrow.testing.loopback.exchange import Reply, Request
from frontrow.testing.loopback.server import LoopbackServer

KEY: Final = "0123456789abcdef0123456789abcdef-us6"
AUDIENCE: Final = "a1b2c3d4e5"
MOST_MEMBERS: Final = 500
LARGEST_PAGE: Final = 1_000
MOST_AT_ONCE: Final = 10
"""Connections at a time that an account may have."""

NOW: Final = "2026-12-01T00:00:00+00:00"


REPORTS: Final = {
    "sent-to": "sent_to",
    "email-activity": "emails",
    "unsubscribed": "unsubscribes",
    "abuse-reports": "abuse_reports",
}
"""The lists of a report, and the name of their rows."""


class MailchimpServer(LoopbackServer):
    """A Mailchimp account with one audience.

    Args:
        contacts: Addresses that are contacts of the audience, subscribed.
        refuse: Whether a call with an address is refused as a whole.

    Attributes:
        key: The key that is valid now.
        statuses: Status by address of every contact; nothing here changes it.
        segments: Name by id of each static segment.
        members: Addresses by segment.
        added: How often an address was added to a segment that did not have it.
        arrivals: How often an address was sent to be added.
        most_at_once: Most requests that were answered at the same time.
        campaigns: Title by id of every campaign that was sent.
        report: What became of a campaign's messages, by campaign id: rows of the lists in `REPORTS`.
    """

    def __init__(self, contacts: Iterable[str] = (), *, refuse: Callable[[str], bool] = lambda _: False) -> None:
        super().__init__()
        self.key = KEY
        self.statuses = dict.fromkeys(contacts, "subscribed")
        self.segments: dict[int, str] = {}
        self.members: dict[int, set[str]] = {}
        self.added: Counter[str] = Counter()
        self.arrivals: Counter[str] = Counter()
        self.most_at_once = self._at_once = 0
        self.campaigns: dict[str, str] = {}
        self.report: dict[str, dict[str, list[dict[str, Any]]]] = {}
        self._by_hash: dict[str, str] = {}
        self._refuse = refuse
        segments = f"/3.0/lists/{AUDIENCE}/segments"
        self._serve("GET", segments, self._list_segments)
        self._serve("POST", segments, self._create_segment)
        self._serve("POST", f"{segments}/{{id}}", self._change_members)
        self._serve("GET", f"{segments}/{{id}}/members", self._list_members)
        self._serve("GET", f"/3.0/lists/{AUDIENCE}/members/{{hash}}", self._read_member)
        self._serve("GET", "/3.0/campaigns", self._list_campaigns)
        for part in REPORTS:
            self._serve("GET", f"/3.0/reports/{{campaign}}/{part}", self._page_of(part))

    @property
    def address(self) -> str:
        """Where its interface is."""
        return f"{self.url}/3.0"

    def tagged(self, name: str) -> set[str]:
        """The addresses with a tag; nobody where there is no such tag."""
        return {address for key, title in self.segments.items() if title == name for address in self.members[key]}

    def answer(self, request: Request) -> tuple[Reply, int | None]:
        """See `LoopbackServer.answer`; counts the requests that are answered at the same time."""
        self._at_once += 1
        self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            return super().answer(request)
        finally:
            self._at_once -= 1

    def _serve(self, method: str, path: str, handler: Callable[[Request], Reply]) -> None:
        def answer(request: Request) -> Reply:
            if request.headers.get("authorization") != f"Bearer {self.key}":
                return _problem(401, "API Key Invalid")
            return handler(request)

        self.add_route(method, path, answer)

    def _list_segments(self, request: Request) -> Reply:
        count, offset = int(request.params.get("count", "10")), int(request.params.get("offset", "0"))
        if count > LARGEST_PAGE:
            return _problem(400, "Invalid Resource")
        segments = [self._segment(key) for key in self.segments]
        page = [{"id": item["id"], "name": item["name"]} for item in segments[offset : offset + count]]
        return Reply({"segments": page, "total_items": len(segments)})

    def _create_segment(self, request: Request) -> Reply:
        body = request.json()
        if body["name"] in self.segments.values():
            return _problem(400, "Sorry, that tag already exists")
        key = 10_000 + len(self.segments)
        self.segments[key], self.members[key] = str(body["name"]), set()
        return Reply(self._segment(key))

    def _change_members(self, request: Request) -> Reply:
        key, body = int(request.parts["id"]), request.json()
        if key not in self.segments:
            return _problem(404, "Resource Not Found")
        self.arrivals.update(body.get("members_to_add", []))
        addresses = [*body.get("members_to_add", []), *body.get("members_to_remove", [])]
        if len(addresses) > MOST_MEMBERS or any(map(self._refuse, addresses)):
            return _problem(400, "Invalid Resource")
        added = [
            address
            for address in body.get("members_to_add", [])
            if address in self.statuses and address not in self.members[key]
        ]
        removed = [address for address in body.get("members_to_remove", []) if address in self.members[key]]
        self.members[key] = (self.members[key] | {*added}) - {*removed}
        self.added.update(added)
        return Reply(
            {
                "members_added": [self._member(address) for address in added],
                "members_removed": [self._member(address) for address in removed],
                "errors": [],
                "total_added": len(added),
                "total_removed": len(removed),
                "error_count": 0,
                "_links": [],
            }
        )

    def _list_members(self, request: Request) -> Reply:
        count, offset = int(request.params.get("count", "10")), int(request.params.get("offset", "0"))
        addresses = sorted(self.members[int(request.parts["id"])])
        page = [
            {"email_address": address, "status": self.statuses[address]}
            for address in addresses[offset : offset + count]
        ]
        return Reply({"members": page, "total_items": len(addresses)})

    def _read_member(self, request: Request) -> Reply:
        if len(self._by_hash) != len(self.statuses):
            self._by_hash = {_hash(address): address for address in self.statuses}
        address = self._by_hash.get(request.parts["hash"])
        if address is None:
            return _problem(404, "Resource Not Found")
        tags = [{"id": key, "name": self.segments[key]} for key in self.segments if address in self.members[key]]
        return Reply({"status": self.statuses[address], "tags": tags})

    def _list_campaigns(self, _: Request) -> Reply:
        campaigns = [
            {"id": key, "send_time": NOW, "settings": {"title": title, "subject_line": ""}}
            for key, title in self.campaigns.items()
        ]
        return Reply({"campaigns": campaigns, "total_items": len(campaigns)})

    def _page_of(self, part: str) -> Callable[[Request], Reply]:
        name = REPORTS[part]

        def answer(request: Request) -> Reply:
            report = self.report.get(request.parts["campaign"])
            if report is None:
                return _problem(404, "Resource Not Found")
            count, offset = int(request.params.get("count", "10")), int(request.params.get("offset", "0"))
            rows = report.get(part, [])
            page = rows if part == "abuse-reports" else rows[offset : offset + count]
            return Reply({name: page, "total_items": len(rows)})

        return answer

    def _segment(self, key: int) -> dict[str, Any]:
        return {
            "id": key,
            "name": self.segments[key],
            "member_count": len(self.members[key]),
            "type": "static",
            "created_at": NOW,
            "updated_at": NOW,
            "list_id": AUDIENCE,
            "_links": [],
        }

    def _member(self, address: str) -> dict[str, Any]:
        return {
            "id": _hash(address),
            "email_address": address,
            "status": self.statuses[address],
            "email_type": "html",
            "list_id": AUDIENCE,
            "_links": [],
        }


def _hash(address: str) -> str:
    return hashlib.md5(address.encode(), usedforsecurity=False).hexdigest()


def _problem(status: int, title: str) -> Reply:
    body = {
        "type": "https://mailchimp.com/developer/marketing/docs/errors/",
        "title": title,
        "status": status,
        "detail": f"{title}.",
        "instance": "00000000-0000-0000-0000-000000000000",
    }
    return Reply(body, status, {"Content-Type": "application/problem+json"})
