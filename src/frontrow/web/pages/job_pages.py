"""Jobs as pages show them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from starlette.exceptions import HTTPException

from frontrow.service.column_choices import is_about_columns
from frontrow.web.jobs.job import Job
from frontrow.web.jobs.kind import kinds
from frontrow.web.jobs.results import read_result
from frontrow.web.pages.addresses import address
from frontrow.web.pages.destinations import find_destination
from frontrow.web.server_state import Server

NO_JOB: Final = "There is no job of that address here. Old jobs are removed; do it again."
STATES: Final[Mapping[str, str]] = {
    "waiting": "waits for its turn",
    "running": "is running",
    "done": "done",
    "failed": "did not work",
    "cancelled": "cancelled",
}


@dataclass(frozen=True)
class JobView:
    """A job as a page shows it.

    Attributes:
        job: The job.
        title: What it does.
        about: What it is about: titles of products, or names of files.
        state: Its state in words.
        href: Its own page, which leads on where it is done.
        share: How far it is, from 0 to 1; None where that is not known.
        minutes: Whole minutes since it was asked for, or that it took.
        again: The page where the same may be asked for again.
        columns: The page where a person names the columns of a file in no known format; empty for another job.
    """

    job: Job
    title: str
    about: str
    state: str
    href: str
    share: float | None
    minutes: int
    again: str
    columns: str


def view_job(job: Job, now: Any) -> JobView:
    """Describe a job.

    Args:
        job: The job.
        now: The present instant, UTC.
    """
    kind = kinds().get(job.kind)
    since = ((job.ended_at or now) - (job.started_at or job.created_at)).total_seconds()
    state = "is being cancelled" if job.cancelling and not job.is_final else STATES[job.state]
    return JobView(
        job,
        job.kind if kind is None else kind.title,
        _describe(job.request),
        state,
        address("jobs", job.job_id),
        job.done / job.total if job.total else None,
        int(since // 60),
        _ask_again(job),
        address("jobs", job.job_id, "columns") if is_about_columns(job.error) else "",
    )


def find_job(server: Server, job_id: str) -> Job:
    """The job of an id.

    Raises:
        HTTPException: There is none.
    """
    job: Job | None = server.jobs.get(job_id)
    if job is None:
        raise HTTPException(404, NO_JOB)
    return job


def find_done(server: Server, job_id: str, shop: str, kind: str) -> Job:
    """The job of an id, where it is of this shop and kind, and done.

    Raises:
        HTTPException: There is none.
    """
    job = find_job(server, job_id)
    if job.shop != shop or job.kind != kind or job.state != "done":
        raise HTTPException(404, NO_JOB)
    return job


def find_next_page(server: Server, job: Job) -> str:
    """The page that a job leads to that is done.

    Raises:
        ArtifactError: Its results are not there any more.
    """
    return find_destination(job, read_result(server.runner.folder_of(job.job_id)))


def _describe(request: Mapping[str, Any]) -> str:
    titles = [str(product.get("title", "")) for product in request.get("products", ())]
    if titles:
        return titles[0] if len(titles) == 1 else f"{titles[0]} and {len(titles) - 1} more"
    return str(request.get("name", ""))


def _ask_again(job: Job) -> str:
    if job.kind == "audience":
        return address("shops", job.shop, "new", again=job.job_id)
    if job.kind == "campaign":
        return address("shops", job.shop, "audiences", str(job.request["audience"]), "length")
    if job.kind == "measure_pool":
        return address("shops", job.shop, "campaigns")
    if job.kind == "push":
        return find_destination(job, {})
    return address("shops", job.shop) if job.kind != "import_exports" else address()
