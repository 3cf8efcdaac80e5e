"""Jobs over HTTP: what a program sees of one, how a route begins one, and how it reads what one left."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse

from frontrow.errors import SettingError
from frontrow.web.api.access import find_shop
from frontrow.web.api.problems import ProblemError
from frontrow.web.jobs.job import Job, State
from frontrow.web.jobs.kind import get_kind
from frontrow.web.security.visitor import Visitor
from frontrow.web.server_state import Server

POLL_SECONDS: Final = 2

RESULTS: Final = {
    "audience": "/v1/audiences/{job_id}",
    "import_exports": "/v1/imports/{job_id}",
    "sync": "/v1/syncs/{job_id}",
    "backtest": "/v1/backtests/{job_id}",
    "train": "/v1/trainings/{job_id}",
}
"""The address of what a job of each kind made; of others, `OTHER_RESULT`."""

OTHER_RESULT: Final = "/v1/jobs/{job_id}/result"

EXAMPLE: Final[dict[str, Any]] = {
    "job_id": "3f6c0a9d2b7e4c1f8a5d6e70",
    "kind": "audience",
    "shop": "garden",
    "state": "running",
    "progress": 0.4,
    "error": None,
    "field": None,
    "created_at": "2026-05-31T09:00:00Z",
    "started_at": "2026-05-31T09:00:01Z",
    "ended_at": None,
    "created_by": "till",
    "request": {"shop": "garden", "products": [{"title": "Frost-proof pot", "price": 24.9}]},
    "result": None,
}


class JobDocument(BaseModel):
    """A piece of work that takes longer than an answer may."""

    job_id: str = Field(description="Its id.")
    kind: str = Field(description="Which use case it runs.")
    shop: str = Field(description="Name of the shop.")
    state: State = Field(description="waiting, running, done, failed or cancelled; the last three are final.")
    progress: float | None = Field(description="Share that is done, from 0 to 1; null while that is not known.")
    error: str | None = Field(description="What went wrong, where it failed: a sentence for a person.")
    field: str | None = Field(description="The field of the request at fault, where one is.")
    created_at: dt.datetime = Field(description="When it was asked for.")
    started_at: dt.datetime | None = Field(description="When it began; null while it waits.")
    ended_at: dt.datetime | None = Field(description="When it ended; null before.")
    created_by: str = Field(description="Name of the token it was asked for with.")
    request: dict[str, Any] = Field(description="What was asked for.")
    result: str | None = Field(description="Address of what it made, once it is done.")


def describe_job(job: Job) -> dict[str, Any]:
    """What a program sees of a job.

    Args:
        job: As it stands in the database.
    """
    done = job.state == "done"
    share = 1.0 if done else min(job.done / job.total, 1.0) if job.total > 0 else None
    instants = {name: getattr(job, name) for name in ("created_at", "started_at", "ended_at")}
    return {
        "job_id": job.job_id,
        "kind": job.kind,
        "shop": job.shop,
        "state": job.state,
        "progress": share,
        "error": job.error or None,
        "field": job.field or None,
        **{name: None if value is None else value.isoformat() for name, value in instants.items()},
        "created_by": job.created_by,
        "request": job.request,
        "result": RESULTS.get(job.kind, OTHER_RESULT).format(job_id=job.job_id) if done else None,
    }


async def begin_job(
    server: Server, visitor: Visitor, kind: str, request: BaseModel, claim: str | None, *, new_shop: bool = False
) -> JSONResponse:
    """Write a job down, and answer 202 with its address.

    Args:
        server: Keeps the jobs.
        visitor: Who asks for it.
        kind: Name of its kind.
        request: What is asked for, checked.
        claim: The id that the request's idempotency key gave it; None for any.
        new_shop: Whether the shop need not be there yet.

    Raises:
        ProblemError: There is no such shop (404), or too many jobs wait (429).
    """
    get_kind(kind)
    values = request.model_dump(mode="json")
    shop = str(values["shop"])
    if not new_shop:
        find_shop(server, shop)
    try:
        job = await run_in_threadpool(server.jobs.add, kind, shop, values, created_by=visitor.name, job_id=claim)
    except SettingError as error:
        if error.setting == "jobs":
            raise ProblemError(429, "too-many-jobs", str(error), headers={"Retry-After": "30"}) from None
        raise
    server.runner.wake()
    headers = {"Location": f"/v1/jobs/{job.job_id}", "Retry-After": str(POLL_SECONDS)}
    return JSONResponse(describe_job(job), 202, headers)


def find_job(server: Server, job_id: str, kind: str | None = None) -> Job:
    """The job of an id.

    Args:
        server: Keeps the jobs.
        job_id: As it was sent.
        kind: The kind it must be of; None for any.

    Raises:
        ProblemError: There is none: 404.
    """
    job: Job | None = server.jobs.get(job_id)
    if job is None or (kind is not None and job.kind != kind):
        what = "job" if kind is None else RESULTS.get(kind, kind).split("/")[2].rstrip("s")
        raise ProblemError(404, "not-found", f"There is no {what} of that id here. It may have been removed since.")
    return job


def find_done_job(server: Server, job_id: str, kind: str | None = None) -> tuple[Job, Path]:
    """The job of an id that is done, and the folder of what it left.

    Args:
        server: Keeps the jobs.
        job_id: As it was sent.
        kind: The kind it must be of; None for any.

    Raises:
        ProblemError: There is none (404), or it has not made anything (409).
    """
    job = find_job(server, job_id, kind)
    if job.state == "done":
        return job, server.runner.folder_of(job_id)
    if job.state == "failed":
        raise ProblemError(409, "job-failed", f"The job failed: {job.error}", field=job.field)
    if job.state == "cancelled":
        raise ProblemError(409, "job-cancelled", "The job was cancelled, so that it made nothing.")
    raise ProblemError(
        409,
        "not-done",
        f"The job is {job.state}. Ask /v1/jobs/{job_id} until its state is done.",
        headers={"Retry-After": str(POLL_SECONDS)},
    )
