"""Customers scored for the products of an audience: before their launch, or after their first days on sale."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from frontrow.features.purchase_matrix import PurchaseMatrix
from frontrow.launch.calibration.calibration import Calibration, SimpleRule, TooFewLaunches
from frontrow.launch.calibration.early_sales import EarlySales, update_forecast, update_scores
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
    reader = EarlySalesReader(history, products["product_id"])
    parts, sales_so_far = [], []
    for launch, product_id, launch_day in products.select("product_id", "launch_day").with_row_index().iter_rows():
        rows = score_before_launch(history.as_of(launch_day), products[launch : launch + 1], model, columns)
        sales = reader.read(product_id, launch_day, rows["customer_id"].to_numpy(), history.cutoff_day - launch_day)
        raw = rows["score"].to_numpy()
        rest = rows.filter(~pl.Series(sales.bought)).with_columns(launch=pl.lit(launch, pl.Int32))
        if isinstance(model.calibration, Calibration):
            forecast = update_forecast(raw, sales, model.calibration)
            updated = {"score": forecast.scores, "probability": forecast.probabilities}
        else:
            # only the logits of a launch model can be adjusted by sales, not the scores of a simple rule
            adjusted = isinstance(model, LaunchModel)
            updated = {"score": update_scores(raw, sales) if adjusted else raw[~sales.bought]}
        parts.append(rest.with_columns(pl.Series(name, values) for name, values in updated.items()))
        sales_so_far.append((product_id, sales.days_on_sale, int(sales.bought.sum())))
    return pl.concat(parts), pl.DataFrame(sales_so_far, schema=SALES_SO_FAR_SCHEMA, orient="row")


@dataclass(frozen=True)
class FirstPurchaseDays:
    """A step: the first day on which each customer of a block bought some products.

    Attributes:
        product_ids: The products.
    """

    product_ids: pl.Series

    def __call__(self, lines: pl.DataFrame) -> pl.DataFrame:
        """Read `customer_id`, `product_id` and `day` of order lines of whole customers, and return the same."""
        of_products = lines.filter(pl.col("product_id").is_in(self.product_ids.implode()))
        return of_products.group_by("customer_id", "product_id").agg(pl.col("day").min())


class EarlySalesReader:
    """The first days of sales of any number of launches, from a history that is read once.

    Args:
        history: What is known; sales up to its cutoff count.
        product_ids: The launches that will be read.
    """

    def __init__(self, history: History, product_ids: pl.Series) -> None:
        blocks = [
            block.cast({"customer_id": pl.Int64}) for block in history.read_blocks(("customer_id", "product_id", "day"))
        ]
        lines = pl.concat(blocks)
        self._matrix = PurchaseMatrix(lines, lines["product_id"].unique().sort().to_list())
        self._order_days = lines.select("customer_id", "day").unique()
        step = FirstPurchaseDays(product_ids)
        self._first_purchases = pl.concat(history.map_blocks(step, ("customer_id", "product_id", "day")))

    def read(self, product_id: str, launch_day: int, customer_ids: NDArray[np.int64], days_on_sale: int) -> EarlySales:
        """What happened in the first days of one launch.

        Args:
            product_id: The product.
            launch_day: Its first day, as days since 1970-01-01.
            customer_ids: Everyone scored, shape (customers,).
            days_on_sale: Whole days since the launch.
        """
        on_sale = pl.col("day").is_between(launch_day, launch_day + days_on_sale - 1)
        buyers = self._first_purchases.filter((pl.col("product_id") == product_id) & on_sale)["customer_id"].to_numpy()
        ordered = self._order_days.filter(on_sale)["customer_id"].to_numpy()
        all_purchases = self._matrix.before(launch_day)
        return EarlySales(
            days_on_sale=days_on_sale,
            bought=np.isin(customer_ids, buyers),
            ordered=np.isin(customer_ids, ordered),
            purchases=all_purchases[self._matrix.rows_of(customer_ids)],
            all_purchases=all_purchases,
        )
