"""Reasons beside the rows of an audience, those asked about and no others."""

import polars as pl
import pytest

from frontrow.launch.audience.audience import score_audience
from frontrow.launch.audience.reasons import add_reasons, reasons_for
from frontrow.launch.launch_files import NEW_PRODUCT_SCHEMA
from frontrow.launch.life_cycle import LAUNCH, compute_life_cycles
from frontrow.launch.model.calibrated_model import fit_calibrated
from frontrow.schema import conform
from frontrow.synthetic import SyntheticShop

GARDEN = SyntheticShop(customers=500, seed=5, lines_a_year=8.0)


@pytest.fixture(scope="module")
def asked():
    history = GARDEN.shop().as_of()
    new = conform(GARDEN.upcoming(), NEW_PRODUCT_SCHEMA).with_columns(launch_day=pl.lit(history.cutoff_day, pl.Int32))[
        :2
    ]
    model = fit_calibrated(history)
    return history, new, model, score_audience(history, new, model)


def test_the_rows_wanted_have_reasons_and_nothing_else_moves(asked):
    history, new, model, found = asked
    told = add_reasons(found, history, new, model, found.top(5))
    assert told.rows.drop("reasons").equals(found.rows)
    assert told.rows.filter(pl.col("reasons").is_not_null())["rank"].to_list() == [1, 2, 3, 4, 5] * 2
    expected = reasons_for(history, new, model, found.top(5))
    assert told.top(5)["reasons"].to_list() == expected["reasons"].to_list()
    again = add_reasons(told, history, new, model, found.top(1))
    assert again.rows["reasons"].is_not_null().sum() == 2


def test_in_a_csv_file_they_stand_in_one_cell(asked, tmp_path):
    history, new, model, found = asked
    told = add_reasons(found, history, new, model, found.top(2))
    for name in ("audience.csv", "audience.parquet"):
        told.write(tmp_path / name)
    assert pl.read_parquet(tmp_path / "audience.parquet").equals(told.rows)
    cell = pl.read_csv(tmp_path / "audience.csv")["reasons"][0]
    assert cell == "; ".join(told.rows["reasons"][0])


def test_nobody_wanted_leaves_a_column_of_nothing(asked):
    history, new, model, found = asked
    told = add_reasons(found, history, new, model, found.top(0))
    assert told.rows["reasons"].dtype == pl.List(pl.String)
    assert told.rows["reasons"].null_count() == told.rows.height


def test_of_a_product_on_sale_they_are_those_of_its_midnight(asked):
    history, _, _, _ = asked
    cycles = compute_life_cycles(history).filter(
        (pl.col("verdict") == LAUNCH) & (pl.col("launch_day") < history.cutoff_day - 60)
    )
    product = cycles.sort("buyers_in_horizon").row(-1, named=True)
    then = history.as_of(product["launch_day"])
    later = history.as_of(product["launch_day"] + 7)
    new = conform(pl.DataFrame([product]), NEW_PRODUCT_SCHEMA)
    model = fit_calibrated(then)
    found = score_audience(later, new, model, sales_so_far=True)
    told = add_reasons(found, later, new, model, found.top(4)).top(4)
    assert told["reasons"].to_list() == reasons_for(then, new, model, found.top(4))["reasons"].to_list()
