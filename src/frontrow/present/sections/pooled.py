"""Several campaigns measured together: each of them, all of them, and what that means."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from frontrow.campaign.uplift import pooled_verdict as verdict
from frontrow.campaign.uplift.measurement import Measurement
from frontrow.campaign.uplift.pooled_campaigns import PooledCampaigns, PooledOutcome
from frontrow.campaign.uplift.verdict import format_bounds, format_points
from frontrow.present.charts.forest import draw_forest
from frontrow.present.section import Block, Cell, Row, Section, Sentence, Table
from frontrow.present.sections.measurement import DRAWINGS, OUTCOMES
from frontrow.present.wording import ABSENT, count, decimal, instant, minus, percent

TOO_FEW: Final = (
    "Fewer than two of the campaigns can be pooled: each needs two customers contacted, two held out, and a buyer."
)


def build_sections(measurements: Sequence[Measurement], pooled: PooledCampaigns) -> list[Section]:
    """Each campaign alone, all of them together, and the verdict.

    Args:
        measurements: Each campaign alone.
        pooled: All of them together.
    """
    blocks: list[Block] = [build_campaign_table(measurements, pooled)]
    if pooled.outcomes:
        blocks.append(build_pooled_table(pooled))
    return [
        Section("campaigns", "", tuple(blocks)),
        Section("verdict", "", tuple(describe_pooled(measurements, pooled))),
    ]


def describe_pooled(measurements: Sequence[Measurement], pooled: PooledCampaigns) -> list[Sentence]:
    """What the campaigns caused together, what the next may, and what is to be kept in mind.

    Args:
        measurements: Each campaign alone.
        pooled: All of them together.
    """
    conversion, margin = pooled.outcome_of("conversion"), pooled.outcome_of("margin")
    if conversion is None:
        return [Sentence(TOO_FEW, "open")]
    sentences = [
        Sentence(minus(verdict.describe_pooled_conversion(conversion)), "plain"),
        Sentence(minus(verdict.describe_next_campaign(conversion))),
        Sentence(minus(verdict.describe_differences(conversion))),
    ]
    if margin is not None:
        sentences.append(Sentence(minus(verdict.describe_money(margin, measurements[0].currency))))
    return [*sentences, *_describe_limits(measurements, pooled)]


def _describe_limits(measurements: Sequence[Measurement], pooled: PooledCampaigns) -> list[Sentence]:
    sentences = []
    if pooled.left_out:
        names = ", ".join(pooled.left_out)
        sentences.append(
            Sentence(f"Left out, because nobody bought or too few were compared: {names}. They say nothing.", "open")
        )
    open_names = [item.campaign for item in measurements if not all(product.closed for product in item.products)]
    if open_names:
        sentences.append(
            Sentence(f"Orders still count for {', '.join(open_names)}: these are the figures so far.", "open")
        )
    repeated = verdict.describe_repeated(pooled)
    return [*sentences, Sentence(repeated)] if repeated else sentences


def build_campaign_table(measurements: Sequence[Measurement], pooled: PooledCampaigns) -> Table:
    """One row a campaign, measured alone, with its weight among all of them.

    Args:
        measurements: Each campaign alone.
        pooled: All of them together.
    """
    conversion = pooled.outcome_of("conversion")
    weights = {}
    if conversion is not None:
        shares = conversion.pooled.fixed.weights
        weights = {effect.name: share for effect, share in zip(conversion.effects, shares, strict=True)}
    columns = (
        "Campaign",
        "Contacted",
        "Held out",
        "Contacted, bought",
        "Held out, bought",
        "Difference, points",
        "Weight",
    )
    rows = [_campaign_row(measurement, weights.get(measurement.campaign)) for measurement in measurements]
    return Table("Each campaign alone; 95 % intervals", columns, rows, columns[1:])


def _campaign_row(measurement: Measurement, weight: float | None) -> Row:
    conversion = measurement.overall_of("conversion")
    if conversion is None:
        return (measurement.campaign, *[ABSENT] * 6)
    difference = Cell(minus(format_points(conversion.difference)), minus(format_bounds(conversion.interval)))
    return (
        measurement.campaign,
        count(conversion.contacted),
        count(conversion.held_out),
        percent(conversion.contacted_mean, 2),
        percent(conversion.held_out_mean, 2),
        difference,
        percent(weight),
    )


def build_pooled_table(pooled: PooledCampaigns) -> Table:
    """One row an outcome: these campaigns, campaigns like these, and how much they differ.

    Args:
        pooled: All campaigns together.
    """
    columns = (
        "A customer contacted, on average",
        "These campaigns together",
        "Campaigns like these",
        "Differences beyond chance (I²)",
        "Over everyone contacted",
    )
    ordered = [outcome for name in OUTCOMES if (outcome := pooled.outcome_of(name)) is not None]
    rows = [_outcome_row(outcome) for outcome in ordered]
    return Table("All campaigns together, contacted less held-out; 95 % intervals", columns, rows, columns[1:])


def _outcome_row(outcome: PooledOutcome) -> Row:
    scale, digits = (100, 2) if outcome.outcome == "conversion" else (1, 3 if outcome.outcome == "units" else 2)
    fixed, random = outcome.pooled.fixed, outcome.pooled.random
    name = "bought it, points" if outcome.outcome == "conversion" else OUTCOMES[outcome.outcome]
    return (
        name,
        _cell(fixed.value, fixed.interval.low, fixed.interval.high, scale, digits),
        _cell(random.value, random.interval.low, random.interval.high, scale, digits),
        percent(outcome.pooled.i_squared),
        _cell(outcome.total.value, outcome.total.interval.low, outcome.total.interval.high, 1, 0),
    )


def _cell(value: float, low: float, high: float, scale: float, digits: int) -> Cell:
    texts = [minus(decimal(figure * scale, digits, signed=True)) for figure in (value, low, high)]
    return Cell(texts[0], f"{texts[1]} to {texts[2]}")


def page_values(measurements: Sequence[Measurement], pooled: PooledCampaigns, pool: str) -> dict[str, Any]:
    """What the page of several campaigns shows.

    Args:
        measurements: Each campaign alone.
        pooled: All of them together.
        pool: Name of their pool; empty for none.
    """
    conversion = pooled.outcome_of("conversion")
    sentences = describe_pooled(measurements, pooled)
    tone = "open"
    if conversion is not None and conversion.pooled.fixed.significant:
        tone = "better" if conversion.pooled.fixed.value > 0 else "worse"
    return {
        "pool": pool,
        "as_of": instant(measurements[0].as_of),
        "number": len(measurements),
        "verdict": sentences[0].text,
        "tone": tone,
        "sentences": sentences[1:],
        "forests": []
        if conversion is None
        else [(kind, draw_forest(conversion, name=f"forest-{kind}", width=width)) for kind, width in DRAWINGS],
        "each": build_campaign_table(measurements, pooled),
        "together": build_pooled_table(pooled) if pooled.outcomes else None,
    }
