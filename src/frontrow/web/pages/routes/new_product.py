"""A new product: a form or a pasted table, checks while one types, and the job that ranks customers for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from frontrow.errors import SettingError
from frontrow.service.pasted_products import parse_pasted_products
from frontrow.service.product_check import check_products, list_choices
from frontrow.web.pages.access import READ, AtServer, Form, Planner, ShopFolder, go_to, read_text, submit_job
from frontrow.web.pages.addresses import address
from frontrow.web.pages.drawing import draw, render
from frontrow.web.pages.product_form import (
    COLUMNS,
    TypedProduct,
    add_error,
    read_products,
    read_requested,
    type_products,
)
from frontrow.web.pages.road import build_road
from frontrow.web.pages.shop_overview import try_open
from frontrow.web.security.visitor import Visitor
from frontrow.web.server_state import Server

router = APIRouter(include_in_schema=False, dependencies=[READ])

EMPTY: Mapping[str, str] = {}


@router.get("/shops/{shop}/new")
def show_form(request: Request, shop: str, server: AtServer, folder: ShopFolder, again: str = "") -> Response:
    """The form, empty or with what an earlier job asked about."""
    products, problem = _read_earlier(server, shop, folder, again)
    return _draw(request, shop, folder, products or type_products([EMPTY]), problem=problem)


@router.post("/shops/{shop}/new")
def take_form(
    request: Request, shop: str, server: AtServer, visitor: Planner, folder: ShopFolder, form: Form
) -> Response:
    """Rank customers for the products; or add one, take one out, or read a pasted table."""
    products: list[Mapping[str, str]] = [*read_products(form)]
    action, _, number = read_text(form, "action").partition("-")
    if action == "paste":
        return _paste(request, shop, folder, products, read_text(form, "pasted"))
    if action == "add":
        return _draw(request, shop, folder, _check(folder, [*products, EMPTY]))
    if action == "remove" and number.isdecimal():
        rest = [product for place, product in enumerate(products) if place != int(number)]
        return _draw(request, shop, folder, _check(folder, rest or [EMPTY]))
    return _rank(request, shop, server, visitor, folder, products)


@router.post("/shops/{shop}/new/check")
def check_one(shop: str, folder: ShopFolder, form: Form, number: int = 0) -> Response:
    """What is to be said of one product of the form, while it is typed."""
    products = _check(folder, read_products(form))
    if not 0 <= number < len(products):
        return HTMLResponse("")
    return HTMLResponse(draw("product_hints.html", product=products[number], columns=COLUMNS, shop=shop))


def _rank(
    request: Request, shop: str, server: Server, visitor: Visitor, folder: Path, products: Sequence[Mapping[str, str]]
) -> Response:
    """Start the job, or say beside the fields what has to be corrected first."""
    filled = [product for product in products if any(product.values())]
    opened = try_open(folder)
    check = None if opened is None else check_products(opened, filled)
    if check is not None and check.problem is not None:
        return _draw(request, shop, folder, type_products(filled or [EMPTY], check), status=422)
    rows = [{column: text for column, text in product.items() if text} for product in filled]
    try:
        job = submit_job(server, visitor, "audience", {"shop": shop, "products": rows})
    except SettingError as error:
        typed, problem = add_error(type_products(filled, check), error.setting, str(error))
        return _draw(request, shop, folder, typed, status=422, problem=problem)
    return go_to(address("jobs", job.job_id))


def _paste(request: Request, shop: str, folder: Path, products: Sequence[Mapping[str, str]], pasted: str) -> Response:
    """Put the rows of a pasted table into the form, after what was typed there."""
    filled = [product for product in products if any(product.values())]
    try:
        more = parse_pasted_products(pasted)
    except SettingError as error:
        typed = _check(folder, products or [EMPTY])
        return _draw(request, shop, folder, typed, status=422, pasted=pasted, errors={"pasted": str(error)})
    return _draw(request, shop, folder, _check(folder, [*filled, *more]))


def _check(folder: Path, products: Sequence[Mapping[str, str]]) -> list[TypedProduct]:
    """The products with what is said beside their fields; nothing is said of one that has no title yet."""
    opened = try_open(folder)
    titled = [place for place, product in enumerate(products) if product.get("title")]
    if opened is None or not titled:
        return type_products(products)
    checked = type_products(
        [products[place] for place in titled], check_products(opened, [products[place] for place in titled])
    )
    typed = type_products(products)
    for place, product in zip(titled, checked, strict=True):
        typed[place] = replace(product, number=place)
    return typed


def _read_earlier(server: Server, shop: str, folder: Path, job_id: str) -> tuple[list[TypedProduct], str]:
    """The products of an earlier job of the shop, with its error where it belongs."""
    job = server.jobs.get(job_id) if job_id else None
    if job is None or job.shop != shop or job.kind != "audience":
        return [], ""
    typed = _check(folder, read_requested(job.request))
    return add_error(typed, job.field, job.error) if job.error else (typed, "")


def _draw(
    request: Request,
    shop: str,
    folder: Path,
    products: Sequence[TypedProduct],
    *,
    status: int = 200,
    problem: str = "",
    pasted: str = "",
    errors: Mapping[str, str] = EMPTY,
) -> Response:
    opened = try_open(folder)
    return render(
        request,
        "new_product.html",
        status=status,
        shop=shop,
        at="new",
        road=build_road(shop, "New product"),
        currency="" if opened is None else opened.history.settings.currency,
        choices=None if opened is None else list_choices(opened),
        products=products,
        columns=COLUMNS,
        problem_sentence=problem,
        pasted=pasted,
        errors=errors,
    )
