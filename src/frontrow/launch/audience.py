"""The audience of a launch: every active customer, most likely buyer first, with what a person wants to see."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import polars as pl

from frontrow.errors import InputError, LaunchError
from frontrow.launch.life_cycle import LaunchDays, life_cycles
from frontrow.launch.model import LaunchModel
from frontrow.shop.folder import replace_file
from frontrow.shop.shop import History

FIGURES: Final = {
    "days_since_last_order": "days_since_last_order",
    "orders_365d": "order_days_365d",
    "spend_365d": "spend_365d",
    "products_bought": "products",
    "similar_lines": "similar_lines",
    "days_since_similar": "days_since_similar",
}
"""What stands beside a name in the audience, and the feature it is."""

_WHOLE = ("days_since_last_order", "orders_365d", "products_bought", "similar_lines", "days_since_similar")


@dataclass(frozen=True)
class Audience:
    """Everyone scored for each new product.

    Attributes:
        rows: `product_id`, `title`, `rank` (1 is the most likely buyer), `customer_id`, `source_id`, `probability`,
            then `FIGURES`: whole days, order days, lines and products, and money for `spend_365d`.
        customers: How many were scored.
    """

    rows: pl.DataFrame
    customers: int

    def top(self, count: int) -> pl.DataFrame:
        """The first rows of each product, without `source_id`, which may be an e-mail."""
        return self.rows.filter(pl.col("rank") <= count).drop("source_id")

    def expected_buyers(self) -> pl.DataFrame:
        """`product_id`, `title`, `customers` scored, `expected_buyers` (the sum of the probabilities)."""
        return self.rows.group_by("product_id", "title", maintain_order=True).agg(
            pl.len().alias("customers"), pl.col("probability").sum().alias("expected_buyers")
        )

    def write(self, file: str | Path) -> None:
        """Write the rows to a CSV or Parquet file, told by its suffix, in one step.

        Raises:
            InputError: The suffix is neither.
        """
        file = Path(file)
        if file.suffix.lower() not in (".csv", ".parquet"):
            raise InputError("is neither .csv nor .parquet", file=file, advice="Choose one of the two suffixes.")
        with replace_file(file) as staged:
            if file.suffix.lower() == ".csv":
                self.rows.write_csv(staged, float_precision=6)
            else:
                self.rows.write_parquet(staged)


def audience(
    history: History, products: pl.DataFrame, model: LaunchModel, *, launch_days: LaunchDays | None = None
) -> Audience:
    """Score and rank the customers of a history for new products.

    Args:
        history: What is known; who is scored, and every feature, is frozen at its cutoff.
        products: `new_products.NEW_PRODUCT_SCHEMA`.
        model: Fitted on what came before the same cutoff, or an earlier one.
        launch_days: Stated launch days of past products, by product id.

    Raises:
        LaunchError: The model was fitted on later history, or no customer is active.
    """
    if model.cutoff > history.cutoff:
        raise LaunchError(
            f"The model has seen orders up to {model.cutoff.date()}, after {history.cutoff.date()}. "
            "Fit one as of the same day."
        )
    cycles = life_cycles(history, model.settings, launch_days=launch_days)
    slim = [pl.col("launch", "customer_id"), pl.col("probability"), *_figures()]
    parts = [block.select(slim) for block in model.score(history, products, cycles)]
    scored = pl.concat(parts)
    if scored.height == 0:
        raise LaunchError(
            f"No customer ordered within {model.settings.active_days} days before {history.cutoff.date()}. "
            "Check the date, or raise --active-days."
        )
    return Audience(_ranked(scored, products, history), scored["customer_id"].n_unique())


def _figures() -> list[pl.Expr]:
    return [
        (pl.col(feature).round(0).cast(pl.Int32) if name in _WHOLE else pl.col(feature).round(2)).alias(name)
        for name, feature in FIGURES.items()
    ]


def _ranked(scored: pl.DataFrame, products: pl.DataFrame, history: History) -> pl.DataFrame:
    told = products.select(pl.int_range(pl.len(), dtype=pl.Int32).alias("launch"), "product_id", "title")
    names = history.shop.customers.select("customer_id", "source_id").collect()
    return (
        scored.sort(["launch", "probability", "customer_id"], descending=[False, True, False])
        .with_columns(rank=pl.int_range(1, pl.len() + 1, dtype=pl.Int32).over("launch"))
        .join(told, on="launch", how="left", maintain_order="left")
        .join(names, on="customer_id", how="left", maintain_order="left")
        .select("product_id", "title", "rank", "customer_id", "source_id", "probability", *FIGURES)
    )
