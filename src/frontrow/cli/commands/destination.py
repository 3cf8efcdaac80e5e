"""frontrow destination: where a shop's campaigns go to."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from frontrow.cli import options, terminal
from frontrow.cli.command import SERVICE
from frontrow.storage.waiting import DEFAULT_WAIT

Action = Literal["add", "list", "remove"]


def command(
    action: Annotated[Action, typer.Argument(help="State a destination, list them, or take one back.")],
    shop: options.ShopFolder,
    what: Annotated[
        str | None,
        typer.Argument(
            metavar="[PLATFORM|NAME]",
            help="With add the platform, such as klaviyo; with remove the destination's name.",
        ),
    ] = None,
    destination: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="With add: what it is called [default: the platform].", rich_help_panel=SERVICE
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
            help="With add: where a key lies, env:VARIABLE or file:/PATH; may be repeated. Never the key itself.",
            rich_help_panel=SERVICE,
        ),
    ] = None,
    replace: Annotated[
        bool,
        typer.Option("--replace", help="With add: state a destination of this name anew.", rich_help_panel=SERVICE),
    ] = False,
    wait: options.Wait = DEFAULT_WAIT,
    as_json: options.AsJson = False,
) -> None:
    """State where a shop's campaigns go to, so that `frontrow push` and the pages know the account.

    Two accounts of one platform are two destinations, each with a name and a key of its own.
    """
    from frontrow.service.stated_destinations import add_destination, list_destinations, remove_destination

    if action == "list":
        result = list_destinations(shop)
    elif what is None:
        word = "PLATFORM" if action == "add" else "NAME"
        raise typer.BadParameter(f"Write it: frontrow destination {action} {shop} {word}.", param_hint=word)
    elif action == "remove":
        result = remove_destination(shop, what, wait=wait)
    else:
        with options.name_arguments({"kind": "PLATFORM", "name": "--destination"}):
            stated = options.build_place(destination or what, what, set_ or [], secret or [])
            result = add_destination(shop, stated, replacing=replace, wait=wait)
    terminal.show(result, as_json=as_json)
