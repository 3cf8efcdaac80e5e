"""Options that say who must not be contacted, for every command that writes files of addresses."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from frontrow.cli.command import WHO

Country = Annotated[
    list[str] | None,
    typer.Option(
        metavar="COUNTRY",
        help="Keep only customers whose last order went to this country; may be repeated.",
        rich_help_panel=WHO,
    ),
]
NotCountry = Annotated[
    list[str] | None,
    typer.Option(
        metavar="COUNTRY",
        help="Leave out customers whose last order went to this country; may be repeated.",
        rich_help_panel=WHO,
    ),
]
NotTagged = Annotated[
    list[str] | None,
    typer.Option(
        metavar="TAG",
        help="Leave out customers with this tag, besides do-not-contact and refunded; may be repeated.",
        rich_help_panel=WHO,
    ),
]
NotContactedDays = Annotated[
    int | None,
    typer.Option(
        min=1,
        help="Leave out customers contacted within this many days, by the contact log [default: the shop's].",
        rich_help_panel=WHO,
    ),
]
MaxContacts = Annotated[
    int,
    typer.Option(
        min=1,
        help="Number of contacts within those days from which a customer is left out.",
        rich_help_panel=WHO,
    ),
]
NotRefundedDays = Annotated[
    int | None,
    typer.Option(
        min=1,
        help="Leave out customers with a partial refund within this many days.",
        rich_help_panel=WHO,
    ),
]
Suppress = Annotated[
    list[Path] | None,
    typer.Option(
        metavar="FILE",
        help="CSV of e-mails or phones who must not be contacted; may be repeated.",
        rich_help_panel=WHO,
    ),
]
