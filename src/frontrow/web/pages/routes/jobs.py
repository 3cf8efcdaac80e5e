"""Jobs: how far each is; one that is done leads on by itself, one that runs may be cancelled, left and found again."""

from __future__ import annotations

import datetime as dt
from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from frontrow.web.pages.access import PLAN, READ, AtServer, go_to
from frontrow.web.pages.addresses import address
from frontrow.web.pages.drawing import draw, render
from frontrow.web.pages.job_pages import find_job, find_next_page, view_job
from frontrow.web.shops import list_shops

router = APIRouter(include_in_schema=False, dependencies=[READ])

SHOWN: Final = 50
RELOAD_SECONDS: Final = 2
"""How often a browser without scripts asks again."""


@router.get("/jobs")
def list_jobs(request: Request, server: AtServer, shop: str = "") -> Response:
    """The latest jobs, the newest first."""
    now = dt.datetime.now(dt.UTC)
    jobs = [view_job(job, now) for job in server.jobs.list(shop=shop or None, limit=SHOWN)]
    return render(request, "jobs.html", at="jobs", jobs=jobs)


@router.get("/jobs/{job_id}")
def show_job(request: Request, job_id: str, server: AtServer) -> Response:
    """How far a job is; where it is done, its result."""
    job = find_job(server, job_id)
    if job.state == "done":
        return go_to(find_next_page(server, job))
    view = view_job(job, dt.datetime.now(dt.UTC))
    going_to = None if job.is_final else (RELOAD_SECONDS, view.href)
    # an import may make a shop that is not there yet
    shop = job.shop if job.shop in list_shops(server.settings.folder) else None
    return render(request, "job.html", at="jobs", view=view, going_to=going_to, shop=shop)


@router.get("/jobs/{job_id}/state")
def show_state(job_id: str, server: AtServer) -> Response:
    """The part of a job's page that changes; a script asks for it every second."""
    job = find_job(server, job_id)
    if job.state == "done":
        return Response(headers={"HX-Redirect": find_next_page(server, job)})
    return HTMLResponse(draw("job_state.html", view=view_job(job, dt.datetime.now(dt.UTC))))


@router.post("/jobs/{job_id}/cancel", dependencies=[PLAN])
def cancel_job(job_id: str, server: AtServer) -> Response:
    """Cancel a job."""
    job = server.jobs.cancel(find_job(server, job_id).job_id)
    server.runner.wake()
    return go_to(address("jobs", job.job_id))
