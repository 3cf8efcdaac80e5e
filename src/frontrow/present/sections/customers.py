"""Who will order: what to do with it first, then the RFM groups, then why to believe it."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any, Final

import polars as pl

from frontrow.orders.backtest import BG_NBD, MODELS, ORDER_MODEL, RECENCY, OrderBacktest, YearTest
from frontrow.orders.order_model import OrderModel
from frontrow.orders.rfm import GROUPS
from frontrow.present.section import Block, Section, Sentence, Table
from frontrow.present.wording import buyers_between, count, counted, date, decimal, money, percent

WORTH_WRITING_TO: Final = ("loyal", "need attention", "at risk", "cannot lose them")
"""Groups that have ordered often: where they are overdue, a message may bring them back."""

LIKELIEST_SHARE: Final = 0.2
"""The part of the list that is compared with all of it."""

NO_WINDOWS: Final = (
    "The history is too short to learn from past windows: the chances are those of BG/NBD, a model of four numbers. "
    "Treat them as a first guess."
)

HEADINGS: Final = (
    "RFM group",
    "what they have in common",
    "customers",
    "will order",
    "80 % interval",
    "overdue",
    "orders in 365 days",
    "spend in 365 days",
)

NAMES: Final = {ORDER_MODEL: ORDER_MODEL, BG_NBD: BG_NBD, RECENCY: "days since the last order alone"}


def build_sections(
    table: pl.DataFrame, groups: pl.DataFrame, model: OrderModel, cutoff: dt.datetime, currency: str
) -> list[Section]:
    """What to do, the groups, and what they were learned from.

    Args:
        table: The forecast, one row a customer, the likeliest first.
        groups: What `summarize_groups` returns.
        model: What made it.
        cutoff: When it was made.
        currency: The shop's.
    """
    blocks: list[Block] = [*_advise(table, groups, model, cutoff), _build_table(groups, currency), *_explain(model)]
    return [Section("customers", "", tuple(blocks))]


def build_backtest_section(backtest: OrderBacktest, currency: str) -> Section:
    """The models beside each other at past cutoffs, and the forecast of the last year.

    Args:
        backtest: What was measured.
        currency: The shop's.
    """
    blocks: list[Block] = [_judge(backtest), _build_pooled_table(backtest), _build_cutoff_table(backtest)]
    if backtest.year is not None:
        blocks.append(_judge_year(backtest.year, currency))
    return Section("customers-backtest", "Tested on the past", tuple(blocks))


def _advise(table: pl.DataFrame, groups: pl.DataFrame, model: OrderModel, cutoff: dt.datetime) -> list[Sentence]:
    days, expected = model.settings.horizon_days, float(table["chance_to_order"].sum())
    low, high = model.interval(expected, table.height)
    likeliest = float(table.head(math.ceil(LIKELIEST_SHARE * table.height))["chance_to_order"].sum())
    sentences = [
        Sentence(
            f"About {count(round(expected))} of {counted(table.height, 'customer', 'customers')} will order within "
            f"{counted(days, 'day', 'days')} of {cutoff.date()} (80 % interval: {buyers_between(low, high)})."
        )
    ]
    if round(expected):
        sentences.append(
            Sentence(
                f"The likeliest fifth of them make {percent(likeliest / expected)} of that number. They need no "
                "reminder; show them what is new."
            )
        )
    overdue = int(groups.filter(pl.col("rfm_group").is_in(WORTH_WRITING_TO))["overdue_customers"].sum())
    if overdue:
        sentences.append(
            Sentence(
                f"{counted(overdue, 'customer has', 'customers have')} ordered often and should have ordered again by "
                f"now ({', '.join(WORTH_WRITING_TO)}). Write to them first."
            )
        )
    return sentences


def _build_table(groups: pl.DataFrame, currency: str) -> Table:
    rows = [
        (
            row["rfm_group"],
            GROUPS[row["rfm_group"]],
            count(row["customers"]),
            count(row["expected_customers"]),
            buyers_between(row["expected_customers_low"], row["expected_customers_high"]),
            count(row["overdue_customers"]),
            count(row["expected_orders_365d"]),
            money(row["expected_spend_365d"], currency),
        )
        for row in groups.iter_rows(named=True)
    ]
    return Table("What is expected of each group", HEADINGS, rows, numeric=HEADINGS[2:])


def _explain(model: OrderModel) -> list[Sentence]:
    windows, year = model.chance.windows, model.year
    sentences = []
    if not windows:
        sentences.append(Sentence(NO_WINDOWS, "note"))
    else:
        sentences.append(
            Sentence(
                f"Learned from {counted(windows, 'past window', 'past windows')} of "
                f"{counted(model.settings.horizon_days, 'day', 'days')}, each seen from its own first day. --backtest "
                "shows how such figures did."
            )
        )
        if not model.chance.level.has_season:
            sentences.append(
                Sentence(
                    "The history does not reach back to the same weeks of last year: a season that is about to begin "
                    "or to end is not in these numbers.",
                    "note",
                )
            )
    if not year.length_days:
        sentences.append(
            Sentence("Orders and spend in 365 days go far beyond this history; they have no intervals.", "note")
        )
    return sentences


def _judge(backtest: OrderBacktest) -> Sentence:
    pooled = {row["model"]: row for row in backtest.pooled.iter_rows(named=True)}
    ours, others = pooled[ORDER_MODEL], [pooled[BG_NBD], pooled[RECENCY]]
    is_best = all(ours["auc"] > row["auc"] and ours["log_loss"] < row["log_loss"] for row in others)
    cutoffs = backtest.scores["cutoff_day"].n_unique()
    verdict = "better than both simpler models" if is_best else "no better than a simpler model"
    return Sentence(
        f"At {counted(cutoffs, 'past cutoff', 'past cutoffs')}, {count(round(ours['predicted']))} customers were "
        f"expected to order within {counted(backtest.horizon_days, 'day', 'days')}, and {count(ours['ordered'])} did "
        f"({decimal(_ratio(ours), 2)} times). The chances were {verdict}.",
        "good" if is_best else "open",
    )


def _build_pooled_table(backtest: OrderBacktest) -> Table:
    columns = ("AUC", "log loss", "expected", "ordered", "expected over ordered")
    rows = [
        (
            NAMES[row["model"]],
            decimal(row["auc"], 3),
            decimal(row["log_loss"], 4),
            count(round(row["predicted"])),
            count(row["ordered"]),
            decimal(_ratio(row), 2),
        )
        for row in backtest.pooled.iter_rows(named=True)
    ]
    title = "All cutoffs together; a higher AUC and a lower log loss are better"
    return Table(title, ("model", *columns), rows, numeric=columns, highlighted=(0,))


def _build_cutoff_table(backtest: OrderBacktest) -> Table:
    metrics = tuple(f"{metric}, {model}" for metric in ("AUC", "log loss") for model in MODELS)
    columns = ("customers", "ordered", "expected", *metrics)
    rows = []
    for (day,), at in backtest.scores.group_by("cutoff_day", maintain_order=True):
        by_model = {row["model"]: row for row in at.iter_rows(named=True)}
        ours = by_model[ORDER_MODEL]
        rows.append(
            (
                date(int(str(day))),
                count(ours["customers"]),
                count(ours["ordered"]),
                count(round(ours["predicted"])),
                *(decimal(by_model[model]["auc"], 3) for model in MODELS),
                *(decimal(by_model[model]["log_loss"], 4) for model in MODELS),
            )
        )
    return Table("Each cutoff", ("as of", *columns), rows, numeric=columns)


def _judge_year(year: YearTest, currency: str) -> Sentence:
    text = (
        f"Of the year from {date(year.cutoff_day)} on, {count(round(year.expected_orders))} orders were expected of "
        f"{counted(year.customers, 'customer', 'customers')}, and {count(year.orders)} came; "
        f"{money(year.expected_spend, currency)} was expected, and {money(year.spend, currency)} came."
    )
    if math.isfinite(year.order_coverage):
        text += (
            f" The 80 % intervals held {percent(year.order_coverage)} of the customers' orders and "
            f"{percent(year.spend_coverage)} of their spend."
        )
    return Sentence(text)


def _ratio(row: dict[str, Any]) -> float | None:
    return row["predicted"] / row["ordered"] if row["ordered"] else None
