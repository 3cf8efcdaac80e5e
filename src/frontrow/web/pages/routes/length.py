"""How many to contact: a slider over the length of the list, money, and who may be contacted."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.datastructures import QueryParams

from frontrow.campaign.export import export_names, get_export
from frontrow.errors import CampaignError, InputError, SettingError
from frontrow.service.list_length import ListLengthResult
from frontrow.service.saved_audience import SavedAudience
from frontrow.shop.config import ShopConfig
from frontrow.web.jobs.kinds.campaign import Request as CampaignRequest
from frontrow.web.list_lengths import preview_lengths
from frontrow.web.pages.access import READ, AtServer, ShopFolder
from frontrow.web.pages.campaign_form import CampaignForm, read_form
from frontrow.web.pages.drawing import render
from frontrow.web.pages.finding import find_audience
from frontrow.web.pages.road import build_road
from frontrow.web.server_state import Server

router = APIRouter(include_in_schema=False)

FIRST_EXPORT: Final = "klaviyo"
"""The platform that is ticked when the page opens."""


@router.get("/shops/{shop}/audiences/{audience}/length", dependencies=[READ])
def show_lengths(request: Request, shop: str, audience: str, server: AtServer, folder: ShopFolder) -> Response:
    """The page, worked out from what the address says."""
    typed = dict(request.query_params)
    if typed.get("length") == typed.get("proposed"):
        # nobody chose this length: another margin finds another one
        typed["length"] = ""
    if "name" not in request.query_params:
        # what a person said of the product need not be typed again
        typed["margin"] = read_own_margin(find_audience(server, folder, audience, with_source_ids=False))
    form = read_form(QueryParams(typed), shop=shop, audience=audience)
    form = replace(form, exports=tuple(request.query_params.getlist("exports")))
    if "name" not in request.query_params:
        form = replace(form, values={**form.values, "holdout": "10"}, exports=(FIRST_EXPORT,))
    return draw_lengths(request, server, folder, audience, form)


def draw_lengths(
    request: Request, server: Server, folder: Path, audience: str, form: CampaignForm, *, status: int = 200
) -> Response:
    """Draw the page for a form, with what is wrong beside its fields.

    Args:
        request: What is answered.
        server: The server.
        folder: The shop's folder.
        audience: Id of the audience.
        form: What a person typed.
        status: Of the answer, where nothing else is wrong.
    """
    saved = find_audience(server, folder, audience, with_source_ids=False)
    preview, refusal = None, ""
    try:
        if form.request is not None:
            preview = preview_lengths(server, folder, form.request)
        else:
            status = 422
            preview = preview_lengths(server, folder, CampaignRequest(shop=folder.name, audience=audience, name="list"))
    except SettingError as error:
        form, status = form.with_error(error), 422
    except (CampaignError, InputError) as error:
        refusal, status = str(error), 422
    return render(
        request,
        "length.html",
        status=status,
        **_page_values(folder, audience, saved, form),
        refusal=refusal,
        **_draw(preview),
    )


def _page_values(folder: Path, audience: str, saved: SavedAudience, form: CampaignForm) -> dict[str, Any]:
    """What the page shows of the form, whatever came of it."""
    shop, titles = folder.name, saved.products["title"].to_list()
    values = dict(form.values)
    values["name"] = values["name"] or f"{titles[0]}"[:60]
    return {
        "shop": shop,
        "at": "new",
        "road": build_road(shop, "How many", audience=audience),
        "audience": audience,
        "titles": titles[:5],
        "form": values,
        "errors": form.errors,
        "exports": [(name, get_export(name).title) for name in export_names()],
        "chosen_exports": form.exports,
        "currency": saved.currency,
        "placeholders": _list_placeholders(ShopConfig.read(folder)),
        "has_own_margin": bool(read_own_margin(saved)),
    }


def read_own_margin(saved: SavedAudience) -> str:
    """The margin that was stated with the products; empty unless each has one, and each counts with its own.

    Args:
        saved: The audience.
    """
    margins = saved.products["margin"] if "margin" in saved.products.columns else None
    return "" if margins is None or margins.null_count() else f"{float(margins[0]):g}"


def _draw(preview: ListLengthResult | None) -> dict[str, Any]:
    """What the page shows of the lists; nothing where the form is refused."""
    if preview is None:
        return {
            "answer": (),
            "notices": (),
            "details": (),
            "points": [],
            "best": None,
            "money_known": False,
            "proposed": "",
            "shown_length": 0,
        }
    answer, *details = preview.sections()
    curve = preview.plan.curve
    return {
        "answer": answer.blocks,
        "notices": preview.notices,
        "details": details,
        "points": preview.points.to_dicts(),
        "best": None if curve is None else curve.best_length,
        # with money the campaign finds the length itself
        "proposed": "" if preview.origin in ("asked", "profitable") else str(preview.plan.campaign.list_length),
        "shown_length": preview.plan.campaign.list_length,
        "money_known": curve is not None,
    }


def _list_placeholders(config: ShopConfig) -> dict[str, str]:
    """What the shop states, shown grey in the fields that would replace it."""
    stated = {name: getattr(config, name) for name in ("margin", "contact_cost", "not_contacted_days")}
    return {name: "" if value is None else f"{value:g}" for name, value in stated.items()}
