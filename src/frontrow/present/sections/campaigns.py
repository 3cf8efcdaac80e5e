"""All campaigns of a shop together: the list, whom two of them reached, and what all of them caused."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from shlex import quote
from typing import Any, Final

from frontrow.campaign.record.overlaps import Overlap
from frontrow.campaign.uplift.control_group import ControlGroupEffect, adjusted_uplift
from frontrow.campaign.uplift.intervals import Interval
from frontrow.campaign.uplift.measured_effects import Amount, MeasuredEffects
from frontrow.campaign.uplift.uplift import Uplift
from frontrow.present.campaign_survey import CampaignSurvey, SurveyedCampaign
from frontrow.present.charts.calendar import draw_calendar
from frontrow.present.section import Block, Cell, Row, Section, Sentence, Table, Tone
from frontrow.present.sections.measurement import DRAWINGS
from frontrow.present.wording import ABSENT, count, counted, decimal, long_date, minus, money, percent

NO_CAMPAIGN: Final = "No campaign was planned on this shop yet."
OUTCOMES: Final = {"revenue": "revenue", "orders": "orders", "ordered": "ordered at all, %"}


def build_sections(survey: CampaignSurvey) -> list[Section]:
    """What a person reads of all campaigns.

    Args:
        survey: All of them.
    """
    if not survey.campaigns:
        return [Section("campaigns", "", (Sentence(NO_CAMPAIGN),))]
    return [
        Section("campaigns", "", (build_campaign_table(survey), *_describe_pools(survey))),
        Section("overlaps", "Reached by two campaigns", tuple(describe_overlaps(survey))),
        Section("control_group", "What all campaigns together caused", tuple(describe_control_group(survey))),
    ]


def page_values(survey: CampaignSurvey) -> dict[str, Any]:
    """What the page of all campaigns shows.

    Args:
        survey: All of them.
    """
    sections = build_sections(survey)
    group = survey.control_group
    drawn_on = None if group is None else group.drawn_on
    drawings = [
        (kind, draw_calendar(survey.campaigns, survey.today, drawn_on=drawn_on, name=f"calendar-{kind}", width=width))
        for kind, width in DRAWINGS
    ]
    return {
        "shop": survey.shop,
        "today": survey.today.isoformat(),
        "answer": _describe_all(survey),
        "calendars": [(kind, drawing) for kind, drawing in drawings if drawing is not None],
        "list": build_campaign_table(survey),
        "sections": sections[1:],
    }


def _describe_all(survey: CampaignSurvey) -> Sentence:
    """How many campaigns there are, and what all of them together caused."""
    if not survey.campaigns:
        return Sentence(NO_CAMPAIGN, "open")
    sent = sum(campaign.recorded for campaign in survey.campaigns)
    measured = sum(campaign.state == "measured" for campaign in survey.campaigns)
    counts = f"{counted(len(survey.campaigns), 'campaign', 'campaigns')}, {sent} recorded as sent, {measured} measured."
    if survey.control_group is None:
        return Sentence(f"{counts} {survey.no_control_group}", "open")
    uplift = survey.control_group.uplift_of("revenue")
    return Sentence(f"{counts} {_describe_revenue(survey.control_group)}", _tone(uplift))


def build_campaign_table(survey: CampaignSurvey) -> Table:
    """One row a campaign, the latest planned first.

    Args:
        survey: All campaigns.
    """
    columns = ("Campaign", "State", "Sent", "Orders count until", "Contacted", "Held out", "Buyers more", "Earned")
    rows = [_campaign_row(campaign) for campaign in survey.campaigns]
    return Table("Campaigns, the latest first; 95 % intervals", columns, rows, columns[4:])


def _campaign_row(campaign: SurveyedCampaign) -> Row:
    effects = campaign.effects
    return (
        Cell(campaign.name, f"pool {campaign.pool}" if campaign.pool else ""),
        campaign.state,
        "not recorded" if campaign.contacted_on is None else str(campaign.contacted_on),
        ABSENT if campaign.until is None else str(campaign.until),
        count(campaign.contacted),
        count(campaign.held_out),
        Cell(ABSENT) if effects is None else describe_buyers(effects),
        Cell(ABSENT) if effects is None else describe_earned(effects),
    )


def describe_buyers(effects: MeasuredEffects) -> Cell:
    """How many more bought because of a campaign, with its interval.

    Args:
        effects: What its measurement says.
    """
    return _amount_cell(effects.buyers)


def count_pools(campaigns: Sequence[SurveyedCampaign]) -> dict[str, int]:
    """The campaigns of each pool that has several, by its name.

    Args:
        campaigns: All campaigns.
    """
    sizes = Counter(campaign.pool for campaign in campaigns if campaign.pool)
    return {pool: size for pool, size in sorted(sizes.items()) if size > 1}


def describe_earned(effects: MeasuredEffects) -> Cell:
    """What a campaign earned, with its interval.

    Args:
        effects: What its measurement says.
    """
    cell = _amount_cell(effects.earned, effects.currency)
    return (
        cell if effects.earned_as == "margin" or effects.earned is None else Cell(cell.text, f"revenue; {cell.small}")
    )


def _amount_cell(amount: Amount | None, currency: str = "") -> Cell:
    if amount is None:
        return Cell(ABSENT)
    unit = f"\u202f{currency}" if currency else ""
    ends = ["no bound" if end is None else minus(decimal(end, 0, signed=True)) for end in (amount.low, amount.high)]
    return Cell(minus(decimal(amount.value, 0, signed=True)) + unit, " to ".join(ends))


def _describe_pools(survey: CampaignSurvey) -> list[Sentence]:
    command = f"frontrow measure {quote(survey.folder)} --pool"
    return [
        Sentence(f"Measure the {size} campaigns of a pool together: `{command} {quote(pool)}`")
        for pool, size in count_pools(survey.campaigns).items()
    ]


def describe_overlaps(survey: CampaignSurvey) -> list[Block]:
    """Who was reached by two campaigns, and what that means for what they earned.

    Args:
        survey: All campaigns.
    """
    overlaps = survey.overlaps
    if not overlaps.pairs:
        return [Sentence("No customer was reached by two campaigns within the window of one of them.", "good")]
    blocks: list[Block] = []
    if overlaps.contacted_twice:
        customers = counted(overlaps.contacted_twice, "customer was", "customers were")
        blocks.append(
            Sentence(
                f"{customers} contacted by two campaigns within the window of the first. Each is compared with those "
                "held out of it, who could hear of the other campaign as well: the comparison stays right."
            )
        )
    if overlaps.held_out_then_contacted:
        customers = counted(overlaps.held_out_then_contacted, "customer was", "customers were")
        blocks.append(
            Sentence(f"{customers} held out of a campaign and contacted by another one within its window.", "open")
        )
    if overlaps.same_product:
        blocks.append(
            Sentence(
                f"**{count(overlaps.same_product)} of them heard of the very product they were held "
                "out of.** What the campaign caused is "
                "measured too small: they count as held out all the same.",
                "bad",
            )
        )
    elif overlaps.held_out_then_contacted:
        blocks.append(Sentence("None of them, as far as is known, heard of the product they were held out of.", "note"))
    return [*blocks, _build_overlap_table(survey)]


def _build_overlap_table(survey: CampaignSurvey) -> Table:
    columns = (
        "Within the window of",
        "Contacted by",
        "Contacted by both",
        "Held out, contacted",
        "For the same product",
    )
    rows = [_overlap_row(survey, pair) for pair in survey.overlaps.pairs]
    return Table("Customers", columns, rows, columns[2:])


def _overlap_row(survey: CampaignSurvey, pair: Overlap) -> Row:
    return (
        survey.name_of(pair.first),
        survey.name_of(pair.second),
        count(pair.contacted_by_both),
        count(pair.held_out_then_contacted),
        "not known" if pair.same_product is None else count(pair.same_product),
    )


def describe_control_group(survey: CampaignSurvey) -> list[Block]:
    """What all campaigns together caused, by the global control group.

    Args:
        survey: All campaigns.
    """
    effect = survey.control_group
    if effect is None:
        return [Sentence(survey.no_control_group, "open")]
    return [
        Sentence(_describe_revenue(effect), _tone(effect.uplift_of("revenue"))),
        _build_effect_table(effect),
        Sentence(
            f"Everyone is compared who had ordered within {counted(effect.active_days, 'day', 'days')} before the "
            "draw, whether a campaign reached them or not. The group was drawn by lot, so that chance and the "
            "campaigns are all that differs. Consent of today does not count: a campaign may have changed it.",
            "note",
        ),
    ]


def _describe_revenue(effect: ControlGroupEffect) -> str:
    uplift = effect.uplift_of("revenue")
    adjusted = adjusted_uplift(uplift)
    difference, interval = adjusted.difference, adjusted.interval
    total = money(difference * uplift.contacted, effect.currency)
    each = f"{decimal(abs(difference), 2)} {effect.currency}".strip()
    direction = "less" if difference < 0 else "more"
    ends = " to ".join(minus(decimal(end, 2, signed=True)) for end in (interval.low, interval.high))
    text = (
        f"Since {long_date(effect.drawn_on)} each customer outside the global control group brought {each} "
        f"{direction} revenue than one inside it, {ends} "
        f"({counted(uplift.held_out, 'customer', 'customers')} in the group, "
        f"{count(uplift.contacted)} others)."
    )
    if interval.contains(0.0):
        return f"{text} Whether the campaigns together earned anything cannot be said yet."
    return f"{text} Over all of the others that is {total}."


def _tone(uplift: Uplift) -> Tone:
    adjusted = adjusted_uplift(uplift)
    return "open" if adjusted.interval.contains(0.0) else "good" if adjusted.difference > 0 else "bad"


def _build_effect_table(effect: ControlGroupEffect) -> Table:
    columns = ("A customer, on average", "Others", "Control group", "Difference", "Less what they did before")
    rows = [_effect_row(uplift) for uplift in effect.uplifts]
    title = f"Since {long_date(effect.drawn_on)}; {percent(effect.share)} are in the group; 95 % intervals"
    return Table(title, columns, rows, columns[1:], highlighted=(0,))


def _effect_row(uplift: Uplift) -> Row:
    scale, digits = (100, 2) if uplift.outcome == "ordered" else (1, 3 if uplift.outcome == "orders" else 2)
    adjusted = adjusted_uplift(uplift)
    return (
        OUTCOMES[uplift.outcome],
        decimal(uplift.contacted_mean * scale, digits),
        decimal(uplift.held_out_mean * scale, digits),
        minus(decimal(uplift.difference * scale, digits, signed=True)),
        _difference_cell(adjusted.difference, adjusted.interval, scale, digits),
    )


def _difference_cell(difference: float, interval: Interval, scale: float, digits: int) -> Cell:
    ends = " to ".join(decimal(end * scale, digits, signed=True) for end in (interval.low, interval.high))
    return Cell(minus(decimal(difference * scale, digits, signed=True)), minus(ends))
