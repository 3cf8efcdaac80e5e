"""What next: lists of products for customers under the shop's rules, and similar products."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import ValidationError
from starlette.exceptions import HTTPException

from frontrow.tables.csv_output import csv_lines
from frontrow.web.jobs.kind import get_kind
from frontrow.web.jobs.results import read_notices, read_sections, read_table
from frontrow.web.pages.access import KNOWN_SHOP, READ, AtServer, Form, Planner, go_to, read_text, submit_job
from frontrow.web.pages.addresses import address
from frontrow.web.pages.campaign_form import describe_fields
from frontrow.web.pages.drawing import render
from frontrow.web.pages.finding import find_results
from frontrow.web.pages.rules_form import FIELDS, read_rules, write_rules
from frontrow.web.security.visitor import Visitor
from frontrow.web.server_state import Server

router = APIRouter(include_in_schema=False)

KINDS: Final = ("recommend", "similar")


@router.get("/shops/{shop}/next", dependencies=[READ, KNOWN_SHOP])
def show_form(request: Request, shop: str, server: AtServer) -> Response:
    """The two questions."""
    return _draw_form(request, server, shop, {}, {})


@router.post("/shops/{shop}/next", dependencies=[KNOWN_SHOP])
def make_lists(request: Request, shop: str, server: AtServer, visitor: Planner, sent: Form) -> Response:
    """Start the job that makes the lists."""
    rules = read_rules(sent)
    values = {**rules, **{name: read_text(sent, name) for name in ("customers", "numbers", "k")}}
    stated: dict[str, Any] = {"shop": shop, "customers": values["customers"] or "returning"}
    if values["numbers"]:
        stated["customers"] = values["numbers"].replace(",", " ").split()
    if values["k"]:
        stated["k"] = values["k"]
    if toml := write_rules(rules):
        stated["rules"] = toml
    return _start(request, server, visitor, "recommend", stated, values)


@router.post("/shops/{shop}/similar", dependencies=[KNOWN_SHOP])
def find_similar(request: Request, shop: str, server: AtServer, visitor: Planner, sent: Form) -> Response:
    """Start the job that finds similar products."""
    values = {"product": read_text(sent, "product")}
    return _start(request, server, visitor, "similar", {"shop": shop, **values}, values)


@router.get("/shops/{shop}/next/{job_id}", dependencies=[READ, KNOWN_SHOP])
def show_lists(request: Request, shop: str, job_id: str, server: AtServer) -> Response:
    """What a job has found."""
    results = find_results(server, shop, job_id, KINDS)
    return render(
        request,
        "lists.html",
        shop=shop,
        at="next",
        sections=read_sections(results),
        notices=read_notices(results),
        has_table=read_table(results) is not None,
        job_id=job_id,
    )


@router.get("/shops/{shop}/next/{job_id}/lists.csv", dependencies=[READ, KNOWN_SHOP])
def download_lists(shop: str, job_id: str, server: AtServer) -> Response:
    """Every list, by customer number."""
    table = read_table(find_results(server, shop, job_id, KINDS))
    if table is None:
        raise HTTPException(404, "This answer has no lists.")
    headers = {"Content-Disposition": 'attachment; filename="lists.csv"'}
    return Response(b"".join(csv_lines(table)), media_type="text/csv; charset=utf-8", headers=headers)


def _start(
    request: Request,
    server: Server,
    visitor: Visitor,
    kind: str,
    stated: Mapping[str, Any],
    values: Mapping[str, str],
) -> Response:
    """Start a job; what is wrong with the form is said beside its fields."""
    try:
        job_request = get_kind(kind).request.model_validate(stated)
    except ValidationError as error:
        errors = describe_fields(error)
        if "customers" in errors and values.get("numbers"):
            errors["numbers"] = "Give customer numbers, with commas between them."
        return _draw_form(request, server, stated["shop"], values, errors)
    job = submit_job(server, visitor, kind, job_request.model_dump())
    return go_to(address("jobs", job.job_id))


def _draw_form(
    request: Request, server: Server, shop: str, values: Mapping[str, str], errors: Mapping[str, str]
) -> Response:
    empty = {**dict.fromkeys(FIELDS, ""), "customers": "returning", "numbers": "", "k": "10", "product": ""}
    recent = [job for kind in KINDS for job in server.jobs.list(shop=shop, kind=kind, state="done", limit=5)]
    return render(
        request,
        "next.html",
        status=422 if errors else 200,
        shop=shop,
        at="next",
        form={**empty, **values},
        errors=errors,
        recent=sorted(recent, key=lambda job: job.created_at, reverse=True)[:5],
    )
