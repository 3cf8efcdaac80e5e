"""Cached models: read back, and fitted again when they cannot be used."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from frontrow.launch.audience.audience import score_audience
from frontrow.launch.launch_files import NEW_PRODUCT_SCHEMA
from frontrow.launch.model.calibrated_model import FOLDER, load_or_fit_launch_model
from frontrow.launch.settings import LaunchSettings
from frontrow.schema import conform
from frontrow.synthetic import SyntheticShop


@pytest.fixture(scope="module")
def history():
    return SyntheticShop(customers=500, seed=2, lines_a_year=8.0, days=500).shop().as_of()


def test_a_cached_model_is_read_back_and_scores_the_same(history, tmp_path: Path) -> None:
    first = load_or_fit_launch_model(history, LaunchSettings(), folder=tmp_path)
    cached = list((tmp_path / FOLDER).iterdir())
    again = load_or_fit_launch_model(history, LaunchSettings(), folder=tmp_path)
    assert list((tmp_path / FOLDER).iterdir()) == cached
    product = {"product_id": ["new"], "title": ["Terracotta Planter"], "launch_day": [history.cutoff_day]}
    new_products = conform(pl.DataFrame(product), NEW_PRODUCT_SCHEMA)
    assert score_audience(history, new_products, first).rows.equals(score_audience(history, new_products, again).rows)


def test_a_damaged_model_is_fitted_again(history, tmp_path: Path) -> None:
    first = load_or_fit_launch_model(history, LaunchSettings(), folder=tmp_path)
    (cached,) = (tmp_path / FOLDER).iterdir()
    (cached / "ensemble_0.txt").write_text("")
    again = load_or_fit_launch_model(history, LaunchSettings(), folder=tmp_path)
    assert again.boosting.ensembles == first.boosting.ensembles
    assert (cached / "ensemble_0.txt").stat().st_size > 0


def test_other_settings_are_another_model(history, tmp_path: Path) -> None:
    load_or_fit_launch_model(history, LaunchSettings(), folder=tmp_path)
    load_or_fit_launch_model(history, LaunchSettings(horizon_days=14), folder=tmp_path)
    assert len(list((tmp_path / FOLDER).iterdir())) == 2
