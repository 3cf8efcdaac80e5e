"""Why a customer ranks where they do: the model's own contributions, as sentences with the row's figures."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import numpy as np
import polars as pl

from frontrow.errors import LaunchError
from frontrow.launch.audience.audience import Audience
from frontrow.launch.audience.reason_sentences import GROUPS, LAUNCH, write_sentence
from frontrow.launch.life_cycle import compute_life_cycles
from frontrow.launch.model.episodes import build_block_purchases, build_features, feature_matrix
from frontrow.launch.model.launch_model import LaunchModel
from frontrow.launch.model.scoring_set import build_scoring_set
from frontrow.launch.new_products.frame import conform_new_products
from frontrow.launch.new_products.sold_products import find_sold_products
from frontrow.shop.history import History

MAX_REASONS: Final = 3

MIN_CONTRIBUTION: Final = 0.05
"""In log-odds: what makes a purchase less than about 5 % likelier is not worth a sentence."""

TOP_WITH_REASONS: Final = 100
"""Rows of each product that get reasons by default: reasons for everyone would take minutes, and nobody reads them."""

_KEYS = ["product_id", "customer_id"]


def add_reasons(
    audience: Audience,
    history: History,
    products: Any,
    model: LaunchModel,
    pairs: pl.DataFrame,
    *,
    as_codes: bool = False,
) -> Audience:
    """Add reasons to some rows of an audience.

    Args:
        audience: What `score_audience` returned.
        history: As it was given to `score_audience`.
        products: As they were given to `score_audience`.
        model: As it was given to `score_audience`.
        pairs: `product_id`, `customer_id` of the rows that get reasons, such as `audience.top(TOP_WITH_REASONS)`.
        as_codes: Name each reason by a code, such as similar_products, instead of a sentence.

    Returns:
        The audience, its rows with a last column `reasons`: up to three sentences, the strongest first; null for
        all other rows.

    Raises:
        LaunchError: A product is not among `products`.

    Example:
        >>> from frontrow import LaunchModel, score_audience
        >>> from frontrow.launch.launch_files import NEW_PRODUCT_SCHEMA
        >>> from frontrow.schema import conform
        >>> from frontrow.synthetic import SyntheticShop
        >>> garden = SyntheticShop(customers=300, seed=1)
        >>> history = garden.shop().as_of()
        >>> launch_day = pl.lit(history.cutoff_day, pl.Int32)
        >>> new = conform(garden.upcoming(), NEW_PRODUCT_SCHEMA).with_columns(launch_day=launch_day)
        >>> model = LaunchModel.fit(history)
        >>> audience = score_audience(history, new[:1], model)
        >>> explained = add_reasons(audience, history, new[:1], model, audience.top(3))
        >>> explained.rows["reasons"].is_not_null().sum()
        3
    """
    products = conform_new_products(products, history.cutoff_day)
    sold = find_sold_products(products, history, model.settings)
    products = sold.resolve(products, compute_life_cycles(history, model.settings))
    under_way = pl.col("product_id").is_in(audience.sales_so_far["product_id"].implode())
    parts = [
        _reasons_at_launch(history, row, model, pairs, as_codes) for row in products.filter(under_way).iter_slices(1)
    ]
    others = pairs.filter(~under_way).select(_KEYS)
    if others.height or not parts:
        parts.append(reasons_for(history, products.filter(~under_way), model, others, as_codes=as_codes))
    reasons = pl.concat(parts).unique(_KEYS).cast(dict(audience.rows.select(_KEYS).schema))  # type: ignore[arg-type]
    rows = audience.rows.drop("reasons", strict=False)
    return replace(audience, rows=rows.join(reasons, on=_KEYS, how="left", maintain_order="left"))


def _reasons_at_launch(
    history: History, product: pl.DataFrame, model: LaunchModel, pairs: pl.DataFrame, as_codes: bool
) -> pl.DataFrame:
    """Reasons of a product on sale, whose features were frozen at the midnight of its launch."""
    rows = pairs.filter(pl.col("product_id") == product["product_id"][0]).select(_KEYS)
    return reasons_for(history.as_of(product["launch_day"][0]), product, model, rows, as_codes=as_codes)


def reasons_for(
    history: History, products: pl.DataFrame, model: LaunchModel, pairs: pl.DataFrame, *, as_codes: bool = False
) -> pl.DataFrame:
    """Reasons for some rows of an audience; only the lines of these customers are read.

    Args:
        history: The one that the audience was scored on. For products on sale, the history as of the launch's
            midnight: the features are frozen there.
        products: `launch_files.NEW_PRODUCT_SCHEMA`, as given to `score_audience`.
        model: The model that scored the audience.
        pairs: `product_id`, `customer_id`: such as `Audience.top(20)`; other columns are kept.
        as_codes: Name each reason by a code instead of a sentence.

    Returns:
        `pairs` in the same order with `reasons`; none for customers without an earlier order.

    Raises:
        LaunchError: A product is not among `products`.
    """
    launches = products.select("product_id", launch=pl.int_range(pl.len(), dtype=pl.Int32))
    unknown = pairs.join(launches, on="product_id", how="anti")["product_id"]
    if len(unknown):
        raise LaunchError(f'Reasons are asked for "{unknown[0]}", which is not among the products scored.')
    rows = _feature_rows(history, products, model, pairs.join(launches, on="product_id"))
    reasons = rows.select("launch", "customer_id", explain_rows(rows, model, as_codes=as_codes))
    return (
        pairs.join(launches, on="product_id", how="left", maintain_order="left")
        .join(reasons, on=["launch", "customer_id"], how="left", maintain_order="left")
        .drop("launch")
        .with_columns(pl.col("reasons").fill_null([]))
    )


def _feature_rows(history: History, products: pl.DataFrame, model: LaunchModel, pairs: pl.DataFrame) -> pl.DataFrame:
    """Features of pairs of `launch` and `customer_id`, as the audience had them."""
    cutoff_day = pl.lit(history.cutoff_day, pl.Int32)
    cycles = compute_life_cycles(history, model.settings)
    new_products, horizon_days = products.with_columns(cutoff_day=cutoff_day), model.settings.horizon_days
    scoring_set = build_scoring_set(new_products, cycles, horizon_days, model.select_vectors(history))
    lines = history.lines.filter(pl.col("customer_id").is_in(pairs["customer_id"].unique().implode())).collect()
    purchases = build_block_purchases(lines, history.first_days())
    rows = pairs.select("launch", "customer_id", cutoff_day=cutoff_day).unique()
    return build_features(purchases, scoring_set, scoring_set.launches, rows)


def explain_rows(rows: pl.DataFrame, model: LaunchModel, *, as_codes: bool = False) -> pl.Series:
    """Up to three reasons for each row, the strongest first.

    They are the three groups of features that raise the log-odds most, except those of the launch itself, which are
    the same for everyone. A group is dropped, and not replaced, when it raises them by less than `MIN_CONTRIBUTION`,
    or when the row's figures make no sentence.

    TreeSHAP takes about a fifth of a millisecond a row: explain the top of a list, not everyone.

    Args:
        rows: Columns `features.launch.FEATURES`, such as `LaunchModel.score` yields.
        model: The model that scored them.
        as_codes: Name each reason by the code of its group (`to_code`) instead of a sentence; the same reasons.

    Returns:
        `reasons`: lists of strings, one a row.
    """
    groups = [group for group in GROUPS if group != LAUNCH]
    added = contributions(rows, model).select(groups).to_numpy()
    strongest = np.argsort(-added, axis=1, kind="stable")[:, :MAX_REASONS]
    reasons = []
    for row, order, values in zip(rows.iter_rows(named=True), strongest, added, strict=True):
        strong = [groups[i] for i in order if values[i] >= MIN_CONTRIBUTION]
        sentences = [(group, write_sentence(group, row)) for group in strong]
        reasons.append(
            [to_code(group) if as_codes else sentence for group, sentence in sentences if sentence is not None]
        )
    return pl.Series("reasons", reasons, dtype=pl.List(pl.String))


def to_code(group: str) -> str:
    """The code of a group of features, for files that programs read.

    Example:
        >>> to_code("similar products")
        'similar_products'
    """
    return group.replace(" ", "_")


def contributions(rows: pl.DataFrame, model: LaunchModel) -> pl.DataFrame:
    """What each group of features adds to the log-odds of rows.

    Args:
        rows: Columns `features.launch.FEATURES`.
        model: The model to explain.

    Returns:
        One float64 column for each of `reason_sentences.GROUPS`: the sum over its features, mean over the ensembles.
    """
    by_feature = model.boosting.contributions(feature_matrix(rows, model.features))
    column = {feature: index for index, feature in enumerate(model.boosting.features)}
    return pl.DataFrame(
        {
            group: by_feature[:, [column[name] for name in features if name in column]].sum(axis=1)
            for group, features in GROUPS.items()
        }
    )
