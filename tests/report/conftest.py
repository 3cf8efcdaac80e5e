"""One synthetic shop with everything a report is made from."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from frontrow.launch.audience.audience import Audience, score_audience
from frontrow.launch.backtest.backtest import Backtest, BacktestSettings, backtest
from frontrow.launch.launch_files import read_new_products
from frontrow.launch.model.launch_model import LaunchModel
from frontrow.present.report_content import ReportContent
from frontrow.report.page import write_report
from frontrow.shop.history import History
from frontrow.synthetic import SyntheticShop


@dataclass(frozen=True)
class ReportInputs:
    history: History
    model: LaunchModel
    audience: Audience
    backtest: Backtest


@pytest.fixture(scope="session")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> ReportInputs:
    garden = SyntheticShop(customers=900, lines_a_year=6.0, days=500)
    history, new_products = garden.shop().as_of(), tmp_path_factory.mktemp("new") / "new.csv"
    garden.write_upcoming(new_products)
    model = LaunchModel.fit(history)
    audience = score_audience(history, read_new_products(new_products, launch_day=history.cutoff_day).head(2), model)
    return ReportInputs(history, model, audience, backtest(history, backtest_settings=BacktestSettings(min_buyers=2)))


@pytest.fixture(scope="session")
def page(inputs: ReportInputs, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The whole report."""
    return write_page(inputs, tmp_path_factory.mktemp("page"), backtest=inputs.backtest, audience=inputs.audience)


def write_page(inputs: ReportInputs, folder: Path, **parts: object) -> str:
    write_report(folder / "report.html", ReportContent(inputs.history, model=inputs.model, **parts))  # type: ignore[arg-type]
    return (folder / "report.html").read_text("utf-8")
