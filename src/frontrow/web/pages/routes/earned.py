"""What a campaign earned: the verdict first, then the figures it rests on."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import ValidationError

from frontrow.present.section import Block, Section
from frontrow.present.sections.measurement import VERDICT
from frontrow.web.jobs.kinds.measure import Request as MeasureRequest
from frontrow.web.jobs.results import read_notices, read_sections
from frontrow.web.pages.access import (
    READ,
    AtServer,
    Form,
    Planner,
    ShopFolder,
    go_to,
    read_text,
    read_texts,
    submit_job,
)
from frontrow.web.pages.addresses import address
from frontrow.web.pages.campaign_form import describe_fields, read_number
from frontrow.web.pages.drawing import render
from frontrow.web.pages.finding import find_campaign
from frontrow.web.pages.road import build_road
from frontrow.web.server_state import Server

router = APIRouter(include_in_schema=False)


@router.get("/shops/{shop}/campaigns/{campaign_id}/earned", dependencies=[READ])
def show_earned(request: Request, campaign_id: str, server: AtServer, folder: ShopFolder) -> Response:
    """The latest measurement of a campaign, and the form to measure it with later orders."""
    return _draw_earned(request, server, folder, campaign_id, {}, {})


@router.post("/shops/{shop}/campaigns/{campaign_id}/earned")
def measure(
    request: Request, campaign_id: str, server: AtServer, folder: ShopFolder, visitor: Planner, sent: Form
) -> Response:
    """Start the job that measures a campaign."""
    values = {name: read_text(sent, name) for name in ("margin", "sold_as")}
    stated: dict[str, Any] = {
        "shop": folder.name,
        "campaign": campaign_id,
        "uploads": read_texts(sent, "upload"),
        "sold_as": [line.strip() for line in values["sold_as"].splitlines() if line.strip()],
    }
    if values["margin"]:
        stated["margin"] = read_number(values["margin"])
    try:
        measured = MeasureRequest.model_validate(stated)
    except ValidationError as error:
        return _draw_earned(request, server, folder, campaign_id, values, describe_fields(error))
    job = submit_job(server, visitor, "measure", measured.model_dump())
    return go_to(address("jobs", job.job_id))


def _draw_earned(
    request: Request,
    server: Server,
    folder: Path,
    campaign_id: str,
    values: Mapping[str, str],
    errors: Mapping[str, str],
) -> Response:
    page, shop = find_campaign(folder, campaign_id), folder.name
    results = _find_measurement(server, shop, campaign_id)
    answer, details = _put_verdict_first([] if results is None else read_sections(results))
    return render(
        request,
        "earned.html",
        status=422 if errors else 200,
        shop=shop,
        at="campaigns",
        road=build_road(shop, "Earned", campaign=campaign_id),
        campaign=page.campaign,
        campaign_id=campaign_id,
        until=page.until,
        recorded=page.registered.recorded,
        answer=answer,
        details=details,
        notices=[] if results is None else read_notices(results),
        form={"margin": "", "sold_as": "", **values},
        errors=errors,
        upload_megabytes=server.settings.upload_megabytes,
    )


def _find_measurement(server: Server, shop: str, campaign_id: str) -> Path | None:
    """The folder of the latest measurement of a campaign; None where there is none."""
    for job in server.jobs.list(shop=shop, kind="measure", state="done", limit=sys.maxsize):
        if job.request["campaign"] == campaign_id:
            return Path(server.runner.folder_of(job.job_id))
    return None


def _put_verdict_first(sections: list[Section]) -> tuple[list[Block], list[Section]]:
    """The sentences of the verdict, and the other sections; where it was saved matters to nobody in a browser."""
    verdict = [block for section in sections if section.name == VERDICT for block in section.blocks]
    return verdict, [section for section in sections if section.name not in (VERDICT, "saved")]
