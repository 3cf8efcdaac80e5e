"""How many to contact: the proposed list in one sentence, who may not be contacted, and what a hold-out can show."""

from __future__ import annotations

from frontrow.campaign.economics.list_length import Origin
from frontrow.campaign.experiment.power_analysis import PowerAnalysis
from frontrow.campaign.plan import CampaignPlan
from frontrow.present.section import Block, Section, Sentence
from frontrow.present.sections.campaign import analyse_power, build_exclusion_table, describe_rules, sum_expected_buyers
from frontrow.present.sections.list_origin import describe_origin
from frontrow.present.sections.pool_advice import describe_pool, is_telling
from frontrow.present.wording import count, counted, money, percent


def build_sections(plan: CampaignPlan, origin: Origin, currency: str) -> list[Section]:
    """The proposed list, who may not be contacted and why, and the hold-out.

    Args:
        plan: What a campaign of this length would be.
        origin: Why it is as long as it is.
        currency: The shop's.
    """
    campaign = plan.campaign
    counts_buyers = sum_expected_buyers(campaign) is not None
    reason = describe_origin(origin, has_probabilities=counts_buyers)
    rules = [Sentence(sentence) for sentence in describe_rules(campaign.contact_rules)]
    return [
        Section("answer", "", (Sentence(describe_list(plan, currency)), Sentence(reason, "note"))),
        Section("eligible", "Who may be contacted, and who not", (build_exclusion_table(campaign), *rules)),
        Section("holdout", "What the hold-out can show", tuple(describe_holdout(plan))),
    ]


def describe_list(plan: CampaignPlan, currency: str) -> str:
    """How many are contacted and held out, who is expected to buy, and what that earns, in one sentence or two.

    Args:
        plan: What a campaign of this length would be.
        currency: The shop's.
    """
    counts, buyers, profit = plan.campaign.counts, sum_expected_buyers(plan.campaign), plan.profit_of_contacted()
    text = f"Contact **{counted(counts['contacted'], 'customer', 'customers')}**"
    if counts["held_out"]:
        text += f" and hold out {count(counts['held_out'])}"
    text += "." if buyers is None else f": about **{count(buyers)}** of those contacted are expected to buy."
    if profit is not None:
        ends = f"{money(profit['low'], currency)} and {money(profit['high'], currency)}"
        text += f" That is expected to earn **{money(profit['expected'], currency)}**, between {ends}."
    return text


def describe_holdout(plan: CampaignPlan) -> list[Block]:
    """What the hold-out can detect, and what to do where that is little.

    Args:
        plan: What a campaign of this length would be.
    """
    held_out = plan.campaign.counts["held_out"]
    if not held_out:
        advice = "Nobody is held out: nobody will know what the campaign earned. Hold out one in ten."
        return [Sentence(advice, "open")]
    power = analyse_power(plan)
    if power is None:
        return [Sentence("What it can show is not known, because there are no probabilities.", "note")]
    customers = counted(held_out, "customer", "customers")
    if power.minimum_detectable_effect is None:
        return [Sentence(f"With {customers} held out, no difference can be seen.", "open"), *_list_advice(power)]
    sentence = (
        f"With {customers} held out, {percent(power.minimum_detectable_effect)} more buyers than without the campaign "
        "are seen four times in five."
    )
    case = power.expected
    if case is None:
        return [Sentence(sentence)]
    sentence += (
        f" Expected are {percent(case.uplift)} more, which would be seen with a chance of {percent(case.power)}."
    )
    return [Sentence(sentence), *([] if is_telling(power) else _list_advice(power))]


def _advise_pool(power: PowerAnalysis) -> str:
    if power.pool is None:
        return "Plan the next launches together: give each of them the same name with --pool."
    return describe_pool(power.pool)


def _list_advice(power: PowerAnalysis) -> list[Block]:
    """What to do where a hold-out of one campaign can show little."""
    return [
        Sentence("This launch alone can show little. Three ways to know more:", "open"),
        Sentence(_advise_pool(power)),
        Sentence("Count purchases in a longer window: set horizon_days of the shop to 60, for example."),
        Sentence(
            "Keep a global control group: the same customers are held out of every campaign, and what all of them "
            "together caused can be seen after a year."
        ),
    ]
