"""Why a customer stands where they stand: the model's own contributions, in plain words, with the row's figures."""

from __future__ import annotations

from typing import Final

import numpy as np
import polars as pl

from frontrow.errors import LaunchError
from frontrow.launch.audience.reason_sentences import GROUPS, LAUNCH, sentence
from frontrow.launch.episodes.episodes import features_of, matrix, purchases_of
from frontrow.launch.episodes.scoring_set import ask
from frontrow.launch.life_cycle import compute_life_cycles
from frontrow.launch.model.launch_model import LaunchModel
from frontrow.shop.shop import History

MOST_REASONS: Final = 3

LEAST_CONTRIBUTION: Final = 0.05
"""In log-odds: what makes a purchase less than about 5 % likelier is not worth a sentence."""


def contributions(rows: pl.DataFrame, model: LaunchModel) -> pl.DataFrame:
    """What each group of features adds to the log-odds of rows.

    Args:
        rows: Columns `features.launch.FEATURES`.
        model: The model whose contributions are told.

    Returns:
        One float64 column for each of `reason_sentences.GROUPS`: the sum over its features, mean over the ensembles.
    """
    each = model.boosting.contributions(matrix(rows))
    place = {feature: column for column, feature in enumerate(model.boosting.features)}
    return pl.DataFrame(
        {group: each[:, [place[one] for one in features]].sum(axis=1) for group, features in GROUPS.items()}
    )


def reasons(rows: pl.DataFrame, model: LaunchModel) -> pl.Series:
    """Up to three reasons for each row, the weightiest first.

    They are the three groups of features that raise the log-odds most, those of the launch itself left aside, for
    they are the same for everyone. A group is passed over, and not replaced, when it raises them by less than
    `LEAST_CONTRIBUTION`, or the row's figures make no sentence.

    TreeSHAP takes about a fifth of a millisecond a row: ask about the top of a list, not about everyone.

    Args:
        rows: Columns `features.launch.FEATURES`, such as `LaunchModel.score` gives.
        model: The model that scored them.

    Returns:
        `reasons`: lists of strings, one a row.
    """
    groups = [group for group in GROUPS if group != LAUNCH]
    added = contributions(rows, model).select(groups).to_numpy()
    weightiest = np.argsort(-added, axis=1, kind="stable")[:, :MOST_REASONS]
    told = []
    for row, order, values in zip(rows.iter_rows(named=True), weightiest, added, strict=True):
        said = [sentence(groups[i], row) for i in order if values[i] >= LEAST_CONTRIBUTION]
        told.append([one for one in said if one is not None])
    return pl.Series("reasons", told, dtype=pl.List(pl.String))


def reasons_for(
    history: History,
    products: pl.DataFrame,
    model: LaunchModel,
    wanted: pl.DataFrame,
) -> pl.DataFrame:
    """Reasons for some rows of an audience; only the customers asked about are read.

    Args:
        history: What is known; the one that the audience was made of. For an audience that knows the first days of
            sales, the history as of the launch's midnight: its features are frozen there.
        products: `new_products.NEW_PRODUCT_SCHEMA`, as the audience was asked about.
        model: The model that scored the audience.
        wanted: `product_id`, `customer_id`: such as `Audience.top(20)`; other columns are kept.

    Returns:
        `wanted` in its own order with `reasons` beside it; none for customers without an earlier order.

    Raises:
        LaunchError: A product is not among `products`.
    """
    launches = products.select("product_id", launch=pl.int_range(pl.len(), dtype=pl.Int32))
    unknown = wanted.join(launches, on="product_id", how="anti")["product_id"]
    if len(unknown):
        raise LaunchError(f'Reasons are wanted for "{unknown[0]}", which is not among the products asked about.')
    rows = _feature_rows(history, products, model, wanted.join(launches, on="product_id"))
    told = rows.select("launch", "customer_id", reasons(rows, model))
    return (
        wanted.join(launches, on="product_id", how="left", maintain_order="left")
        .join(told, on=["launch", "customer_id"], how="left", maintain_order="left")
        .drop("launch")
        .with_columns(pl.col("reasons").fill_null([]))
    )


def _feature_rows(history: History, products: pl.DataFrame, model: LaunchModel, pairs: pl.DataFrame) -> pl.DataFrame:
    """Features of pairs of `launch` and `customer_id`, as the audience had them."""
    cycles = compute_life_cycles(history, model.settings)
    asked = products.with_columns(cutoff_day=pl.lit(history.cutoff_day, pl.Int32))
    question = ask(asked, cycles, model.settings.horizon_days)
    lines = history.lines.filter(pl.col("customer_id").is_in(pairs["customer_id"].unique().implode())).collect()
    bought = purchases_of(lines, history.first_days())
    rows = pairs.select("launch", "customer_id", cutoff_day=pl.lit(history.cutoff_day, pl.Int32)).unique()
    return features_of(bought, question, question.launches, rows)
