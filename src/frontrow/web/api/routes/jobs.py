"""Work that takes longer than an answer may."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from frontrow.web.api.access import Planner, PlannerClaim, Reader, ServerState, find_shop
from frontrow.web.api.idempotency import RepeatableRoute
from frontrow.web.api.jobs import EXAMPLE, JobDocument, describe_job, find_done_job, find_job
from frontrow.web.api.negotiation import JSON
from frontrow.web.api.problems import ProblemError
from frontrow.web.api.responses import document_problems, document_table, document_unchanged
from frontrow.web.api.tables import MOST_ROWS, answer_page, to_json
from frontrow.web.api.unchanged import answer_unchanged, cache_headers, is_current, make_etag
from frontrow.web.jobs.job import State
from frontrow.web.jobs.results import RESULT, read_table

router = APIRouter(tags=["jobs"], route_class=RepeatableRoute)

JobPath = Annotated[str, Path(description="The job's id.", max_length=64, examples=["3f6c0a9d2b7e4c1f8a5d6e70"])]
LISTED: Final[dict[str, Any]] = {"items": [EXAMPLE]}


class JobList(BaseModel):
    """Jobs, the newest first."""

    items: list[JobDocument]


class TablePage(BaseModel):
    """A page of a table."""

    items: list[dict[str, Any]] = Field(description="One object a row.")
    total: int = Field(description="Rows on all pages.")
    next: str | None = Field(description="Cursor of the next page; null on the last.")


@router.get(
    "/v1/jobs",
    operation_id="list_jobs",
    responses={**document_problems(404), 200: {"content": {JSON: {"example": LISTED}}}},
)
def list_jobs(
    visitor: Reader,
    server: ServerState,
    shop: Annotated[
        str | None, Query(description="Only jobs of this shop.", max_length=255, examples=["garden"])
    ] = None,
    kind: Annotated[
        str | None, Query(description="Only jobs of this kind.", max_length=64, examples=["audience"])
    ] = None,
    state: Annotated[State | None, Query(description="Only jobs in this state.", examples=["running"])] = None,
    limit: Annotated[int, Query(ge=1, le=1_000, description="Most jobs.", examples=[20])] = 100,
) -> JobList:
    """The latest jobs, the newest first."""
    del visitor
    if shop is not None:
        find_shop(server, shop)
    jobs = server.jobs.list(shop=shop, kind=kind, state=state, limit=limit)
    return JobList.model_validate({"items": [describe_job(job) for job in jobs]})


@router.get(
    "/v1/jobs/{job_id}",
    operation_id="get_job",
    response_model=JobDocument,
    responses={**document_problems(404), **document_unchanged(), 200: {"content": {JSON: {"example": EXAMPLE}}}},
)
def get_job(request: Request, visitor: Reader, server: ServerState, job_id: JobPath) -> Response:
    """How far a job is, and where its result is once it is done. Ask every few seconds."""
    del visitor
    document = describe_job(find_job(server, job_id))
    etag = make_etag(document)
    if is_current(request, etag):
        return answer_unchanged(etag)
    return Response(to_json(document), 200, cache_headers(etag), JSON)


@router.post(
    "/v1/jobs/{job_id}/cancel",
    operation_id="cancel_job",
    responses={**document_problems(404, 409), 200: {"content": {JSON: {"example": {**EXAMPLE, "state": "cancelled"}}}}},
)
def cancel_job(visitor: Planner, server: ServerState, job_id: JobPath, claim: PlannerClaim) -> JobDocument:
    """Cancel a job: one that waits at once, one that runs as soon as its process has undone what it began.

    A job that has ended stays as it is.
    """
    del visitor, claim
    find_job(server, job_id)
    job = server.jobs.cancel(job_id)
    server.runner.wake()
    return JobDocument.model_validate(describe_job(job))


@router.get(
    "/v1/jobs/{job_id}/result",
    operation_id="get_job_result",
    response_model=dict[str, Any],
    responses={
        **document_problems(404, 409),
        **document_unchanged(),
        200: {"content": {JSON: {"example": {"as_of": "2026-05-31 00:00:00+00:00", "customers_scored": 5431}}}},
    },
)
def get_job_result(request: Request, visitor: Reader, server: ServerState, job_id: JobPath) -> Response:
    """What a job that is done made: the JSON that the command of the same name prints with `--json`."""
    del visitor
    return answer_result(request, server, job_id)


@router.get(
    "/v1/jobs/{job_id}/table",
    operation_id="get_job_table",
    response_model=TablePage,
    responses={
        **document_problems(404, 406, 409),
        **document_unchanged(),
        **document_table(
            {"items": [{"customer_id": 7, "rank": 1}], "total": 1, "next": None}, "customer_id,rank\n7,1\n"
        ),
    },
)
def get_job_table(
    request: Request,
    visitor: Reader,
    server: ServerState,
    job_id: JobPath,
    limit: Annotated[int, Query(ge=1, le=MOST_ROWS, description="Most rows of a page.", examples=[100])] = 100,
    cursor: Annotated[str | None, Query(description="Where the page begins: `next` of the page before.")] = None,
) -> Response:
    """The table of a job that is done, where it has one, a page at a time; customers by number."""
    del visitor
    _, folder = find_done_job(server, job_id)
    table = read_table(folder)
    if table is None:
        raise ProblemError(404, "not-found", "This job made no table. Its result is at /result.")
    return answer_page(request, table, "job", job_id, limit=limit, cursor=cursor)


def answer_result(request: Request, server: ServerState, job_id: str, kind: str | None = None) -> Response:
    """The JSON that a job left, as it stands on the disk.

    Args:
        request: Says what the client has already.
        server: Keeps the jobs.
        job_id: As it was sent.
        kind: The kind it must be of; None for any.
    """
    _, folder = find_done_job(server, job_id, kind)
    etag = make_etag("result", job_id)
    if is_current(request, etag):
        return answer_unchanged(etag)
    try:
        content = (folder / RESULT).read_bytes()
    except OSError:
        raise ProblemError(404, "not-found", "The result was removed since. Ask for the job again.") from None
    return Response(content, 200, cache_headers(etag), JSON)
