"""Is it right? The back-test over past launches, for a doubter."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from frontrow.web.jobs.results import read_notices, read_sections
from frontrow.web.pages.access import KNOWN_SHOP, AtServer, Planner, Reader, go_to, submit_job
from frontrow.web.pages.addresses import address
from frontrow.web.pages.drawing import render

router = APIRouter(include_in_schema=False)


@router.get("/shops/{shop}/evidence", dependencies=[KNOWN_SHOP])
def show_evidence(request: Request, shop: str, server: AtServer, visitor: Reader) -> Response:
    """The latest back-test of the shop, and the one that is being made."""
    latest = next(iter(server.jobs.list(shop=shop, kind="backtest", state="done", limit=1)), None)
    newest = next(iter(server.jobs.list(shop=shop, kind="backtest", limit=1)), None)
    folder = None if latest is None else server.runner.folder_of(latest.job_id)
    return render(
        request,
        "evidence.html",
        shop=shop,
        at="evidence",
        tested_at=None if latest is None else latest.ended_at,
        sections=[] if folder is None else read_sections(folder),
        notices=[] if folder is None else read_notices(folder),
        running=newest if newest is not None and not newest.is_final else None,
        may_plan=visitor.may("plan"),
    )


@router.post("/shops/{shop}/evidence", dependencies=[KNOWN_SHOP])
def start_backtest(shop: str, server: AtServer, visitor: Planner) -> Response:
    """Start a back-test."""
    job = submit_job(server, visitor, "backtest", {"shop": shop})
    return go_to(address("jobs", job.job_id))
