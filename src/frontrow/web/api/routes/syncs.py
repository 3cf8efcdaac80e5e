"""Sources of a shop, and syncs: what is new is fetched from them and imported."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field
from starlette.responses import JSONResponse, Response

from frontrow.web.api.access import Planner, PlannerClaim, Reader, ServerState, find_shop
from frontrow.web.api.idempotency import RepeatableRoute
from frontrow.web.api.jobs import EXAMPLE, JobDocument, begin_job
from frontrow.web.api.negotiation import JSON
from frontrow.web.api.responses import document_job, document_problems, document_unchanged
from frontrow.web.api.routes.jobs import JobPath, answer_result
from frontrow.web.api.routes.shops import ShopPath
from frontrow.web.jobs.kinds.sync import Request as SyncRequest

router = APIRouter(tags=["shops"], route_class=RepeatableRoute)

SYNC: Final = {"shop": "garden"}
LISTED: Final[dict[str, Any]] = {
    "name": "main",
    "kind": "shopify",
    "title": "Shopify",
    "synced_at": "2026-05-31T09:00:00Z",
    "counts": {"orders": 12},
}
RESULT: Final[dict[str, Any]] = {"is_done": True, "sources": [{"source": "main", "counts": {"orders": 12}}]}


class SourceDocument(BaseModel):
    """A source of a shop."""

    name: str = Field(description="What the shop calls it.")
    kind: str = Field(description="The kind of source, such as shopify.")
    title: str = Field(description="What the service is called.")
    synced_at: dt.datetime | None = Field(description="When it was last synced; null for never.")
    counts: dict[str, int] = Field(description="What came then, by its name in the plural.")


class SourceList(BaseModel):
    """The sources that a shop states."""

    items: list[SourceDocument]


@router.get(
    "/v1/shops/{shop}/sources",
    operation_id="list_sources",
    responses={**document_problems(404, 409), 200: {"content": {JSON: {"example": {"items": [LISTED]}}}}},
)
def get_sources(visitor: Reader, server: ServerState, shop: ShopPath) -> SourceList:
    """Where the orders of a shop come from by themselves, and when each source was last synced.

    How a source is reached, and where its secrets lie, only whoever runs the server can see.
    """
    from frontrow.service.sources import list_sources

    del visitor
    summaries = list_sources(find_shop(server, shop)).summaries()
    return SourceList.model_validate({"items": [summary.to_dict() for summary in summaries]})


@router.post(
    "/v1/syncs",
    operation_id="sync_shop",
    status_code=202,
    response_model=JobDocument,
    responses={
        **document_problems(404, 409, 429),
        **document_job({**EXAMPLE, "kind": "sync", "request": SYNC}),
    },
    openapi_extra={"requestBody": {"content": {JSON: {"example": SYNC}}}},
)
async def post_sync(body: SyncRequest, visitor: Planner, server: ServerState, claim: PlannerClaim) -> JSONResponse:
    """Fetch from the sources of a shop what is new, and import it. It is a job.

    The job fails where the only source cannot be reached; of several, its result says which did not work.
    """
    return await begin_job(server, visitor, "sync", body, claim)


@router.get(
    "/v1/syncs/{job_id}",
    operation_id="get_sync",
    response_model=dict[str, Any],
    responses={
        **document_problems(404, 409),
        **document_unchanged(),
        200: {"content": {JSON: {"example": RESULT}}},
    },
)
def get_sync(request: Request, visitor: Reader, server: ServerState, job_id: JobPath) -> Response:
    """What came from each source, and what became of every row. The same as `frontrow sync --json`."""
    del visitor
    return answer_result(request, server, job_id, "sync")
