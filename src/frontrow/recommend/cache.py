"""Fitted recommenders cached in the shop's folder, one a model, as long as nothing they depend on has changed."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from frontrow.progress import Progress, no_progress
from frontrow.recommend.registry import get_recommender
from frontrow.recommend.trained import TrainedRecommender
from frontrow.shop.shop import History
from frontrow.storage.fit_cache import load_or_fit
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
    inputs = {
        "seed": seed,
        "imports": history.settings.imports,
        "lines": history.lines.select(pl.len(), pl.col("customer_id").n_unique()).collect().row(0),
        "catalogue": history.products.select("product_id", "status", "price", "tags").hash_rows().sum(),
        "rules": history.rules.to_json(),
    }
    return load_or_fit(
        folder / RECOMMENDERS / model,
        history.cutoff,
        inputs,
        load=TrainedRecommender.load,
        fit=lambda: TrainedRecommender.fit(history, model, seed=seed, progress=progress),
        save=TrainedRecommender.save,
        only_latest=True,
    )
