"""The launch model of a history with its calibration, fitted once and cached in the shop's folder."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any, Final

from frontrow.launch.calibration.calibration import Calibration, CalibrationSettings
from frontrow.launch.calibration.season import OrderShares
from frontrow.launch.model.launch_model import LaunchModel
from frontrow.launch.model.pseudo_launches import select_known
from frontrow.launch.model.walk_forward import WalkForward, run_walk_forward, score_past_launches
from frontrow.launch.settings import LaunchSettings
from frontrow.shop.history import History
from frontrow.shop.keeping import allow_keeping
from frontrow.storage.fit_cache import load_or_fit, model_path
from frontrow.storage.folder import MODELS

FOLDER: Final = MODELS
"""Where the shop's folder keeps fitted launch models."""


def load_or_fit_launch_model(
    history: History,
    settings: LaunchSettings,
    *,
    folder: Path,
    seed: int = 0,
    walk_forward: Callable[[], WalkForward] | None = None,
) -> LaunchModel:
    """The calibrated launch model of a history: loaded where the same one was fitted before, else fitted and saved.

    Args:
        history: What is known.
        settings: The launch model's.
        folder: The shop's; models are saved in `models/` there.
        seed: See `LaunchModel.fit`.
        walk_forward: Makes the walk forward of the same history, settings and seed; called only to fit a model.

    Raises:
        LaunchError: The history is too short to learn from.
    """

    def fit() -> LaunchModel:
        return fit_calibrated(
            history, settings, seed=seed, walk_forward=None if walk_forward is None else walk_forward()
        )

    inputs = _inputs(history, settings, seed)
    return load_or_fit(
        folder / FOLDER,
        history.cutoff,
        inputs,
        load=LaunchModel.load,
        fit=fit,
        save=LaunchModel.save,
        may_keep=partial(allow_keeping, folder, history),
    )


def launch_model_path(history: History, settings: LaunchSettings, *, folder: Path, seed: int = 0) -> Path:
    """Where the launch model of a history is cached, whether it was fitted yet or not.

    Args:
        history: What is known.
        settings: The launch model's.
        folder: The shop's.
        seed: See `LaunchModel.fit`.
    """
    return model_path(folder / FOLDER, history.cutoff, _inputs(history, settings, seed))


def _inputs(history: History, settings: LaunchSettings, seed: int) -> dict[str, Any]:
    """Everything but the cutoff that a fit depends on."""
    return {
        "settings": asdict(settings),
        "seed": seed,
        "launch_days": sorted(history.launch_days.items()),
        "imports": history.settings.imports,
        "lines": (history.count_lines(), history.count_customers()),
        "rules": history.rules.to_json(),
        # no entry without vectors: models that were fitted before are found again
        **({} if history.vectors is None else {"vectors": history.vectors.digest}),
    }


def fit_calibrated(
    history: History,
    settings: LaunchSettings | None = None,
    calibration_settings: CalibrationSettings | None = None,
    *,
    seed: int = 0,
    walk_forward: WalkForward | None = None,
) -> LaunchModel:
    """Fit the launch model of a history and its calibration.

    Args:
        history: What is known.
        settings: The launch model's.
        calibration_settings: Which earlier launches a calibration learns from.
        seed: See `LaunchModel.fit`.
        walk_forward: The one of the same history, settings and seed, where it was run before.

    Returns:
        What `LaunchModel.fit` returns, with its `calibration`.

    Raises:
        LaunchError: The history has neither a launch nor a product to learn from.

    Example:
        >>> from frontrow.synthetic import SyntheticShop
        >>> shop = SyntheticShop(customers=500, seed=1).shop()
        >>> fit_calibrated(shop.as_of()).calibration.launches > 10
        True
    """
    settings, calibration_settings = settings or LaunchSettings(), calibration_settings or CalibrationSettings()
    walk_forward = walk_forward or run_walk_forward(history, settings, calibration_settings, seed=seed)
    pseudo_rows = select_known(walk_forward.pseudo_rows, history.closed_day, settings.horizon_days)
    rows, cutoff = walk_forward.training_rows, history.cutoff
    model = LaunchModel.fit_rows(rows, settings, seed=seed, cutoff=cutoff, pseudo_rows=pseudo_rows)
    scores = score_past_launches(walk_forward.scoring_set, walk_forward.rows, walk_forward.fitted)
    shares = OrderShares.measure(history, settings.horizon_days, settings.active_days)
    day, horizon_days = history.closed_day, settings.horizon_days
    calibration = Calibration.fit(scores, day, horizon_days, calibration_settings, order_shares=shares)
    return replace(model, calibration=calibration, first_import=history.settings.first_import)


def calibrate_model(model: LaunchModel, history: History) -> LaunchModel:
    """A model with its calibration, which is fitted as of the model's own cutoff where it has none yet.

    Args:
        model: What `LaunchModel.fit` returned.
        history: A history of the shop it was fitted on, with the model's cutoff or a later one.
    """
    if model.calibration is not None:
        return model
    return replace(model, calibration=fit_calibrated(history.as_of(model.cutoff), model.settings).calibration)
