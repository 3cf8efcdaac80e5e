"""Pushes: a campaign's customers are counted, confirmed, and brought into the account that mail is sent from."""

from __future__ import annotations

from pathlib import Path as FilePath
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response

from frontrow.web.api.access import AddressTaker, Planner, PlannerClaim, Reader, ServerState, ShopQuery, find_shop
from frontrow.web.api.idempotency import RepeatableRoute
from frontrow.web.api.jobs import EXAMPLE, JobDocument, begin_job
from frontrow.web.api.negotiation import JSON
from frontrow.web.api.responses import document_job, document_problems
from frontrow.web.api.routes.campaigns import CampaignPath, find_campaign
from frontrow.web.api.routes.shops import ShopPath
from frontrow.web.api.tables import to_json
from frontrow.web.downloads import record_push
from frontrow.web.jobs.kinds.push import Request as PushJobRequest
from frontrow.web.jobs.requests import ShopName

router = APIRouter(tags=["campaigns"], route_class=RepeatableRoute)

Group = Literal["contacted", "held-out"]
DestinationPath = Annotated[
    str, Path(description="A destination that the shop states, or a platform.", max_length=64, examples=["klaviyo"])
]
GroupQuery = Annotated[
    Group, Query(description="Those to be contacted, or those held out, so that messages can leave them out.")
]
DESTINATION: Final[dict[str, Any]] = {"name": "klaviyo", "title": "Klaviyo", "is_ready": True, "problem": None}
PUSH: Final[dict[str, Any]] = {"shop": "garden", "confirm": 448}
COUNTED: Final[dict[str, Any]] = {
    "campaign": "Frost-proof pots",
    "destination": "klaviyo",
    "group": "contacted",
    "dry_run": True,
    "planned": 450,
    "left_out": {"no consent": 2},
    "confirm": 448,
}


class DestinationDocument(BaseModel):
    """Somewhere that campaigns can be sent."""

    name: str = Field(description="What the shop calls it, or the platform's name.")
    title: str = Field(description="What the platform is called.")
    is_ready: bool = Field(description="Whether it can be sent to: nothing is missing in what is stated.")
    problem: str | None = Field(description="What is missing.")


class DestinationList(BaseModel):
    """Where the campaigns of a shop can be sent."""

    items: list[DestinationDocument]


class PushRequest(BaseModel):
    """A push whose number was counted just before."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)

    shop: ShopName
    """Name of the shop."""

    group: Group = "contacted"
    """Those to be contacted, or those held out, so that messages can leave them out."""

    confirm: Annotated[int, Field(ge=0)]
    """`confirm` of the answer to GET."""


@router.get(
    "/v1/shops/{shop}/destinations",
    operation_id="list_destinations",
    responses={**document_problems(404, 409), 200: {"content": {JSON: {"example": {"items": [DESTINATION]}}}}},
)
def get_destinations(visitor: Reader, server: ServerState, shop: ShopPath) -> DestinationList:
    """Where the campaigns of a shop can be sent. Nothing is reached for it."""
    from frontrow.service.destinations import describe_destinations

    del visitor
    places = describe_destinations(find_shop(server, shop))
    return DestinationList.model_validate({"items": [place.to_dict() for place in places]})


@router.get(
    "/v1/campaigns/{campaign_id}/pushes/{destination}",
    operation_id="count_push",
    response_model=dict[str, Any],
    responses={**document_problems(404, 409), 200: {"content": {JSON: {"example": COUNTED}}}},
)
def get_push(
    visitor: Planner,
    server: ServerState,
    campaign_id: CampaignPath,
    destination: DestinationPath,
    shop: ShopQuery,
    group: GroupQuery = "contacted",
) -> Response:
    """Whom a push would reach now, and what became of the latest one. Nothing is sent, and nobody is named.

    The same as `frontrow push --json` without `--confirm`.
    """
    from frontrow.service.push import PushSettings, push_campaign

    del visitor
    place = FilePath(find_campaign(server, shop, campaign_id).registered.folder)
    result = push_campaign(find_shop(server, shop), place, PushSettings(destination, group))
    return Response(to_json(result.to_dict()), media_type=JSON)


@router.post(
    "/v1/campaigns/{campaign_id}/pushes/{destination}",
    operation_id="push_campaign",
    status_code=202,
    response_model=JobDocument,
    responses={
        **document_problems(404, 409, 429),
        **document_job({**EXAMPLE, "kind": "push", "request": {**PUSH, "campaign": "9c1f0a44b2d87e35"}}),
    },
    openapi_extra={"requestBody": {"content": {JSON: {"example": PUSH}}}},
)
async def post_push(
    body: PushRequest,
    visitor: Planner,
    taker: AddressTaker,
    server: ServerState,
    campaign_id: CampaignPath,
    destination: DestinationPath,
    claim: PlannerClaim,
) -> JSONResponse:
    """Bring customers into the account that mail is sent from. It is a job, and needs the scope "addresses" too.

    It fails where the number is another one by then. Nobody is sent twice, and nobody is subscribed. Who sent them,
    when, and how many is written to the audit log.
    """
    del taker
    await run_in_threadpool(find_campaign, server, body.shop, campaign_id)
    what = f"{campaign_id}/{destination}/{body.group}"
    await run_in_threadpool(record_push, server, visitor, body.shop, what, body.confirm)
    request = PushJobRequest(campaign=campaign_id, to=destination, **body.model_dump())
    return await begin_job(server, visitor, "push", request, claim)
