"""Fitted launch models kept in the shop's folder, found again by what they were fitted on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path

import polars as pl

from frontrow.errors import ArtifactError
from frontrow.launch.episodes.walk_forward import Walk
from frontrow.launch.model.calibrated_model import fit_calibrated
from frontrow.launch.model.launch_model import LaunchModel
from frontrow.launch.settings import LaunchSettings
from frontrow.shop.shop import History
from frontrow.storage import artifact

FOLDER = "models"


def fitted_model(
    history: History,
    settings: LaunchSettings,
    *,
    folder: Path,
    seed: int = 0,
    walk: Callable[[], Walk] | None = None,
) -> LaunchModel:
    """The launch model of a history, with its calibration: read back where it was fitted before, else fitted and kept.

    A kept model that is damaged, or of another frontrow, is fitted again.

    Args:
        history: What was known.
        settings: The launch model's.
        folder: The shop's; the model goes into `models/` there.
        seed: See `LaunchModel.fit`.
        walk: Makes the walk of the same history, settings and seed; asked for only where there is something to fit.

    Raises:
        LaunchError: There is too little history to learn from.
    """
    place = folder / FOLDER / _key(history, settings, seed)
    if (place / artifact.MANIFEST).is_file():
        with suppress(ArtifactError):
            return LaunchModel.load(place)
    made = None if walk is None else walk()
    model = fit_calibrated(history, settings, seed=seed, walk=made)
    model.save(place)
    return model


def _key(history: History, settings: LaunchSettings, seed: int) -> str:
    """Differs as soon as anything differs that the fit depends on: cutoff, settings, imports, rules."""
    told = {
        "cutoff": history.cutoff.isoformat(),
        "settings": asdict(settings),
        "seed": seed,
        "launch_days": sorted(history.launch_days.items()),
        "imports": history.settings.imports,
        "lines": history.lines.select(pl.len(), pl.col("customer_id").n_unique()).collect().row(0),
        "version": version("frontrow"),
        "rules": history.rules.to_json(),
    }
    digest = hashlib.sha256(json.dumps(told, sort_keys=True, default=str).encode()).hexdigest()
    return f"{history.cutoff.date()}-{digest[:12]}"
