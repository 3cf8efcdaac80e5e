"""Back-tests of the launch model on the past launches of a shop."""

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
from frontrow.web.jobs.kinds.backtest import Request as BacktestRequest

router = APIRouter(tags=["evidence"], route_class=RepeatableRoute)

BODY: Final[dict[str, Any]] = {"shop": "garden", "test_days": 365}


@router.post(
    "/v1/backtests",
    operation_id="run_backtest",
    status_code=202,
    response_model=JobDocument,
    responses={
        **document_problems(404, 409, 429),
        **document_job({**EXAMPLE, "kind": "backtest", "request": BODY}),
    },
    openapi_extra={"requestBody": {"content": {JSON: {"example": BODY}}}},
)
async def post_backtest(
    body: BacktestRequest, visitor: Planner, server: ServerState, claim: PlannerClaim
) -> JSONResponse:
    """Test the launch model on past launches, each as it stood at its midnight, beside simple rules. It is a job."""
    return await begin_job(server, visitor, "backtest", body, claim)


@router.get(
    "/v1/backtests/{job_id}",
    operation_id="get_backtest",
    response_model=dict[str, Any],
    responses={
        **document_problems(404, 409),
        **document_unchanged(),
        200: {"content": {JSON: {"example": {"launches": 24}}}},
    },
)
def get_backtest(request: Request, visitor: Reader, server: ServerState, job_id: JobPath) -> Response:
    """How the launch model and simple rules did on past launches. The same as `frontrow backtest --json`."""
    del visitor
    return answer_result(request, server, job_id, "backtest")
