"""What routes are given: the server, the visitor with the scope that a route needs, and the folder of a shop."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, TypeAlias

from fastapi import Depends, Query, Request

from frontrow.errors import ShopError
from frontrow.web.api.idempotency import IdempotencyKey, claim_key
from frontrow.web.api.problems import ProblemError
from frontrow.web.security.visitor import Visitor, require
from frontrow.web.server_state import Server, get_server
from frontrow.web.shops import resolve_shop

ServerState: TypeAlias = Annotated[Server, Depends(get_server)]
Reader: TypeAlias = Annotated[Visitor, Depends(require("read"))]
Planner: TypeAlias = Annotated[Visitor, Depends(require("plan"))]
AddressTaker: TypeAlias = Annotated[Visitor, Depends(require("addresses"))]
ShopQuery: TypeAlias = Annotated[
    str,
    Query(description="Name of the shop, from `GET /v1/shops`.", min_length=1, max_length=255, examples=["garden"]),
]


def find_shop(server: Server, name: str) -> Path:
    """The folder of a shop that a program names.

    Args:
        server: Holds the shops.
        name: As it was sent; it is compared with the shops that are there, and never put into a path.

    Raises:
        ProblemError: There is no such shop: 404.
    """
    try:
        return resolve_shop(server.settings.folder, name)
    except ShopError as error:
        raise ProblemError(404, "no-such-shop", str(error), field="shop") from None


async def claim_by_reader(
    request: Request, visitor: Reader, server: ServerState, key: IdempotencyKey = None
) -> str | None:
    """Claim the idempotency key of a request that needs the scope "read"."""
    return await claim_key(request, key, visitor, server.idempotency)


async def claim_by_planner(
    request: Request, visitor: Planner, server: ServerState, key: IdempotencyKey = None
) -> str | None:
    """Claim the idempotency key of a request that needs the scope "plan"."""
    return await claim_key(request, key, visitor, server.idempotency)


ReaderClaim: TypeAlias = Annotated[str | None, Depends(claim_by_reader)]
PlannerClaim: TypeAlias = Annotated[str | None, Depends(claim_by_planner)]
"""The id of what the request makes, where it has an idempotency key."""
