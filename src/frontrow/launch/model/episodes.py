"""Launch episodes: past launches as training rows, everything frozen at the cutoff, who bought as the label."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import polars as pl
from numpy.typing import NDArray

from frontrow.engines.frames import collect, lazy
from frontrow.errors import LaunchError
from frontrow.features.customer import active_customers, customer_days, select_active
from frontrow.features.launch import FEATURES, features_of, launch_features
from frontrow.features.normal_scores import normal_score_features_of
from frontrow.features.purchases import LINE_COLUMNS, build_purchases
from frontrow.launch.model.scoring_set import ScoringSet, ScoringTables
from frontrow.launch.settings import LaunchSettings
from frontrow.models.draws import draw_pairs
from frontrow.shop.history import History

EPISODE_COLUMNS = ("launch", "customer_id", "cutoff_day", "bought", "bought_after", "weight")


def select_scored_customers(purchases: pl.DataFrame, launches: pl.DataFrame, active_days: int) -> pl.DataFrame:
    """Who is scored for each launch: active at its cutoff, and without the product so far.

    Args:
        purchases: What `features.purchases.build_purchases` returns, of whole customers.
        launches: `launch`, `product_id`, `cutoff_day`.
        active_days: See `LaunchSettings`.

    Returns:
        `launch`, `customer_id`, `cutoff_day`, sorted.
    """
    cutoffs = launches.select("cutoff_day").unique()
    active = collect(active_customers(customer_days(lazy(purchases)), lazy(cutoffs), active_days))
    rows = active.join(launches, on="cutoff_day", how="inner")
    owners = _first_purchases(purchases, launches).filter(pl.col("day") < pl.col("cutoff_day"))
    return (
        rows.join(owners, on=["launch", "customer_id"], how="anti")
        .select("launch", "customer_id", "cutoff_day")
        .sort("launch", "customer_id")
    )


class BlockScorer(Protocol):
    """Scores the customers of a block; an instance of a class at the top of a module, so that any machine can."""

    def __call__(self, purchases: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
        """Score the rows of a block.

        Args:
            purchases: Of the block's customers, without those who were not active in time for any launch.
            rows: `launch`, `customer_id`, `cutoff_day` and the features.
        """


@dataclass(frozen=True)
class ScoreBlock:
    """A step: everyone of a block who is scored for the launches of a scoring set, with features, and the scores.

    Attributes:
        first_days: `History.first_days`.
        scoring_set: The new products.
        settings: Who is scored.
        score: What is made of the features.
    """

    first_days: pl.DataFrame
    scoring_set: ScoringTables
    settings: LaunchSettings
    score: BlockScorer

    def __call__(self, block: pl.DataFrame) -> pl.DataFrame:
        """Score the customers whose order lines (`features.purchases.LINE_COLUMNS`) are in a block."""
        launches, active_days = self.scoring_set.launches, self.settings.active_days
        active_since = pl.lit(launches["cutoff_day"].min(), pl.Int32) - active_days
        recent = block.filter(pl.col("day") >= active_since).select("customer_id").unique()
        purchases = build_block_purchases(block.join(recent, on="customer_id", how="semi"), self.first_days)
        customers = select_scored_customers(purchases, launches, active_days)
        return self.score(purchases, build_features(purchases, self.scoring_set, launches, customers))


def score_blocks(
    history: History, scoring_set: ScoringSet, settings: LaunchSettings, score: BlockScorer
) -> pl.DataFrame:
    """Everyone scored for every launch of a scoring set, a block of customers at a time.

    Args:
        history: What is known; its cutoff is the launches' own.
        scoring_set: The new products.
        settings: Who is scored.
        score: What is made of the features; only that is kept of them.

    Returns:
        What `score` returned for all blocks, sorted by `launch` and `customer_id`.

    Raises:
        LaunchError: There is no block, because no order line of a product is left.
    """
    step = ScoreBlock(history.first_days(), scoring_set.without_neighbourhood(), settings, score)
    return concat_blocks([*history.map_blocks(step, LINE_COLUMNS, rows_per_customer=scoring_set.launches.height)])


def concat_blocks(blocks: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Rows of all blocks of customers, sorted by `launch` and `customer_id`.

    Raises:
        LaunchError: There is no block, because no order line of a product is left.
    """
    if not blocks:
        raise LaunchError(
            "No order line of a product is left to learn from. Are all products excluded by product_rules.json?"
        )
    return pl.concat(blocks).sort("launch", "customer_id")


def build_episodes(
    history: History,
    scoring_set: ScoringSet,
    settings: LaunchSettings,
    *,
    launches: pl.DataFrame,
    negative_rate: float | pl.Series,
) -> pl.DataFrame:
    """Labelled rows of past launches, to fit or test a model on.

    Args:
        history: What is known; each row uses only what came before its own cutoff.
        scoring_set: The past launches, each at its cutoff.
        settings: Horizon, active days.
        launches: The rows of `scoring_set.launches` to build; their windows have closed.
        negative_rate: Share of the customers who did not buy that is sampled, of all launches or one for each; 1.0
            keeps all.

    Returns:
        `EPISODE_COLUMNS` (`bought` 0.0 or 1.0; `bought_after`, days from the cutoff to the purchase, int32, null for
        who did not buy; `weight`, how many customers the row represents) and `features.launch.FEATURES`, or
        `FEATURES_WITH_VECTORS` where the scoring set has vectors, float32 as models read them, but for those that
        normal scores are made of; sorted by launch and customer.
    """
    rated = launches.with_columns(negative_rate=negative_rate)
    step = EpisodesOfBlock(history.first_days(), scoring_set.without_neighbourhood(), settings, rated)
    rows_per_customer = max(1, int(rated["negative_rate"].sum()))
    return pl.concat(history.map_blocks(step, LINE_COLUMNS, rows_per_customer=rows_per_customer)).sort(
        "launch", "customer_id"
    )


@dataclass(frozen=True)
class EpisodesOfBlock:
    """A step: the labelled rows of past launches of a block's customers.

    Attributes:
        first_days: `History.first_days`.
        scoring_set: The past launches, each at its cutoff.
        settings: Horizon, active days.
        launches: The rows of `scoring_set.launches` to build, with `negative_rate`, the share of the customers who did
            not buy that is sampled.
    """

    first_days: pl.DataFrame
    scoring_set: ScoringTables
    settings: LaunchSettings
    launches: pl.DataFrame

    def __call__(self, block: pl.DataFrame) -> pl.DataFrame:
        """Build the rows of order lines (`features.purchases.LINE_COLUMNS`) of whole customers."""
        lines = _select_lines(block, self.launches, self.settings)
        purchases = build_block_purchases(lines, self.first_days)
        launches, rate = self.launches.drop("negative_rate"), self.launches["negative_rate"]
        rows = build_block_episodes(purchases, self.scoring_set, self.settings, launches, rate)
        ranked = normal_score_features_of(rows.columns)
        # half of the memory of training, which is the largest of a fit
        return rows.cast(dict.fromkeys(set(features_of(rows.columns)).difference(ranked), pl.Float32()))


def build_block_episodes(
    purchases: pl.DataFrame,
    scoring_set: ScoringTables,
    settings: LaunchSettings,
    launches: pl.DataFrame,
    negative_rate: float | pl.Series,
) -> pl.DataFrame:
    """`build_episodes` for one block of customers.

    Args:
        purchases: What `build_block_purchases` returns.
        scoring_set: See `build_episodes`.
        settings: See `build_episodes`.
        launches: See `build_episodes`.
        negative_rate: See `build_episodes`.
    """
    rated = launches.with_columns(negative_rate=negative_rate)
    if (rated["negative_rate"] < 1.0).any():
        rows = _sample_scored_customers(purchases, rated, settings)
    else:
        rows = select_scored_customers(purchases, rated, settings.active_days)
    rows = _label(rows, purchases, rated, settings)
    episodes = build_features(purchases, scoring_set, launches, rows)
    return episodes.select(*EPISODE_COLUMNS, *features_of(episodes.columns))


def feature_matrix(rows: pl.DataFrame, features: Sequence[str] = FEATURES) -> NDArray[np.float32]:
    """The feature columns of rows, shape (rows, features); unknown values are NaN.

    Args:
        rows: What `build_features` returns.
        features: Names of the columns: those of the model.
    """
    return rows.select(pl.col(*features).cast(pl.Float32).fill_null(float("nan"))).to_numpy()


def build_features(
    purchases: pl.DataFrame, scoring_set: ScoringTables, launches: pl.DataFrame, rows: pl.DataFrame
) -> pl.DataFrame:
    """Rows with their features, in the order of launch and customer.

    Args:
        purchases: What `build_block_purchases` returns, of whole customers.
        scoring_set: The launches, each at its cutoff.
        launches: The rows of `scoring_set.launches` that `rows` refer to.
        rows: `launch`, `customer_id`, `cutoff_day` and other columns.

    Returns:
        The columns of `rows`, then `features.launch.FEATURES`, and `VECTOR_FEATURES` where the scoring set has vectors.
    """
    few = _are_few(rows, purchases, scoring_set.neighbours.join(launches.select("launch"), on="launch", how="semi"))
    features = launch_features(lazy(purchases), scoring_set.tables(launches), lazy(rows), rows_are_few=few)
    return collect(features).sort("launch", "customer_id")


def build_block_purchases(block: pl.DataFrame, first_days: pl.DataFrame) -> pl.DataFrame:
    """Purchases of one block of customers.

    Args:
        block: Order lines of whole customers.
        first_days: `History.first_days` of the whole history, guests included.

    Returns:
        What `features.purchases.build_purchases` returns, sorted.
    """
    return collect(build_purchases(lazy(block), lazy(first_days))).sort(
        "customer_id", "day", "order_id", "product_id", "increment"
    )


def _select_lines(block: pl.DataFrame, launches: pl.DataFrame, settings: LaunchSettings) -> pl.DataFrame:
    """The lines of who bought one of the launches or is sampled for one, where those are a part of the customers."""
    if launches.is_empty() or launches["negative_rate"].sum() >= 1.0:
        return block
    sampled = _sample_customers(block["customer_id"].unique().sort(), launches).select("customer_id")
    windows = launches.select("product_id", "cutoff_day")
    buyers = block.select("customer_id", "product_id", "day").join(windows, on="product_id", how="inner")
    chosen = pl.concat([sampled, buyers.filter(_is_in_window(settings)).select("customer_id")])
    return block.join(chosen.unique(), on="customer_id", how="semi")


def _are_few(rows: pl.DataFrame, purchases: pl.DataFrame, neighbours: pl.DataFrame) -> bool:
    """Whether purchases joined with the rows are fewer than purchases joined with the neighbours of all launches."""
    joined = [
        purchases.group_by(key).len().join(others.group_by(key).len("others"), on=key)
        for key, others in (("customer_id", rows), ("product_id", neighbours))
    ]
    of_rows, of_neighbours = (counts.select(pl.col("len").cast(pl.Int64) * pl.col("others")).sum() for counts in joined)
    return bool(of_rows.item() < of_neighbours.item())


def _sample_scored_customers(purchases: pl.DataFrame, launches: pl.DataFrame, settings: LaunchSettings) -> pl.DataFrame:
    """Of `select_scored_customers`, all buyers and a share of the others: sampled first, so that few rows are made."""
    before = pl.col("day") < pl.col("cutoff_day")
    first_purchases = _first_purchases(purchases, launches)
    buyers = first_purchases.filter(_is_in_window(settings)).select("launch", "customer_id", "cutoff_day")
    rows = (
        pl.concat([_sample_customers(purchases["customer_id"].unique().sort(), launches), buyers])
        .unique()
        .join(first_purchases.filter(before), on=["launch", "customer_id"], how="anti")
    )
    pairs = rows.select("customer_id", "cutoff_day").unique()
    active = collect(select_active(customer_days(lazy(purchases)), lazy(pairs), settings.active_days))
    return rows.join(active, on=["customer_id", "cutoff_day"], how="semi").sort("launch", "customer_id")


def _sample_customers(customer_ids: pl.Series, launches: pl.DataFrame) -> pl.DataFrame:
    """A share of all pairs of a customer and a launch: `launch`, `customer_id`, `cutoff_day`."""
    numbers = customer_ids.to_numpy()
    samples = [customer_ids.clear()] * launches.height
    for (product_id,), same in launches.with_row_index("row").group_by("product_id"):
        # a product that is asked about at several midnights draws its customers once
        draws = draw_pairs(numbers, np.uint64(zlib.crc32(str(product_id).encode()) << 20))
        candidates = np.flatnonzero(draws < same["negative_rate"].to_numpy().max())
        for row, rate in same.select("row", "negative_rate").iter_rows():
            samples[row] = customer_ids.gather(candidates[draws[candidates] < rate])
    sampled = pl.Series("customer_id", samples, dtype=pl.List(customer_ids.dtype))
    return launches.select("launch", sampled, "cutoff_day").explode("customer_id").drop_nulls("customer_id")


def _label(
    rows: pl.DataFrame, purchases: pl.DataFrame, launches: pl.DataFrame, settings: LaunchSettings
) -> pl.DataFrame:
    """Rows with `bought`, `bought_after`, and `weight`: one for buyers, and 1 / rate for the others."""
    after = (pl.col("day") - pl.col("cutoff_day")).cast(pl.Int32)
    buyers = (
        _first_purchases(purchases, launches)
        .filter(_is_in_window(settings))
        .select("launch", "customer_id", bought=pl.lit(1.0), bought_after=after)
    )
    weight = pl.when(pl.col("bought") == 1.0).then(1.0).otherwise(1.0 / pl.col("negative_rate"))
    return (
        rows.join(buyers, on=["launch", "customer_id"], how="left")
        .join(launches.select("launch", "negative_rate"), on="launch", how="left")
        .with_columns(pl.col("bought").fill_null(0.0))
        .with_columns(weight=weight)
        .drop("negative_rate")
    )


def _is_in_window(settings: LaunchSettings) -> pl.Expr:
    after = pl.col("day") - pl.col("cutoff_day")
    return (after >= 0) & (after < settings.horizon_days)


def _first_purchases(purchases: pl.DataFrame, launches: pl.DataFrame) -> pl.DataFrame:
    return (
        purchases.filter(pl.col("first") == 1.0)
        .select("customer_id", "product_id", "day")
        .join(launches.select("launch", "product_id", "cutoff_day"), on="product_id", how="inner")
    )
