"""Customers ranked for products that nobody has bought yet."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel
from starlette.responses import JSONResponse, Response

from frontrow.web.api.access import Planner, PlannerClaim, Reader, ServerState, ShopQuery, find_shop
from frontrow.web.api.idempotency import RepeatableRoute
from frontrow.web.api.jobs import EXAMPLE, JobDocument, begin_job, describe_job
from frontrow.web.api.negotiation import JSON
from frontrow.web.api.responses import document_job, document_problems, document_unchanged
from frontrow.web.api.routes.jobs import JobPath, answer_result
from frontrow.web.jobs.kinds.audience import Request as AudienceRequest

router = APIRouter(tags=["audiences"], route_class=RepeatableRoute)

AUDIENCE: Final[dict[str, Any]] = {
    "shop": "garden",
    "products": [{"title": "Frost-proof clay pot 20 cm", "product_type": "Pots", "price": 24.9, "tags": "clay, pots"}],
}
RESULT: Final[dict[str, Any]] = {
    "as_of": "2026-05-31 00:00:00+01:00",
    "launches_learned_from": 80,
    "customers_scored": 5431,
    "products": [{"product_id": "new:frost-proof-clay-pot-20-cm", "expected_buyers": 61.2}],
}


class AudienceList(BaseModel):
    """Audiences, the newest first, as the jobs that ranked them."""

    items: list[JobDocument]


@router.post(
    "/v1/audiences",
    operation_id="rank_audience",
    status_code=202,
    response_model=JobDocument,
    responses={**document_problems(404, 409, 429), **document_job({**EXAMPLE, "request": AUDIENCE})},
    openapi_extra={"requestBody": {"content": {JSON: {"example": AUDIENCE}}}},
)
async def post_audience(
    body: AudienceRequest, visitor: Planner, server: ServerState, claim: PlannerClaim
) -> JSONResponse:
    """Rank a shop's customers for products that nobody has bought yet, the likeliest buyer first. It is a job.

    The id of the job is the id of the audience.
    """
    return await begin_job(server, visitor, "audience", body, claim)


@router.get(
    "/v1/audiences",
    operation_id="list_audiences",
    responses={**document_problems(404), 200: {"content": {JSON: {"example": {"items": [EXAMPLE]}}}}},
)
def list_audiences(
    visitor: Reader,
    server: ServerState,
    shop: ShopQuery,
    limit: Annotated[int, Query(ge=1, le=1_000, description="Most audiences.", examples=[20])] = 100,
) -> AudienceList:
    """The audiences of a shop, the newest first."""
    del visitor
    find_shop(server, shop)
    jobs = server.jobs.list(shop=shop, kind="audience", limit=limit)
    return AudienceList.model_validate({"items": [describe_job(job) for job in jobs]})


@router.get(
    "/v1/audiences/{job_id}",
    operation_id="get_audience",
    response_model=dict[str, Any],
    responses={
        **document_problems(404, 409),
        **document_unchanged(),
        200: {"content": {JSON: {"example": RESULT}}},
    },
)
def get_audience(request: Request, visitor: Reader, server: ServerState, job_id: JobPath) -> Response:
    """How many buyers each product is expected to have, and what that rests on.

    The same as `frontrow audience --json`.
    """
    del visitor
    return answer_result(request, server, job_id, "audience")
