"""Options about money that several commands share, and what they mean together."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from frontrow.cli.option_groups import HOW_MANY, MONEY

if TYPE_CHECKING:
    from frontrow.campaign.economics.economics import Economics, IncrementalShare

Margin = Annotated[
    float | None,
    typer.Option(
        help="Earned per unit at its full price; a margin of its own in the products' file goes before it.",
        rich_help_panel=MONEY,
    ),
]
ContactCost = Annotated[float, typer.Option(help="Cost of a contact.", rich_help_panel=MONEY)]
Discount = Annotated[float, typer.Option(help="Money off per unit for those contacted.", rich_help_panel=MONEY)]
Capacity = Annotated[
    int | None,
    typer.Option(help="Most customers contacted; the held-out come on top.", rich_help_panel=HOW_MANY),
]
Budget = Annotated[
    float | None,
    typer.Option(help="Most money spent on contacts; the held-out cost nothing.", rich_help_panel=HOW_MANY),
]
Stock = Annotated[
    float | None,
    typer.Option(
        help="Units there are of one product; of several, the products' file says it.", rich_help_panel=HOW_MANY
    ),
]
Assumed = Annotated[
    tuple[float, float] | None,
    typer.Option(
        metavar="LOW HIGH",
        help="Share of the buyers who would not have bought anyway, an assumption [default: 0.1 0.5].",
        rich_help_panel=MONEY,
    ),
]
Measured = Annotated[
    Path | None,
    typer.Option(
        help="Folder of an earlier campaign that frontrow measure has measured, for its share instead.",
        rich_help_panel=MONEY,
    ),
]


def economics(
    margin: float | None,
    contact_cost: float,
    discount: float,
    capacity: int | None,
    budget: float | None,
    stock: float | None,
    assumed: tuple[float, float] | None,
    measured: Path | None,
) -> Economics | None:
    """Margin, costs and limits as the command line has them; None where it names none."""
    from frontrow.campaign.economics.economics import Economics, IncrementalShare

    share = _incremental_share(assumed, measured)
    if margin is None:
        if contact_cost or discount or any(one is not None for one in (capacity, budget, stock, share)):
            raise typer.BadParameter("Costs and limits need a --margin beside them: what a unit earns.")
        return None
    return Economics(margin, contact_cost, discount, capacity, budget, stock, share or IncrementalShare())


def _incremental_share(assumed: tuple[float, float] | None, measured: Path | None) -> IncrementalShare | None:
    """An assumption as the command line has it, or what an earlier hold-out told; None where it says nothing."""
    from frontrow.campaign.economics.economics import IncrementalShare
    from frontrow.campaign.uplift.measurement import read_incremental_share

    if assumed is not None and measured is not None:
        raise typer.BadParameter("Give --incremental-share or --measured, not both.")
    if measured is not None:
        return read_incremental_share(measured)
    return None if assumed is None else IncrementalShare(assumed[0], sum(assumed) / 2, assumed[1])
