"""Customers ranked for products that nobody has bought yet."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import JSONResponse, Response

from frontrow.storage.pointer import Pointer
from frontrow.web.api.access import Planner, PlannerClaim, Reader, ServerState, ShopQuery, find_shop
from frontrow.web.api.idempotency import RepeatableRoute
from frontrow.web.api.jobs import EXAMPLE, JobDocument, begin_job, describe_job, find_done_job
from frontrow.web.api.negotiation import JSON
from frontrow.web.api.problems import ProblemError
from frontrow.web.api.responses import document_job, document_problems, document_table, document_unchanged
from frontrow.web.api.routes.jobs import JobPath, answer_result
from frontrow.web.api.tables import MOST_ROWS, answer_page, to_json
from frontrow.web.jobs.kinds.audience import Request as AudienceRequest
from frontrow.web.jobs.kinds.campaign import Request as CampaignRequest
from frontrow.web.jobs.requests import Amount, Days, Text

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


CUSTOMER: Final[dict[str, Any]] = {
    "product_id": "new:frost-proof-clay-pot-20-cm",
    "rank": 1,
    "customer_id": 4711,
    "probability": 0.183,
    "country": "GB",
}
POINT: Final[dict[str, Any]] = {
    "length": 500,
    "contacted": 450,
    "held_out": 50,
    "expected_buyers": 38.4,
    "cost": 22.5,
    "profit": 214.0,
    "low": 120.0,
    "high": 310.0,
    "uplift": None,
}
CURVE: Final[dict[str, Any]] = {
    "length": 500,
    "origin": "profitable",
    "best_length": 500,
    "longest_length": 5431,
    "currency": "GBP",
    "points": [POINT],
}


class CustomerPage(BaseModel):
    """A page of a ranked list, the likeliest buyer first; docs/data-dictionary.md describes every column."""

    items: list[dict[str, Any]] = Field(description="One object a customer, by number: nobody's address.")
    total: int = Field(description="Customers on all pages.")
    next: str | None = Field(description="Cursor of the next page; null on the last.")


class MoneyQuery(BaseModel):
    """What lists of every length are worked out with; what is left out is as the shop states it."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)

    length: Annotated[int, Field(ge=1)] | None = None
    """Customers on the list, those held out included; by default, the margin decides."""

    margin: Amount | None = None
    """Earned per unit at its full price."""

    contact_cost: Amount | None = None
    """Cost of one contact."""

    discount: Amount = 0.0
    """Money off per unit, for everyone contacted."""

    capacity: Annotated[int, Field(ge=1)] | None = None
    """Most customers contacted."""

    budget: Amount | None = None
    """Most money spent on contacts."""

    stock: Amount | None = None
    """Units in stock of a single product."""

    holdout_share: Annotated[float, Field(ge=0, lt=1)] = 0.1
    """Share of the list held out by lot."""

    channel: Literal["email", "sms"] | None = None
    """How customers are contacted."""

    countries: list[Text] = Field(default_factory=list)
    """Only customers whose last order went to one of these countries."""

    not_countries: list[Text] = Field(default_factory=list)
    """Nobody whose last order went to one of these countries."""

    not_tagged: list[Text] = Field(default_factory=list)
    """Nobody with one of these tags."""

    not_contacted_days: Days | None = None
    """Nobody who was contacted within so many days."""


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


@router.get(
    "/v1/audiences/{job_id}/customers",
    operation_id="list_customers",
    response_model=CustomerPage,
    responses={
        **document_problems(404, 406, 409),
        **document_unchanged(),
        **document_table(
            {"items": [CUSTOMER], "total": 1, "next": None},
            ",".join(CUSTOMER) + "\n" + ",".join(map(str, CUSTOMER.values())) + "\n",
        ),
    },
)
def list_customers(
    request: Request,
    visitor: Reader,
    server: ServerState,
    job_id: JobPath,
    product_id: Annotated[
        str | None, Query(description="The product whose list it is; by default the first.", max_length=500)
    ] = None,
    country: Annotated[
        str, Query(description="Only customers whose last order went there.", max_length=200, examples=["GB"])
    ] = "",
    bought_type: Annotated[
        str, Query(description="Only customers who bought a product of this type.", max_length=500)
    ] = "",
    tag: Annotated[str, Query(description="Only customers with this tag.", max_length=500)] = "",
    min_probability: Annotated[
        float | None, Query(ge=0, le=1, description="Only customers at least as likely to buy.", examples=[0.05])
    ] = None,
    limit: Annotated[int, Query(ge=1, le=MOST_ROWS, description="Most customers of a page.", examples=[100])] = 100,
    cursor: Annotated[str | None, Query(description="Where the page begins: `next` of the page before.")] = None,
) -> Response:
    """The customers of a product, the likeliest buyer first, with filters; by number, without addresses.

    Whoever was forgotten since is not in the list.
    """
    from frontrow.service.audience_list import ListFilter, select_customers
    from frontrow.service.cached_shop import open_cached_shop
    from frontrow.service.saved_audience import read_saved_audience

    del visitor
    job, folder = find_done_job(server, job_id, "audience")
    shop_folder = find_shop(server, job.shop)
    # read first: what changes meanwhile has another tag. Countries and tags of customers change with the shop
    generation = Pointer.read(shop_folder).generation
    shop = open_cached_shop(shop_folder)
    saved = read_saved_audience(folder)
    product_ids = saved.products["product_id"].to_list()
    if product_id is not None and product_id not in product_ids:
        detail = f"The audience has no product of that id. It has: {', '.join(product_ids[:10])}."
        raise ProblemError(422, "no-such-product", detail, field="product_id")
    selection = ListFilter(
        product_id or "", country=country, bought_type=bought_type, tag=tag, min_probability=min_probability
    )
    rows = select_customers(shop, saved.audience, selection)
    state = (job_id, selection, generation)
    return answer_page(request, rows, "customers", *state, limit=limit, cursor=cursor)


@router.get(
    "/v1/audiences/{job_id}/profit-curve",
    operation_id="get_profit_curve",
    response_model=dict[str, Any],
    responses={**document_problems(404, 409), 200: {"content": {JSON: {"example": CURVE}}}},
)
def get_profit_curve(
    visitor: Reader, server: ServerState, job_id: JobPath, money: Annotated[MoneyQuery, Query()]
) -> Response:
    """What lists of every length are expected to bring: buyers, profit with its band, contacts and cost.

    `points` are lengths between which a slider moves. Without a margin there are buyers and no profit. A campaign with
    the same settings chooses the same customers.
    """
    from frontrow.web.list_lengths import preview_lengths

    del visitor
    job, _ = find_done_job(server, job_id, "audience")
    values = money.model_dump(exclude_none=True)
    request = CampaignRequest(shop=job.shop, audience=job_id, name="list", **values)
    curve = preview_lengths(server, find_shop(server, job.shop), request)
    return Response(to_json(curve.to_dict()), media_type=JSON)
