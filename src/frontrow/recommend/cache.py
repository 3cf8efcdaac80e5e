"""Fitted recommenders kept in the shop's folder, one a model, found again while nothing they depend on has changed."""

from __future__ import annotations

import hashlib
import json
import shutil
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path

import polars as pl

from frontrow.errors import ArtifactError
from frontrow.progress import Progress, no_progress
from frontrow.recommend.registry import recommender_named
from frontrow.recommend.trained import TrainedRecommender
from frontrow.shop.shop import History
from frontrow.storage.folder import RECOMMENDERS


def kept_recommender(
    history: History, model: str, *, folder: Path, seed: int = 0, progress: Progress = no_progress
) -> TrainedRecommender:
    """The recommender of a history: read back where it was fitted last, else fitted and kept in place of that one.

    It holds what customers bought, by their number, so that `shop.erase` throws it away.

    Args:
        history: What was known.
        model: File name of the recommender.
        folder: The shop's.
        seed: See `TrainedRecommender.fit`.
        progress: Called as a fit goes on.

    Raises:
        MissingExtraError: The model's extra is not installed.
        RecommendationError: The model is not known, or there is nothing to learn from.
    """
    recommender_named(model)
    place = folder / RECOMMENDERS / model / _key(history, seed)
    if place.is_dir():
        # what is being replaced by another run at this moment cannot be read either
        with suppress(ArtifactError, OSError):
            return TrainedRecommender.load(place)
    trained = TrainedRecommender.fit(history, model, seed=seed, progress=progress)
    shutil.rmtree(place, ignore_errors=True)
    trained.save(place)
    for other in place.parent.iterdir():
        # what another run is writing has a name with a dot before it
        if other != place and not other.name.startswith("."):
            shutil.rmtree(other, ignore_errors=True)
    return trained


def _key(history: History, seed: int) -> str:
    """Differs as soon as anything differs that lists depend on: cutoff, lines, catalogue, what is no product."""
    told = {
        "cutoff": history.cutoff.isoformat(),
        "seed": seed,
        "imports": history.settings.imports,
        "lines": history.lines.select(pl.len(), pl.col("customer_id").n_unique()).collect().row(0),
        "catalogue": history.products.select("product_id", "status", "price", "tags").hash_rows().sum(),
        "version": version("frontrow"),
        "rules": history.rules.to_json(),
    }
    digest = hashlib.sha256(json.dumps(told, sort_keys=True, default=str).encode()).hexdigest()
    return f"{history.cutoff.date()}-{digest[:12]}"
