"""An export in no known format: a person says which column is which, and the import is tried again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from frontrow.errors import SettingError
from frontrow.service.column_choices import UnknownColumns, find_unknown_columns
from frontrow.web.jobs.job import Job
from frontrow.web.pages.access import PLAN, AtServer, Form, Planner, go_to, read_text, submit_job
from frontrow.web.pages.addresses import address
from frontrow.web.pages.drawing import render
from frontrow.web.pages.job_pages import NO_JOB, find_job
from frontrow.web.server_state import Server
from frontrow.web.store.uploads import read_upload

router = APIRouter(include_in_schema=False, dependencies=[PLAN])

FIELDS: Final[Mapping[str, str]] = {
    "order_id": "Order number",
    "ordered_at": "Date of the order",
    "quantity": "How many units",
    "price": "Price of one unit",
    "customer_id": "Customer number",
    "email": "E-mail address",
    "title": "Title of the product",
    "product_id": "Code of the product",
    "product_type": "Type of the product",
    "vendor": "Vendor",
    "discount": "Taken off the line",
    "country": "Country of the delivery",
    "currency": "Currency",
    "accepts_marketing": "Agreed to e-mails",
}
NEEDED: Final = ("order_id", "ordered_at", "quantity", "price")


@router.get("/jobs/{job_id}/columns")
def show_columns(request: Request, job_id: str, server: AtServer) -> Response:
    """The columns of the file that an import did not know, each field with a proposal."""
    job = _find_import(server, job_id)
    unknown = _find_columns(server, job)
    chosen = {field: str(unknown.header.index(column)) for field, column in unknown.proposal.items()}
    return _draw(request, server, job, unknown, chosen, {})


@router.post("/jobs/{job_id}/columns")
def name_columns(request: Request, job_id: str, server: AtServer, visitor: Planner, form: Form) -> Response:
    """Import again: the files that are known as they are, then the others by the columns that were named."""
    job = _find_import(server, job_id)
    unknown = _find_columns(server, job)
    chosen = {field: read_text(form, field) for field in FIELDS}
    numbers = {
        field: int(text) for field, text in chosen.items() if text.isdecimal() and int(text) < len(unknown.header)
    }
    errors = {field: "Choose the column that holds it." for field in NEEDED if field not in numbers}
    if errors:
        return _draw(request, server, job, unknown, chosen, errors, status=422)
    uploads = job.request["uploads"]
    again = {**job.request, "format": None, "mapping": {}}
    if unknown.others:
        submit_job(
            server, visitor, "import_exports", {**again, "uploads": [uploads[place] for place in unknown.others]}
        )
    mapping = {field: unknown.header[number] for field, number in numbers.items()}
    files = [uploads[place] for place in unknown.files]
    mapped = submit_job(server, visitor, "import_exports", {**again, "uploads": files, "mapping": mapping})
    return go_to(address("jobs", mapped.job_id))


def _find_import(server: Server, job_id: str) -> Job:
    job = find_job(server, job_id)
    if job.kind != "import_exports" or job.state != "failed":
        raise HTTPException(404, NO_JOB)
    return job


def _find_columns(server: Server, job: Job) -> UnknownColumns:
    places = server.runner.places
    unknown = find_unknown_columns([read_upload(places.uploads, upload).path for upload in job.request["uploads"]])
    if unknown is None:
        raise SettingError("uploads", "All of these files are in a format that is known. Import them again.")
    return unknown


def _draw(
    request: Request,
    server: Server,
    job: Job,
    unknown: UnknownColumns,
    chosen: Mapping[str, str],
    errors: Mapping[str, str],
    *,
    status: int = 200,
) -> Response:
    uploads = [read_upload(server.runner.places.uploads, upload).name for upload in job.request["uploads"]]
    return render(
        request,
        "columns.html",
        status=status,
        at="jobs",
        job=job,
        files=[uploads[place] for place in unknown.files],
        fields=FIELDS,
        needed=NEEDED,
        options=[("", "none"), *((str(number), name) for number, name in enumerate(unknown.shown))],
        chosen=chosen,
        errors=errors,
    )
