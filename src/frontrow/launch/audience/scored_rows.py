"""Customers scored for the products of an audience: before their launch, or after their first days on sale."""

from __future__ import annotations

from typing import Final

import numpy as np
import polars as pl

from frontrow.launch.audience.early_sales_reader import OnSale, read_early_sales
from frontrow.launch.calibration.calibration import Calibration, SimpleRule, TooFewLaunches
from frontrow.launch.calibration.early_sales import update_forecast, update_scores
from frontrow.launch.life_cycle import compute_life_cycles
from frontrow.launch.model.baseline_model import BaselineModel
from frontrow.launch.model.launch_model import LaunchModel
from frontrow.shop.history import History

SALES_SO_FAR_SCHEMA: Final = {"product_id": pl.String(), "days_on_sale": pl.Int32(), "buyers_so_far": pl.Int64()}


def score_before_launch(
    history: History, products: pl.DataFrame, model: LaunchModel | BaselineModel, columns: list[pl.Expr]
) -> pl.DataFrame:
    """Score products that nobody has bought yet.

    Args:
        history: What is known; everything is frozen at its cutoff.
        products: `launch_files.NEW_PRODUCT_SCHEMA`.
        model: With its calibration.
        columns: Expressions over the features of each row, returned as further columns.

    Returns:
        `launch` (the product's row number), `customer_id`, `score` (what ranks are made of), `probability` (null where
        there is no calibration), and the columns.
    """
    cycles = compute_life_cycles(history, model.settings)
    scored = model.score(history, products, cycles, columns).rename({"probability": "score"})
    if scored.is_empty():
        return scored.with_columns(pl.lit(None, pl.Float64).alias("probability"))
    launches = scored.partition_by("launch", maintain_order=True)
    return pl.concat([_with_probability(rows, model.calibration) for rows in launches])


def _with_probability(
    rows: pl.DataFrame, calibration: Calibration | TooFewLaunches | SimpleRule | None
) -> pl.DataFrame:
    if not isinstance(calibration, Calibration):
        return rows.with_columns(pl.lit(None, pl.Float64).alias("probability"))
    return rows.with_columns(pl.Series("probability", calibration.probabilities(rows["score"].to_numpy())))


def score_on_sale(
    history: History, products: pl.DataFrame, model: LaunchModel | BaselineModel, columns: list[pl.Expr]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Score products that are on sale: as of the midnight of their launch, adjusted by the sales since.

    Args:
        history: What is known.
        products: What `sold_products.SoldProducts.resolve` returns, of products whose window is open.
        model: With its calibration.
        columns: As for `score_before_launch`; frozen at the launch.

    Returns:
        The rows of those who have not bought yet, as `score_before_launch` returns them, and a table of
        `SALES_SO_FAR_SCHEMA`.
    """
    parts, sales_so_far = [], []
    for launch, product_id, launch_day in products.select("product_id", "launch_day").with_row_index().iter_rows():
        rows = score_before_launch(history.as_of(launch_day), products[launch : launch + 1], model, columns)
        raw, customer_ids = rows["score"].to_numpy(), rows["customer_id"].cast(pl.Int64).to_numpy()
        # only the logits of a launch model can be adjusted by sales, not the scores of a simple rule
        adjusted = isinstance(model, LaunchModel)
        days = (history.cutoff_day - launch_day,)
        on_sale = OnSale(product_id, launch_day, days, customer_ids, raw if adjusted else np.zeros(len(raw)))
        sales = read_early_sales(history, [on_sale])[0][0]
        rest = rows.filter(~pl.Series(sales.bought)).with_columns(launch=pl.lit(launch, pl.Int32))
        if isinstance(model.calibration, Calibration):
            forecast = update_forecast(raw, sales, model.calibration)
            updated = {"score": forecast.scores, "probability": forecast.probabilities}
        else:
            updated = {"score": update_scores(raw, sales) if adjusted else raw[~sales.bought]}
        parts.append(rest.with_columns(pl.Series(name, values) for name, values in updated.items()))
        sales_so_far.append((product_id, sales.days_on_sale, int(sales.bought.sum())))
    return pl.concat(parts), pl.DataFrame(sales_so_far, schema=SALES_SO_FAR_SCHEMA, orient="row")
