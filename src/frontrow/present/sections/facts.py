"""What was asked and of whom: the facts every figure of the report rests on."""

from __future__ import annotations

from typing import Any, Final

import polars as pl

from frontrow.launch.audience.audience import Audience
from frontrow.launch.backtest.backtest import Backtest
from frontrow.launch.classify.classification import Classification
from frontrow.launch.classify.past_launches import PastClassification
from frontrow.launch.model.launch_model import LaunchModel
from frontrow.launch.settings import LaunchSettings
from frontrow.present.wording import count, date, instant, percent
from frontrow.shop.shop import History

CONSIDERED: Final = "Considered"
"""Names the fact that tells who is active at the cutoff."""


def settings_of(
    backtest: Backtest | None, model: LaunchModel | None, classification: Classification | PastClassification | None
) -> LaunchSettings:
    """The settings the figures were made with; the defaults where nothing tells."""
    if model is not None:
        return model.settings
    if backtest is not None:
        return backtest.settings
    return classification.launch_settings if classification is not None else LaunchSettings()


def facts(
    history: History, settings: LaunchSettings, audience: Audience | None, model: LaunchModel | None
) -> list[tuple[str, str]]:
    """Pairs of a term and what holds for it, as they are shown."""
    told = _counted(history, settings)
    considered = audience.customers if audience is not None else told["active"]
    found = [
        ("The question", f"Who buys a product within {count(settings.horizon_days)} days of its launch?"),
        (
            "As of",
            f"{instant(history.cutoff)}, {history.settings.time_zone}. Nothing ordered later was looked at.",
        ),
        (
            CONSIDERED,
            f"{count(considered)} active customers: those with an order in the {count(settings.active_days)} days "
            f"before. {count(told['customers'] - considered)} others ordered longer ago, or own the product, and are "
            "left out.",
        ),
        (
            "Never scored",
            f"Guests, who have no customer number. {percent(told['guests'])} of the order lines are theirs.",
        ),
        ("The history", _span(told)),
    ]
    if model is not None:
        found.append(("Learned from", _learned(model, history)))
    return found


def _span(told: dict[str, Any]) -> str:
    if told["lines"] == 0:
        return "No order line."
    return f"{date(told['first'])} to {date(told['last'])}, {count(told['lines'])} order lines."


def _learned(model: LaunchModel, history: History) -> str:
    learned = f"{count(model.launches)} past launches, with {count(model.buyers)} purchases by customers active then."
    return learned if model.cutoff == history.cutoff else f"{learned} All before {instant(model.cutoff)}."


def _counted(history: History, settings: LaunchSettings) -> dict[str, Any]:
    customer, recent = pl.col("customer_id"), pl.col("day") >= history.cutoff_day - settings.active_days
    table = history.lines.select(
        first=pl.col("day").min(),
        last=pl.col("day").max(),
        lines=pl.len(),
        guests=customer.null_count() / pl.len(),
        customers=customer.drop_nulls().n_unique(),
        active=customer.filter(recent).drop_nulls().n_unique(),
    )
    return table.collect().row(0, named=True)
