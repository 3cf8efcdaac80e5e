"""Everyone scored for the products of an audience: before their launch, or after their first days on sale."""

from __future__ import annotations

from typing import Final

import polars as pl

from frontrow.launch.audience.sales_so_far import SalesSoFar
from frontrow.launch.calibration.calibration import Calibration, TooFewLaunches
from frontrow.launch.calibration.early_sales import rest_scores, updated
from frontrow.launch.life_cycle import compute_life_cycles
from frontrow.launch.model.launch_model import LaunchModel
from frontrow.shop.shop import History

SOLD_SCHEMA: Final = {"product_id": pl.String(), "days_on_sale": pl.Int32(), "buyers_so_far": pl.Int64()}


def rows_before(history: History, products: pl.DataFrame, model: LaunchModel, columns: list[pl.Expr]) -> pl.DataFrame:
    """Score products that nobody has bought yet.

    Args:
        history: What is known; everything is frozen at its cutoff.
        products: `new_products.NEW_PRODUCT_SCHEMA`.
        model: With its calibration.
        columns: What else to keep, of the features of each row.

    Returns:
        `launch` (the product's position), `customer_id`, `score` (what ranks are made of), `probability` (null where
        there is no calibration), and the columns.
    """
    cycles = compute_life_cycles(history, model.settings)
    keys = [pl.col("launch", "customer_id"), pl.col("probability").alias("score")]
    scored = pl.concat([block.select(*keys, *columns) for block in model.score(history, products, cycles)])
    if scored.is_empty():
        return scored.with_columns(pl.lit(None, pl.Float64).alias("probability"))
    launches = scored.sort("launch", "customer_id").partition_by("launch", maintain_order=True)
    return pl.concat([_with_probability(rows, model.calibration) for rows in launches])


def _with_probability(rows: pl.DataFrame, calibration: Calibration | TooFewLaunches | None) -> pl.DataFrame:
    if not isinstance(calibration, Calibration):
        return rows.with_columns(pl.lit(None, pl.Float64).alias("probability"))
    return rows.with_columns(pl.Series("probability", calibration.probabilities(rows["score"].to_numpy())))


def rows_since(
    history: History, products: pl.DataFrame, model: LaunchModel, columns: list[pl.Expr]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Score products that are on sale, each as it stood at its own midnight, and move that by the sales since.

    Args:
        history: What is known.
        products: What `sales_so_far.on_sale` returns.
        model: With its calibration.
        columns: As for `rows_before`; frozen at the launch.

    Returns:
        The rows of those who have not bought yet, as `rows_before` has them, and a table of `SOLD_SCHEMA`.
    """
    sales = SalesSoFar(history, products["product_id"])
    parts, sold = [], []
    for position, product_id, launch_day in products.select("product_id", "launch_day").with_row_index().iter_rows():
        then = history.as_of(launch_day)
        rows = rows_before(then, products[position : position + 1], model, columns)
        first = sales.of(product_id, launch_day, rows["customer_id"].to_numpy(), history.cutoff_day - launch_day)
        raw = rows["score"].to_numpy()
        rest = rows.filter(~pl.Series(first.bought)).with_columns(launch=pl.lit(position, pl.Int32))
        if isinstance(model.calibration, Calibration):
            found = updated(raw, first, model.calibration)
            told = {"score": found.scores, "probability": found.probabilities}
        else:
            told = {"score": rest_scores(raw, first)}
        parts.append(rest.with_columns(pl.Series(name, values) for name, values in told.items()))
        sold.append((product_id, first.days, int(first.bought.sum())))
    return pl.concat(parts), pl.DataFrame(sold, schema=SOLD_SCHEMA, orient="row")
