"""frontrow token: who may come in to the server of a folder of shops, and what they may do."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from frontrow.cli import options, terminal
from frontrow.cli.invocation import CURRENT
from frontrow.errors import SettingError

if TYPE_CHECKING:
    from frontrow.service.opening import Result


def command(
    shops: options.ShopsFolder,
    action: Annotated[
        Literal["add", "list", "remove", "audit"],
        typer.Argument(help="Make a token, list them, remove one, or show who took which addresses."),
    ],
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="Who or what the token is for.")] = None,
    scope: Annotated[
        list[str] | None,
        typer.Option(
            metavar="SCOPE",
            help="What the token allows, with add; repeat it: read (see everything but addresses), plan (import, rank, "
            "plan, measure), addresses (take the files of a campaign, see addresses) [default: read].",
        ),
    ] = None,
    top: options.Top = 50,
    as_json: options.AsJson = False,
) -> None:
    """Make, list and remove the tokens by which people and programs come in; show who took which addresses.

    A new token is printed once, and kept as a digest: who loses it gets another one.
    """
    if action == "add" and CURRENT.get().verbosity == "quiet" and not as_json:
        raise SettingError("quiet", "A new token is shown once. Leave --quiet out, or read it with --json.")
    try:
        result = _run(shops, action, name, scope or ["read"], top)
    except SettingError as error:
        if error.setting == "name":
            raise typer.BadParameter(str(error), param_hint="NAME") from error
        raise
    terminal.show(result, as_json=as_json)


def _run(shops: Path, action: str, name: str | None, scopes: list[str], top: int) -> Result:
    from frontrow.web.accounts import add_token, list_audit, list_tokens, remove_token

    if action == "list":
        return list_tokens(shops)
    if action == "audit":
        return list_audit(shops, top)
    if name is None:
        raise SettingError("name", f"Write whose token it is: frontrow token SHOPS {action} NAME.")
    return add_token(shops, name, scopes) if action == "add" else remove_token(shops, name)
