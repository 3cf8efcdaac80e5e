"""All campaigns of a shop together: whom two of them reached, what all of them caused, and pools."""

from __future__ import annotations

from typing import Any, Final

from fastapi import APIRouter
from starlette.responses import JSONResponse, Response

from frontrow.web.api.access import Planner, PlannerClaim, Reader, ServerState, find_shop
from frontrow.web.api.idempotency import RepeatableRoute
from frontrow.web.api.jobs import EXAMPLE, JobDocument, begin_job
from frontrow.web.api.negotiation import JSON
from frontrow.web.api.responses import document_job, document_problems
from frontrow.web.api.routes.shops import ShopPath
from frontrow.web.api.tables import to_json
from frontrow.web.jobs.kinds.measure_pool import Request as PoolRequest

router = APIRouter(tags=["campaigns"], route_class=RepeatableRoute)

POOL: Final = {"shop": "garden", "pool": "spring-2026"}
SURVEY: Final[dict[str, Any]] = {
    "shop": "garden",
    "today": "2026-07-02",
    "campaigns": [],
    "overlaps": {"pairs": []},
    "control_group": None,
}


@router.get(
    "/v1/shops/{shop}/survey",
    operation_id="survey_campaigns",
    response_model=dict[str, Any],
    responses={**document_problems(404, 409), 200: {"content": {JSON: {"example": SURVEY}}}},
)
def get_survey(visitor: Reader, server: ServerState, shop: ShopPath) -> Response:
    """Every campaign, whom two of them reached, and what all of them caused by the global control group.

    The same as `frontrow campaigns --json`, without the folders.
    """
    from frontrow.service.campaigns import SurveySettings, survey_campaigns

    del visitor
    survey = survey_campaigns(find_shop(server, shop), SurveySettings()).to_dict()
    campaigns = [{name: value for name, value in item.items() if name != "folder"} for item in survey["campaigns"]]
    return Response(to_json({**survey, "campaigns": campaigns}), media_type=JSON)


@router.post(
    "/v1/pool-measurements",
    operation_id="measure_pool",
    status_code=202,
    response_model=JobDocument,
    responses={
        **document_problems(404, 409, 429),
        **document_job({**EXAMPLE, "kind": "measure_pool", "request": POOL}),
    },
    openapi_extra={"requestBody": {"content": {JSON: {"example": POOL}}}},
)
async def post_pool(body: PoolRequest, visitor: Planner, server: ServerState, claim: PlannerClaim) -> JSONResponse:
    """Measure the campaigns of a pool, each alone and all of them together. It is a job.

    Its result is the same as that of `frontrow measure --pool --json`.
    """
    return await begin_job(server, visitor, "measure_pool", body, claim)
