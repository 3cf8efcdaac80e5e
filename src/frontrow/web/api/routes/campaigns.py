"""Campaigns: who is contacted and who is held out, the files for each platform, and what it caused."""

from __future__ import annotations

import json
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Annotated, Any, Final

from fastapi import APIRouter, Path, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response

from frontrow.errors import CampaignError
from frontrow.web.api.access import (
    AddressTaker,
    Planner,
    PlannerClaim,
    Reader,
    ServerState,
    ShopQuery,
    find_shop,
)
from frontrow.web.api.bodies.campaigns import CampaignList, LiftRequest, MeasurementRequest, SentDocument, SentRequest
from frontrow.web.api.idempotency import RepeatableRoute
from frontrow.web.api.jobs import EXAMPLE, JobDocument, begin_job
from frontrow.web.api.negotiation import JSON
from frontrow.web.api.problems import ProblemError
from frontrow.web.api.responses import document_job, document_problems, document_unchanged
from frontrow.web.api.tables import to_json
from frontrow.web.api.unchanged import answer_unchanged, cache_headers, is_current, make_etag
from frontrow.web.jobs.kinds.campaign import Request as CampaignRequest
from frontrow.web.jobs.kinds.measure import Request as MeasureRequest
from frontrow.web.server_state import Server

if TYPE_CHECKING:
    from frontrow.service.campaign_page import CampaignPageResult

router = APIRouter(tags=["campaigns"], route_class=RepeatableRoute)

CampaignPath = Annotated[str, Path(description="The campaign's id.", max_length=64, examples=["9c1f0a44b2d87e35"])]
CAMPAIGN: Final[dict[str, Any]] = {
    "shop": "garden",
    "audience": EXAMPLE["job_id"],
    "name": "Frost-proof pots",
    "margin": 9.5,
    "contact_cost": 0.05,
    "exports": ["klaviyo"],
}
PLANNED: Final[dict[str, Any]] = {
    "campaign_id": "9c1f0a44b2d87e35",
    "name": "Frost-proof pots",
    "created": "2026-05-31T09:00:00+00:00",
    "recorded_in_contact_log": False,
    "until": "2026-06-30",
    "channel": "email",
    "counts": {"contacted": 450, "held_out": 50},
    "files": [{"name": "klaviyo-frost-proof-pots.csv", "export": "klaviyo", "held_out": False, "bytes": 20411}],
}
LISTED: Final[dict[str, Any]] = {
    "campaign_id": "9c1f0a44b2d87e35",
    "name": "Frost-proof pots",
    "created": "2026-05-31T09:00:00+00:00",
    "state": "planned",
    "contacted": 450,
    "held_out": 50,
    "until": "2026-06-30",
    "contacted_on": None,
    "pool": "",
    "measured": None,
}
LIFTED: Final[dict[str, Any]] = {"campaign": "Frost-proof pots", "lifted_on": "2026-07-02", "held_out": 50}
SENT: Final = {"campaign": "Frost-proof pots", "contacted_on": "2026-06-01", "contacts": 450}


@router.post(
    "/v1/campaigns",
    operation_id="plan_campaign",
    status_code=202,
    response_model=JobDocument,
    responses={
        **document_problems(404, 409, 429),
        **document_job({**EXAMPLE, "kind": "campaign", "request": CAMPAIGN}),
    },
    openapi_extra={"requestBody": {"content": {JSON: {"example": CAMPAIGN}}}},
)
async def post_campaign(
    body: CampaignRequest, visitor: Planner, server: ServerState, claim: PlannerClaim
) -> JSONResponse:
    """Plan a campaign for the products of an audience: who hears of them, who is held out by lot, and its files.

    It is a job; `campaign.campaign_id` of its result is the campaign's id. Nobody is contacted without consent.
    """
    return await begin_job(server, visitor, "campaign", body, claim)


@router.get(
    "/v1/campaigns",
    operation_id="list_campaigns",
    responses={
        **document_problems(404, 409),
        200: {"content": {JSON: {"example": {"campaigns": [LISTED], "notices": []}}}},
    },
)
def get_campaigns(visitor: Reader, server: ServerState, shop: ShopQuery) -> CampaignList:
    """The campaigns of a shop and how far each is, the latest first."""
    from frontrow.service.campaign_list import list_campaigns

    del visitor
    return CampaignList.model_validate(list_campaigns(find_shop(server, shop)).to_dict())


@router.get(
    "/v1/campaigns/{campaign_id}",
    operation_id="get_campaign",
    response_model=dict[str, Any],
    responses={**document_problems(404, 409), 200: {"content": {JSON: {"example": PLANNED}}}},
)
def get_campaign(visitor: Reader, server: ServerState, campaign_id: CampaignPath, shop: ShopQuery) -> Response:
    """What was decided: products, numbers of customers, and the names of the files. Nobody's address."""
    del visitor
    return Response(to_json(find_campaign(server, shop, campaign_id).to_dict()), media_type=JSON)


@router.get(
    "/v1/campaigns/{campaign_id}/files/{platform}",
    operation_id="get_campaign_file",
    response_class=Response,
    responses={
        **document_problems(404, 409),
        200: {
            "description": "The file that the platform takes. Where there are several, such as one a product, a ZIP.",
            "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
        },
    },
)
def get_campaign_file(
    visitor: AddressTaker,
    server: ServerState,
    campaign_id: CampaignPath,
    platform: Annotated[str, Path(description="Name of the platform.", max_length=64, examples=["klaviyo"])],
    shop: ShopQuery,
    held_out: Annotated[
        bool, Query(description="The file of those who must not be contacted, in the place of the others.")
    ] = False,
) -> Response:
    """The file of a campaign that a platform takes, with addresses. It needs the scope "addresses".

    Who took it, when, and how many rows it had is written to the audit log.
    """
    from frontrow.web.downloads import send_campaign_files

    page = find_campaign(server, shop, campaign_id)
    listed = [file for file in page.files if not file.lifted]
    files = [file for file in listed if file.export.name == platform and file.held_out == held_out]
    if not files:
        raise ProblemError(404, "not-found", _describe_missing(page, platform, held_out=held_out))
    archive = f"{platform}{'-held-out' if held_out else ''}.zip"
    return send_campaign_files(server, visitor, shop, page, files, archive)


@router.post(
    "/v1/campaigns/{campaign_id}/sent",
    operation_id="mark_campaign_as_sent",
    responses={**document_problems(404, 409, 507), 200: {"content": {JSON: {"example": SENT}}}},
    openapi_extra={"requestBody": {"content": {JSON: {"example": {"shop": "garden", "contacted_on": "2026-06-01"}}}}},
)
def mark_as_sent(
    body: SentRequest, visitor: Planner, server: ServerState, campaign_id: CampaignPath, claim: PlannerClaim
) -> SentDocument:
    """Record that a campaign was sent, so that its customers count as contacted. Recorded again, nothing changes."""
    from frontrow.service.contacts import record_contacts

    del visitor, claim
    folder = find_shop(server, body.shop)
    place = FilePath(find_campaign(server, body.shop, campaign_id).registered.folder)
    return SentDocument.model_validate(record_contacts(folder, place, body.contacted_on).to_dict())


@router.post(
    "/v1/campaigns/{campaign_id}/lift",
    operation_id="lift_hold_out",
    response_model=dict[str, Any],
    responses={**document_problems(404, 409, 507), 200: {"content": {JSON: {"example": LIFTED}}}},
    openapi_extra={"requestBody": {"content": {JSON: {"example": {"shop": "garden", "early": True}}}}},
)
def post_lift(
    body: LiftRequest, visitor: Planner, server: ServerState, campaign_id: CampaignPath, claim: PlannerClaim
) -> Response:
    """End a campaign's hold-out after its window: those held out are customers like others again.

    Refused while the window is open, unless `early` is true: then what it caused can no longer be measured. Lifted
    again, nothing changes. The same as `frontrow lift --json`, with names of files and no paths.
    """
    from frontrow.service.lift import LiftSettings, lift_hold_out

    del visitor, claim
    folder = find_shop(server, body.shop)
    place = FilePath(find_campaign(server, body.shop, campaign_id).registered.folder)
    lifted = lift_hold_out(folder, place, LiftSettings(early=body.early)).to_dict()
    files = [{"export": file["export"], "name": FilePath(file["path"]).name} for file in lifted["files"]]
    return Response(to_json({**lifted, "files": files}), media_type=JSON)


@router.post(
    "/v1/campaigns/{campaign_id}/measurement",
    operation_id="measure_campaign",
    status_code=202,
    response_model=JobDocument,
    responses={
        **document_problems(404, 409, 429),
        **document_job({**EXAMPLE, "kind": "measure", "request": {"shop": "garden", "campaign": "9c1f0a44b2d87e35"}}),
    },
    openapi_extra={"requestBody": {"content": {JSON: {"example": {"shop": "garden", "sold_as": ["clay-pot-20-cm"]}}}}},
)
async def post_measurement(
    body: MeasurementRequest, visitor: Planner, server: ServerState, campaign_id: CampaignPath, claim: PlannerClaim
) -> JSONResponse:
    """Measure what a campaign caused: contacted customers against those held out. It is a job."""
    await run_in_threadpool(find_campaign, server, body.shop, campaign_id)
    request = MeasureRequest(campaign=campaign_id, **body.model_dump())
    return await begin_job(server, visitor, "measure", request, claim)


@router.get(
    "/v1/campaigns/{campaign_id}/measurement",
    operation_id="get_measurement",
    response_model=dict[str, Any],
    responses={
        **document_problems(404, 409),
        **document_unchanged(),
        200: {"content": {JSON: {"example": {"campaign": "Frost-proof pots", "as_of": "2026-07-02T00:00:00+01:00"}}}},
    },
)
def get_measurement(
    request: Request, visitor: Reader, server: ServerState, campaign_id: CampaignPath, shop: ShopQuery
) -> Response:
    """The latest measurement of a campaign. The same as `frontrow measure --json`."""
    from frontrow.service.measurement import read_measurement

    del visitor
    page = find_campaign(server, shop, campaign_id)
    measured = read_measurement(FilePath(page.registered.folder))
    if measured is None:
        raise ProblemError(
            404, "not-measured", f"The campaign was not measured yet. POST to /v1/campaigns/{campaign_id}/measurement."
        )
    etag = make_etag(json.dumps(measured, sort_keys=True))
    return (
        answer_unchanged(etag)
        if is_current(request, etag)
        else Response(to_json(measured), 200, cache_headers(etag), JSON)
    )


def find_campaign(server: Server, shop: str, campaign_id: str) -> CampaignPageResult:
    """A campaign of a shop.

    Args:
        server: Holds the shops.
        shop: Name of the shop.
        campaign_id: As it was sent; it is looked up, never put into a path.

    Raises:
        ProblemError: There is no such shop or campaign: 404.
    """
    from frontrow.service.campaign_page import read_campaign_page

    folder = find_shop(server, shop)
    try:
        return read_campaign_page(folder, campaign_id)
    except CampaignError as error:
        raise ProblemError(404, "no-such-campaign", str(error), field="campaign_id") from None


def _describe_missing(page: CampaignPageResult, platform: str, *, held_out: bool) -> str:
    names = [export.name for export in page.platforms]
    if platform in names and held_out:
        return f"The campaign has no file of those held out for {platform}: nobody is held out."
    return f"The campaign has no files for that platform. It has: {', '.join(names) or 'none'}."
