"""Test the launch model on a shop's past launches."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from frontrow.errors import SettingError
from frontrow.launch.backtest.backtest import Backtest, BacktestSettings, backtest
from frontrow.present.report_content import ReportContent
from frontrow.present.section import Section
from frontrow.present.sections.backtest import build_sections
from frontrow.progress import Progress, no_progress
from frontrow.service.opening import OpenedShop, RunSettings, open_shop
from frontrow.storage.table_output import TableFile


@dataclass(frozen=True)
class BacktestResult:
    """What the launch model would have found at past launches.

    Attributes:
        backtest: Every metric of every launch and model.
        shop: The shop as this run sees it.
    """

    backtest: Backtest
    shop: OpenedShop

    @property
    def notices(self) -> tuple[str, ...]:
        """Sentences about what this run does differently from what was asked or stated."""
        return self.shop.notices

    @property
    def table(self) -> pl.DataFrame:
        """One row for each launch, model and metric."""
        return self.backtest.values

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return self.backtest.to_dict()

    def sections(self) -> list[Section]:
        """The models beside each other, and what the probabilities were worth."""
        return build_sections(self.backtest)

    def report(self) -> ReportContent:
        """What the report of a back-test shows."""
        return ReportContent(self.shop.history, backtest=self.backtest)


def run_backtest(
    folder: Path,
    settings: BacktestSettings,
    run: RunSettings,
    *,
    output: TableFile | None = None,
    progress: Progress = no_progress,
) -> BacktestResult:
    """Score each past launch as it stood the midnight before, by models fitted on earlier ones.

    Args:
        folder: The shop's folder.
        settings: Which launches are tested, and how.
        run: What this run decides.
        output: Where every metric is written; None for nowhere.
        progress: Called with (done, total) steps.

    Raises:
        LaunchError: There is no launch to test, or none before it to learn from.
        SettingError: Days of sales lie outside the horizon.
        ShopError: The folder holds no shop.
    """
    shop = open_shop(folder, run)
    if settings.sales_days and not 0 < settings.sales_days[0] <= settings.sales_days[-1] < shop.settings.horizon_days:
        raise SettingError("sales_days", f"Days must lie within the horizon of {shop.settings.horizon_days} days.")
    result = backtest(shop.history, shop.settings, settings, seed=shop.seed, progress=progress)
    if output is not None:
        output.write(result.values)
    return BacktestResult(result, shop)


def read_days(text: str) -> tuple[int, ...]:
    """Days of sales as a person types them, ascending.

    Raises:
        SettingError: The text holds something that is not a whole number.

    Example:
        >>> read_days("7, 1,3")
        (1, 3, 7)
    """
    try:
        return tuple(sorted({int(part) for part in text.split(",") if part.strip()}))
    except ValueError as error:
        raise SettingError("sales_days", f'"{text}" is not a list of days. Write 1,3,7, for example.') from error
