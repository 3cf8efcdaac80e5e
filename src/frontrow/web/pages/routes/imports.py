"""Exports come in: a job is started for files that were uploaded, and its data report is shown."""

from __future__ import annotations

from dataclasses import replace

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.datastructures import FormData

from frontrow.errors import SettingError, ShopError
from frontrow.present.section import Section, Table
from frontrow.present.sections.imports import CORRECT
from frontrow.web.jobs.job import Job
from frontrow.web.jobs.results import read_notices, read_result, read_sections
from frontrow.web.pages.access import (
    KNOWN_SHOP,
    READ,
    AtServer,
    Form,
    Planner,
    go_to,
    read_text,
    read_texts,
    submit_job,
)
from frontrow.web.pages.addresses import address
from frontrow.web.pages.drawing import render
from frontrow.web.pages.job_pages import find_done
from frontrow.web.pages.road import build_road
from frontrow.web.pages.shop_pages import draw_shop, draw_shops
from frontrow.web.security.visitor import Visitor
from frontrow.web.server_state import Server
from frontrow.web.shops import list_shops, name_new_shop

router = APIRouter(include_in_schema=False, dependencies=[READ])


@router.post("/import")
def start_import(request: Request, server: AtServer, visitor: Planner, form: Form) -> Response:
    """Start the import of uploaded files into a shop, which may be new."""
    shop = read_text(form, "shop")
    try:
        job = _submit(server, visitor, shop, form)
    except (SettingError, ShopError) as error:
        errors = {error.setting if isinstance(error, SettingError) else "shop": str(error)}
        typed = {name: read_text(form, name) for name in ("shop", "time_zone", "currency")}
        if shop in list_shops(server.settings.folder):
            return draw_shop(request, server, shop, status=422, typed=typed, errors=errors)
        return draw_shops(request, server, status=422, typed=typed, errors=errors)
    return go_to(address("jobs", job.job_id))


@router.get("/shops/{shop}/imports/{job_id}", dependencies=[KNOWN_SHOP])
def show_import(request: Request, shop: str, job_id: str, server: AtServer) -> Response:
    """What became of every row of an import."""
    job = find_done(server, job_id, shop, "import_exports")
    results = server.runner.folder_of(job.job_id)
    return render(
        request,
        "import.html",
        shop=shop,
        at="shop",
        road=build_road(shop, "Orders"),
        report=read_result(results),
        sections=[_name_field(section) for section in read_sections(results) if section.name == "import"],
        notices=read_notices(results),
    )


def _name_field(section: Section) -> Section:
    """The section with the page's field in the place of the option of the command line."""
    blocks = [
        replace(block, title=block.title.replace(CORRECT, "import the file alone to name them yourself"))
        if isinstance(block, Table)
        else block
        for block in section.blocks
    ]
    return replace(section, blocks=tuple(blocks))


def _submit(server: Server, visitor: Visitor, shop: str, form: FormData) -> Job:
    name_new_shop(server.settings.folder, shop)
    uploads = read_texts(form, "upload")
    if not uploads:
        raise SettingError("uploads", "Choose at least one export file first.")
    values = {
        "shop": shop,
        "uploads": uploads,
        "time_zone": read_text(form, "time_zone") or None,
        "currency": read_text(form, "currency").upper() or None,
    }
    return submit_job(server, visitor, "import_exports", values)
