"""The form of the shop's rules for lists, written as the TOML that the command line reads."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from starlette.datastructures import ImmutableMultiDict

from frontrow.web.pages.campaign_form import read_number

FIELDS: Final = (
    *("already_bought", "include_types", "exclude_types", "exclude_tags", "price_from", "price_to"),
    *("per_product_type", "per_vendor", "diversity"),
)
WORDS: Final = {"include_types": ("include", "product_types"), "exclude_types": ("exclude", "product_types")}
TAGS: Final = {"exclude_tags": ("exclude", "tags")}
PRICES: Final = ("price_from", "price_to")
AT_MOST: Final = ("per_product_type", "per_vendor")


def read_rules(form: ImmutableMultiDict[str, Any]) -> dict[str, str]:
    """What a person typed, by field.

    Args:
        form: What the browser sent; a field that is missing counts as empty.
    """
    return {name: str(form.get(name) or "").strip() for name in FIELDS}


def write_rules(values: Mapping[str, str]) -> str:
    """The rules as TOML; empty where nothing was typed.

    What is not a number stays as it was typed, so that the rules' own check says what is wrong with it.

    Args:
        values: What `read_rules` returned.

    Example:
        >>> print(write_rules({"already_bought": "hide", "exclude_tags": "clearance, sale", "per_vendor": "2"}))
        already_bought = "hide"
        [exclude]
        tags = ["clearance", "sale"]
        [at_most]
        per_vendor = 2
    """
    top, tables = [], {"include": [], "exclude": [], "at_most": []}  # type: ignore[var-annotated]
    if values.get("already_bought"):
        top.append(f"already_bought = {_quote(values['already_bought'])}")
    if values.get("diversity"):
        top.append(f"diversity = {_number(values['diversity'])}")
    for name, (table, key) in (WORDS | TAGS).items():
        words = [word.strip() for word in values.get(name, "").split(",") if word.strip()]
        if words:
            tables[table].append(f"{key} = [{', '.join(map(_quote, words))}]")
    tables["include"] += [f"{name} = {_number(values[name])}" for name in PRICES if values.get(name)]
    tables["at_most"] += [f"{name} = {_number(values[name])}" for name in AT_MOST if values.get(name)]
    lines = [line for table, keys in tables.items() if keys for line in (f"[{table}]", *keys)]
    return "\n".join([*top, *lines])


def _quote(text: str) -> str:
    """A text as TOML and JSON both write it."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _number(text: str) -> str:
    """A number, or the text in quotes where it is none."""
    number = read_number(text)
    try:
        float(number)
    except ValueError:
        return _quote(text)
    return number
