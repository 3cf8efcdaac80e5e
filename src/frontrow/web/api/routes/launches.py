"""First sales of products that count as launches."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from frontrow.storage.pointer import Pointer
from frontrow.web.api.access import Planner, Reader, ServerState, ShopQuery, find_shop
from frontrow.web.api.negotiation import JSON
from frontrow.web.api.responses import document_problems, document_table, document_unchanged
from frontrow.web.api.tables import MOST_ROWS, answer_page

router = APIRouter(tags=["launches"])

LAUNCH: Final[dict[str, Any]] = {
    "product_id": "clay-pot-20-cm",
    "title": "Clay Pot 20 cm",
    "launch_date": "2026-03-02",
    "first_order": "2026-03-02",
    "last_order": "2026-05-30",
    "days_between": 89,
    "buyers": 176,
    "buyers_before": 0,
    "buyers_in_horizon": 91,
    "units": 276,
    "revenue": 12687.25,
    "verdict": "launch",
}
CSV: Final = ",".join(LAUNCH) + "\n" + ",".join(str(value) for value in LAUNCH.values()) + "\n"


class LaunchDocument(BaseModel):
    """The life of one product; docs/data-dictionary.md describes every column."""

    product_id: str
    title: str | None
    launch_date: str = Field(description="Its launch day: the one the shop stated, else that of its first sale.")
    first_order: str
    last_order: str
    days_between: int
    buyers: int
    buyers_before: int
    buyers_in_horizon: int
    units: int
    revenue: float
    verdict: str = Field(description='"launch", or why its first sale does not count as one.')


class LaunchPage(BaseModel):
    """A page of products, by launch day."""

    items: list[LaunchDocument]
    total: int = Field(description="Products on all pages.")
    next: str | None = Field(description="Cursor of the next page; null on the last.")


class LaunchDay(BaseModel):
    """When a product was launched."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)

    launch_date: dt.date | None
    """Its true launch day; null to take back what was stated, so that its first sale counts."""


class StatedDays(BaseModel):
    """Launch days that the shop has stated."""

    launch_dates: dict[str, dt.date] = Field(description="By product id.")


@router.get(
    "/v1/launches",
    operation_id="list_launches",
    response_model=LaunchPage,
    responses={
        **document_problems(404, 406, 409),
        **document_unchanged(),
        **document_table({"items": [LAUNCH], "total": 1, "next": None}, CSV),
    },
)
def get_launches(
    request: Request,
    visitor: Reader,
    server: ServerState,
    shop: ShopQuery,
    verdict: Annotated[
        str | None, Query(description="Only products with this verdict.", max_length=100, examples=["launch"])
    ] = None,
    limit: Annotated[int, Query(ge=1, le=MOST_ROWS, description="Most products of a page.", examples=[100])] = 100,
    cursor: Annotated[str | None, Query(description="Where the page begins: `next` of the page before.")] = None,
) -> Response:
    """Every product of a shop by launch day: whether its first sale was a launch, and what it sold.

    The same as `frontrow launches --json`.
    """
    from frontrow.service.launches import list_launches
    from frontrow.service.opening import RunSettings

    del visitor
    folder = find_shop(server, shop)
    generation = Pointer.read(folder).generation
    result = list_launches(folder, RunSettings())
    table = result.table
    if verdict is not None:
        table = table.filter(table["verdict"] == verdict)
    # sums of money may differ in their last digit from one run to the next, so that the shop's state is compared
    state = (generation, result.shop.config)
    return answer_page(request, table, "launches", shop, verdict, state, limit=limit, cursor=cursor)


@router.put(
    "/v1/launches/{product_id}",
    operation_id="set_launch_day",
    responses={
        **document_problems(404, 409, 507),
        200: {"content": {JSON: {"example": {"launch_dates": {"clay-pot-20-cm": "2026-03-01"}}}}},
    },
    openapi_extra={"requestBody": {"content": {JSON: {"example": {"launch_date": "2026-03-01"}}}}},
)
def put_launch_day(
    body: LaunchDay,
    visitor: Planner,
    server: ServerState,
    product_id: Annotated[str, Path(description="The product.", max_length=500, examples=["clay-pot-20-cm"])],
    shop: ShopQuery,
) -> StatedDays:
    """State the true launch day of a product, where that of its first sale is not it. Done twice, it is the same."""
    from frontrow.service.config import set_launch_day

    del visitor
    result = set_launch_day(find_shop(server, shop), product_id, body.launch_date)
    return StatedDays.model_validate(result.to_dict())
