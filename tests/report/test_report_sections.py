"""The sections for hand-made results."""

import datetime as dt
from dataclasses import replace

import polars as pl
import pytest

from frontrow.launch.audience.audience import Audience
from frontrow.launch.backtest.scores import LAUNCH_MODEL
from frontrow.launch.new_products.finding import Finding
from frontrow.launch.new_products.sold_products import SOLD_SCHEMA
from frontrow.present.report_content import ReportContent
from frontrow.present.sections import audience, backtest, launches, new_products
from frontrow.report.page import write_report
from frontrow.schema import conform


def audience_rows(probabilities: list[float], title: str = "Trowel") -> pl.DataFrame:
    count = len(probabilities)
    return pl.DataFrame(
        {
            "product_id": [f"new:{title}"] * count,
            "title": [title] * count,
            "rank": range(1, count + 1),
            "customer_id": range(70_001, 70_001 + count),
            "source_id": [f"{number}@example.com" for number in range(count)],
            "probability": probabilities,
            "days_since_last_order": [3] * count,
            "orders_365d": [1_234] * count,
            "spend_365d": [1_234.5] * count,
            "products_bought": [2] * count,
            "similar_lines": [0] * count,
            "days_since_similar": pl.Series([None] * count, dtype=pl.Int32),
        }
    )


def test_an_answer_counts_the_top_of_the_list():
    (answer,) = audience.build_answers(Audience(audience_rows([0.5] * 2 + [0.01] * 198), 200))
    assert answer.expected == pytest.approx(2.98)
    assert [(length, round(buyers, 2)) for _, length, buyers in answer.lists] == [(2, 1.0), (10, 1.08), (20, 1.18)]
    assert answer.curve[0] == (0.0, 0.0)
    assert answer.curve[-1] == pytest.approx((1.0, 1.0))
    assert answer.curve == sorted(answer.curve)
    assert answer.top[0] == ["1", "70001", "50.0\u202f%", "3", "1,234", "1,234.50", "2", "0", "–"]
    assert len(answer.top) == 10


def test_money_has_its_currency_where_one_is_known():
    scored = Audience(audience_rows([0.5]), 1)
    assert "Spent in 365 days (GBP)" in audience.page_values(scored, "GBP")["columns"]
    assert "Spent in 365 days" in audience.page_values(scored, "")["columns"]


def test_one_customer_of_probability_zero_gives_an_answer():
    (answer,) = audience.build_answers(Audience(audience_rows([0.0]), 1))
    assert answer.expected == 0.0
    assert [length for _, length, _ in answer.lists] == [1, 1, 1]


def test_the_answer_for_a_product_on_sale_is_about_the_days_left_and_that_of_an_old_one_says_so(inputs, tmp_path):
    rows = pl.concat([audience_rows([0.5] * 4, "Trowel"), audience_rows([0.5] * 4, "Hoe")])
    sold = pl.DataFrame(
        [
            {"product_id": f"new:{title}", "first_day": 20_000, "under_way": under_way, "title": title}
            for title, under_way in (("Trowel", True), ("Hoe", False))
        ]
    )
    sales = pl.DataFrame({"product_id": ["new:Trowel"], "days_on_sale": [9], "buyers_so_far": [7]})
    calibration = inputs.audience.calibration
    on_sale = Audience(rows, 4, calibration, sales, conform(sold, SOLD_SCHEMA))
    trowel, hoe = audience.build_answers(on_sale)
    assert (trowel.days_on_sale, trowel.buyers_so_far, trowel.on_sale_since) == (9, 7, None)
    assert (hoe.days_on_sale, hoe.on_sale_since) == (0, "2024-10-04")
    write_report(tmp_path / "page.html", ReportContent(inputs.history, model=inputs.model, audience=on_sale))
    page = " ".join((tmp_path / "page.html").read_text("utf-8").split())
    assert "has been on sale for 9 of 30 days, and 7 of its customers have bought it." in page
    assert "as if it were new: it has been on sale since 2024-10-04, and who has it is left out" in page


def test_products_past_the_bound_are_counted_only(inputs, tmp_path, monkeypatch):
    monkeypatch.setattr(audience, "MAX_PRODUCTS", 2)
    rows = pl.concat(audience_rows([0.5, 0.2], f"Product {number}") for number in range(5))
    write_report(tmp_path / "report.html", ReportContent(inputs.history, audience=Audience(rows, 2)))
    page = (tmp_path / "report.html").read_text("utf-8")
    assert "3 more products are in the audience file." in page
    assert "Who will buy the 5 new products?" in page
    assert page.count("<article>") == 2


def swapped(result, first: str, second: str):
    names = {first: second, second: first}
    return replace(result, values=result.values.with_columns(pl.col("model").replace(names)))


def test_a_model_that_loses_is_reported_as_such(inputs, tmp_path):
    is_kept = pl.col("metric").is_in(["log_loss", "predicted_buyers", "actual_buyers", "customers"])
    result = swapped(inputs.backtest, LAUNCH_MODEL, "random")
    result = replace(result, values=pl.concat([result.values.filter(~is_kept), inputs.backtest.values.filter(is_kept)]))
    assert backtest.compare_with_baseline(result).verdict == "worse"
    write_report(tmp_path / "report.html", ReportContent(inputs.history, backtest=result))
    page = (tmp_path / "report.html").read_text("utf-8")
    assert "The launch model does not beat the best simpler way" in page
    assert "not shown to be better" in page


def test_an_uncertain_difference_is_not_called_better():
    assert backtest.Gain("random", 1.2, 0.1, -0.1, 0.3).verdict == "open"
    assert backtest.Gain("random", 1.2, 0.1, 0.05, 0.3).verdict == "better"


def test_launches_are_listed_latest_first_and_limited(inputs, monkeypatch):
    table = backtest.list_launches(inputs.backtest)
    assert table.height == inputs.backtest.launches
    assert table["launch_date"].is_sorted(descending=True)
    forecasts = inputs.backtest.forecasts.launches.join(table, on="product_id", how="semi")
    assert table["actual_buyers"].sum() == forecasts["actual_buyers"].sum()
    launch_table = backtest.page_values(inputs.backtest)["launch_table"]
    assert len(launch_table.rows) == min(table.height, backtest.MAX_LAUNCHES)
    monkeypatch.setattr(backtest, "MAX_LAUNCHES", 2)
    launch_table = backtest.page_values(inputs.backtest)["launch_table"]
    assert len(launch_table.rows) == 2
    assert launch_table.title == f"The 2 latest launches tested; {table.height - 2} more count in the figures above"


def test_the_spread_of_the_ratio_needs_ten_launches(inputs):
    forecasts = inputs.backtest.forecasts
    assert backtest.measure_spread(inputs.backtest) is not None
    nine_launches = replace(forecasts, launches=forecasts.launches.head(9))
    assert backtest.measure_spread(replace(inputs.backtest, forecasts=nine_launches)) is None


def cycles(days: list[dt.date], verdicts: list[str]) -> pl.DataFrame:
    return pl.DataFrame({"launch_day": days, "verdict": verdicts}).with_columns(pl.col("launch_day").cast(pl.Int32))


def test_empty_months_show_and_the_first_catalogue_does_not():
    table = launches.count_first_sales(
        cycles(
            [dt.date(2024, 1, 2), dt.date(2024, 11, 30), dt.date(2025, 2, 1), dt.date(2025, 2, 9)],
            ["catalogue start", "launch", "launch", "too few buyers"],
        )
    )
    launched = table.filter(pl.col("verdict") == "launch").select("period", "products").rows()
    assert launched == [("2024-11", 1), ("2024-12", 0), ("2025-01", 0), ("2025-02", 1)]
    assert table["products"].sum() == 3


def test_a_long_history_is_counted_by_year():
    table = launches.count_first_sales(cycles([dt.date(2015, 5, 1), dt.date(2025, 2, 1)], ["launch", "launch"]))
    assert table["period"].unique(maintain_order=True).to_list() == [str(year) for year in range(2015, 2026)]


def test_missing_verdicts_count_zero():
    counts = launches.count_verdicts(cycles([dt.date(2025, 1, 1)], ["launch"]))
    assert counts["launch"] == 1
    assert counts["relisting under another code"] == 0


def test_of_many_findings_the_first_are_shown_and_the_rest_counted():
    findings = [Finding("note", row, "tags", "new to the shop", "It says nothing.") for row in range(2, 22)]
    texts = new_products.describe_findings(findings, "folder/new.csv")
    assert texts[0] == 'new.csv, row 2, column "tags": new to the shop. It says nothing.'
    assert len(texts) == new_products.SHOWN + 1
    assert texts[-1] == f"new.csv: {20 - new_products.SHOWN} more findings are in the output of --json."
