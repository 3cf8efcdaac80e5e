"""What lists of each length are expected to earn, and why the list ends where it ends."""

from __future__ import annotations

from typing import Any, Final

from frontrow.campaign.economics.economics import Economics
from frontrow.campaign.economics.offers import expected_profit, select_offers
from frontrow.campaign.economics.profit_curve import BEST, CHOSEN, EVERYONE, RANDOM, TOP_TENTH, ProfitCurve
from frontrow.campaign.plan import CampaignPlan
from frontrow.launch.audience.audience import Audience
from frontrow.present.charts.profit import profit
from frontrow.present.sections.campaign_facts import share
from frontrow.present.wording import count, decimal, money, percent

NAMES: Final = {
    CHOSEN: "The list chosen",
    BEST: "The best length",
    RANDOM: "As many, drawn by chance",
    TOP_TENTH: "The first 10\u202f%",
    EVERYONE: "Everyone",
}

DRAWINGS: Final = (("wide", 940), ("narrow", 400))
"""Two drawings: one chart cannot be read both across a desk and on a telephone."""


def of_campaign(planned: CampaignPlan, currency: str) -> dict[str, Any] | None:
    """What the template `profit.html` shows of a campaign; None where neither money nor probabilities are known."""
    if planned.curve is not None:
        whole = _section(planned.curve, planned.campaign.list_length, currency, best="The list chosen, the best length")
        return {
            **whole,
            "contacted": [money(one, currency) for one in planned.curve.of_list(planned.campaign.contacted)],
        }
    offers, chosen = select_offers(planned.eligible.rows), planned.campaign.assignment
    if offers["probability"].null_count() or not offers.height:
        return None
    told = float(chosen["probability"].sum()), float(offers["probability"].sum()) / offers.height
    return {"figures": _figures(chosen.height, *told), "chart": None, "rows": []}


def of_audience(audience: Audience, economics: Economics, currency: str) -> dict[str, Any] | None:
    """The same of everyone scored, before any campaign; None where there are no probabilities."""
    if audience.rows["probability"].null_count():
        return None
    curve = expected_profit(audience, economics)
    return _section(curve, curve.best_length, currency, best=NAMES[BEST])


def _section(curve: ProfitCurve, length: int, currency: str, *, best: str) -> dict[str, Any]:
    table = curve.summary(length)
    first = table.row(0, named=True)
    names = {**NAMES, BEST: best if length == curve.best_length else NAMES[BEST]}
    return {
        "figures": _figures(length, first["expected_buyers"], first["base_rate"]),
        "chart": [
            (kind, profit(curve, length, currency, name=f"profit-{kind}", width=wide)) for kind, wide in DRAWINGS
        ],
        "rows": [
            (names[row["list"]], *_row(row, currency), place == 0)
            for place, row in enumerate(table.iter_rows(named=True))
        ],
        "length": length,
        "profit": money(first["profit"], currency),
        "ends": (money(first["low"], currency), money(first["high"], currency)),
        "share": share(curve.economics),
        "measured": curve.economics.incremental_share.measured,
        "limit": count(curve.max_length) if curve.max_length < curve.table.height - 1 else None,
        "stock": curve.economics.stock is not None or bool(curve.economics.stocks),
    }


def _figures(chosen: int, buyers: float, base_rate: float) -> list[tuple[str, str]]:
    """The table of the first notebooks: how many are chosen, how many of them buy, precision, base rate."""
    precision = buyers / chosen if chosen else float("nan")
    lift = precision / base_rate if base_rate > 0 else float("nan")
    return [
        ("Customers chosen", count(chosen)),
        ("Expected to buy", count(buyers)),
        ("Precision", percent(precision, 1)),
        ("Base rate", percent(base_rate, 1)),
        ("Lift", f"{decimal(lift, 1)} times"),
    ]


def _row(row: dict[str, Any], currency: str) -> tuple[str, str, str, str]:
    ends = "" if row["low"] is None else f"{money(row['low'])} to {money(row['high'])}"
    return count(row["chosen"]), count(row["expected_buyers"]), money(row["profit"], currency), ends
