"""Fitted recommenders in the shop's folder: one a model, read back as long as nothing it depends on has changed."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl

from frontrow.models.interactions.blocks import InteractionBlocks
from frontrow.progress import Progress, no_progress
from frontrow.recommend.blocks.learned import learn_recommender
from frontrow.recommend.registry import get_recommender
from frontrow.recommend.trained import TrainedRecommender
from frontrow.shop.history import History
from frontrow.shop.keeping import allow_keeping
from frontrow.storage.fit_cache import load_or_fit, model_path
from frontrow.storage.folder import RECOMMENDERS


def load_or_fit_recommender(
    history: History, model: str, *, folder: Path, seed: int = 0, progress: Progress = no_progress
) -> TrainedRecommender:
    """Read the recommender of a history back, or fit it and replace the cached one.

    It holds what each customer number bought, so `shop.erase` removes it.

    Args:
        history: What to learn from.
        model: File name of the recommender.
        folder: The shop's folder.
        seed: See `TrainedRecommender.fit`.
        progress: Called as a fit goes on.

    Raises:
        MissingExtraError: The model's extra is not installed.
        RecommendationError: The model is unknown, or there is nothing to learn from.
    """
    get_recommender(model)

    def fit() -> TrainedRecommender:
        return TrainedRecommender.fit(history, model, seed=seed, progress=progress)

    return _load_or_fit(history, model, folder, _describe_inputs(history, seed), fit)


def load_or_learn_recommender(
    history: History, model: str, *, folder: Path, seed: int = 0, progress: Progress = no_progress
) -> TrainedRecommender:
    """The same for what was learned from blocks of customers, see `blocks.learned.learn_recommender`.

    Args:
        history: What to learn from.
        model: File name of the recommender.
        folder: The shop's folder.
        seed: Of the fit.
        progress: Called as the fit goes on.

    Raises:
        RecommendationError: The model does not learn from blocks, or there is nothing to learn from.
    """

    def learn() -> TrainedRecommender:
        return learn_recommender(InteractionBlocks.of(history), model, seed=seed, progress=progress)

    return _load_or_fit(history, model, folder, {"from": "blocks", **_describe_inputs(history, seed)}, learn)


def recommender_path(history: History, model: str, *, folder: Path, seed: int = 0) -> Path:
    """Where the recommender of a history is cached, whether it was fitted yet or not.

    Args:
        history: What to learn from.
        model: File name of the recommender.
        folder: The shop's folder.
        seed: See `TrainedRecommender.fit`.
    """
    return model_path(folder / RECOMMENDERS / model, history.cutoff, _describe_inputs(history, seed))


def _load_or_fit(
    history: History, model: str, folder: Path, inputs: dict[str, Any], fit: Callable[[], TrainedRecommender]
) -> TrainedRecommender:
    return load_or_fit(
        folder / RECOMMENDERS / model,
        history.cutoff,
        inputs,
        load=TrainedRecommender.load,
        fit=fit,
        save=TrainedRecommender.save,
        newest=1,
        may_keep=partial(allow_keeping, folder, history),
    )


def _describe_inputs(history: History, seed: int) -> dict[str, Any]:
    """Everything but the cutoff that a fit depends on."""
    # guests too: what they bought decides which products are on sale
    counts = pl.concat(history.map_blocks(_count_lines, ("customer_id",), guests=True))
    return {
        "seed": seed,
        "imports": history.settings.imports,
        "lines": counts.sum().row(0),
        "catalogue": history.products.select("product_id", "status", "price", "tags").hash_rows().sum(),
        "rules": history.rules.to_json(),
    }


def _count_lines(lines: pl.DataFrame) -> pl.DataFrame:
    return lines.select(pl.len().cast(pl.Int64), customers=pl.col("customer_id").drop_nulls().n_unique().cast(pl.Int64))
