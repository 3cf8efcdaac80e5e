"""What a campaign earned: the verdict first, then the figures it rests on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool

from frontrow.present.section import Section, Sentence
from frontrow.service.campaign_page import read_campaign_page
from frontrow.web.jobs.kinds.measure import Request as MeasureRequest
from frontrow.web.jobs.results import read_notices, read_sections
from frontrow.web.pages.addresses import address
from frontrow.web.pages.campaign_form import describe_fields, read_number
from frontrow.web.pages.drawing import render
from frontrow.web.pages.road import build_road
from frontrow.web.security.visitor import Visitor, require
from frontrow.web.server_state import Server, get_server
from frontrow.web.shops import resolve_shop

router = APIRouter(include_in_schema=False)


@router.get("/shops/{shop}/campaigns/{campaign_id}/earned")
def show_earned(
    request: Request,
    shop: str,
    campaign_id: str,
    server: Annotated[Server, Depends(get_server)],
    visitor: Annotated[Visitor, Depends(require("read"))],
) -> Response:
    """The latest measurement of a campaign, and the form to measure it with later orders."""
    del visitor
    return _draw_earned(request, server, shop, campaign_id, {}, {})


@router.post("/shops/{shop}/campaigns/{campaign_id}/earned")
async def measure(
    request: Request,
    shop: str,
    campaign_id: str,
    server: Annotated[Server, Depends(get_server)],
    visitor: Annotated[Visitor, Depends(require("plan"))],
) -> Response:
    """Start the job that measures a campaign."""
    sent = await request.form()
    resolve_shop(server.settings.folder, shop)
    values = {"margin": str(sent.get("margin") or "").strip(), "sold_as": str(sent.get("sold_as") or "").strip()}
    stated = {
        "shop": shop,
        "campaign": campaign_id,
        "uploads": [str(upload) for upload in sent.getlist("upload") if upload],
        "sold_as": [line.strip() for line in values["sold_as"].splitlines() if line.strip()],
    }
    if values["margin"]:
        stated["margin"] = read_number(values["margin"])
    try:
        measured = MeasureRequest.model_validate(stated)
    except ValidationError as error:
        errors = describe_fields(error)
        return await run_in_threadpool(_draw_earned, request, server, shop, campaign_id, values, errors)
    job = await run_in_threadpool(
        server.jobs.add, "measure", shop, measured.model_dump(mode="json"), created_by=visitor.name
    )
    server.runner.wake()
    return RedirectResponse(address("jobs", job.job_id), 303)


def _draw_earned(
    request: Request,
    server: Server,
    shop: str,
    campaign_id: str,
    values: dict[str, str],
    errors: dict[str, str],
) -> Response:
    page = read_campaign_page(resolve_shop(server.settings.folder, shop), campaign_id)
    folder = _find_measurement(server, shop, campaign_id)
    answer, details = _put_verdict_first([] if folder is None else read_sections(folder))
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
        notices=[] if folder is None else read_notices(folder),
        form={"margin": "", "sold_as": "", **values},
        errors=errors,
        upload_megabytes=server.settings.upload_megabytes,
    )


def _find_measurement(server: Server, shop: str, campaign_id: str) -> Path | None:
    """The folder of the latest measurement of a campaign; None where there is none."""
    for job in server.jobs.list(shop=shop, kind="measure", state="done"):
        if job.request["campaign"] == campaign_id:
            return Path(server.runner.folder_of(job.job_id))
    return None


def _put_verdict_first(sections: list[Section]) -> tuple[list[Sentence], list[Section]]:
    """The sentences of a measurement, and its tables; where it was saved matters to nobody in a browser."""
    shown = [section for section in sections if section.name != "saved"]
    sentences = [block for section in shown for block in section.blocks if isinstance(block, Sentence)]
    tables = [
        Section(
            section.name, section.title, tuple(block for block in section.blocks if not isinstance(block, Sentence))
        )
        for section in shown
    ]
    return sentences, tables
