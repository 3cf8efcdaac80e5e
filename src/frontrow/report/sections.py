"""What each section of the page shows; None for one with nothing to say."""

from __future__ import annotations

from typing import Any, Final

from frontrow.campaign.economics.economics import Economics
from frontrow.campaign.plan import CampaignPlan
from frontrow.launch.audience.audience import Audience
from frontrow.launch.backtest.backtest import Backtest
from frontrow.launch.backtest.scores import LAUNCH_MODEL
from frontrow.launch.life_cycle import RELISTING, SEASONAL_RETURN, compute_life_cycles
from frontrow.launch.settings import LaunchSettings
from frontrow.present.charts import launch_charts as charts
from frontrow.present.sections import answer, evidence, expected, held_out, profit, timeline
from frontrow.present.sections.considered import considered
from frontrow.shop.shop import History

CHANNELS: Final = {"email": "e-mail", "sms": "text message"}


def answers_section(audience: Audience | None, history: History) -> dict[str, Any] | None:
    """Who is expected to buy each product."""
    if audience is None:
        return None
    products = answer.answers(audience)
    return {
        "products": products,
        "unshown": audience.rows["product_id"].n_unique() - len(products),
        "columns": answer.columns(history.settings.currency),
        "message": audience.message,
        "charts": [
            charts.reach(product, name=f"reach{place}") if product.curve else None
            for place, product in enumerate(products)
        ],
    }


def campaign_sections(planned: CampaignPlan | None, audience: Audience | None, currency: str) -> dict[str, Any]:
    """The campaign's name and size, who was considered, how many buy, who is held out."""
    if planned is None:
        return dict.fromkeys(("campaign", "considered", "expected", "held_out"))
    campaign, message = planned.campaign, None if audience is None else audience.message
    return {
        "campaign": {
            "name": campaign.name,
            "titles": [one["title"] for one in campaign.products],
            "channel": CHANNELS[campaign.channel],
            "contacted": campaign.counts["contacted"],
            "held_out": held_out.sentence(campaign),
            "kept_back": campaign.counts["held_out"],
            "buyers": expected.buyers(campaign),
            "horizon": campaign.horizon_days,
            "message": message,
        },
        "considered": considered(campaign),
        "expected": {
            "rows": expected.expected(campaign, audience),
            "scored": campaign.counts["considered"],
            "chosen_by": expected.chosen_by(planned),
            "sold_out_anyway": expected.sold_out_anyway(planned),
            "horizon": campaign.horizon_days,
            "message": message,
        },
        "held_out": held_out.held_out(planned, currency),
    }


def profit_section(
    planned: CampaignPlan | None, audience: Audience | None, economics: Economics | None, currency: str
) -> dict[str, Any] | None:
    """What lists of each length earn: the campaign's, or everyone's where only money was named."""
    if planned is not None:
        return profit.of_campaign(planned, currency)
    if audience is None or economics is None:
        return None
    return profit.of_audience(audience, economics, currency)


def evidence_section(backtest: Backtest | None) -> dict[str, Any] | None:
    """The back-test over past launches, beside the baselines."""
    if backtest is None:
        return None
    summary, launches = backtest.summary(), evidence.launches(backtest)
    forecast = backtest.forecasts.launches
    predicted, actual = backtest.buyers()
    lift = {row["metric"]: row["mean"] for row in summary.iter_rows(named=True) if row["model"] == LAUNCH_MODEL}
    return {
        "launch_model": LAUNCH_MODEL,
        "launches": backtest.launches,
        "settings": backtest.settings,
        "tested": backtest.backtest_settings,
        "predicted": predicted,
        "actual": actual,
        "ratio": evidence.buyers_ratio(backtest),
        "spread": evidence.spread(backtest),
        "gain": evidence.gain(backtest),
        "lift_1": lift["lift_1"],
        "columns": [name for name, _ in evidence.FORMS.values()],
        "measures": evidence.measures(summary),
        "precision_chart": charts.average_precision(summary),
        "unsold": forecast.filter(forecast["actual_buyers"] == 0).height,
        "buyers_chart": charts.predicted_against_actual(forecast) if forecast.height else None,
        "forecasts": backtest.forecasts.summary(),
        "launch_rows": evidence.launch_rows(launches),
        "unshown": max(0, launches.height - evidence.LATEST),
    }


def timeline_section(history: History, settings: LaunchSettings) -> dict[str, Any]:
    """The shop's launches in time."""
    cycles = compute_life_cycles(history, settings)
    table = timeline.first_sales(cycles)
    # Two drawings: one chart cannot be read both across a desk and on a telephone.
    drawn = [] if table.height == 0 else [("wide", 940), ("narrow", 400)]
    counts = timeline.verdict_counts(cycles)
    return {
        "counts": counts,
        "returned": counts[SEASONAL_RETURN] + counts[RELISTING],
        "settings": settings,
        "charts": [(kind, charts.first_sales(table, name=f"months-{kind}", width=width)) for kind, width in drawn],
    }
