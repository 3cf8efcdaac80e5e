"""What models of their time said of past launches, and what came: the table that a calibration is learned from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from frontrow.launch.calibration.slope import logits, profile
from frontrow.launch.episodes.scoring_set import Question
from frontrow.launch.model.launch_model import LaunchModel
from frontrow.shop.shop import History

Fold = tuple[int, int]
"""First and last launch day of a stretch whose launches one model scores."""

PAST_SCORE_SCHEMA: Final = {
    "product_id": pl.String(),
    "launch_day": pl.Int32(),
    "forecast": pl.Float64(),
    "buyers": pl.Float64(),
    "sold": pl.List(pl.Float64()),
    "profile": pl.List(pl.Float64()),
}
"""One row a launch: `forecast` is the sum of the raw probabilities of everyone scored, `buyers` those of them who
bought within the window, `sold` how many had bought after 0, 1, ... days, `profile` see `slope.profile`."""


def past_scores(
    history: History,
    question: Question,
    rows: pl.DataFrame,
    fitted: Sequence[tuple[Fold, LaunchModel]],
) -> pl.DataFrame:
    """Score the launches of each fold with its own model, on the sample of customers that lessons hold.

    Args:
        history: What is known now; every launch among the rows has a closed window.
        question: The launches, as they were asked about at their cutoffs.
        rows: What `episodes.episode_rows` made of them.
        fitted: Folds, and models fitted on launches whose window had closed before the fold.

    Returns:
        `PAST_SCORE_SCHEMA`, sorted by day and product.
    """
    found = []
    for (first, last), model in fitted:
        own = rows.filter(pl.col("cutoff_day").is_between(first, last))
        told = own.select("launch", "bought", "weight", model.probability(own).alias("raw"))
        found += [_score(launch) for launch in told.partition_by("launch", maintain_order=True)]
    schema = {"launch": pl.Int32(), **{name: PAST_SCORE_SCHEMA[name] for name in ("forecast", "buyers", "profile")}}
    launches = question.launches.select("launch", "product_id", launch_day="cutoff_day")
    return (
        pl.DataFrame(found, schema=schema, orient="row")
        .join(launches, on="launch")
        .join(_sold(history, rows, launches, fitted), on="launch")
        .select(pl.col(name).cast(dtype) for name, dtype in PAST_SCORE_SCHEMA.items())
        .sort("launch_day", "product_id")
    )


def _score(rows: pl.DataFrame) -> tuple[int, float, float, list[float]]:
    raw, bought, weight = (rows[name].to_numpy() for name in ("raw", "bought", "weight"))
    likelihood = profile(logits(raw), bought, weight)
    return rows["launch"][0], float((raw * weight).sum()), float(bought.sum()), likelihood.tolist()


def _sold(
    history: History, rows: pl.DataFrame, launches: pl.DataFrame, fitted: Sequence[tuple[Fold, LaunchModel]]
) -> pl.DataFrame:
    """`launch` and `sold`: its buyers so far, after each day of the window."""
    horizon = fitted[0][1].settings.horizon_days if fitted else 0
    buyers = rows.filter(pl.col("bought") == 1.0).select("launch", "customer_id").join(launches, on="launch")
    days = first_purchase_days(history, launches["product_id"])
    after = buyers.join(days, on=["customer_id", "product_id"]).with_columns(after=pl.col("day") - pl.col("launch_day"))
    counts = {launch: _so_far(group["after"].to_numpy(), horizon) for (launch,), group in after.group_by("launch")}
    none = [0.0] * (horizon + 1)
    sold = [counts.get(launch, none) for launch in launches["launch"]]
    return launches.select("launch", sold=pl.Series(sold, dtype=pl.List(pl.Float64)))


def _so_far(after: NDArray[np.int32], horizon: int) -> list[float]:
    return [0.0, *np.cumsum(np.bincount(after, minlength=horizon)[:horizon]).astype(float).tolist()]


def first_purchase_days(history: History, product_ids: pl.Series) -> pl.DataFrame:
    """`customer_id`, `product_id`, `day` of known customers' first purchases of some products."""
    wanted = history.lines.filter(
        pl.col("customer_id").is_not_null() & pl.col("product_id").is_in(product_ids.implode())
    )
    return wanted.group_by("customer_id", "product_id").agg(pl.col("day").min()).collect()
