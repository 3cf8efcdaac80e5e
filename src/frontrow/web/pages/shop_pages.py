"""The pages of all shops and of one shop, which are drawn again where an import was asked for in vain."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final

from fastapi import Request
from fastapi.responses import HTMLResponse

from frontrow.web.pages.drawing import render
from frontrow.web.pages.job_pages import view_job
from frontrow.web.pages.road import build_road
from frontrow.web.pages.shop_overview import ShopOverview, describe_shop
from frontrow.web.server_state import Server
from frontrow.web.shops import list_shops

NOTHING: Final[Mapping[str, str]] = {}


def draw_shops(
    request: Request,
    server: Server,
    *,
    status: int = 200,
    typed: Mapping[str, str] = NOTHING,
    errors: Mapping[str, str] = NOTHING,
) -> HTMLResponse:
    """Every shop as a card, and where exports are dropped to make another one.

    Args:
        request: What is answered.
        server: The server.
        status: Of the answer.
        typed: What was typed into the form of an import.
        errors: What is wrong with it, by field.
    """
    folder = server.settings.folder
    shops = [describe_shop(server, name, folder / name) for name in list_shops(folder)]
    return render(
        request, "shops.html", status=status, at="shops", shops=shops, typed=typed, errors=errors, **_limits(server)
    )


def draw_shop(
    request: Request,
    server: Server,
    shop: str,
    *,
    status: int = 200,
    typed: Mapping[str, str] = NOTHING,
    errors: Mapping[str, str] = NOTHING,
) -> HTMLResponse:
    """How a shop stands, with the next step of the road.

    Args:
        request: What is answered.
        server: The server.
        shop: Its name.
        status: Of the answer.
        typed: What was typed into the form of an import.
        errors: What is wrong with it, by field.
    """
    overview = describe_shop(server, shop, server.settings.folder / shop)
    now = dt.datetime.now(dt.UTC)
    return render(
        request,
        "shop.html",
        status=status,
        shop=shop,
        at="shop",
        road=build_road(shop, overview.next_step.at, audience=_latest_audience(overview)),
        currency="" if overview.status is None else overview.status.currency,
        overview=overview,
        jobs=[view_job(job, now) for job in overview.jobs],
        typed=typed,
        errors=errors,
        **_limits(server),
    )


def _latest_audience(overview: ShopOverview) -> str:
    return overview.audiences[0].job.job_id if overview.audiences else ""


def _limits(server: Server) -> dict[str, Any]:
    return {"upload_megabytes": server.settings.upload_megabytes}
