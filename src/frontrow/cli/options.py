"""Options that several commands share, each stated once."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from frontrow.cli.option_groups import LAUNCH, MODEL, OUTPUT, WHO

if TYPE_CHECKING:
    from frontrow.launch.settings import LaunchSettings
    from frontrow.shop.shop import History

ShopFolder = Annotated[Path, typer.Argument(metavar="SHOP", help="The shop's folder, made by frontrow import.")]
Products = Annotated[
    Path,
    typer.Option(
        help="CSV, one row a new product: title, and what else is known.", show_default=False, rich_help_panel=LAUNCH
    ),
]
AsOf = Annotated[
    str | None,
    typer.Option(
        metavar="DATE",
        help="Use only what came before this instant, YYYY-MM-DD or with HH:MM [default: the end of the history].",
        rich_help_panel=MODEL,
    ),
]
Horizon = Annotated[
    int, typer.Option(min=1, help="Days after the launch within which a purchase counts.", rich_help_panel=LAUNCH)
]
ActiveDays = Annotated[
    int, typer.Option(min=1, help="Score customers with an order within so many days.", rich_help_panel=WHO)
]
LaunchDates = Annotated[
    Path | None,
    typer.Option(
        help="CSV with product_id and launch_date, where the first sale is not the launch.", rich_help_panel=LAUNCH
    ),
]
Backtest = Annotated[
    bool,
    typer.Option(
        "--backtest/--no-backtest",
        help="Test the model on past launches for the report; it may take minutes.",
        rich_help_panel=OUTPUT,
    ),
]
Seed = Annotated[int, typer.Option(min=0, help="The same seed gives the same result.", rich_help_panel=MODEL)]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for a program.", rich_help_panel=OUTPUT)]


def instant(text: str | None, option: str = "--as-of") -> dt.datetime | None:
    """Read `--as-of`, or another option that holds a date.

    Example:
        >>> instant("2026-03-01")
        datetime.datetime(2026, 3, 1, 0, 0)
    """
    if text is None:
        return None
    try:
        return dt.datetime.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(
            f'"{text}" is not a date; write 2026-03-01 or 2026-03-01T09:30.', param_hint=option
        ) from error


def history(folder: Path, as_of: str | None, launch_dates: Path | None = None) -> History:
    """The shop's history as of a date; says so where `Shop.as_of` takes it back to the end of the history.

    Args:
        folder: The shop's.
        as_of: The value of `--as-of`.
        launch_dates: The value of `--launch-dates`.
    """
    from frontrow.launch.launch_dates import read_launch_dates
    from frontrow.shop.shop import Shop

    shop = Shop.read(folder)
    end, cutoff = shop.end(), instant(as_of)
    if cutoff is not None and shop.instant(cutoff) > end:
        typer.secho(f"The orders end before {end.date()}; taken as of that day.", fg="yellow", err=True)
    if launch_dates is not None:
        shop = shop.with_launch_days(read_launch_dates(launch_dates))
    return shop.as_of(cutoff)


def launch_settings(horizon: int, active_days: int) -> LaunchSettings:
    """The launch model's settings, as the command line has them."""
    from frontrow.launch.settings import LaunchSettings

    return LaunchSettings(horizon_days=horizon, active_days=active_days)
