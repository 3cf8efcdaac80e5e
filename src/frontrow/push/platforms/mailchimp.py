"""Mailchimp: contacts of an audience get a tag; who is no contact of it is not made one, and no status changes.

Source: Mailchimp's Marketing API, version 3.0, as its published client libraries describe it (read in December 2026). A
tag is a static segment. `POST /lists/{list_id}/segments/{segment_id}` adds up to 500 addresses a call to it; addresses
that the audience does not have are ignored, and the contacts that were added are listed with their status. There is no
limit of calls a minute, and one of ten connections at a time; frontrow uses one.

Tagged contacts whose status is not "subscribed" hear nothing from a campaign: they count as not taken.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar, Final

from frontrow.errors import RemoteError, SettingError
from frontrow.push.platform import (
    Batch,
    Client,
    Connection,
    Platform,
    PlatformSetting,
    Rejection,
    Sent,
)
from frontrow.remote.secrets import Secret

SEGMENTS: Final = "/lists/{list_id}/segments"
SEGMENT: Final = "/lists/{list_id}/segments/{segment_id}"
MEMBERS: Final = "/lists/{list_id}/segments/{segment_id}/members"
MEMBER: Final = "/lists/{list_id}/members/{member_hash}"
MOST_MEMBERS: Final = 500
PAGE_SIZE: Final = 1_000
MOST_PAGES: Final = 1_000
DATA_CENTRE: Final = re.compile(r"-([a-z]{2,4}\d{1,4})$")
"""The end of a key, which names the data centre of the account."""

OK: Final = 200
BAD_REQUEST: Final = 400
UNKNOWN: Final = 404
MOST_REFUSED: Final = 20
"""So many refused addresses, and not one taken: then it is not the addresses."""

SUBSCRIBED: Final = "subscribed"
NO_CONTACT: Final = "Not a contact of the audience in Mailchimp"
REFUSED: Final = "Mailchimp does not accept the e-mail address"
UNSAID: Final = "Mailchimp did not take it, and did not say why"
NO_EMAIL: Final = "Mailchimp's tags are for contacts by e-mail"
STATUS_REASONS: Final[Mapping[str, str]] = {
    "unsubscribed": "Unsubscribed in Mailchimp",
    "cleaned": "Cleaned in Mailchimp: messages came back",
    "pending": "Has not confirmed the subscription in Mailchimp",
    "transactional": "Never subscribed in Mailchimp",
    "archived": "Archived in Mailchimp",
}


class Mailchimp(Platform):
    """A tag, which is a static segment, for each campaign tag."""

    name = "mailchimp"
    title = "Mailchimp"
    default_key = "MAILCHIMP_API_KEY"
    settings = (
        PlatformSetting("key", "an API key, which ends with the data centre, such as -us6", secret=True),
        PlatformSetting("audience", "the audience's id, as Audience > Settings shows it"),
        PlatformSetting("url", "address of the interface, where the key does not name it", required=False),
    )
    calls = (
        ("GET", SEGMENTS),
        ("POST", SEGMENTS),
        ("POST", SEGMENT),
        ("GET", MEMBERS),
        ("GET", MEMBER),
    )
    requests_per_second: ClassVar[float] = 20.0
    batch_rows: ClassVar[int] = MOST_MEMBERS
    steps = (
        "In Mailchimp open Audience > Tags: the tag {tag} is there.",
        "Create the campaign, and choose under To the audience, then this tag.",
        "Leave out the contacts with the tag that ends in held-out.",
    )
    held_out_steps = (
        "In every campaign about the product choose under To: Create segment, Tags, contact is not tagged, {tag}.",
        "When the days that count are over, delete the tag: it keeps nobody out any more.",
    )

    def connect(self, settings: Mapping[str, str], secrets: Mapping[str, Secret]) -> Connection:
        """See `Platform.connect`.

        Raises:
            SettingError: The key does not end with the name of a data centre, and no address is given.
        """
        key = secrets["key"].reveal()
        match = DATA_CENTRE.search(key)
        url = settings.get("url") or (f"https://{match[1]}.api.mailchimp.com/3.0" if match else "")
        if not url:
            raise SettingError(
                "set",
                "The key of Mailchimp does not end with its data centre, such as -us6. Copy all of it, or give the "
                "address with url=https://us6.api.mailchimp.com/3.0.",
            )
        return Connection(url, {"Authorization": Secret(f"Bearer {key}")})

    def prepare(self, client: Client, tags: Sequence[str], settings: Mapping[str, str]) -> dict[str, str]:
        """Find or make the static segment of each tag: see `Platform.prepare`.

        Returns:
            Ids of audience and segment with a slash between them, by tag.
        """
        audience = settings["audience"]
        path = SEGMENTS.format(list_id=audience)
        segments = dict(_read_segments(client, path))
        for tag in tags:
            if tag not in segments:
                body = {"name": tag, "static_segment": list[str]()}
                segments[tag] = str(client.request("POST", path, json=body).json()["id"])
        return {tag: f"{audience}/{segments[tag]}" for tag in tags}

    def lift(self, client: Client, tag: str, settings: Mapping[str, str]) -> int:
        """Take the tag off its contacts; the tag itself stays: see `Platform.lift`."""
        audience = settings["audience"]
        segment = dict(_read_segments(client, SEGMENTS.format(list_id=audience))).get(tag)
        return 0 if segment is None else _take_off(client, audience, segment)

    def entry(self, recipient: Mapping[str, Any]) -> dict[str, Any]:
        """See `Platform.entry`."""
        return {"email_address": recipient["address"]}

    def send(self, client: Client, prepared: Mapping[str, str], batch: Batch) -> Sent:
        """Tag the contacts of a batch; what became of each is known at once: see `Platform.send`."""
        audience, _, segment = prepared[batch.tag].partition("/")
        rows = batch.rows.iter_rows(named=True)
        by_address = {str(row["address"]): int(row["customer_id"]) for row in rows if row["channel"] == "email"}
        reasons = _add_to_segment(client, SEGMENT.format(list_id=audience, segment_id=segment), [*by_address])
        unclear = [address for address, reason in reasons.items() if reason == UNSAID]
        reasons |= _find_out(client, audience, segment, unclear)
        rejected = {by_address[address]: reason for address, reason in reasons.items() if reason}
        others = {*batch.rows["customer_id"]} - {*by_address.values()}
        rejected |= dict.fromkeys(sorted(others), NO_EMAIL)
        return Sent(rejected=tuple(Rejection(customer_id, reason) for customer_id, reason in rejected.items()))


def _take_off(client: Client, audience: str, segment: str) -> int:
    """Remove every member of a static segment, as many at a time as a call takes."""
    removed = 0
    path = SEGMENT.format(list_id=audience, segment_id=segment)
    for _ in range(MOST_PAGES):
        members, _ = _read_members(client, MEMBERS.format(list_id=audience, segment_id=segment), 0)
        if not members:
            return removed
        for start in range(0, len(members), MOST_MEMBERS):
            part = [*members][start : start + MOST_MEMBERS]
            removed += int(
                client.request("POST", path, json={"members_to_remove": part}, repeatable=True).json()["total_removed"]
            )
    raise RemoteError("Mailchimp lists contacts of the tag without an end. Run the command again later.")


def _add_to_segment(client: Client, path: str, addresses: list[str]) -> dict[str, str]:
    """Why each address was not taken; an empty text for those who were, `UNSAID` where the answer does not name it.

    A call that is refused as a whole is cut in two, until the address that is at fault is alone.
    """
    reasons: dict[str, str] = {}
    waiting = [addresses] if addresses else []
    while waiting:
        part = waiting.pop()
        # the same addresses once more change nothing
        answer = client.request("POST", path, json={"members_to_add": part}, expect=(OK, BAD_REQUEST), repeatable=True)
        if answer.status == OK:
            reasons |= dict(_read_answer(answer.json(), part))
        elif len(part) > 1:
            waiting += [part[len(part) // 2 :], part[: len(part) // 2]]
        else:
            reasons[part[0]] = REFUSED
        if len(reasons) >= MOST_REFUSED and {*reasons.values()} == {REFUSED}:
            raise RemoteError(
                "Mailchimp refuses every address of a batch (status 400); nobody of it was taken. Is the tag one that "
                "was made by hand as another kind of segment? Delete it there, and run the command again."
            )
    return reasons


def _read_answer(answer: Mapping[str, Any], addresses: Sequence[str]) -> Iterator[tuple[str, str]]:
    """What an answer says of each address of a call."""
    status = {
        str(member.get("email_address")).strip().lower(): str(member.get("status") or "")
        for member in answer.get("members_added") or ()
    }
    for address in addresses:
        if address in status:
            yield address, _describe_status(status[address])
        else:
            yield address, UNSAID


def _find_out(client: Client, audience: str, segment: str, addresses: Sequence[str]) -> dict[str, str]:
    """Why contacts were not added: by the list of those who have the tag, or one by one, whichever is fewer calls."""
    if not addresses:
        return {}
    path = MEMBERS.format(list_id=audience, segment_id=segment)
    statuses, total = _read_members(client, path, 0)
    pages = -(-total // PAGE_SIZE)
    if pages > len(addresses):
        return {address: _look_up(client, audience, segment, address) for address in addresses}
    for page in range(1, pages):
        statuses |= _read_members(client, path, page)[0]
    return {
        address: _describe_status(statuses[address]) if address in statuses else NO_CONTACT for address in addresses
    }


def _read_members(client: Client, path: str, page: int) -> tuple[dict[str, str], int]:
    """Status by address of a page of those who have a tag, and how many they are in all."""
    params: dict[str, str | int] = {
        "count": PAGE_SIZE,
        "offset": page * PAGE_SIZE,
        "fields": "members.email_address,members.status,total_items",
        "include_cleaned": "true",
        "include_transactional": "true",
        "include_unsubscribed": "true",
    }
    answer = client.request("GET", path, params=params).json()
    statuses = {
        str(member["email_address"]).strip().lower(): str(member.get("status") or "") for member in answer["members"]
    }
    return statuses, int(answer["total_items"])


def _look_up(client: Client, audience: str, segment: str, address: str) -> str:
    """Why a contact was not added: it is none, or had the tag before, which is no fault."""
    digest = hashlib.md5(address.encode(), usedforsecurity=False).hexdigest()
    answer = client.request(
        "GET",
        MEMBER.format(list_id=audience, member_hash=digest),
        params={"fields": "status,tags"},
        expect=(OK, UNKNOWN),
    )
    if answer.status == UNKNOWN:
        return NO_CONTACT
    member = answer.json()
    if all(str(tag.get("id")) != segment for tag in member.get("tags") or ()):
        return _describe_status(str(member.get("status") or "")) or UNSAID
    return _describe_status(str(member.get("status") or ""))


def _describe_status(status: str) -> str:
    """Why a contact of a status hears nothing; an empty text for one that does."""
    return "" if status == SUBSCRIBED else STATUS_REASONS.get(status, UNSAID)


def _read_segments(client: Client, path: str) -> Iterator[tuple[str, str]]:
    """Name and id of every static segment, the newest of a name last."""
    for page in range(MOST_PAGES):
        params: dict[str, str | int] = {
            "type": "static",
            "count": PAGE_SIZE,
            "offset": page * PAGE_SIZE,
            "fields": "segments.id,segments.name,total_items",
        }
        answer = client.request("GET", path, params=params).json()
        segments = answer["segments"]
        yield from ((str(item["name"]), str(item["id"])) for item in segments)
        if (page + 1) * PAGE_SIZE >= int(answer["total_items"]) or not segments:
            return
    raise RemoteError("Mailchimp names one page of tags after another without an end. Run the command again later.")


PLATFORM = Mailchimp()
