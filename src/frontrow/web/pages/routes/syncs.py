"""Sync: a job is started that fetches from the shop's sources, and what came is shown."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from frontrow.errors import SettingError
from frontrow.web.jobs.results import read_sections
from frontrow.web.pages.access import (
    KNOWN_SHOP,
    READ,
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
from frontrow.web.pages.job_pages import find_done
from frontrow.web.pages.road import build_road
from frontrow.web.pages.shop_pages import draw_shop

router = APIRouter(include_in_schema=False, dependencies=[READ])


@router.post("/shops/{shop}/sync")
def start_sync(request: Request, folder: ShopFolder, server: AtServer, visitor: Planner, form: Form) -> Response:
    """Start a sync of one source, or of all."""
    values = {"shop": folder.name, "source": read_text(form, "source") or None}
    try:
        job = submit_job(server, visitor, "sync", values)
    except SettingError as error:
        return draw_shop(request, server, folder.name, status=422, errors={"sync": str(error)})
    return go_to(address("jobs", job.job_id))


@router.get("/shops/{shop}/syncs/{job_id}", dependencies=[KNOWN_SHOP])
def show_sync(request: Request, shop: str, job_id: str, server: AtServer) -> Response:
    """What came from each source, and what became of every row."""
    job = find_done(server, job_id, shop, "sync")
    sections = read_sections(server.runner.folder_of(job.job_id))
    came = [section for section in sections if section.name.startswith("sync-")]
    return render(
        request,
        "sync.html",
        shop=shop,
        at="shop",
        road=build_road(shop, "Orders"),
        answer=[block for section in came for block in section.blocks[:1]],
        warnings=[block for section in came for block in section.blocks[1:]],
        sections=[section for section in sections if section.name.startswith("import-")],
    )
