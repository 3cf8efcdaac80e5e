"""The audience of a launch: every active customer, the most likely buyer first, with figures a person can check."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import polars as pl

from frontrow.errors import LaunchError
from frontrow.launch.audience.scored_rows import SALES_SO_FAR_SCHEMA, score_before_launch, score_on_sale
from frontrow.launch.calibration.calibration import Calibration, SimpleRule, TooFewLaunches
from frontrow.launch.life_cycle import compute_life_cycles
from frontrow.launch.model.baseline_model import BaselineModel
from frontrow.launch.model.calibrated_model import calibrate_model
from frontrow.launch.model.launch_model import LaunchModel
from frontrow.launch.new_products.frame import conform_new_products
from frontrow.launch.new_products.sold_products import SOLD_SCHEMA, SoldProducts, find_sold_products, require_under_way
from frontrow.masking import describe_value
from frontrow.shop.history import History
from frontrow.storage.folder import check_output_file, replace_file
from frontrow.tables.csv_output import write_csv

FIGURES: Final = {
    "days_since_last_order": "days_since_last_order",
    "orders_365d": "order_days_365d",
    "spend_365d": "spend_365d",
    "products_bought": "products",
    "similar_lines": "similar_lines",
    "days_since_similar": "days_since_similar",
}
"""The columns beside a customer in the audience, and the feature that each shows."""

UNDISCRIMINATING: Final = (
    "The past launches have too few buyers to tell customers apart: all of them score the same, and the ranks only "
    "follow their numbers. Import a longer history."
)

_WHOLE_NUMBERS = ("days_since_last_order", "orders_365d", "products_bought", "similar_lines", "days_since_similar")


@dataclass(frozen=True)
class Audience:
    """Everyone scored for each new product.

    Attributes:
        rows: `product_id`, `title`, `rank` (1 is the most likely buyer), `customer_id`, `source_id`, `probability`
            (to buy within the window, or what is left of it; calibrated on earlier launches, null where there are
            too few of them), then `FIGURES`: whole days, order days, lines and products, and money for `spend_365d`.
            `reasons.add_reasons` adds `reasons`, up to three sentences, to some of them.
        customers: How many were scored.
        calibration: What the probabilities were calibrated with, or why there are none.
        sales_so_far: `product_id`, `days_on_sale`, `buyers_so_far` (among those scored at the launch's midnight);
            one row for each product whose window is open.
        sold: `sold_products.SOLD_SCHEMA`, one row for each product that was sold already; who has it is not ranked.
        undiscriminating: Whether the model gives all customers the same score: past launches had too few buyers, and
            ranks follow customer numbers.
    """

    rows: pl.DataFrame
    customers: int
    calibration: Calibration | TooFewLaunches | SimpleRule | None = None
    sales_so_far: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=SALES_SO_FAR_SCHEMA))
    sold: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=SOLD_SCHEMA))
    undiscriminating: bool = False

    @property
    def message(self) -> str | None:
        """What the reader must know of the probabilities: why there are none, or what they lean on; else None."""
        if isinstance(self.calibration, SimpleRule):
            return self.calibration.message
        if self.undiscriminating:
            return UNDISCRIMINATING
        return None if self.calibration is None else self.calibration.message

    def top(self, count: int) -> pl.DataFrame:
        """The first rows of each product, without `source_id`, which may be an e-mail."""
        return self.rows.filter(pl.col("rank") <= count).drop("source_id")

    def expected_buyers(self) -> pl.DataFrame:
        """How many will buy, one row a product.

        Columns: `product_id`, `title`, `customers` scored, `expected_buyers` (the sum of the probabilities), `low`
        and `high` (its 80 % interval), `days_on_sale`, `buyers_so_far`. The buyers expected are those still to come.
        Null where there are too few past launches.
        """
        sums = self.rows.group_by("product_id", "title", maintain_order=True).agg(
            pl.len().alias("customers"),
            pl.when(pl.col("probability").count() > 0).then(pl.col("probability").sum()).alias("expected_buyers"),
        )
        products = sums.join(self.sales_so_far, on="product_id", how="left", maintain_order="left").with_columns(
            pl.col("days_on_sale", "buyers_so_far").fill_null(0)
        )
        intervals = [self._interval(row) for row in products.iter_rows(named=True)]
        return products.select(
            *("product_id", "title", "customers", "expected_buyers"),
            pl.Series("low", [low for low, _ in intervals], dtype=pl.Float64),
            pl.Series("high", [high for _, high in intervals], dtype=pl.Float64),
            *("days_on_sale", "buyers_so_far"),
        )

    def _interval(self, row: dict[str, Any]) -> tuple[float | None, float | None]:
        if not isinstance(self.calibration, Calibration):
            return None, None
        return self.calibration.interval(row["expected_buyers"], row["days_on_sale"])

    def write(self, file: str | Path) -> None:
        """Write the rows to a CSV or Parquet file, by its suffix, in one step; in CSV, reasons are joined by "; ".

        Raises:
            InputError: The suffix is neither, or the file is a folder.
        """
        with replace_file(check_output_file(file, ".csv", ".parquet")) as staged:
            if staged.suffix.lower() == ".csv":
                write_csv(self.rows, staged)
            else:
                self.rows.write_parquet(staged)


def score_audience(
    history: History, products: Any, model: LaunchModel | BaselineModel, *, sales_so_far: bool = False
) -> Audience:
    """Score and rank the customers of a history for new products.

    Whoever has a product is never ranked for it. A product that the shop sells already is recognised by its id, SKU or
    title (`sold_products.find_sold_products`): where its window is open, the others are ranked by its first days of
    sales; where the window is over, as for a launch at the cutoff.

    Args:
        history: What is known; who is scored, and every feature, is frozen at its cutoff, or at the launch's own
            midnight where the product's window is open.
        products: A frame of pandas, Polars or PyArrow, or a DuckDB relation, with columns of
            `launch_files.NEW_PRODUCT_SCHEMA`; only `title` is required (`frame.conform_new_products`).
        model: Fitted on what came before the same cutoff, or an earlier one. A launch model without a calibration is
            calibrated first, which takes several times as long as fitting it; `calibrated_model.fit_calibrated` does it
            once. A `BaselineModel` gives ranks without probabilities.
        sales_so_far: All products are on sale, and their windows open: anything else is an error.

    Raises:
        FrameError: The products are no frame, or a column is missing or of another type.
        LaunchError: The model was fitted on a later history, no customer is active, all active customers have a
            product, two products are the same product of the shop, or sales are asked about of a product that has none,
            or whose window is over.
    """
    if isinstance(model, LaunchModel):
        model.require_shop(history)
    if model.cutoff > history.cutoff:
        raise LaunchError(
            f"The model has seen orders up to {model.cutoff.date()}, after {history.cutoff.date()}. "
            "Fit one as of the same day."
        )
    if isinstance(model, LaunchModel):
        model = calibrate_model(model, history)
    products = conform_new_products(products, history.cutoff_day)
    sold = find_sold_products(products, history, model.settings)
    if sales_so_far:
        require_under_way(products, sold, history, model.settings.horizon_days)
    products = sold.resolve(products, compute_life_cycles(history, model.settings))
    scored, sales = _score(history, products, model, sold)
    scored = scored.join(_as_keys(sold.owners, scored), on=["launch", "customer_id"], how="anti", maintain_order="left")
    _require_customers(scored, products, sold, history, model.settings.active_days)
    ranked, customers = _rank(scored, products, history), scored["customer_id"].n_unique()
    return Audience(
        ranked, customers, model.calibration, sales, sold.rows, undiscriminating=_is_undiscriminating(scored)
    )


def _score(
    history: History, products: pl.DataFrame, model: LaunchModel | BaselineModel, sold: SoldProducts
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Scored rows of all products, and the sales so far of those whose window is open."""
    under_way = products.select(
        pl.int_range(pl.len(), dtype=pl.Int32).is_in(sold.rows.filter("under_way")["launch"].implode())
    ).to_series()
    parts, sales = [], pl.DataFrame(schema=SALES_SO_FAR_SCHEMA)
    before = products.filter(~under_way)
    if before.height:
        parts.append(_number(score_before_launch(history, before, model, _figures()), ~under_way))
    if under_way.any():
        scored, sales = score_on_sale(history, products.filter(under_way), model, _figures())
        parts.append(_number(scored, under_way))
    return pl.concat([part.select(parts[0].columns) for part in parts]), sales


def _number(scored: pl.DataFrame, selected: pl.Series) -> pl.DataFrame:
    """The rows with the numbers that the selected products have among all products."""
    if selected.all():
        return scored
    numbers = selected.arg_true().cast(pl.Int32)
    return scored.with_columns(launch=numbers.gather(scored["launch"]))


def _as_keys(owners: pl.DataFrame, scored: pl.DataFrame) -> pl.DataFrame:
    return owners.cast({name: scored.schema[name] for name in owners.columns})


def _require_customers(
    scored: pl.DataFrame, products: pl.DataFrame, sold: SoldProducts, history: History, active_days: int
) -> None:
    """Every product has somebody to rank: a customer who is active, and does not have it."""
    since = history.cutoff_day - active_days
    active = history.lines.filter((pl.col("day") >= since) & pl.col("customer_id").is_not_null())
    if scored.is_empty() and (sold.rows.is_empty() or active.head(1).collect().is_empty()):
        raise LaunchError(
            f"No customer ordered within {active_days} days before {history.cutoff.date()}. "
            "Check the date, or raise --active-days."
        )
    for launch in sold.rows.filter(~pl.col("launch").is_in(scored["launch"].unique().implode()))["launch"]:
        raise LaunchError(
            f"Every active customer has {describe_value(products['title'][launch])} already: nobody is left to rank. "
            "Leave it out."
        )


def _is_undiscriminating(scored: pl.DataFrame) -> bool:
    """Whether several customers were scored, and all got the score of the first."""
    scores = scored.group_by("launch").agg(pl.len(), pl.col("score").n_unique())
    return bool((scores["len"] > 1).any() and (scores["score"] == 1).all())


def _figures() -> list[pl.Expr]:
    return [
        (pl.col(feature).round(0).cast(pl.Int32) if name in _WHOLE_NUMBERS else pl.col(feature).round(2)).alias(name)
        for name, feature in FIGURES.items()
    ]


def _rank(scored: pl.DataFrame, products: pl.DataFrame, history: History) -> pl.DataFrame:
    titles = products.select(pl.int_range(pl.len(), dtype=pl.Int32).alias("launch"), "product_id", "title")
    source_ids = history.customers.select("customer_id", "source_id").collect()
    return (
        scored.sort(["launch", "score", "customer_id"], descending=[False, True, False])
        .with_columns(rank=pl.int_range(1, pl.len() + 1, dtype=pl.Int32).over("launch"))
        .join(titles, on="launch", how="left", maintain_order="left")
        .join(source_ids, on="customer_id", how="left", maintain_order="left")
        .select("product_id", "title", "rank", "customer_id", "source_id", "probability", *FIGURES)
    )
