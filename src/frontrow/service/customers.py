"""Say of each customer how likely, how often and when they order, and of which RFM group they are."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl

from frontrow.orders.backtest import OrderBacktest, YearTest, backtest_orders
from frontrow.orders.group_summary import summarize_groups
from frontrow.orders.order_model import OrderModel
from frontrow.orders.settings import OrderSettings
from frontrow.present.section import Section, Sentence
from frontrow.present.sections.customers import build_backtest_section, build_sections
from frontrow.present.wording import date
from frontrow.progress import Progress, no_progress
from frontrow.service.opening import OpenedShop, RunSettings, open_shop
from frontrow.storage.table_output import TableFile


@dataclass(frozen=True)
class CustomersResult:
    """What is expected of every customer with an order so far.

    Attributes:
        table: `order_model.CUSTOMER_FORECAST_SCHEMA`, the likeliest to order first.
        groups: What `summarize_groups` returns.
        model: What it was made with.
        shop: The shop as this run sees it.
        output: Where the table was written; None for nowhere.
        backtest: How well past orders were foreseen; None where that was not asked for.
    """

    table: pl.DataFrame
    groups: pl.DataFrame
    model: OrderModel
    shop: OpenedShop
    output: TableFile | None = None
    backtest: OrderBacktest | None = None

    @property
    def notices(self) -> tuple[str, ...]:
        """Sentences about what this run does differently from what was asked or stated."""
        return self.shop.notices

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON; no customer."""
        expected = float(self.table["chance_to_order"].sum())
        low, high = self.model.interval(expected, self.table.height)
        return {
            "as_of": str(self.shop.history.cutoff),
            "horizon_days": self.model.settings.horizon_days,
            "windows_learned_from": self.model.chance.windows,
            "customers": self.table.height,
            "expected_customers": expected,
            "expected_customers_low": low,
            "expected_customers_high": high,
            "groups": self.groups.to_dicts(),
            "backtest": None if self.backtest is None else describe_backtest(self.backtest),
            "notices": list(self.notices),
            "output": None if self.output is None else str(self.output.path),
        }

    def sections(self) -> list[Section]:
        """The groups, what to do with them, and how far the figures can be believed."""
        history = self.shop.history
        sections = build_sections(self.table, self.groups, self.model, history.cutoff, history.settings.currency)
        if self.backtest is not None:
            sections.append(build_backtest_section(self.backtest, history.settings.currency))
        if self.output is None:
            return sections
        sentence = f"Every customer, with the ids to import these figures as profile properties: {self.output.path}"
        return [*sections, Section("output", "", (Sentence(sentence),))]


def describe_backtest(backtest: OrderBacktest) -> dict[str, Any]:
    """Plain values of a back-test for JSON."""
    return {
        "horizon_days": backtest.horizon_days,
        # without a customer who ordered, or one who did not, there is no AUC: null, because JSON has no NaN
        "pooled": backtest.pooled.fill_nan(None).to_dicts(),
        "cutoffs": backtest.scores.fill_nan(None)
        .with_columns(
            cutoff=pl.col("cutoff_day").cast(pl.Date).cast(pl.String),
        )
        .drop("cutoff_day")
        .to_dicts(),
        "year": None if backtest.year is None else _describe_year(backtest.year),
    }


def _describe_year(year: YearTest) -> dict[str, Any]:
    values = {"cutoff": date(year.cutoff_day), **asdict(year)}
    # JSON has no NaN: a share of intervals that are not there is null
    return {
        name: None if isinstance(value, float) and math.isnan(value) else value
        for name, value in values.items()
        if name != "cutoff_day"
    }


def forecast_customers(
    folder: Path,
    run: RunSettings,
    *,
    output: TableFile | None = None,
    backtest: bool = False,
    progress: Progress = no_progress,
) -> CustomersResult:
    """Forecast the orders of every customer of a shop, and write them where that is asked for.

    Args:
        folder: The shop's folder.
        run: What this run decides.
        output: Where every customer is written; None for nowhere.
        backtest: Test the forecast at past cutoffs too.
        progress: Called with (done, total) steps.

    Raises:
        SettingError: The history is too short to test the forecast on it.
        ShopError: The folder holds no shop, or no customer has an order before the cutoff.
    """
    shop = open_shop(folder, run)
    settings = replace(OrderSettings(), horizon_days=shop.settings.horizon_days)
    progress(0, 1)
    model = OrderModel.fit(shop.history, settings, seed=shop.seed)
    table = model.forecast(shop.history.customers.select("customer_id", "source_id").collect())
    progress(1, 1)
    tested = backtest_orders(shop.history, settings, seed=shop.seed, progress=progress) if backtest else None
    if output is not None:
        output.write(table)
    return CustomersResult(table, summarize_groups(table, model), model, shop, output, tested)
