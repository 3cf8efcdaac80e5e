"""frontrow audience: who will buy a product that nobody has bought yet."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from frontrow.cli import forecasts_told, options, terminal
from frontrow.cli.option_groups import LAUNCH, MODEL, OUTPUT

if TYPE_CHECKING:
    from frontrow.launch.audience.audience import Audience
    from frontrow.launch.model.launch_model import LaunchModel

WHO: Final = ("rank", "customer", "probability")
REASONS: Final = (*WHO, "reasons")
FIGURES: Final = (*WHO, "last order", "order days", "spent", "similar lines")

Told = tuple[tuple[str, ...], dict[str, list[tuple[object, ...]]]]
"""Names of columns, and rows by product id."""


def command(
    shop: options.ShopFolder,
    *,
    products: options.Products,
    horizon: options.Horizon = 30,
    launch_dates: options.LaunchDates = None,
    sales_so_far: Annotated[
        bool,
        typer.Option(
            "--sales-so-far",
            help="The products are on sale: rank those without them by the first days of sales.",
            rich_help_panel=LAUNCH,
        ),
    ] = False,
    active_days: options.ActiveDays = 365,
    model: Annotated[
        Path | None,
        typer.Option(
            help="A kept model, with a horizon of its own [default: the shop's, fitted if need be].",
            rich_help_panel=MODEL,
        ),
    ] = None,
    as_of: options.AsOf = None,
    seed: options.Seed = 0,
    output: Annotated[
        Path | None,
        typer.Option(help="Write everyone scored to this .csv or .parquet file.", rich_help_panel=OUTPUT),
    ] = None,
    top: Annotated[int, typer.Option(min=1, help="Customers of each product on screen.", rich_help_panel=OUTPUT)] = 10,
    reasons: Annotated[
        int,
        typer.Option(
            min=0, help="Say why of the first so many of each product; 0 for figures instead.", rich_help_panel=OUTPUT
        ),
    ] = 100,
    as_json: options.AsJson = False,
) -> None:
    """Rank the customers by how likely each is to buy a new product."""
    from frontrow.launch.audience.audience import audience
    from frontrow.launch.audience.explained import with_reasons
    from frontrow.launch.model.cache import fitted_model
    from frontrow.launch.model.launch_model import LaunchModel
    from frontrow.launch.new_products import read_new_products
    from frontrow.storage.folder import check_output_file

    output = None if output is None else check_output_file(output, ".csv", ".parquet")
    history = options.history(shop, as_of, launch_dates)
    asked = read_new_products(products, launch_day=history.cutoff_day)
    with terminal.progress("Learning from past launches", quiet=as_json) as step:
        step(0, 3)
        settings = options.launch_settings(horizon, active_days)
        if model is not None:
            fitted = LaunchModel.load(model)
        else:
            fitted = fitted_model(history, settings, folder=shop, seed=seed)
        step(1, 3)
        found = audience(history, asked, fitted, sales_so_far=sales_so_far)
        step(2, 3)
        if reasons:
            found = with_reasons(found, history, asked, fitted, found.top(reasons))
        step(3, 3)
    if output is not None:
        found.write(output)
    if as_json:
        terminal.as_json(_for_a_program(found, fitted.launches, str(history.cutoff), top, output))
    else:
        _print(found, fitted, f"{history.cutoff:%Y-%m-%d %H:%M}", top, output, history.settings.currency)


def _for_a_program(found: Audience, launches: int, cutoff: str, top: int, output: Path | None) -> dict[str, object]:
    return {
        "as_of": cutoff,
        "launches_learned_from": launches,
        "customers_scored": found.customers,
        "message": found.message,
        "products": found.expected_buyers().to_dicts(),
        "top": found.top(top).to_dicts(),
        "output": None if output is None else str(output),
    }


def _print(found: Audience, model: LaunchModel, cutoff: str, top: int, output: Path | None, currency: str) -> None:
    terminal.text(f"Learned from {model.launches} past launches; {found.customers:,} customers scored as of {cutoff}.")
    if found.message is not None:
        terminal.text(found.message)
    names, rows = _told_by_reasons(found, top) if "reasons" in found.rows.columns else _told_by_figures(found, top)
    if names == FIGURES:
        terminal.text(
            f"Last order in days ago; order days and money spent{f' ({currency})' * bool(currency)} in the last 365 "
            "days; similar lines: order lines of products that resemble the new one."
        )
    for product in found.expected_buyers().iter_rows(named=True):
        terminal.table(
            forecasts_told.expected(product, model.settings.horizon_days),
            names,
            rows[product["product_id"]],
            numeric=[name for name in names if name != "reasons"],
        )
    if output is not None:
        why = "" if names == FIGURES else ", and reasons beside the first of each product"
        terminal.text(f"Everyone scored, with the ids to reach them{why}: {output}")


def _told_by_reasons(found: Audience, top: int) -> Told:
    return REASONS, _by_product(
        found, top, lambda row: (row["rank"], row["customer_id"], _probability(row), "\n".join(row["reasons"] or []))
    )


def _told_by_figures(found: Audience, top: int) -> Told:
    return FIGURES, _by_product(
        found,
        top,
        lambda row: (
            *(row["rank"], row["customer_id"], _probability(row), row["days_since_last_order"], row["orders_365d"]),
            *(f"{row['spend_365d']:,.2f}", row["similar_lines"]),
        ),
    )


def _by_product(
    found: Audience, top: int, cells: Callable[[dict[str, Any]], tuple[object, ...]]
) -> dict[str, list[tuple[object, ...]]]:
    told: dict[str, list[tuple[object, ...]]] = {}
    for row in found.top(top).iter_rows(named=True):
        told.setdefault(row["product_id"], []).append(cells(row))
    return told


def _probability(row: dict[str, Any]) -> str:
    return "-" if row["probability"] is None else terminal.percent(row["probability"], 1)
