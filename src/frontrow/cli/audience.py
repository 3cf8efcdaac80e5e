"""frontrow audience: who will buy a product that nobody has bought yet."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from frontrow.cli import forecasts_told, options, show

if TYPE_CHECKING:
    from frontrow.launch.audience import Audience
    from frontrow.launch.model import LaunchModel


def command(
    shop: options.ShopFolder,
    products: Annotated[
        Path, typer.Option(help="CSV, one row a new product: title, and what else is known.", show_default=False)
    ],
    as_of: options.AsOf = None,
    horizon: options.Horizon = 30,
    active_days: options.ActiveDays = 365,
    output: Annotated[Path | None, typer.Option(help="Write everyone scored to this .csv or .parquet file.")] = None,
    model: Annotated[
        Path | None,
        typer.Option(help="A kept model, with a horizon of its own [default: the shop's, fitted if need be]."),
    ] = None,
    launch_dates: options.LaunchDates = None,
    sales_so_far: Annotated[
        bool,
        typer.Option(
            "--sales-so-far", help="The products are on sale: rank those without them by the first days of sales."
        ),
    ] = False,
    top: Annotated[int, typer.Option(min=1, help="Customers of each product on screen.")] = 10,
    seed: options.Seed = 0,
    as_json: options.AsJson = False,
) -> None:
    """Rank the customers by how likely each is to buy a new product."""
    from frontrow.launch.audience import audience
    from frontrow.launch.model import LaunchModel
    from frontrow.launch.model_store import fitted_model
    from frontrow.launch.new_products import read_new_products

    history = options.history(shop, as_of)
    asked = read_new_products(products, launch_day=history.day)
    days = options.launch_days(launch_dates)
    with show.progress("Learning from past launches", quiet=as_json) as step:
        step(0, 2)
        settings = options.launch_settings(horizon, active_days)
        if model is not None:
            fitted = LaunchModel.load(model)
        else:
            fitted = fitted_model(history, settings, folder=shop, seed=seed, launch_days=days)
        step(1, 2)
        found = audience(history, asked, fitted, launch_days=days, sales_so_far=sales_so_far)
        step(2, 2)
    if output is not None:
        found.write(output)
    if as_json:
        show.as_json(_for_a_program(found, fitted.launches, str(history.cutoff), top, output))
    else:
        _print(found, fitted, f"{history.cutoff:%Y-%m-%d %H:%M}", top, output, history.shop.settings.currency)


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
    show.text(f"Learned from {model.launches} past launches; {found.customers:,} customers scored as of {cutoff}.")
    if found.message is not None:
        show.text(found.message)
    names = ("rank", "customer", "probability", "last order", "order days", "spent", "similar lines")
    show.text(
        f"Last order in days ago; order days and money spent{f' ({currency})' * bool(currency)} in the last 365 days; "
        "similar lines: order lines of products that resemble the new one."
    )
    for product in found.expected_buyers().iter_rows(named=True):
        rows = found.top(top).filter(found.top(top)["product_id"] == product["product_id"])
        show.table(
            forecasts_told.expected(product, model.settings.horizon_days),
            names,
            [
                (
                    row["rank"],
                    row["customer_id"],
                    "-" if row["probability"] is None else f"{row['probability']:.1%}",
                    row["days_since_last_order"],
                    row["orders_365d"],
                    f"{row['spend_365d']:,.2f}",
                    row["similar_lines"],
                )
                for row in rows.iter_rows(named=True)
            ],
            numeric=names,
        )
    if output is not None:
        show.text(f"Everyone scored, with the ids to reach them: {output}")
