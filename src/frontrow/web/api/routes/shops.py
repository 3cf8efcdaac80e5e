"""Shops, how they stand, and exports that are read into them."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response

from frontrow.errors import ShopError
from frontrow.web.api.access import Planner, PlannerClaim, Reader, ServerState, find_shop
from frontrow.web.api.idempotency import RepeatableRoute
from frontrow.web.api.jobs import EXAMPLE, JobDocument, begin_job
from frontrow.web.api.negotiation import JSON
from frontrow.web.api.problems import ProblemError
from frontrow.web.api.responses import document_job, document_problems, document_unchanged
from frontrow.web.api.routes.jobs import JobPath, answer_result
from frontrow.web.api.tables import to_json
from frontrow.web.jobs.kinds.import_exports import Request as ImportRequest
from frontrow.web.shops import list_shops, name_new_shop

router = APIRouter(tags=["shops"], route_class=RepeatableRoute)

ShopPath = Annotated[str, Path(description="Name of the shop.", max_length=255, examples=["garden"])]

IMPORT: Final = {"shop": "garden", "uploads": ["3f6c0a9d2b7e4c1f8a5d6e70"], "time_zone": "Europe/London"}
STATUS: Final[dict[str, Any]] = {
    "shop": "garden",
    "time_zone": "Europe/London",
    "currency": "GBP",
    "holdings": {"orders": 65325, "lines": 99057, "customers": 8160, "products": 341, "launches": 80},
}


class ShopDocument(BaseModel):
    """One shop."""

    shop: str = Field(description="Its name.")


class ShopList(BaseModel):
    """The shops of this server."""

    items: list[ShopDocument]


@router.get(
    "/v1/shops",
    operation_id="list_shops",
    responses={**document_problems(), 200: {"content": {JSON: {"example": {"items": [{"shop": "garden"}]}}}}},
)
def get_shops(visitor: Reader, server: ServerState) -> ShopList:
    """The shops of this server, by name."""
    del visitor
    return ShopList(items=[ShopDocument(shop=name) for name in list_shops(server.settings.folder)])


@router.get(
    "/v1/shops/{shop}",
    operation_id="get_shop",
    response_model=dict[str, Any],
    responses={**document_problems(404, 409), 200: {"content": {JSON: {"example": STATUS}}}},
)
def get_shop(visitor: Reader, server: ServerState, shop: ShopPath) -> Response:
    """How a shop stands: what it holds and how fresh it is, its models and campaigns, and what needs doing.

    The same as `frontrow status --json`.
    """
    from frontrow.service.status import StatusSettings, read_status

    del visitor
    folder = find_shop(server, shop)
    return Response(to_json(read_status(folder, StatusSettings()).to_dict()), media_type=JSON)


@router.get(
    "/v1/shops/{shop}/facts",
    operation_id="get_facts",
    response_model=dict[str, Any],
    responses={
        **document_problems(404, 409),
        200: {"content": {JSON: {"example": {"currency": "GBP", "horizon_days": 30, "launch_dates": {}}}}},
    },
)
def get_facts(visitor: Reader, server: ServerState, shop: ShopPath) -> Response:
    """What a shop states of itself once, such as its horizon or its contact cost; null where the default holds.

    The same as `frontrow config --json`.
    """
    from frontrow.service.config import configure

    del visitor
    return Response(to_json(configure(find_shop(server, shop)).to_dict()), media_type=JSON)


@router.post(
    "/v1/imports",
    operation_id="import_exports",
    status_code=202,
    response_model=JobDocument,
    responses={
        **document_problems(404, 409, 429),
        **document_job({**EXAMPLE, "kind": "import_exports", "request": IMPORT}),
    },
    openapi_extra={"requestBody": {"content": {JSON: {"example": IMPORT}}}},
)
async def post_import(body: ImportRequest, visitor: Planner, server: ServerState, claim: PlannerClaim) -> JSONResponse:
    """Read uploaded exports into a shop, which is made if there is none of that name. It is a job.

    A file that cannot be used leaves the shop as it was. The same rows read again change nothing.
    """
    try:
        await run_in_threadpool(name_new_shop, server.settings.folder, body.shop)
    except ShopError as error:
        raise ProblemError(422, "no-shop-name", str(error), field="shop") from None
    return await begin_job(server, visitor, "import_exports", body, claim, new_shop=True)


@router.get(
    "/v1/imports/{job_id}",
    operation_id="get_import",
    response_model=dict[str, Any],
    responses={
        **document_problems(404, 409),
        **document_unchanged(),
        200: {"content": {JSON: {"example": {"files": [{"file": "orders_export_1.csv", "rows": 56145}]}}}},
    },
)
def get_import(request: Request, visitor: Reader, server: ServerState, job_id: JobPath) -> Response:
    """The data report of an import: what became of every row, and what the shop holds now."""
    del visitor
    return answer_result(request, server, job_id, "import_exports")
