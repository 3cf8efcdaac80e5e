"""frontrow forget: erase a person from a shop."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from frontrow.cli import terminal


def command(
    who: Annotated[str, typer.Argument(help="The person's e-mail address, or the id as in the source.")],
    shop: Annotated[Path, typer.Option(help="The shop's folder.", show_default=False)],
    as_json: Annotated[bool, typer.Option("--json", help="Print the outcome as JSON.")] = False,
) -> None:
    """Erase a person; their orders stay as a guest's, for the products' histories."""
    from frontrow.present.wording import counted
    from frontrow.shop.erase import forget

    lines = forget(shop, who)
    if as_json:
        terminal.as_json({"order_lines_of_a_guest_now": lines})
    else:
        stay = counted(lines, "order line stays", "order lines stay")
        terminal.text(f"Erased. {stay} as a guest's. Files exported earlier are yours to delete.")
