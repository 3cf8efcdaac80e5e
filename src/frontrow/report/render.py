"""From a template and what it shows to the text of a page."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

import jinja2

from frontrow.present import wording


def rendered(template: str, shown: Mapping[str, Any]) -> str:
    """One of `templates/`, filled in; everything put into it is escaped, and a name that is not given is an error."""
    found = jinja2.Environment(
        loader=jinja2.PackageLoader("frontrow.report"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    found.filters.update(
        count=wording.count, percent=wording.percent, decimal=wording.decimal, buyers_between=wording.buyers_between
    )
    return found.get_template(template).render(version=version("frontrow"), **shown)
