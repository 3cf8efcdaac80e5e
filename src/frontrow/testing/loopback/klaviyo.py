"""A Klaviyo on this machine: lists, profiles and bulk import jobs, as its published interface describes them.

It keeps the documented limits, refuses profiles, loses keys and takes its time on demand; and it holds what a person
agreed to in Klaviyo, which nothing of a push may change.
"""

from __future__ import annotations

import re
import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from frontrow.testing.loopback.exchange import Reply, Request
from frontrow.testing.loopback.server import LoopbackServer

KEY: Final = "pk_loopback_key"
MEDIA_TYPE: Final = "application/vnd.api+json"
MOST_PROFILES: Final = 10_000
MOST_BYTES: Final = 5_000_000
BURST_PER_SECOND: Final = 10
STEADY_PER_MINUTE: Final = 150
LISTS_A_DAY: Final = 150
NOW: Final = "2026-12-01T00:00:00+00:00"
JOBS: Final = "/api/profile-bulk-import-jobs"

Refusal = Callable[[str], str | None]
"""The field at fault of an address; None to take it."""


@dataclass
class ImportJob:
    """A job.

    Attributes:
        profiles: What was sent.
        list_id: The list the profiles get into; None for none.
        polls_left: So many more questions are answered with "processing".
        errors: What it did not take.
        accepted: The addresses that it took.
    """

    profiles: list[dict[str, Any]]
    list_id: str | None
    polls_left: int
    errors: list[dict[str, Any]] = field(default_factory=list)
    accepted: list[str] = field(default_factory=list)


class KlaviyoServer(LoopbackServer):
    """A Klaviyo account.

    Args:
        refuse: Which profiles a job does not take.
        refuse_at_once: Which profiles the request of a job is refused for.
        polls: How often a job is "processing" before it is complete.
        clock: Tells the seconds for the limits; a test shares it with the client.
        keeps_limits: Whether more requests than documented are refused.

    Attributes:
        key: The key that is valid now.
        lists: Name by id.
        members: Addresses by list.
        profiles: Attributes by address.
        consent: What a person agreed to, by address; nothing here changes it.
        imports: How often a job took an address.
        jobs: By id.
        too_fast: How many requests were above the documented limits.
    """

    def __init__(
        self,
        *,
        refuse: Refusal = lambda _: None,
        refuse_at_once: Refusal = lambda _: None,
        polls: int = 0,
        clock: Callable[[], float] = time.monotonic,
        keeps_limits: bool = True,
    ) -> None:
        super().__init__()
        self.key = KEY
        self.lists: dict[str, str] = {}
        self.members: dict[str, set[str]] = {}
        self.profiles: dict[str, dict[str, Any]] = {}
        self.consent: dict[str, str] = {}
        self.imports: Counter[str] = Counter()
        self.jobs: dict[str, ImportJob] = {}
        self.too_fast = 0
        self._refuse, self._refuse_at_once, self._polls = refuse, refuse_at_once, polls
        self._clock, self._keeps_limits = clock, keeps_limits
        self._times: dict[tuple[str, str], deque[float]] = {}
        self._serve("GET", "/api/lists", self._get_lists)
        self._serve("POST", "/api/lists", self._create_list)
        self._serve("POST", JOBS, self._create_job)
        self._serve("GET", f"{JOBS}/{{id}}", self._get_job)
        self._serve("GET", f"{JOBS}/{{id}}/import-errors", self._get_errors)
        self._serve("GET", f"{JOBS}/{{id}}/profiles", self._get_profiles)

    def forget_job(self, job_id: str) -> None:
        """Let a job expire."""
        del self.jobs[job_id]

    def list_named(self, name: str) -> set[str]:
        """The addresses in a list; nobody where there is no such list."""
        return {address for list_id, title in self.lists.items() if title == name for address in self.members[list_id]}

    def _serve(self, method: str, path: str, handler: Callable[[Request], Reply]) -> None:
        def answer(request: Request) -> Reply:
            if request.headers.get("authorization") != f"Klaviyo-API-Key {self.key}":
                return _refuse_request(401, "not_authenticated", "Authentication credentials were not provided.")
            if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", request.headers.get("revision", "")):
                return _refuse_request(400, "invalid", "The revision header is missing.")
            if self._is_above_limits((method, path)):
                self.too_fast += 1
                if self._keeps_limits:
                    reply = _refuse_request(429, "throttled", "Request was throttled.")
                    return Reply(reply.body, 429, {**reply.headers, "Retry-After": "1"})
            return handler(request)

        self.add_route(method, path, answer)

    def _is_above_limits(self, route: tuple[str, str]) -> bool:
        """Whether a request is the eleventh of a second, or the 151st of a minute, to this path."""
        now, times = self._clock(), self._times.setdefault(route, deque())
        while times and now - times[0] >= 60.0:
            times.popleft()
        times.append(now)
        return len(times) > STEADY_PER_MINUTE or sum(now - instant < 1.0 for instant in times) > BURST_PER_SECOND

    def _get_lists(self, request: Request) -> Reply:
        match = re.fullmatch(r'equals\(name,"([^"]*)"\)', request.params.get("filter", ""))
        if match is None:
            return _refuse_request(400, "invalid", "This filter is not one that the loopback server plays.")
        return _reply(200, {"data": [_list(key, name) for key, name in self.lists.items() if name == match[1]]})

    def _create_list(self, request: Request) -> Reply:
        if len(self.lists) >= LISTS_A_DAY:
            return _refuse_request(429, "throttled", "Request was throttled. Expected available in 86400 seconds.")
        list_id = f"L{len(self.lists):05}"
        self.lists[list_id] = str(request.json()["data"]["attributes"]["name"])
        self.members[list_id] = set()
        return _reply(201, {"data": _list(list_id, self.lists[list_id])})

    def _create_job(self, request: Request) -> Reply:
        data = request.json()["data"]
        profiles = data["attributes"]["profiles"]["data"]
        if len(profiles) > MOST_PROFILES or len(request.body) > MOST_BYTES:
            return _refuse_request(413, "payload_too_large", "The payload is too large.")
        refused = [
            _error(index, name)
            for index, profile in enumerate(profiles)
            if (name := self._refuse_at_once(_address(profile))) is not None
        ]
        if refused:
            return _reply(400, {"errors": [{"id": _id(0), **error} for error in refused]})
        lists = data.get("relationships", {}).get("lists", {}).get("data", [])
        job_id = f"01J{len(self.jobs):023}"
        self.jobs[job_id] = job = ImportJob(profiles, lists[0]["id"] if lists else None, self._polls)
        self._take_in(job)
        return _reply(202, {"data": self._job(job_id, is_done=False)})

    def _take_in(self, job: ImportJob) -> None:
        for index, profile in enumerate(job.profiles):
            address = _address(profile)
            name = self._refuse(address)
            if name is not None:
                job.errors.append({**_error(index, name), "original_payload": profile})
                continue
            stored = self.profiles.setdefault(address, {"properties": {}})
            stored["properties"] |= profile["attributes"].get("properties", {})
            job.accepted.append(address)
            self.imports[address] += 1
            if job.list_id is not None:
                self.members[job.list_id].add(address)

    def _get_job(self, request: Request) -> Reply:
        job = self.jobs.get(request.parts["id"])
        if job is None:
            return _refuse_request(404, "not_found", "A job with this id does not exist.")
        job.polls_left -= 1
        return _reply(200, {"data": self._job(request.parts["id"], is_done=job.polls_left < 0)})

    def _get_errors(self, request: Request) -> Reply:
        errors = [
            {"type": "import-error", "id": _id(index), "attributes": error}
            for index, error in enumerate(self.jobs[request.parts["id"]].errors)
        ]
        return self._page(request, errors)

    def _get_profiles(self, request: Request) -> Reply:
        profiles = [
            {
                "type": "profile",
                "id": f"P{index}",
                "attributes": {"email" if "@" in address else "phone_number": address},
                "links": {"self": f"{self.url}/api/profiles/P{index}"},
            }
            for index, address in enumerate(self.jobs[request.parts["id"]].accepted)
        ]
        return self._page(request, profiles)

    def _page(self, request: Request, entries: list[dict[str, Any]]) -> Reply:
        size, start = int(request.params.get("page[size]", "20")), int(request.params.get("page[cursor]", "0"))
        here = f"{self.url}{request.path}"
        links = {"self": here}
        if start + size < len(entries):
            links["next"] = f"{here}?page%5Bcursor%5D={start + size}&page%5Bsize%5D={size}"
        return _reply(200, {"data": entries[start : start + size], "links": links})

    def _job(self, job_id: str, *, is_done: bool) -> dict[str, Any]:
        job = self.jobs[job_id]
        return {
            "type": "profile-bulk-import-job",
            "id": job_id,
            "attributes": {
                "status": "complete" if is_done else "processing",
                "created_at": NOW,
                "total_count": len(job.profiles),
                "completed_count": len(job.accepted) if is_done else 0,
                "failed_count": len(job.errors) if is_done else 0,
                "completed_at": NOW if is_done else None,
                "expires_at": NOW,
                "started_at": NOW,
            },
            "links": {"self": f"{self.url}{JOBS}/{job_id}"},
        }


def _address(profile: dict[str, Any]) -> str:
    attributes = profile["attributes"]
    return str(attributes.get("email") or attributes.get("phone_number"))


def _error(index: int, name: str) -> dict[str, Any]:
    return {
        "code": "invalid",
        "title": "Invalid input.",
        "detail": "Invalid value for this profile.",
        "source": {"pointer": f"/data/attributes/profiles/data/{index}/attributes/{name}"},
    }


def _list(list_id: str, name: str) -> dict[str, Any]:
    attributes = {"name": name, "created": NOW, "updated": NOW, "opt_in_process": "double_opt_in"}
    links = {"self": f"https://a.klaviyo.com/api/lists/{list_id}"}
    return {"type": "list", "id": list_id, "attributes": attributes, "links": links}


def _id(number: int) -> str:
    return str(UUID(int=number))


def _reply(status: int, body: dict[str, Any]) -> Reply:
    return Reply(body, status, {"Content-Type": MEDIA_TYPE})


def _refuse_request(status: int, code: str, detail: str) -> Reply:
    error = {"id": _id(status), "code": code, "title": code, "detail": detail, "source": {}}
    return _reply(status, {"errors": [error]})
