"""Send a campaign to a platform: counted first, sent once the number is confirmed, and what became of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from frontrow.errors import FrontrowError, SettingError
from frontrow.present.sections.push import list_outcome_warnings
from frontrow.push.journal import Group
from frontrow.service.push import PushResult, PushSettings, push_campaign
from frontrow.web.downloads import record_push
from frontrow.web.jobs.rewording import Rewording
from frontrow.web.pages.access import (
    PLAN,
    AddressTaker,
    AtServer,
    Form,
    Planner,
    ShopFolder,
    go_to,
    read_text,
    submit_job,
)
from frontrow.web.pages.addresses import address
from frontrow.web.pages.drawing import render
from frontrow.web.pages.finding import find_campaign
from frontrow.web.pages.road import build_road
from frontrow.web.security.visitor import Visitor
from frontrow.web.server_state import Server

router = APIRouter(include_in_schema=False, dependencies=[PLAN])

PATH = "/shops/{shop}/campaigns/{campaign_id}/push/{destination}"


@router.get(PATH)
def show_push(request: Request, campaign_id: str, destination: str, folder: ShopFolder, visitor: Planner) -> Response:
    """Whom a push would reach, three of them masked, or what became of it."""
    return _draw(request, folder, campaign_id, destination, "contacted", visitor)


@router.get(f"{PATH}/held-out")
def show_held_out(
    request: Request, campaign_id: str, destination: str, folder: ShopFolder, visitor: Planner
) -> Response:
    """The same for those held out, whom the platform has to know to leave them out."""
    return _draw(request, folder, campaign_id, destination, "held-out", visitor)


@router.post(PATH)
def start_push(
    request: Request,
    campaign_id: str,
    destination: str,
    server: AtServer,
    folder: ShopFolder,
    visitor: AddressTaker,
    sent: Form,
) -> Response:
    """Start the push of those to contact."""
    return _start(request, server, folder, campaign_id, destination, "contacted", visitor, read_text(sent, "confirm"))


@router.post(f"{PATH}/held-out")
def start_held_out(
    request: Request,
    campaign_id: str,
    destination: str,
    server: AtServer,
    folder: ShopFolder,
    visitor: AddressTaker,
    sent: Form,
) -> Response:
    """Start the push of those held out."""
    return _start(request, server, folder, campaign_id, destination, "held-out", visitor, read_text(sent, "confirm"))


def _start(
    request: Request,
    server: Server,
    folder: Path,
    campaign_id: str,
    destination: str,
    group: Group,
    visitor: Visitor,
    typed: str,
) -> Response:
    page = find_campaign(folder, campaign_id)
    summary = _count(folder, Path(page.registered.folder), destination, group).summary
    digits = typed.replace(",", "").replace(".", "").replace(" ", "")
    if digits != str(summary.to_confirm):
        error = f"Type {summary.to_confirm} to confirm; the number may have changed since the page was drawn."
        return _draw(request, folder, campaign_id, destination, group, visitor, error)
    values = {"shop": folder.name, "campaign": campaign_id, "to": destination, "group": group, "confirm": int(digits)}
    record_push(server, visitor, folder.name, f"{campaign_id}/{destination}/{group}", int(digits))
    try:
        job = submit_job(server, visitor, "push", values)
    except SettingError as error:
        return _draw(request, folder, campaign_id, destination, group, visitor, str(error))
    return go_to(address("jobs", job.job_id))


def _count(folder: Path, place: Path, destination: str, group: Group) -> PushResult:
    """Whom a push would reach now; nothing is sent and the platform is not reached."""
    return push_campaign(folder, place, PushSettings(destination, group))


def _draw(
    request: Request,
    folder: Path,
    campaign_id: str,
    destination: str,
    group: Group,
    visitor: Visitor,
    error: str = "",
) -> Response:
    page = find_campaign(folder, campaign_id)
    values: dict[str, Any] = {
        "shop": folder.name,
        "at": "campaigns",
        "road": build_road(folder.name, "Campaign", campaign=campaign_id),
        "campaign": page.campaign,
        "campaign_id": campaign_id,
        "destination": destination,
        "is_held_out": group == "held-out",
    }
    try:
        result = _count(folder, Path(page.registered.folder), destination, group)
    except FrontrowError as problem:
        sentence, _ = Rewording({str(folder): folder.name}).describe(problem)
        return render(request, "push_refused.html", status=422, problem=sentence, **values)
    summary = result.summary
    return render(
        request,
        "push.html",
        status=422 if error else 200,
        sections=[section for section in result.sections() if section.name != "push_next"],
        title=summary.platform.title,
        number=summary.to_confirm,
        is_interrupted=summary.is_interrupted,
        accepted=summary.accepted,
        steps=summary.steps,
        warnings=list_outcome_warnings(summary),
        has_pushed_held_out=summary.has_pushed_held_out,
        may_send=visitor.may("addresses"),
        errors={"confirm": error} if error else {},
        **values,
    )
