"""What lists of each length are expected to earn, and why the list ends where it ends."""

from __future__ import annotations

from typing import Any, Final

from frontrow.campaign.economics.economics import Economics
from frontrow.campaign.economics.offers import expected_profit, select_offers
from frontrow.campaign.economics.profit_curve import BEST, CHOSEN, EVERYONE, RANDOM, TOP_TENTH, ProfitCurve
from frontrow.campaign.plan import CampaignPlan
from frontrow.launch.audience.audience import Audience
from frontrow.present.charts.campaigns import draw_profit
from frontrow.present.section import Cell, Sentence, Table
from frontrow.present.sections.facts import describe_incremental_share
from frontrow.present.sections.launches import DRAWINGS
from frontrow.present.wording import count, decimal, money, percent

NAMES: Final = {
    CHOSEN: "The list chosen",
    BEST: "The best length",
    RANDOM: "As many, drawn by chance",
    TOP_TENTH: "The first 10\u202f%",
    EVERYONE: "Everyone",
}


CHOSEN_BEST: Final = "The list chosen, the best length"


def page_values(
    plan: CampaignPlan | None, audience: Audience | None, economics: Economics | None, currency: str
) -> dict[str, Any] | None:
    """What a page shows of profit: the campaign's, or everyone's where only money was named.

    Args:
        plan: The campaign, if one was planned.
        audience: Everyone scored.
        economics: Margin and costs, where no campaign was planned.
        currency: The shop's.
    """
    if plan is not None:
        return _values_of_campaign(plan, currency)
    if audience is None or economics is None or audience.rows["probability"].null_count():
        return None
    curve = expected_profit(audience, economics)
    return _values_of_curve(curve, curve.best_length, currency, best=NAMES[BEST])


def build_profit_table(curve: ProfitCurve, length: int, currency: str = "", *, best: str = CHOSEN_BEST) -> Table:
    """Expected profit of some lists: the one chosen, one drawn by chance, everyone; the first row stands out.

    Args:
        curve: Expected profit by length.
        length: Length of the list chosen.
        currency: The shop's.
        best: Name of the best length, where it is the length chosen.
    """
    names = {**NAMES, BEST: best if length == curve.best_length else NAMES[BEST]}
    rows = [
        (
            names[row["list"]],
            count(row["chosen"]),
            count(row["expected_buyers"]),
            Cell(
                money(row["profit"], currency),
                "" if row["low"] is None else f"{money(row['low'])} to {money(row['high'])}",
            ),
        )
        for row in curve.summary(length).iter_rows(named=True)
    ]
    share = curve.economics.incremental_share
    origin = "as a hold-out measured" if share.measured else "an assumption, until a hold-out has measured it"
    title = (
        f"Expected profit, if {percent(share.low)} to {percent(share.high)} of the buyers would not have bought "
        f"anyway: {origin}"
    )
    columns = ("List", "Customers", "Buyers expected", "Expected profit, least and most")
    return Table(title, columns, rows, columns[1:], highlighted=(0,))


def describe_profit_of_contacted(plan: CampaignPlan) -> list[Sentence]:
    """What contacting those who are contacted is expected to earn, where some of the list are held out."""
    counts, profit = plan.campaign.counts, plan.profit_of_contacted()
    if not counts["held_out"] or profit is None:
        return []
    return [
        Sentence(
            f"With {counts['held_out']:,} of the {counts['chosen']:,} held out, the {counts['contacted']:,} contacted "
            f"are expected to earn {profit['expected']:,.2f} [{profit['low']:,.2f}, {profit['high']:,.2f}]."
        )
    ]


def _values_of_campaign(plan: CampaignPlan, currency: str) -> dict[str, Any] | None:
    """None where neither money nor probabilities are known."""
    if plan.curve is not None:
        values = _values_of_curve(plan.curve, plan.campaign.list_length, currency)
        contacted = plan.curve.of_list(plan.campaign.contacted)
        return {**values, "contacted": [money(amount, currency) for amount in contacted]}
    offers, chosen = select_offers(plan.eligible.rows), plan.campaign.assignment
    if offers["probability"].null_count() or not offers.height:
        return None
    buyers, base_rate = float(chosen["probability"].sum()), float(offers["probability"].sum()) / offers.height
    return {"figures": _figures(chosen.height, buyers, base_rate), "chart": None, "table": None}


def _values_of_curve(curve: ProfitCurve, length: int, currency: str, *, best: str = CHOSEN_BEST) -> dict[str, Any]:
    first = curve.summary(length).row(0, named=True)
    charts = [
        (kind, draw_profit(curve, length, currency, name=f"profit-{kind}", width=width)) for kind, width in DRAWINGS
    ]
    return {
        "figures": _figures(length, first["expected_buyers"], first["base_rate"]),
        "chart": charts,
        "table": build_profit_table(curve, length, currency, best=best),
        "length": length,
        "profit": money(first["profit"], currency),
        "ends": (money(first["low"], currency), money(first["high"], currency)),
        "share": describe_incremental_share(curve.economics),
        "measured": curve.economics.incremental_share.measured,
        "limit": count(curve.max_length) if curve.max_length < curve.table.height - 1 else None,
        "stock": curve.economics.stock is not None or bool(curve.economics.stocks),
    }


def _figures(chosen: int, buyers: float, base_rate: float) -> list[tuple[str, str]]:
    """How many are chosen, how many of them buy, precision, base rate and lift."""
    precision = buyers / chosen if chosen else float("nan")
    lift = precision / base_rate if base_rate > 0 else float("nan")
    return [
        ("Customers chosen", count(chosen)),
        ("Expected to buy", count(buyers)),
        ("Precision", percent(precision, 1)),
        ("Base rate", percent(base_rate, 1)),
        ("Lift", f"{decimal(lift, 1)} times"),
    ]
