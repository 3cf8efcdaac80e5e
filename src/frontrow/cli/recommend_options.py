"""The options of frontrow recommend that no other command has, and which of them fit together."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from frontrow.cli.option_groups import LISTS, MODEL, OUTPUT, WHO

MODES: Final = ("all", "new")

Customers = Annotated[
    str,
    typer.Option(
        metavar="FILE|returning|new",
        help="Whom: a CSV with customer_id or source_id; everyone active; or those who have not ordered yet.",
        rich_help_panel=WHO,
    ),
]
ActiveDays = Annotated[
    int, typer.Option(min=1, help="Returning: with an order within so many days.", rich_help_panel=WHO)
]
Contexts = Annotated[
    Path | None,
    typer.Option(
        help="New customers: a CSV with country, province, city, hour or month, a list for each row "
        "[default: one for each country].",
        rich_help_panel=WHO,
    ),
]
Basket = Annotated[
    str | None,
    typer.Option(
        metavar="IDS", help="New customers: products in the basket, a comma between them.", rich_help_panel=WHO
    ),
]
Length = Annotated[int, typer.Option(min=1, max=1_000, help="Length of the lists.", rich_help_panel=LISTS)]
Mode = Annotated[
    str | None,
    typer.Option(
        metavar="all|new",
        help="List all products, or only those the customer never bought [default: as the rules say, else all].",
        rich_help_panel=LISTS,
    ),
]
Rules = Annotated[Path | None, typer.Option(help="A TOML file of rules.", rich_help_panel=LISTS)]
Launches = Annotated[
    Path | None,
    typer.Option(
        help="CSV of products that are not on sale yet, as for frontrow audience --products.", rich_help_panel=LISTS
    ),
]
Model = Annotated[
    str | None,
    typer.Option(
        metavar="NAME|FOLDER",
        help="Recommender, or the folder frontrow train made [default: two_stage].",
        rich_help_panel=MODEL,
    ),
]
Output = Annotated[
    Path | None, typer.Option(help="Write all lists to this .csv or .parquet file.", rich_help_panel=OUTPUT)
]
Examples = Annotated[int, typer.Option(min=0, help="Customers whose list is shown on screen.", rich_help_panel=OUTPUT)]


def refuse(mode: str | None, customers: str, contexts: Path | None, basket: str | None, launches: Path | None) -> None:
    """Options that do not fit together, before anything is read."""
    if mode not in (None, *MODES):
        raise typer.BadParameter(f'"{mode}" is neither all nor new.', param_hint="--mode")
    if customers != "new" and (contexts is not None or basket is not None):
        hint = "--contexts" if contexts is not None else "--basket"
        raise typer.BadParameter("is about customers who have not ordered yet: --customers new.", param_hint=hint)
    if customers == "new" and launches is not None:
        raise typer.BadParameter(
            "who will buy a launch is told from past orders, and new customers have none; pin it with --rules.",
            param_hint="--launches",
        )
