"""Which first sales were launches: the product life-cycle table, and why the others do not count."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import polars as pl

from frontrow.engines.frames import collect, lazy
from frontrow.engines.parts import combine_parts
from frontrow.errors import LaunchError
from frontrow.features.headroom import HEADROOM_COLUMNS, measure_headroom, require_headroom
from frontrow.features.life_cycle import add_product_sums, buyer_totals, express_revenue, product_sums
from frontrow.launch.settings import LaunchSettings
from frontrow.masking import describe_value
from frontrow.shop.history import History
from frontrow.tables.nearest_name import find_nearest

SUM_COLUMNS: Final = ("product_id", "day", "quantity", "price", "discount", "refunded")
FIRST_LINE_COLUMNS: Final = ("product_id", "ordered_at", "order_id", "line_number", "price")
BUYER_COLUMNS: Final = ("customer_id", "product_id", "day")

LAUNCH: Final = "launch"
CATALOGUE_START: Final = "catalogue start"
SEASONAL_RETURN: Final = "seasonal return under another code"
RELISTING: Final = "relisting under another code"
STILL_OPEN: Final = "window still open"
TOO_FEW_BUYERS: Final = "too few buyers"

SEASONAL_GAP_DAYS: Final = 120
"""The same title off sale for at least this long, then back under another code, is a season's return."""


def compute_life_cycles(history: History, settings: LaunchSettings | None = None) -> pl.DataFrame:
    """The life of every product sold before the history's cutoff; computed once per history and settings.

    Args:
        history: What is known. A product whose launch day is stated there counts as a launch, whatever its title or
            first sale.
        settings: Horizon, catalogue start, fewest buyers.

    Returns:
        One row a product, by launch day: the columns of `schema.PRODUCT_SCHEMA`, `first_day`, `last_day`,
        `launch_day` (the first day unless stated), `days_sold`, `buyers`, `buyers_before`, `buyers_in_horizon`,
        `units`, `revenue`, `price` as on the first order line, and `verdict`: "launch", or why it does not count.

    Raises:
        LaunchError: A launch day is stated for a product that the shop does not have.
    """
    settings = settings or LaunchSettings()
    key = ("life cycles", settings.horizon_days, settings.catalogue_start_days, settings.min_buyers)
    return history.compute_once(key, lambda: _life_cycles(history, settings))


def closed_launches(cycles: pl.DataFrame) -> pl.DataFrame:
    """The rows of `compute_life_cycles` that the model can learn from."""
    return cycles.filter(pl.col("verdict") == LAUNCH)


def _life_cycles(history: History, settings: LaunchSettings) -> pl.DataFrame:
    unknown = sorted(set(history.launch_days) - set(history.products["product_id"]))
    if unknown:
        nearest = find_nearest(unknown[0], history.products["product_id"])
        raise LaunchError(
            f"A launch date is stated for {describe_value(unknown[0])}, which is no product_id of this shop."
            + ("" if nearest is None else f" Did you mean {nearest}?")
        )
    history.compute_once(
        "headroom", lambda: require_headroom(history.map_blocks(measure_headroom, HEADROOM_COLUMNS, guests=True))
    )
    sums, first_lines = _describe_products(history)
    totals = collect(express_revenue(lazy(sums)))
    stated = pl.DataFrame(
        {"product_id": list(history.launch_days), "stated_day": list(history.launch_days.values())},
        schema={"product_id": pl.String, "stated_day": pl.Int32},
    )
    dated = totals.join(stated, on="product_id", how="left").with_columns(
        launch_day=pl.coalesce("stated_day", "first_day")
    )
    products = (
        history.products.join(dated, on="product_id", how="inner")
        .join(first_lines.select("product_id", first_price="price"), on="product_id", how="left")
        # What it cost when it was new; a catalogue only knows what it costs today.
        .with_columns(price=pl.coalesce("first_price", "price"))
        .drop("first_price")
        .join(_buyers(history, dated, settings), on="product_id", how="left")
        .with_columns(pl.col("buyers", "buyers_before", "buyers_in_horizon").fill_null(0))
        .with_columns(days_sold=pl.col("last_day") - pl.col("first_day"))
    )
    verdict = _verdict(products, history, settings)
    return products.with_columns(verdict=verdict).drop("stated_day").sort("launch_day", "product_id")


def _describe_products(history: History) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The sums of each product, and its first order line, added up from blocks."""
    sums = combine_parts(
        history.map_blocks(sum_products, SUM_COLUMNS, guests=True), lambda rows: collect(add_product_sums(lazy(rows)))
    )
    first_lines = combine_parts(
        history.map_blocks(select_first_lines, FIRST_LINE_COLUMNS, guests=True), select_first_lines
    )
    return sums, first_lines


def sum_products(lines: pl.DataFrame) -> pl.DataFrame:
    """`features.life_cycle.product_sums` of a block.

    Args:
        lines: `SUM_COLUMNS` of order lines.
    """
    return collect(product_sums(lazy(lines)))


def select_first_lines(lines: pl.DataFrame) -> pl.DataFrame:
    """The first order line of each product.

    Args:
        lines: `FIRST_LINE_COLUMNS` of order lines.
    """
    first = lines.group_by("product_id").agg(pl.col("ordered_at").min())
    at_first = lines.join(first, on=["product_id", "ordered_at"], how="semi")
    return at_first.sort("ordered_at", "order_id", "line_number").unique("product_id", keep="first")


@dataclass(frozen=True)
class CountBuyers:
    """`features.life_cycle.buyer_totals` of a block.

    Attributes:
        launch_days: `product_id`, `launch_day`.
        horizon_days: Days from the launch within which a purchase counts.
    """

    launch_days: pl.DataFrame
    horizon_days: int

    def __call__(self, lines: pl.DataFrame) -> pl.DataFrame:
        """Count the buyers in `BUYER_COLUMNS` of order lines of whole customers."""
        return collect(buyer_totals(lazy(lines), lazy(self.launch_days), self.horizon_days))


def _buyers(history: History, dated: pl.DataFrame, settings: LaunchSettings) -> pl.DataFrame:
    step = CountBuyers(dated.select("product_id", "launch_day"), settings.horizon_days)
    return combine_parts(
        history.map_blocks(step, BUYER_COLUMNS), lambda rows: rows.group_by("product_id").agg(pl.all().sum())
    )


def _verdict(products: pl.DataFrame, history: History, settings: LaunchSettings) -> pl.Series:
    start = products.select(pl.col("first_day").min()).item()
    earlier_last_day = _last_day_of_earlier_namesake(products)
    gap = pl.col("launch_day") - earlier_last_day
    unstated = pl.col("stated_day").is_null()
    renamed = unstated & earlier_last_day.is_not_null()
    return products.select(
        pl.when(unstated & (pl.col("first_day") < (start or 0) + settings.catalogue_start_days))
        .then(pl.lit(CATALOGUE_START))
        .when(renamed & (gap >= SEASONAL_GAP_DAYS))
        .then(pl.lit(SEASONAL_RETURN))
        .when(renamed)
        .then(pl.lit(RELISTING))
        .when(pl.col("launch_day") + settings.horizon_days > history.closed_day)
        .then(pl.lit(STILL_OPEN))
        .when(pl.col("buyers_in_horizon") < settings.min_buyers)
        .then(pl.lit(TOO_FEW_BUYERS))
        .otherwise(pl.lit(LAUNCH))
        .alias("verdict")
    ).to_series()


def _last_day_of_earlier_namesake(products: pl.DataFrame) -> pl.Series:
    """For each row, the last sale of the product of the same title that was first sold before it; null if none."""
    words = pl.col("title").str.to_lowercase().str.extract_all(r"\w+").list.sort().list.join(" ")
    return (
        products.with_columns(words=words)
        .with_row_index("row")
        .sort("first_day", "product_id")
        .with_columns(earlier_last_day=pl.col("last_day").shift(1).over("words"))
        .with_columns(earlier_last_day=pl.when(pl.col("words").fill_null("") != "").then(pl.col("earlier_last_day")))
        .sort("row")["earlier_last_day"]
    )
