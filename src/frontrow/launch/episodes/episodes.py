"""Launch episodes: each past launch as a lesson, everything frozen at its cutoff, who bought as the label."""

from __future__ import annotations

import zlib

import numpy as np
import polars as pl
from numpy.typing import NDArray

from frontrow.engine import collect, customer_blocks, lazy
from frontrow.features.customer import active_customers, customer_days
from frontrow.features.launch import FEATURES, launch_features
from frontrow.features.purchase import purchases
from frontrow.launch.episodes.scoring_set import Question
from frontrow.launch.settings import LaunchSettings
from frontrow.shop.shop import History

EPISODE_COLUMNS = ("launch", "customer_id", "cutoff_day", "bought", "weight")


def scored_rows(bought: pl.DataFrame, launches: pl.DataFrame, active_days: int) -> pl.DataFrame:
    """Who is scored for each launch: active at its cutoff, and without the product so far.

    Args:
        bought: What `features.purchase.purchases` returns, of whole customers.
        launches: `launch`, `product_id`, `cutoff_day`.
        active_days: See `LaunchSettings`.

    Returns:
        `launch`, `customer_id`, `cutoff_day`, sorted.
    """
    cutoffs = launches.select("cutoff_day").unique()
    active = collect(active_customers(customer_days(lazy(bought)), lazy(cutoffs), active_days))
    rows = active.join(launches, on="cutoff_day", how="inner")
    owners = _first_purchases(bought, launches).filter(pl.col("day") < pl.col("cutoff_day"))
    return (
        rows.join(owners, on=["launch", "customer_id"], how="anti")
        .select("launch", "customer_id", "cutoff_day")
        .sort("launch", "customer_id")
    )


def episode_rows(
    history: History, question: Question, settings: LaunchSettings, *, launches: pl.DataFrame, negative_rate: float
) -> pl.DataFrame:
    """Lessons from past launches.

    Args:
        history: Everything known; each lesson sees only what came before its own cutoff.
        question: The past launches as they were asked about at their cutoffs.
        settings: Horizon, active days.
        launches: The rows of `question.launches` wanted; their windows have closed.
        negative_rate: Share of the customers who did not buy that is kept; 1.0 keeps all.

    Returns:
        `EPISODE_COLUMNS` (`bought` 0.0 or 1.0; `weight`, how many customers the row stands for) and
        `features.launch.FEATURES`, sorted by launch and customer.
    """
    first_days = history.first_days()
    parts = [
        block_rows(purchases_of(block, first_days), question, settings, launches, negative_rate)
        for block in customer_blocks(history.lines, rows_per_customer=_rows_per_customer(launches, negative_rate))
    ]
    return pl.concat(parts).sort("launch", "customer_id")


def block_rows(
    bought: pl.DataFrame, question: Question, settings: LaunchSettings, launches: pl.DataFrame, negative_rate: float
) -> pl.DataFrame:
    """`episode_rows` of one block of customers."""
    rows = _labelled(bought, launches, settings)
    if negative_rate < 1.0:
        rows = _sampled(rows, launches, negative_rate)
    return features_of(bought, question, launches, rows).select(*EPISODE_COLUMNS, *FEATURES)


def matrix(rows: pl.DataFrame) -> NDArray[np.float32]:
    """The feature columns of rows, shape (rows, features); unknown values are NaN."""
    return rows.select(pl.col(FEATURES).cast(pl.Float32).fill_null(float("nan"))).to_numpy()


def features_of(bought: pl.DataFrame, question: Question, launches: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """`rows` with `features.launch.FEATURES` beside them, in the order of launch and customer."""
    told = launch_features(lazy(bought), question.tables(launches), lazy(rows))
    return collect(told).sort("launch", "customer_id")


def purchases_of(block: pl.DataFrame, first_days: pl.DataFrame) -> pl.DataFrame:
    """Purchases of one block of customers; the products' first days come from the whole history, guests included."""
    return collect(purchases(lazy(block), lazy(first_days))).sort(
        "customer_id", "day", "order_id", "product_id", "increment"
    )


def kept(customer_ids: NDArray[np.int64], launch_keys: NDArray[np.uint64], rate: float) -> NDArray[np.bool_]:
    """A repeatable choice of a share of (customer, launch) pairs, whatever else is in the table.

    Mixes both numbers with the finaliser of SplitMix64 (Steele, Lea and Flood, 2014).

    Example:
        >>> chosen = kept(np.arange(10_000), np.full(10_000, 7, dtype=np.uint64), 0.1)
        >>> 900 < int(chosen.sum()) < 1100
        True
    """
    with np.errstate(over="ignore"):
        z = customer_ids.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15) + launch_keys
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z ^= z >> np.uint64(31)
    return np.asarray((z >> np.uint64(11)).astype(np.float64) * 2.0**-53 < rate)


def _rows_per_customer(launches: pl.DataFrame, negative_rate: float) -> int:
    # Before they are sampled, rows hold five numbers, a tenth of what they hold with their features.
    return max(1, int(launches.height * max(negative_rate, 0.1)))


def _labelled(bought: pl.DataFrame, launches: pl.DataFrame, settings: LaunchSettings) -> pl.DataFrame:
    window = (pl.col("day") >= pl.col("cutoff_day")) & (pl.col("day") < pl.col("cutoff_day") + settings.horizon_days)
    buyers = _first_purchases(bought, launches).filter(window).select("launch", "customer_id", bought=pl.lit(1.0))
    return (
        scored_rows(bought, launches, settings.active_days)
        .join(buyers, on=["launch", "customer_id"], how="left")
        .with_columns(pl.col("bought").fill_null(0.0), weight=pl.lit(1.0))
    )


def _first_purchases(bought: pl.DataFrame, launches: pl.DataFrame) -> pl.DataFrame:
    return bought.filter(pl.col("first") == 1.0).join(
        launches.select("launch", "product_id", "cutoff_day"), on="product_id", how="inner"
    )


def _sampled(rows: pl.DataFrame, launches: pl.DataFrame, rate: float) -> pl.DataFrame:
    """All buyers and a share of the others, each of whom then stands for `1 / rate` customers."""
    keys = launches.select(
        "launch",
        key=pl.col("product_id").map_elements(lambda text: zlib.crc32(text.encode()) << 20, return_dtype=pl.UInt64),
    )
    keyed = rows.join(keys, on="launch", how="left", maintain_order="left")
    chosen = pl.Series(kept(keyed["customer_id"].to_numpy(), keyed["key"].to_numpy(), rate))
    sold = pl.col("bought") == 1.0
    return (
        keyed.filter(sold | chosen)
        .drop("key")
        .with_columns(weight=pl.when(sold).then(pl.lit(1.0)).otherwise(pl.lit(1.0 / rate)))
    )
