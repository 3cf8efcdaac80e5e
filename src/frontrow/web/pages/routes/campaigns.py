"""Campaigns: planning one, its files, what to do on the platform, and recording that it was sent."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import FileResponse, RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from frontrow.errors import FrontrowError
from frontrow.service.campaign_page import list_campaigns, read_campaign_page
from frontrow.service.contacts import record_contacts
from frontrow.web.pages.addresses import address
from frontrow.web.pages.campaign_form import read_form
from frontrow.web.pages.drawing import render
from frontrow.web.pages.road import build_road
from frontrow.web.pages.routes.length import draw_lengths
from frontrow.web.security.visitor import Visitor, require
from frontrow.web.server_state import Server, get_server
from frontrow.web.shops import resolve_shop

router = APIRouter(include_in_schema=False)


@router.get("/shops/{shop}/campaigns")
def show_campaigns(
    request: Request,
    shop: str,
    server: Annotated[Server, Depends(get_server)],
    visitor: Annotated[Visitor, Depends(require("read"))],
) -> Response:
    """Every campaign of the shop."""
    del visitor
    result = list_campaigns(resolve_shop(server.settings.folder, shop))
    return render(request, "campaigns.html", shop=shop, at="campaigns", campaigns=result.rows, notices=result.notices)


@router.post("/shops/{shop}/campaigns")
async def plan_campaign(
    request: Request,
    shop: str,
    server: Annotated[Server, Depends(get_server)],
    visitor: Annotated[Visitor, Depends(require("plan"))],
) -> Response:
    """Start the job that plans a campaign; what is wrong with the form is said on its page."""
    sent = await request.form()
    audience = str(sent.get("audience") or "")
    form = read_form(sent, shop=shop, audience=audience)
    if form.request is None:
        return await run_in_threadpool(draw_lengths, request, server, shop, audience, form, status=422)
    resolve_shop(server.settings.folder, shop)
    job = await run_in_threadpool(
        server.jobs.add, "campaign", shop, form.request.model_dump(mode="json"), created_by=visitor.name
    )
    server.runner.wake()
    return RedirectResponse(address("jobs", job.job_id), 303)


@router.get("/shops/{shop}/campaigns/{campaign_id}")
def show_campaign(
    request: Request,
    shop: str,
    campaign_id: str,
    server: Annotated[Server, Depends(get_server)],
    visitor: Annotated[Visitor, Depends(require("read"))],
) -> Response:
    """One campaign: its files first, then what to do with them."""
    return _draw_campaign(request, server, shop, campaign_id, visitor)


@router.get("/shops/{shop}/campaigns/{campaign_id}/files/{name}")
def download_file(
    shop: str,
    campaign_id: str,
    name: str,
    server: Annotated[Server, Depends(get_server)],
    visitor: Annotated[Visitor, Depends(require("addresses"))],
) -> Response:
    """A file with addresses; who took it is written down."""
    page = read_campaign_page(resolve_shop(server.settings.folder, shop), campaign_id)
    for file in page.files:
        # compared with the files that are there; never put into a path
        if file.path.name == name:
            rows = page.campaign.held_out.height if file.held_out else page.campaign.contacted.height
            server.audit.record(visitor.name, "took addresses", shop=shop, what=f"{campaign_id}/{name}", rows=rows)
            return FileResponse(file.path, filename=name, media_type="application/octet-stream")
    raise HTTPException(404, "The campaign has no such file")


@router.post("/shops/{shop}/campaigns/{campaign_id}/sent")
async def mark_as_sent(
    request: Request,
    shop: str,
    campaign_id: str,
    server: Annotated[Server, Depends(get_server)],
    visitor: Annotated[Visitor, Depends(require("plan"))],
) -> Response:
    """Record that the campaign was sent; recorded again, nothing changes."""
    sent = await request.form()
    try:
        day = dt.date.fromisoformat(str(sent.get("sent_on") or ""))
    except ValueError:
        return await run_in_threadpool(
            _draw_campaign, request, server, shop, campaign_id, visitor, "Give the day as 2026-05-31."
        )
    try:
        await run_in_threadpool(_record, server, shop, campaign_id, day)
    except FrontrowError as error:
        return await run_in_threadpool(_draw_campaign, request, server, shop, campaign_id, visitor, str(error))
    return RedirectResponse(address("shops", shop, "campaigns", campaign_id, note="sent"), 303)


def _record(server: Server, shop: str, campaign_id: str, day: dt.date) -> None:
    folder = resolve_shop(server.settings.folder, shop)
    page = read_campaign_page(folder, campaign_id)
    record_contacts(folder, Path(page.registered.folder), day)


def _draw_campaign(
    request: Request, server: Server, shop: str, campaign_id: str, visitor: Visitor, error: str = ""
) -> Response:
    page = read_campaign_page(resolve_shop(server.settings.folder, shop), campaign_id)
    answer, *details = page.sections()
    return render(
        request,
        "campaign.html",
        status=422 if error else 200,
        shop=shop,
        at="campaigns",
        road=build_road(shop, "Campaign", campaign=campaign_id),
        campaign=page.campaign,
        campaign_id=campaign_id,
        recorded=page.registered.recorded,
        answer=answer.blocks,
        details=details,
        platforms=[
            (export, [file for file in page.files if file.export.name == export.name]) for export in page.platforms
        ],
        until=page.until,
        may_download=visitor.may("addresses"),
        today=dt.date.today(),
        error=error,
    )
