"""What the routes of pages take: the server, who is there and may do it, the shop, and the form."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final

from fastapi import Depends, Request
from fastapi.responses import RedirectResponse
from pydantic import ValidationError
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException

from frontrow.errors import SettingError, ShopError
from frontrow.web.api.sentences import describe_invalid
from frontrow.web.jobs.job import Job
from frontrow.web.jobs.kind import get_kind
from frontrow.web.security.visitor import Visitor, require
from frontrow.web.server_state import Server, get_server
from frontrow.web.shops import resolve_shop

AtServer = Annotated[Server, Depends(get_server)]
Reader = Annotated[Visitor, Depends(require("read"))]
Planner = Annotated[Visitor, Depends(require("plan"))]
AddressTaker = Annotated[Visitor, Depends(require("addresses"))]
READ: Final = Depends(require("read"))
PLAN: Final = Depends(require("plan"))
"""For routes that need not know who is there."""


async def _read_form(request: Request) -> FormData:
    return await request.form()


Form = Annotated[FormData, Depends(_read_form)]
"""The fields of an urlencoded form; a route that takes it need not be asynchronous itself."""


def _find_shop(shop: str, server: AtServer) -> Path:
    try:
        return resolve_shop(server.settings.folder, shop)
    except ShopError as error:
        raise HTTPException(404, str(error)) from error


ShopFolder = Annotated[Path, Depends(_find_shop)]
"""The folder of the shop that the path names as `shop`."""

KNOWN_SHOP: Final = Depends(_find_shop)
"""For routes that need no folder."""


def read_text(form: FormData, name: str) -> str:
    """A field of a form, without space around it; empty where it was not sent, or was sent as a file."""
    value = form.get(name, "")
    return value.strip() if isinstance(value, str) else ""


def read_texts(form: FormData, name: str) -> list[str]:
    """All values of a field that was sent several times, without space around them and without empty ones."""
    return [value.strip() for value in form.getlist(name) if isinstance(value, str) and value.strip()]


def submit_job(server: Server, visitor: Visitor, kind: str, values: Mapping[str, Any]) -> Job:
    """Write down a job that is to be done, and wake whoever does it.

    Args:
        server: The server.
        visitor: Who asks for it.
        kind: Name of its kind.
        values: What is asked for; `shop` among them.

    Raises:
        SettingError: A value is not what its kind expects, or too many jobs wait.
    """
    try:
        request = get_kind(kind).request(**values)
    except ValidationError as error:
        problem = describe_invalid(error.errors())[0]
        raise SettingError(problem.field, problem.detail) from error
    job: Job = server.jobs.add(kind, request.shop, request.model_dump(mode="json"), created_by=visitor.name)
    server.runner.wake()
    return job


def go_to(target: str) -> RedirectResponse:
    """Answer a form: go on to a page, by GET."""
    return RedirectResponse(target, 303)
