"""Options about money that several commands share, and what they mean together."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from frontrow.campaign.economics import Economics
    from frontrow.campaign.incremental_share import IncrementalShare

Margin = Annotated[
    float | None,
    typer.Option(help="Earned per unit at its full price; a margin of its own in the products' file goes before it."),
]
ContactCost = Annotated[float, typer.Option(help="Cost of a contact.")]
Discount = Annotated[float, typer.Option(help="Money off per unit for those contacted.")]
Capacity = Annotated[int | None, typer.Option(help="Most customers contacted; the held-out come on top.")]
Budget = Annotated[float | None, typer.Option(help="Most money spent on contacts; the held-out cost nothing.")]
Stock = Annotated[
    float | None,
    typer.Option(help="Units there are of one product; of several, the products' file says it."),
]
Assumed = Annotated[
    tuple[float, float] | None,
    typer.Option(
        metavar="LOW HIGH",
        help="Share of the buyers who would not have bought anyway, an assumption [default: 0.1 0.5].",
    ),
]
Measured = Annotated[
    Path | None,
    typer.Option(help="Folder of an earlier campaign that frontrow measure has measured, for its share instead."),
]


def incremental_share(told: tuple[float, float] | None, measured: Path | None) -> IncrementalShare | None:
    """An assumption as the command line has it, or what an earlier hold-out told; None where it says nothing."""
    from frontrow.campaign.incremental_share import IncrementalShare
    from frontrow.campaign.measurement import read_incremental_share

    if told is not None and measured is not None:
        raise typer.BadParameter("Give --incremental-share or --measured, not both.")
    if measured is not None:
        return read_incremental_share(measured)
    return None if told is None else IncrementalShare(told[0], sum(told) / 2, told[1])


def economics(
    margin: float | None,
    contact_cost: float,
    discount: float,
    capacity: int | None,
    budget: float | None,
    stock: float | None,
    share: IncrementalShare | None,
) -> Economics | None:
    """Margin and costs as the command line has them; None where it names none."""
    from frontrow.campaign.economics import Economics
    from frontrow.campaign.incremental_share import IncrementalShare

    if margin is None:
        if contact_cost or discount or any(one is not None for one in (capacity, budget, stock, share)):
            raise typer.BadParameter("Costs and limits need a --margin beside them: what a unit earns.")
        return None
    return Economics(margin, contact_cost, discount, capacity, budget, stock, share or IncrementalShare())
