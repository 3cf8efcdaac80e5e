"""Reasons for the selected rows of an audience and for no others."""

import polars as pl
import pytest

from frontrow.launch.audience.audience import score_audience
from frontrow.launch.audience.reasons import add_reasons, reasons_for
from frontrow.launch.launch_files import NEW_PRODUCT_SCHEMA
from frontrow.launch.life_cycle import LAUNCH, compute_life_cycles
from frontrow.launch.model.calibrated_model import fit_calibrated
from frontrow.schema import conform
from frontrow.synthetic import SyntheticShop

GARDEN = SyntheticShop(customers=500, seed=5, lines_a_year=8.0, days=500)


@pytest.fixture(scope="module")
def scored_launches():
    history = GARDEN.shop().as_of()
    new_products = conform(GARDEN.upcoming(), NEW_PRODUCT_SCHEMA).with_columns(
        launch_day=pl.lit(history.cutoff_day, pl.Int32)
    )[:2]
    model = fit_calibrated(history)
    return history, new_products, model, score_audience(history, new_products, model)


def test_the_given_rows_have_reasons_and_nothing_else_changes(scored_launches):
    history, new_products, model, audience = scored_launches
    with_reasons = add_reasons(audience, history, new_products, model, audience.top(5))
    assert with_reasons.rows.drop("reasons").equals(audience.rows)
    assert with_reasons.rows.filter(pl.col("reasons").is_not_null())["rank"].to_list() == [1, 2, 3, 4, 5] * 2
    expected = reasons_for(history, new_products, model, audience.top(5))
    assert with_reasons.top(5)["reasons"].to_list() == expected["reasons"].to_list()
    again = add_reasons(with_reasons, history, new_products, model, audience.top(1))
    assert again.rows["reasons"].is_not_null().sum() == 2


def test_in_a_csv_file_reasons_are_in_one_cell(scored_launches, tmp_path):
    history, new_products, model, audience = scored_launches
    with_reasons = add_reasons(audience, history, new_products, model, audience.top(2))
    for name in ("audience.csv", "audience.parquet"):
        with_reasons.write(tmp_path / name)
    assert pl.read_parquet(tmp_path / "audience.parquet").equals(with_reasons.rows)
    cell = pl.read_csv(tmp_path / "audience.csv")["reasons"][0]
    assert cell == "; ".join(with_reasons.rows["reasons"][0])


def test_without_rows_the_column_of_reasons_is_empty(scored_launches):
    history, new_products, model, audience = scored_launches
    with_reasons = add_reasons(audience, history, new_products, model, audience.top(0))
    assert with_reasons.rows["reasons"].dtype == pl.List(pl.String)
    assert with_reasons.rows["reasons"].null_count() == with_reasons.rows.height


def test_reasons_for_a_product_on_sale_are_those_of_its_launch_midnight(scored_launches):
    history, _, _, _ = scored_launches
    cycles = compute_life_cycles(history).filter(
        (pl.col("verdict") == LAUNCH) & (pl.col("launch_day") < history.cutoff_day - 60)
    )
    product = cycles.sort("buyers_in_horizon").row(-1, named=True)
    launch_history = history.as_of(product["launch_day"])
    later = history.as_of(product["launch_day"] + 7)
    new_products = conform(pl.DataFrame([product]), NEW_PRODUCT_SCHEMA)
    model = fit_calibrated(launch_history)
    audience = score_audience(later, new_products, model, sales_so_far=True)
    with_reasons = add_reasons(audience, later, new_products, model, audience.top(4)).top(4)
    assert (
        with_reasons["reasons"].to_list()
        == reasons_for(launch_history, new_products, model, audience.top(4))["reasons"].to_list()
    )
