"""What next: lists of products for customers under the shop's rules, and similar products."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel, ValidationError
from starlette.concurrency import run_in_threadpool

from frontrow.tables.csv_output import csv_lines
from frontrow.web.jobs.kinds.recommend import Request as RecommendRequest
from frontrow.web.jobs.kinds.similar import Request as SimilarRequest
from frontrow.web.jobs.results import read_notices, read_sections, read_table
from frontrow.web.pages.addresses import address
from frontrow.web.pages.campaign_form import describe_fields
from frontrow.web.pages.drawing import render
from frontrow.web.pages.rules_form import read_rules, write_rules
from frontrow.web.security.visitor import Visitor, require
from frontrow.web.server_state import Server, get_server
from frontrow.web.shops import resolve_shop

router = APIRouter(include_in_schema=False)

KINDS = ("recommend", "similar")


@router.get("/shops/{shop}/next")
def show_form(
    request: Request,
    shop: str,
    server: Annotated[Server, Depends(get_server)],
    visitor: Annotated[Visitor, Depends(require("read"))],
) -> Response:
    """The two questions."""
    del visitor
    return _draw_form(request, server, shop, {}, {})


@router.post("/shops/{shop}/next")
async def make_lists(
    request: Request,
    shop: str,
    server: Annotated[Server, Depends(get_server)],
    visitor: Annotated[Visitor, Depends(require("plan"))],
) -> Response:
    """Start the job that makes the lists."""
    sent = await request.form()
    rules = read_rules(sent)
    values = {**rules, **{name: str(sent.get(name) or "").strip() for name in ("customers", "numbers", "k")}}
    stated: dict[str, Any] = {"shop": shop, "customers": values["customers"] or "returning"}
    if values["numbers"]:
        stated["customers"] = [number for number in values["numbers"].replace(",", " ").split() if number]
    if values["k"]:
        stated["k"] = values["k"]
    if toml := write_rules(rules):
        stated["rules"] = toml
    return await _start(request, server, shop, "recommend", RecommendRequest, stated, values, visitor)


@router.post("/shops/{shop}/similar")
async def find_similar(
    request: Request,
    shop: str,
    server: Annotated[Server, Depends(get_server)],
    visitor: Annotated[Visitor, Depends(require("plan"))],
) -> Response:
    """Start the job that finds similar products."""
    sent = await request.form()
    values = {"product": str(sent.get("product") or "").strip()}
    stated = {"shop": shop, **values}
    return await _start(request, server, shop, "similar", SimilarRequest, stated, values, visitor)


@router.get("/shops/{shop}/next/{job_id}")
def show_lists(
    request: Request,
    shop: str,
    job_id: str,
    server: Annotated[Server, Depends(get_server)],
    visitor: Annotated[Visitor, Depends(require("read"))],
) -> Response:
    """What a job has found."""
    del visitor
    folder = _find_folder(server, shop, job_id)
    return render(
        request,
        "lists.html",
        shop=shop,
        at="next",
        sections=read_sections(folder),
        notices=read_notices(folder),
        has_table=read_table(folder) is not None,
        job_id=job_id,
    )


@router.get("/shops/{shop}/next/{job_id}/lists.csv")
def download_lists(
    shop: str,
    job_id: str,
    server: Annotated[Server, Depends(get_server)],
    visitor: Annotated[Visitor, Depends(require("read"))],
) -> Response:
    """Every list, by customer number."""
    del visitor
    table = read_table(_find_folder(server, shop, job_id))
    if table is None:
        raise HTTPException(404, "This answer has no lists")
    headers = {"Content-Disposition": 'attachment; filename="lists.csv"'}
    return Response(b"".join(csv_lines(table)), media_type="text/csv; charset=utf-8", headers=headers)


async def _start(
    request: Request,
    server: Server,
    shop: str,
    kind: str,
    model: type[BaseModel],
    stated: dict[str, Any],
    values: dict[str, str],
    visitor: Visitor,
) -> Response:
    """Start a job; what is wrong with the form is said beside its fields."""
    resolve_shop(server.settings.folder, shop)
    try:
        asked = model.model_validate(stated)
    except ValidationError as error:
        return await run_in_threadpool(_draw_form, request, server, shop, values, describe_fields(error))
    job = await run_in_threadpool(server.jobs.add, kind, shop, asked.model_dump(mode="json"), created_by=visitor.name)
    server.runner.wake()
    return RedirectResponse(address("jobs", job.job_id), 303)


def _draw_form(request: Request, server: Server, shop: str, values: dict[str, str], errors: dict[str, str]) -> Response:
    resolve_shop(server.settings.folder, shop)
    empty = {**read_rules(request.query_params), "customers": "returning", "numbers": "", "k": "10", "product": ""}
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


def _find_folder(server: Server, shop: str, job_id: str) -> Any:
    job = server.jobs.get(job_id)
    if job is None or job.kind not in KINDS or job.shop != shop or job.state != "done":
        raise HTTPException(404, "There are no such lists")
    return server.runner.folder_of(job.job_id)
