"""From values to a page: one environment of templates, in which every value is escaped."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import jinja2
from fastapi import Request
from fastapi.responses import HTMLResponse
from markupsafe import Markup, escape

from frontrow.present import wording
from frontrow.web.pages.addresses import address
from frontrow.web.pages.notes import find_note
from frontrow.web.security.visitor import get_visitor

STATIC: Final = Path(__file__).parent / "static"

ISO_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}")

DEFAULTS: Final[dict[str, Any]] = {"shop": None, "at": "", "crumbs": (), "road": (), "currency": "", "going_to": None}
"""What `base.html` reads and a page need not give.

* `shop`: name of the shop that the page is about; with it the page has the shop's menu.
* `at`: which entry of the menu the page is; see `menu.html`.
* `crumbs`: (title, address) of the pages above this one, the shop's own left out.
* `road`: what `road.build_road` returns.
* `currency`: of the shop; the filter `money` reads it.
* `going_to`: (seconds, address) where the page loads another one, or itself, by itself.
"""


def render(request: Request, template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
    """Draw a page.

    Args:
        request: What is answered; a note that its address asks for by code is shown.
        template: File name of one of `templates/`.
        status: Of the answer.
        values: What the template shows; a name that it reads and that is not given is an error.
    """
    note = find_note(request.query_params.get("note"))
    visitor = get_visitor(request)
    return HTMLResponse(draw(template, **{"note": note, "visitor": visitor, **values}), status)


def draw(template: str, **values: Any) -> str:
    """Fill in a template.

    Args:
        template: File name of one of `templates/`.
        values: What it shows.
    """
    return _environment().get_template(template).render({"note": None, "visitor": None, **DEFAULTS, **values})


@cache
def static_address(name: str) -> str:
    """The address of a file of `static/`, with a digest of its content, so that a browser may keep it for ever.

    Args:
        name: Its file name.
    """
    digest = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]
    return address("static", name, v=digest)


def mark_up(text: str) -> Markup:
    """A sentence of a section, in which `**strong**` and code in backquotes are the only marks.

    Example:
        >>> str(mark_up("**About 21** <b>; see `x`."))
        '<strong>About 21</strong> &lt;b&gt;; see <code>x</code>.'
    """
    marked = re.sub(r"\*\*(.+?)\*\*", r"<strong>\1</strong>", str(escape(text)))
    return Markup(re.sub(r"`(.+?)`", r"<code>\1</code>", marked))


def write_time(instant: dt.datetime) -> str:
    """A moment to the minute.

    Example:
        >>> write_time(dt.datetime(2026, 3, 1, 9, 5)).replace(chr(160), "_")
        '1_Mar_2026, 09:05'
    """
    return f"{wording.long_date(instant)}, {instant:%H:%M}"


@jinja2.pass_context
def _money(context: jinja2.runtime.Context, amount: float | None, currency: str | None = None) -> str:
    return wording.money(amount, context.get("currency", "") if currency is None else currency)


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("frontrow.web.pages"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(
        count=wording.count,
        counted=wording.counted,
        percent=wording.percent,
        decimal=wording.decimal,
        buyers_between=wording.buyers_between,
        money=_money,
        date=wording.long_date,
        time=write_time,
        marked=mark_up,
    )
    environment.tests["iso_date"] = lambda text: bool(ISO_DATE.fullmatch(str(text)))
    environment.globals.update(address=address, static=static_address, version=version("frontrow"))
    return environment
