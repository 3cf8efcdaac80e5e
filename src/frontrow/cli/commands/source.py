"""frontrow source: where a shop's data comes from."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from frontrow.cli import options, terminal
from frontrow.cli.command import SERVICE
from frontrow.cli.shop_place import parse_shop
from frontrow.storage.waiting import DEFAULT_WAIT

if TYPE_CHECKING:
    from frontrow.service.opening import Result

Action = Literal["add", "list", "remove", "test", "kinds"]


def command(
    action: Annotated[
        Action,
        typer.Argument(
            help="State a source, list them, take one back, see whether one can be reached, list the kinds."
        ),
    ],
    shop: Annotated[
        Path | None,
        typer.Argument(
            metavar="[SHOP]", parser=parse_shop, help="The shop's folder, made by add; not needed for kinds."
        ),
    ] = None,
    what: Annotated[
        str | None,
        typer.Argument(
            metavar="[KIND|NAME]", help="With add the kind of source, such as shopify; with remove and test its name."
        ),
    ] = None,
    source: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="With add: what the source is called [default: its kind].", rich_help_panel=SERVICE
        ),
    ] = None,
    set_: Annotated[
        list[str] | None,
        typer.Option(
            "--set", metavar="NAME=VALUE", help="With add: a setting; may be repeated.", rich_help_panel=SERVICE
        ),
    ] = None,
    secret: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=PLACE",
            help="With add: where a token or key lies, env:VARIABLE or file:/PATH; may be repeated. The secret "
            "itself is never stored.",
            rich_help_panel=SERVICE,
        ),
    ] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="With add: state a source of this name anew.", rich_help_panel=SERVICE)
    ] = False,
    wait: options.Wait = DEFAULT_WAIT,
    as_json: options.AsJson = False,
) -> None:
    """State where a shop's data comes from: Shopify, WooCommerce, a database, files elsewhere.

    `frontrow sync` then fetches what is new and imports it.
    """
    with options.name_arguments({"kind": "KIND", "name": "--source"}):
        result = _run(action, shop, what, source, set_ or [], secret or [], replace=replace, wait=wait)
    terminal.show(result, as_json=as_json)


def _run(
    action: Action,
    shop: Path | None,
    what: str | None,
    name: str | None,
    settings: list[str],
    secrets: list[str],
    *,
    replace: bool,
    wait: float,
) -> Result:
    from frontrow.service.sources import add_source, check_source, list_kinds, list_sources, remove_source

    if action == "kinds":
        return list_kinds(None if shop is None else str(shop))
    if shop is None:
        raise typer.BadParameter(f"Name the shop's folder: frontrow source {action} SHOP.", param_hint="SHOP")
    if action == "list":
        return list_sources(shop)
    if what is None:
        words = ("KIND", "the kind") if action == "add" else ("NAME", "the name")
        problem = f"Write {words[1]} of the source: frontrow source {action} {shop} {words[0]}."
        raise typer.BadParameter(problem, param_hint=words[0])
    if action == "add":
        return add_source(
            shop, options.build_place(name or what, what, settings, secrets), replacing=replace, wait=wait
        )
    return remove_source(shop, what, wait=wait) if action == "remove" else check_source(shop, what)
