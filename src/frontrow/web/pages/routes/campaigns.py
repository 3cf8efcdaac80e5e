"""Campaigns: planning one, its files, what to do on the platform, and recording that it was sent."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from frontrow.errors import FrontrowError
from frontrow.present.sections.campaigns import count_pools, describe_buyers, describe_earned, page_values
from frontrow.service.campaign_list import list_campaigns
from frontrow.service.campaigns import SurveySettings, survey_campaigns
from frontrow.service.contacts import record_contacts
from frontrow.service.destinations import describe_destinations
from frontrow.service.lift import lift_hold_out
from frontrow.web.downloads import send_campaign_files
from frontrow.web.jobs.results import read_notices, read_sections
from frontrow.web.jobs.rewording import Rewording
from frontrow.web.pages.access import (
    KNOWN_SHOP,
    PLAN,
    READ,
    AddressTaker,
    AtServer,
    Form,
    Planner,
    Reader,
    ShopFolder,
    go_to,
    read_text,
    submit_job,
)
from frontrow.web.pages.addresses import address
from frontrow.web.pages.campaign_form import read_form
from frontrow.web.pages.drawing import render
from frontrow.web.pages.finding import find_campaign
from frontrow.web.pages.job_pages import find_done
from frontrow.web.pages.road import build_road
from frontrow.web.pages.routes.length import draw_lengths
from frontrow.web.security.visitor import Visitor

router = APIRouter(include_in_schema=False)


@router.get("/shops/{shop}/campaigns", dependencies=[READ])
def show_campaigns(request: Request, shop: str, folder: ShopFolder) -> Response:
    """Every campaign of the shop, what each earned, and which may be measured together."""
    result = list_campaigns(folder)
    effects = {item.campaign_id: item.effects for item in result.campaigns if item.effects is not None}
    return render(
        request,
        "campaigns.html",
        shop=shop,
        at="campaigns",
        campaigns=result.rows,
        buyers={campaign_id: describe_buyers(item) for campaign_id, item in effects.items()},
        earned={campaign_id: describe_earned(item) for campaign_id, item in effects.items()},
        pools=count_pools(result.campaigns),
        notices=result.notices,
    )


@router.get("/shops/{shop}/campaigns/together", dependencies=[READ])
def show_together(request: Request, shop: str, folder: ShopFolder) -> Response:
    """When each campaign ran, whom two of them reached, and what all of them caused."""
    survey = survey_campaigns(folder, SurveySettings()).survey
    return render(request, "together.html", at="campaigns", **{**page_values(survey), "shop": shop})


@router.post("/shops/{shop}/campaigns/pools")
def measure_pool(shop: str, server: AtServer, folder: ShopFolder, visitor: Planner, sent: Form) -> Response:
    """Start the job that measures the campaigns of a pool together."""
    del folder
    job = submit_job(server, visitor, "measure_pool", {"shop": shop, "pool": read_text(sent, "pool")})
    return go_to(address("jobs", job.job_id))


@router.get("/shops/{shop}/campaigns/pools/{job_id}", dependencies=[KNOWN_SHOP, READ])
def show_pool(request: Request, shop: str, job_id: str, server: AtServer) -> Response:
    """What the campaigns of a pool caused, each alone and all together."""
    job = find_done(server, job_id, shop, "measure_pool")
    results = server.runner.folder_of(job.job_id)
    return render(
        request,
        "pool.html",
        shop=shop,
        at="campaigns",
        pool=str(job.request["pool"]),
        sections=sorted(read_sections(results), key=lambda section: section.name != "verdict"),
        notices=read_notices(results),
    )


@router.post("/shops/{shop}/campaigns")
def plan_campaign(
    request: Request, shop: str, server: AtServer, folder: ShopFolder, visitor: Planner, sent: Form
) -> Response:
    """Start the job that plans a campaign; what is wrong with the form is said on its page."""
    audience = read_text(sent, "audience")
    form = read_form(sent, shop=shop, audience=audience)
    if form.request is None:
        return draw_lengths(request, server, folder, audience, form, status=422)
    job = submit_job(server, visitor, "campaign", form.request.model_dump())
    return go_to(address("jobs", job.job_id))


@router.get("/shops/{shop}/campaigns/{campaign_id}")
def show_campaign(request: Request, campaign_id: str, folder: ShopFolder, visitor: Reader) -> Response:
    """One campaign: its files first, then what to do with them."""
    return _draw_campaign(request, folder, campaign_id, visitor)


@router.get("/shops/{shop}/campaigns/{campaign_id}/files/{name}")
def download_file(
    shop: str, campaign_id: str, name: str, server: AtServer, folder: ShopFolder, visitor: AddressTaker
) -> Response:
    """A file with addresses; who took it is written down before it leaves."""
    page = find_campaign(folder, campaign_id)
    # compared with the files that are there; never put into a path
    files = [file for file in page.files if file.path.name == name]
    if not files:
        raise HTTPException(404, "The campaign has no such file.")
    return send_campaign_files(server, visitor, shop, page, files, archive=name)


@router.post("/shops/{shop}/campaigns/{campaign_id}/sent", dependencies=[PLAN])
def mark_as_sent(request: Request, campaign_id: str, folder: ShopFolder, visitor: Reader, sent: Form) -> Response:
    """Record that the campaign was sent; recorded again, nothing changes."""
    page = find_campaign(folder, campaign_id)
    try:
        day = dt.date.fromisoformat(read_text(sent, "sent_on"))
    except ValueError:
        return _draw_campaign(request, folder, campaign_id, visitor, "Give the day as 2026-05-31.")
    try:
        record_contacts(folder, Path(page.registered.folder), day)
    except FrontrowError as error:
        return _draw_campaign(request, folder, campaign_id, visitor, str(error))
    return go_to(address("shops", folder.name, "campaigns", campaign_id, note="sent"))


@router.post("/shops/{shop}/campaigns/{campaign_id}/lift", dependencies=[PLAN])
def lift(request: Request, campaign_id: str, folder: ShopFolder, visitor: Reader) -> Response:
    """Lift the hold-out once the window is over; lifted again, nothing changes."""
    page = find_campaign(folder, campaign_id)
    try:
        lift_hold_out(folder, Path(page.registered.folder))
    except FrontrowError as error:
        sentence, _ = Rewording({page.registered.folder: page.campaign.name}).describe(error)
        return _draw_campaign(request, folder, campaign_id, visitor, lift_error=sentence)
    return go_to(address("shops", folder.name, "campaigns", campaign_id, note="lifted"))


def _draw_campaign(
    request: Request, folder: Path, campaign_id: str, visitor: Visitor, error: str = "", *, lift_error: str = ""
) -> Response:
    page = find_campaign(folder, campaign_id)
    answer, *details = page.sections()
    today = dt.datetime.now(page.campaign.as_of.tzinfo).date()
    listed = [file for file in page.files if not file.lifted]
    files = {export.name: [file for file in listed if file.export.name == export.name] for export in page.platforms}
    return render(
        request,
        "campaign.html",
        status=422 if error or lift_error else 200,
        shop=folder.name,
        at="campaigns",
        road=build_road(folder.name, "Campaign", campaign=campaign_id),
        campaign=page.campaign,
        campaign_id=campaign_id,
        recorded=page.registered.recorded,
        answer=answer.blocks,
        details=details,
        platforms=[(export, files[export.name]) for export in page.platforms],
        destinations=[place for place in describe_destinations(folder) if not place.problem],
        until=page.until,
        may_download=visitor.may("addresses"),
        today=today,
        is_over=today >= page.until,
        lift=page.lift,
        lift_platforms=page.lift_platforms,
        lift_files=[file for file in page.files if file.lifted],
        lift_error=lift_error,
        error=error,
    )
