"""The section about classifiers: it shows the computed metrics, for one launch and for all."""

import re
from dataclasses import replace

import polars as pl
import pytest
from test_report_page import parsed, visible_text

from frontrow.launch.backtest.backtest import BacktestSettings
from frontrow.launch.classify.classification import Classification
from frontrow.launch.classify.classify import classify
from frontrow.launch.classify.cohort import BOTH_PERIODS
from frontrow.launch.classify.past_launches import PastClassification, classify_past
from frontrow.launch.life_cycle import LAUNCH, compute_life_cycles
from frontrow.models.embeddings.svd import Embedder
from frontrow.present.report_content import ReportContent
from frontrow.present.section import Cell
from frontrow.present.sections import classification as classified
from frontrow.report.page import write_report


@pytest.fixture(scope="module")
def classification(inputs) -> Classification:
    cycles = compute_life_cycles(inputs.history).filter(pl.col("verdict") == LAUNCH).sort("buyers_in_horizon")
    return classify(inputs.history, cycles["product_id"][-1], embedder=Embedder())


@pytest.fixture(scope="module")
def past_launches(inputs) -> PastClassification:
    tested = BacktestSettings(test_days=200, refit_days=100, min_buyers=8)
    return classify_past(inputs.history, backtest_settings=tested, embedder=Embedder())


def write_page(inputs, folder, result) -> str:
    write_report(folder / "page.html", ReportContent(inputs.history, classification=result))
    return (folder / "page.html").read_text("utf-8")


def test_a_launch_on_the_page(inputs, classification, tmp_path):
    page = write_page(inputs, tmp_path, classification)
    assert f"Who found the buyers of {classification.launch.title}?" in visible_text(page)
    assert parsed(page).met["table"] == 4
    assert page.count("<svg") == 1 + 2
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    launch_model = classification.models.row(0, named=True)
    assert f"<td>{launch_model['auc']:.3f}</td>" in page
    assert f"<td>{launch_model['precision']:.1%}".replace("%", "\u202f%") in page
    assert f"{classification.scores['bought'].sum():.0f} buyers)." in visible_text(page)
    assert not [
        customer for customer in inputs.history.customers.collect()["source_id"].drop_nulls() if customer in page
    ]


def test_all_launches_on_the_page(inputs, past_launches, tmp_path):
    page = write_page(inputs, tmp_path, past_launches)
    assert "Who found the buyers of past launches?" in visible_text(page)
    mean = past_launches.summary().filter(pl.col("metric") == "average_precision")["mean"][0]
    assert f"<td>{mean:.3f}<small>" in page
    assert f"{past_launches.launches} launches of the last 200 days" in visible_text(page)


def test_a_cohort_that_overstates_the_metrics_has_a_warning(inputs, classification, tmp_path):
    assert "These figures flatter" not in write_page(inputs, tmp_path, classification)
    flattering = replace(classification, settings=replace(classification.settings, cohort=BOTH_PERIODS))
    assert "These figures flatter" in write_page(inputs, tmp_path, flattering)


def test_tables_have_a_cell_a_column(classification, past_launches):
    for table in (*classified.build_tables(classification), *classified.build_tables(past_launches)):
        assert {len(row) for row in table.rows} == {len(table.columns)}


def test_a_first_sale_that_is_no_launch_is_reported(classification):
    assert len(classified.describe(classification)) == 2
    no_launch = replace(classification, launch=replace(classification.launch, verdict="catalogue start"))
    assert "does not count as a launch (catalogue start)" in classified.describe(no_launch)[-1]


def test_the_verdict_follows_the_interval(past_launches):
    verdict = classified.describe_verdict(past_launches)
    row = past_launches.against(past_launches.best_classifier()).row(
        by_predicate=pl.col("metric") == "average_precision", named=True
    )
    direction = "higher" if row["low"] > 0 else "lower" if row["high"] < 0 else "not shown to differ"
    assert f"({direction}: {row['difference']:+.4f}" in verdict


def test_launches_of_one_week_have_no_interval(past_launches):
    single = replace(
        past_launches, values=past_launches.values.filter(pl.col("product_id") == past_launches.values["product_id"][0])
    )
    assert "too few for an interval" in classified.describe_verdict(single)
    cells = [cell for table in classified.build_tables(single) for row in table.rows for cell in row]
    assert {cell.small for cell in cells if isinstance(cell, Cell)} == {""}
    assert classified.describe(single)[0].startswith("1 launch of the last")
