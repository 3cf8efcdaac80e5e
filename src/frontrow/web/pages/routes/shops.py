"""The shops: what to do next in each."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from frontrow.web.pages.access import KNOWN_SHOP, READ, AtServer, go_to
from frontrow.web.pages.shop_pages import draw_shop, draw_shops

router = APIRouter(include_in_schema=False, dependencies=[READ])


@router.get("/")
def show_shops(request: Request, server: AtServer) -> Response:
    """Every shop as a card, and where exports are dropped to make another one."""
    return draw_shops(request, server)


@router.get("/shops")
def show_root() -> Response:
    """The shops stand at the root."""
    return go_to("/")


@router.get("/shops/{shop}", dependencies=[KNOWN_SHOP])
def show_shop(request: Request, shop: str, server: AtServer) -> Response:
    """How a shop stands, with the next step of the road."""
    return draw_shop(request, server, shop)
