"""A saved audience is read back exactly, with what its probabilities were calibrated with."""

from __future__ import annotations

import datetime as dt
import shutil
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from frontrow.errors import ArtifactError
from frontrow.launch.calibration.calibration import Calibration, SalesProgress, SimpleRule, TooFewLaunches
from frontrow.launch.calibration.parameters import CalibrationInTheLarge
from frontrow.service.audience import AudienceResult, AudienceSettings, rank_audience
from frontrow.service.forgetting import forget_customer
from frontrow.service.opening import RunSettings
from frontrow.service.saved_audience import read_saved_audience, save_audience
from frontrow.synthetic import SyntheticShop

GARDEN = SyntheticShop(customers=200, seed=5, lines_a_year=8.0, days=500)
PROGRESS = {days: SalesProgress(days / 30, 2.5, -0.1 * (days + 1), 1 / (3 + days)) for days in range(30)}
CALIBRATION = Calibration(9, 1.0000000000000002, CalibrationInTheLarge(20.1, 0.1 + 0.2, 0.5), PROGRESS)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("saved") / "garden"
    GARDEN.write(folder)
    GARDEN.write_upcoming(folder.parent / "new.csv")
    return folder


@pytest.fixture(scope="module")
def ranked(shop: Path) -> AudienceResult:
    return rank_audience(shop, AudienceSettings(shop.parent / "new.csv", model="order_lines"), RunSettings())


def test_everything_is_read_back_exactly(shop: Path, ranked: AudienceResult, tmp_path: Path) -> None:
    run = RunSettings(as_of=dt.datetime(2026, 3, 1, 12, 30), horizon_days=21, active_days=200, seed=3)
    save_audience(ranked, tmp_path, run)
    saved = read_saved_audience(tmp_path, shop)
    for name in ("rows", "sales_so_far", "sold"):
        assert_frame_equal(getattr(saved.audience, name), getattr(ranked.audience, name), check_exact=True)
    assert_frame_equal(saved.products, ranked.products, check_exact=True)
    assert_frame_equal(saved.similar_launches, ranked.similar_launches, check_exact=True)
    assert saved.audience.customers == ranked.audience.customers
    assert saved.audience.undiscriminating == ranked.audience.undiscriminating
    assert (saved.shop, saved.model, saved.run, saved.findings) == ("garden", "order_lines", run, ranked.findings)
    assert saved.as_of == ranked.shop.history.cutoff
    assert str(saved.as_of.tzinfo) == ranked.shop.history.settings.time_zone
    assert (saved.horizon_days, saved.launches) == (ranked.model.settings.horizon_days, ranked.model.launches)


@pytest.mark.parametrize("calibration", [CALIBRATION, TooFewLaunches(3, 9), SimpleRule("most recent"), None])
def test_each_calibration_says_the_same_again(
    ranked: AudienceResult, tmp_path: Path, calibration: Calibration | TooFewLaunches | SimpleRule | None
) -> None:
    rows = ranked.audience.rows.with_columns(probability=1 / (pl.col("rank") + 2))
    audience = replace(ranked.audience, rows=rows, calibration=calibration)
    save_audience(replace(ranked, audience=audience), tmp_path)
    again = read_saved_audience(tmp_path).audience
    assert again.calibration == calibration
    assert again.message == audience.message
    assert_frame_equal(again.expected_buyers(), audience.expected_buyers(), check_exact=True)
    assert_frame_equal(again.top(5), audience.top(5), check_exact=True)


def test_no_id_of_another_system_is_on_the_disk(ranked: AudienceResult, tmp_path: Path) -> None:
    save_audience(ranked, tmp_path)
    assert read_saved_audience(tmp_path).audience.rows["source_id"].null_count() == ranked.audience.rows.height
    for file in tmp_path.glob("*.parquet"):
        assert "source_id" not in pl.read_parquet(file).columns


def test_whoever_was_forgotten_since_is_left_out(ranked: AudienceResult, shop: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(shop, tmp_path / "garden"))
    save_audience(ranked, tmp_path / "saved")
    person, source_id = ranked.audience.rows.select("customer_id", "source_id").row(0)
    forget_customer(copy, source_id)
    rows = read_saved_audience(tmp_path / "saved", copy).audience.rows
    assert person not in rows["customer_id"]
    assert rows["customer_id"].n_unique() == ranked.audience.rows["customer_id"].n_unique() - 1


def test_a_damaged_audience_is_an_error(ranked: AudienceResult, tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match="holds no saved model"):
        read_saved_audience(tmp_path)
    save_audience(ranked, tmp_path)
    (tmp_path / "rows.parquet").write_bytes(b"PAR1")
    with pytest.raises(ArtifactError, match="was changed after it was saved"):
        read_saved_audience(tmp_path)
