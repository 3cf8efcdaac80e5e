"""Klaviyo: profiles are imported in bulk into a list of the campaign's tag; subscriptions stay as they are.

Source: Klaviyo's published OpenAPI files, github.com/klaviyo/openapi, revision 2026-07-15 (as read in December 2026). A
job of `profile-bulk-import-jobs` takes 10,000 profiles and 5 MB; it updates a profile that is there, makes one that is
not, and adds it to a list. 10 such requests a second are allowed and 150 a minute; new lists are 150 a day. A job is
`complete` or `cancelled` in the end, and names what it did not take by its place in the request. An import neither
subscribes a profile nor lifts a suppression: who has no consent in Klaviyo hears nothing from it, list or not.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar, Final
from urllib.parse import parse_qs, urlsplit

import polars as pl

from frontrow.errors import RemoteError
from frontrow.push.platform import (
    TAG_PROPERTY,
    Batch,
    Client,
    Connection,
    JobLostError,
    Outcome,
    Platform,
    PlatformSetting,
    Rejection,
    Sent,
)
from frontrow.remote.secrets import Secret

REVISION: Final = "2026-07-15"
MEDIA_TYPE: Final = "application/vnd.api+json"
LISTS: Final = "/api/lists"
JOBS: Final = "/api/profile-bulk-import-jobs"
ENVELOPE: Final = 2_000
"""Bytes of a request beside its profiles, generously."""

FIELD: Final = {"email": "email", "sms": "phone_number"}
PLACE: Final = re.compile(r"/data/attributes/profiles/data/(\d+)(?:/|$)")
"""How an error points to a profile of the request."""

CODE: Final = re.compile(r"[a-z][a-z_-]{1,60}")
"""An error's code; its words are not shown, for they may hold the address."""

REFUSED_FIELD: Final = {
    "email": "Klaviyo does not accept the e-mail address",
    "phone_number": "Klaviyo does not accept the phone number",
}
ENDED: Final = ("complete", "cancelled")
OK: Final = 200
CREATED: Final = 201
ACCEPTED: Final = 202
BAD_REQUEST: Final = 400
NO_SUCH_JOB: Final = 404
PAGE_SIZE: Final = 100
MOST_PAGES: Final = 1_000
UNSAID: Final = "Klaviyo did not take it, and did not say why"


class Klaviyo(Platform):
    """A list for each tag; and a property of the profile, where the destination names one."""

    name = "klaviyo"
    title = "Klaviyo"
    default_key = "KLAVIYO_API_KEY"
    settings = (
        PlatformSetting("key", "a private API key with the scopes of docs/push.md", secret=True),
        PlatformSetting("url", "address of the interface", required=False, default="https://a.klaviyo.com"),
        PlatformSetting(TAG_PROPERTY, "a profile property that gets the tag too, such as frontrow_tag", required=False),
    )
    calls = (
        ("GET", LISTS),
        ("POST", LISTS),
        ("POST", JOBS),
        ("GET", f"{JOBS}/{{id}}"),
        ("GET", f"{JOBS}/{{id}}/import-errors"),
        ("GET", f"{JOBS}/{{id}}/profiles"),
    )
    # 150 a minute, which keeps 10 a second too
    requests_per_second: ClassVar[float] = 2.5
    batch_rows: ClassVar[int] = 10_000
    batch_bytes: ClassVar[int | None] = 5_000_000 - ENVELOPE
    steps = (
        "In Klaviyo open Audience > Lists & segments: the list is named {tag}.",
        "Create the campaign, and choose this list under Send to.",
        "Choose the list that ends in held-out under Don't send to.",
    )
    held_out_steps = (
        "In every campaign and flow about the product choose the list {tag} under Don't send to.",
        "When the days that count are over, delete the list: it contacts nobody and keeps nobody out any more.",
    )

    def connect(self, settings: Mapping[str, str], secrets: Mapping[str, Secret]) -> Connection:
        """See `Platform.connect`."""
        return Connection(
            settings["url"],
            {
                "Authorization": Secret(f"Klaviyo-API-Key {secrets['key'].reveal()}"),
                "revision": REVISION,
                "Accept": MEDIA_TYPE,
                "Content-Type": MEDIA_TYPE,
            },
        )

    def prepare(self, client: Client, tags: Sequence[str], settings: Mapping[str, str]) -> dict[str, str]:  # noqa: ARG002
        """Find or make the list of each tag: see `Platform.prepare`."""
        return {tag: _find_list(client, tag) or _make_list(client, tag) for tag in tags}

    def entry(self, recipient: Mapping[str, Any]) -> dict[str, Any]:
        """See `Platform.entry`."""
        properties = json.loads(recipient["properties"] or "{}")
        attributes = {FIELD[recipient["channel"]]: recipient["address"]}
        return {"type": "profile", "attributes": {**attributes, **({"properties": properties} if properties else {})}}

    def send(self, client: Client, prepared: Mapping[str, str], batch: Batch) -> Sent:
        """Start a job; profiles that the request cannot hold are left out of it: see `Platform.send`."""
        rows, rejected = batch.rows, list[Rejection]()
        while rows.height:
            answer = client.request(
                "POST",
                JOBS,
                json=self._to_job(rows, prepared[batch.tag]),
                expect=(ACCEPTED, BAD_REQUEST),
                # the same profiles in the same list once more change nothing
                repeatable=True,
            )
            if answer.status == ACCEPTED:
                return Sent(str(answer.json()["data"]["id"]), tuple(rejected))
            refused = dict(_read_places(answer.json().get("errors", []), rows))
            if not refused:
                raise RemoteError(
                    f"Klaviyo refuses batch {batch.number} as a whole (status 400); nobody of it was taken. Look for "
                    "a newer frontrow: Klaviyo may have changed what it accepts."
                )
            rejected += [Rejection(customer_id, reason) for customer_id, reason in refused.items()]
            rows = rows.filter(~pl.col("customer_id").is_in([*refused]))
        return Sent(None, tuple(rejected))

    def poll(
        self,
        client: Client,
        prepared: Mapping[str, str],  # noqa: ARG002
        batch: Batch,
        job_id: str,
    ) -> Outcome | None:
        """See `Platform.poll`."""
        answer = client.request("GET", f"{JOBS}/{job_id}", expect=(OK, NO_SUCH_JOB))
        if answer.status == NO_SUCH_JOB:
            raise JobLostError
        job = answer.json()["data"]["attributes"]
        if job["status"] not in ENDED:
            return None
        failed = int(job.get("failed_count") or 0)
        if job["status"] == "complete" and not failed:
            return Outcome()
        errors = list(_read_pages(client, f"{JOBS}/{job_id}/import-errors"))
        refused = dict(_read_places([error["attributes"] for error in errors], batch.rows))
        if job["status"] == "cancelled" or len(refused) != failed:
            # what it says it refused is not the whole: what it says it took decides
            refused = _find_missing(client, job_id, batch.rows, refused)
        return Outcome(tuple(Rejection(customer_id, reason) for customer_id, reason in refused.items()))

    def _to_job(self, rows: pl.DataFrame, list_id: str) -> dict[str, Any]:
        profiles = [self.entry(recipient) for recipient in rows.iter_rows(named=True)]
        return {
            "data": {
                "type": "profile-bulk-import-job",
                "attributes": {"profiles": {"data": profiles}},
                "relationships": {"lists": {"data": [{"type": "list", "id": list_id}]}},
            }
        }


def _find_list(client: Client, tag: str) -> str | None:
    """The id of the list named like a tag; the oldest where there are several."""
    params = {"filter": f'equals(name,"{tag}")', "sort": "created"}
    lists = client.request("GET", LISTS, params=params).json()["data"]
    return next((str(item["id"]) for item in lists if item["attributes"].get("name") == tag), None)


def _make_list(client: Client, tag: str) -> str:
    body = {"data": {"type": "list", "attributes": {"name": tag}}}
    return str(client.request("POST", LISTS, json=body, expect=(CREATED,)).json()["data"]["id"])


def _read_places(errors: Iterable[Mapping[str, Any]], rows: pl.DataFrame) -> Iterator[tuple[int, str]]:
    """Customer number and reason of each error that is about one of the profiles; the first error of each comes last.

    An error names its profile by the place in the request, or repeats what was sent.
    """
    customer_ids, addresses = rows["customer_id"].to_list(), rows["address"].to_list()
    by_address = {address: place for place, address in enumerate(addresses) if address}
    for error in reversed([*errors]):
        pointer = str((error.get("source") or {}).get("pointer") or "")
        match = PLACE.match(pointer)
        place = int(match[1]) if match else _find_address(error.get("original_payload"), by_address)
        if place is not None and place < len(customer_ids):
            yield customer_ids[place], _describe(error, pointer)


def _find_address(payload: Any, by_address: Mapping[str, int]) -> int | None:
    """The place of the profile whose address is somewhere in what Klaviyo sends back."""
    if isinstance(payload, str):
        return by_address.get(payload.strip().lower())
    parts = payload.values() if isinstance(payload, Mapping) else payload if isinstance(payload, list) else ()
    return next((place for part in parts if (place := _find_address(part, by_address)) is not None), None)


def _describe(error: Mapping[str, Any], pointer: str) -> str:
    name = pointer.rpartition("/")[2]
    if name in REFUSED_FIELD:
        return REFUSED_FIELD[name]
    code = str(error.get("code") or "")
    return f"Klaviyo did not take it: {code}" if CODE.fullmatch(code) else UNSAID


def _find_missing(client: Client, job_id: str, rows: pl.DataFrame, reasons: Mapping[int, str]) -> dict[int, str]:
    """Those of a job's profiles whom Klaviyo does not list among those it took, with the reasons that it gave."""
    params = {"fields[profile]": "email,phone_number"}
    taken = {
        str(address).strip().lower()
        for profile in _read_pages(client, f"{JOBS}/{job_id}/profiles", params)
        for address in (profile["attributes"].get(name) for name in FIELD.values())
        if address
    }
    missing = rows.filter(~pl.col("address").is_in([*taken]).fill_null(False))
    return {customer_id: reasons.get(customer_id, UNSAID) for customer_id in missing["customer_id"]}


def _read_pages(client: Client, path: str, params: Mapping[str, str] | None = None) -> Iterator[Mapping[str, Any]]:
    """The entries of every page."""
    page: dict[str, str | int] = {**(params or {}), "page[size]": PAGE_SIZE}
    for _ in range(MOST_PAGES):
        answer = client.request("GET", path, params=page).json()
        yield from answer["data"]
        following = (answer.get("links") or {}).get("next")
        cursor = parse_qs(urlsplit(following or "").query).get("page[cursor]", [""])[0]
        if not cursor:
            return
        page["page[cursor]"] = cursor
    raise RemoteError("Klaviyo names one page after another without an end. Run the command again later.")


PLATFORM = Klaviyo()
