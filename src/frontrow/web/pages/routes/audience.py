"""Who is likely to buy: the answer first, then the ranked list with its filters; addresses only where asked for."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, Response
from starlette.datastructures import FormData

from frontrow.service.audience_list import ListFilter, answer_audience, list_customers, write_customers
from frontrow.service.cached_shop import open_cached_shop
from frontrow.service.customer_addresses import CustomerAddress, read_addresses
from frontrow.service.saved_audience import SavedAudience
from frontrow.web.pages.access import READ, AddressTaker, AtServer, Form, ShopFolder, read_text
from frontrow.web.pages.addresses import address
from frontrow.web.pages.drawing import render
from frontrow.web.pages.finding import find_audience
from frontrow.web.pages.road import build_road
from frontrow.web.security.visitor import get_visitor

router = APIRouter(include_in_schema=False, dependencies=[READ])

FILTERS: Final = ("product", "country", "bought", "tag", "customer")


def _read_query(
    product: str = "", country: str = "", bought: str = "", tag: str = "", customer: str = "", page: int = 1
) -> ListFilter:
    return ListFilter(product, country, bought, tag, customer, page)


Selection = Annotated[ListFilter, Depends(_read_query)]


@router.get("/shops/{shop}/audiences/{audience}")
def show_audience(
    request: Request, audience: str, server: AtServer, folder: ShopFolder, selection: Selection
) -> Response:
    """Who is likely to buy the new products."""
    return _draw(request, folder, audience, find_audience(server, folder, audience, with_source_ids=False), selection)


@router.post("/shops/{shop}/audiences/{audience}")
def show_addresses(
    request: Request, audience: str, server: AtServer, visitor: AddressTaker, folder: ShopFolder, form: Form
) -> Response:
    """The same page with the addresses of the customers on it; who asked for them is written down first."""
    saved, selection = find_audience(server, folder, audience, with_source_ids=False), _read_form(form)
    listed = list_customers(open_cached_shop(folder), saved.audience, selection)
    addresses = read_addresses(folder, [customer.customer_id for customer in listed.customers])
    what = f"audience {audience}, page {listed.page}"
    server.audit.record(visitor.name, "took addresses", shop=folder.name, what=what, rows=len(addresses))
    return _draw(request, folder, audience, saved, selection, addresses)


@router.get("/shops/{shop}/audiences/{audience}/list.csv")
def download_list(audience: str, server: AtServer, folder: ShopFolder, selection: Selection) -> Response:
    """The customers that match as CSV, by number and without addresses."""
    saved = find_audience(server, folder, audience, with_source_ids=False)
    content = write_customers(open_cached_shop(folder), saved.audience, selection)
    headers = {"Content-Disposition": f'attachment; filename="audience-{saved.as_of.date()}.csv"'}
    return Response(content, media_type="text/csv; charset=utf-8", headers=headers)


def _read_form(form: FormData) -> ListFilter:
    product, country, bought, tag, customer = (read_text(form, name) for name in FILTERS)
    page = read_text(form, "page")
    return ListFilter(product, country, bought, tag, customer, int(page) if page.isdecimal() else 1)


def _draw(
    request: Request,
    folder: Path,
    audience: str,
    saved: SavedAudience,
    selection: ListFilter,
    addresses: dict[int, CustomerAddress] | None = None,
) -> HTMLResponse:
    """Draw the page; with `addresses`, they stand beside the customers."""
    visitor = get_visitor(request)
    listed = list_customers(open_cached_shop(folder), saved.audience, selection)
    place = address("shops", folder.name, "audiences", audience)
    chosen = (selection.product_id, selection.country, selection.bought_type, selection.tag, selection.customer)
    return render(
        request,
        "audience.html",
        shop=folder.name,
        at="new",
        road=build_road(folder.name, "Who", audience=audience),
        currency=saved.currency,
        audience=audience,
        answer=answer_audience(saved, listed.product_id),
        saved=saved,
        listed=listed,
        selection=selection,
        query={name: value for name, value in zip(FILTERS, chosen, strict=True) if value},
        place=place,
        addresses=addresses,
        may_take_addresses=visitor is not None and visitor.may("addresses"),
    )
