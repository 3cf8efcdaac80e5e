"""Training the recommenders that lists are served from."""

from __future__ import annotations

from typing import Any, Final

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from frontrow.web.api.access import Planner, PlannerClaim, Reader, ServerState
from frontrow.web.api.idempotency import RepeatableRoute
from frontrow.web.api.jobs import EXAMPLE, JobDocument, begin_job
from frontrow.web.api.negotiation import JSON
from frontrow.web.api.responses import document_job, document_problems, document_unchanged
from frontrow.web.api.routes.jobs import JobPath, answer_result
from frontrow.web.jobs.kinds.recommend import Request as ListsRequest
from frontrow.web.jobs.kinds.train import Request as TrainRequest

router = APIRouter(tags=["recommendations"], route_class=RepeatableRoute)

BODY: Final[dict[str, Any]] = {"shop": "garden", "model": "two_stage"}
LISTS: Final[dict[str, Any]] = {"shop": "garden", "k": 5, "rules": 'already_bought = "hide"', "trained": True}


@router.post(
    "/v1/trainings",
    operation_id="train_recommender",
    status_code=202,
    response_model=JobDocument,
    responses={
        **document_problems(404, 409, 429),
        **document_job({**EXAMPLE, "kind": "train", "request": BODY}),
    },
    openapi_extra={"requestBody": {"content": {JSON: {"example": BODY}}}},
)
async def post_training(body: TrainRequest, visitor: Planner, server: ServerState, claim: PlannerClaim) -> JSONResponse:
    """Train a recommender on the orders of a shop, in the place of an earlier one of that name. It is a job.

    Once it is done, `/v1/customers/{customer_id}/recommendations` answers from it.
    """
    return await begin_job(server, visitor, "train", body, claim)


@router.get(
    "/v1/trainings/{job_id}",
    operation_id="get_training",
    response_model=dict[str, Any],
    responses={
        **document_problems(404, 409),
        **document_unchanged(),
        200: {"content": {JSON: {"example": {"model": "two_stage", "customers": 8000, "products": 341}}}},
    },
)
def get_training(request: Request, visitor: Reader, server: ServerState, job_id: JobPath) -> Response:
    """What a recommender was trained on. The same as `frontrow train --json`."""
    del visitor
    return answer_result(request, server, job_id, "train")


@router.post(
    "/v1/lists",
    operation_id="make_lists",
    status_code=202,
    response_model=JobDocument,
    responses={
        **document_problems(404, 409, 429),
        **document_job({**EXAMPLE, "kind": "recommend", "request": LISTS}),
    },
    openapi_extra={"requestBody": {"content": {JSON: {"example": LISTS}}}},
)
async def post_lists(body: ListsRequest, visitor: Planner, server: ServerState, claim: PlannerClaim) -> JSONResponse:
    """Make the lists of all customers, or of many, under rules, and with products that nobody has bought yet.

    It is a job. Its result says what each rule did; `/v1/jobs/{job_id}/table` has the lists.
    """
    return await begin_job(server, visitor, "recommend", body, claim)
