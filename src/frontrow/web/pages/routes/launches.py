"""A shop's launches in time: what each sold, what is most like it, and its true day."""

from __future__ import annotations

import datetime as dt

from fastapi import APIRouter, Request
from fastapi.responses import Response

from frontrow.errors import SettingError
from frontrow.service.cached_shop import open_cached_shop
from frontrow.service.config import set_launch_day
from frontrow.service.launch_history import LaunchFilter, read_launch_history
from frontrow.web.pages.access import PLAN, READ, Form, ShopFolder, go_to, read_text
from frontrow.web.pages.addresses import address
from frontrow.web.pages.drawing import render
from frontrow.web.pages.shop_overview import try_open

router = APIRouter(include_in_schema=False, dependencies=[READ])

SHOP_WAIT = 5.0
"""Seconds that a person waits for a command that is changing the shop."""


@router.get("/shops/{shop}/launches")
def show_launches(
    request: Request,
    shop: str,
    folder: ShopFolder,
    words: str = "",
    every: str = "",
    page: int = 1,
) -> Response:
    """The time line, and a page of the launches."""
    if try_open(folder) is None:
        return render(request, "launches.html", shop=shop, at="launches", history=None)
    opened = open_cached_shop(folder)
    history = read_launch_history(opened, LaunchFilter(words, all_products=bool(every), page=page))
    return render(
        request,
        "launches.html",
        shop=shop,
        at="launches",
        history=history,
        words=words,
        every=every,
        product_id="",
        typed="",
        sentence="",
    )


@router.post("/shops/{shop}/launches", dependencies=[PLAN])
def state_launch_day(request: Request, shop: str, folder: ShopFolder, form: Form) -> Response:
    """State the launch day of one product, or take it back."""
    typed, product_id, words = (read_text(form, name) for name in ("launch_date", "product_id", "words"))
    is_removed = read_text(form, "action") == "remove"
    try:
        day = None if is_removed else _read_day(typed)
        set_launch_day(folder, product_id, day, wait=SHOP_WAIT)
    except SettingError as error:
        history = read_launch_history(open_cached_shop(folder), LaunchFilter(words, all_products=True))
        return render(
            request,
            "launches.html",
            status=422,
            shop=shop,
            at="launches",
            history=history,
            words=words,
            every="yes",
            product_id=product_id,
            typed=typed,
            sentence=str(error),
        )
    note = "launch_day_removed" if is_removed else "launch_day_set"
    every = read_text(form, "every")
    return go_to(address("shops", shop, "launches", words=words, every=every, note=note))


def _read_day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        raise SettingError("launch_date", "Give the launch day as a date such as 2026-03-01.") from error
