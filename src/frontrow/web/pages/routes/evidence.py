"""Is it right? The back-test over past launches, for a doubter."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from frontrow.web.jobs.results import read_notices, read_sections
from frontrow.web.pages.addresses import address
from frontrow.web.pages.drawing import render
from frontrow.web.security.visitor import Visitor, require
from frontrow.web.server_state import Server, get_server
from frontrow.web.shops import resolve_shop

router = APIRouter(include_in_schema=False)


@router.get("/shops/{shop}/evidence")
def show_evidence(
    request: Request,
    shop: str,
    server: Annotated[Server, Depends(get_server)],
    visitor: Annotated[Visitor, Depends(require("read"))],
) -> Response:
    """The latest back-test of the shop, and the one that is being made."""
    resolve_shop(server.settings.folder, shop)
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


@router.post("/shops/{shop}/evidence")
async def start_backtest(
    shop: str,
    server: Annotated[Server, Depends(get_server)],
    visitor: Annotated[Visitor, Depends(require("plan"))],
) -> Response:
    """Start a back-test."""
    resolve_shop(server.settings.folder, shop)
    job = await run_in_threadpool(server.jobs.add, "backtest", shop, {"shop": shop}, created_by=visitor.name)
    server.runner.wake()
    return RedirectResponse(address("jobs", job.job_id), 303)
