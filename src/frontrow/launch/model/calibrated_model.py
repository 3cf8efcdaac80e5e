"""The launch model of a history with its calibration, learned from what models of their time said of past launches."""

from __future__ import annotations

from dataclasses import replace

from frontrow.launch.calibration.calibration import Calibration, CalibrationSettings
from frontrow.launch.episodes.past_scores import past_scores
from frontrow.launch.episodes.walk_forward import Walk, walk_through
from frontrow.launch.model.launch_model import LaunchModel
from frontrow.launch.settings import LaunchSettings
from frontrow.shop.shop import History


def fit_calibrated(
    history: History,
    settings: LaunchSettings | None = None,
    calibration: CalibrationSettings | None = None,
    *,
    seed: int = 0,
    walk: Walk | None = None,
) -> LaunchModel:
    """The launch model of a history, with its calibration.

    Args:
        history: What was known.
        settings: The launch model's.
        calibration: Which earlier launches a calibration learns from.
        seed: See `LaunchModel.fit`.
        walk: The one under the same history, settings and seed, where it was made before.

    Returns:
        What `LaunchModel.fit` returns, its `calibration` filled.

    Raises:
        LaunchError: The history has fewer than five launches to learn from.

    Example:
        >>> from frontrow.synthetic import SyntheticShop
        >>> shop = SyntheticShop(customers=500, seed=1).shop()
        >>> fit_calibrated(shop.as_of()).calibration.launches > 10
        True
    """
    settings, calibration = settings or LaunchSettings(), calibration or CalibrationSettings()
    walk = walk or walk_through(history, settings, calibration, seed=seed)
    model = LaunchModel.fit_rows(walk.lessons, settings, seed=seed, cutoff=history.cutoff)
    scores = past_scores(history, walk.question, walk.rows, walk.fitted)
    known = Calibration.fit(scores, history.closed_day, settings.horizon_days, calibration)
    return replace(model, calibration=known)


def calibrated(model: LaunchModel, history: History) -> LaunchModel:
    """A model with its calibration, made as of the model's own cutoff where it has none yet.

    Args:
        model: What `LaunchModel.fit` returned.
        history: A history of the shop it was fitted on; the model's cutoff or later.
    """
    if model.calibration is not None:
        return model
    then = history.as_of(model.cutoff)
    return replace(model, calibration=fit_calibrated(then, model.settings).calibration)
