"""A planned campaign: who may be contacted, how many buy, who is held out and what that can detect, and its files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import polars as pl

from frontrow.campaign.contacts import ExportFile
from frontrow.campaign.economics.economics import IncrementalShare
from frontrow.campaign.experiment.holdout import CONTACTED, HELD_OUT
from frontrow.campaign.experiment.power_analysis import PowerAnalysis
from frontrow.campaign.plan import CampaignPlan
from frontrow.campaign.record.campaign import Campaign
from frontrow.launch.audience.audience import Audience
from frontrow.present.section import Block, Cell, Row, Section, Sentence, Table
from frontrow.present.sections.list_origin import describe_origin
from frontrow.present.sections.next_steps import Places
from frontrow.present.sections.pool_advice import advise_pool
from frontrow.present.sections.profit import build_profit_table, describe_profit_of_contacted
from frontrow.present.wording import ABSENT, buyers_between, count, counted, money, percent

CHANNELS: Final = {"email": "e-mail", "sms": "text message"}

MEANINGS: Final[Mapping[str, str]] = {
    "suppression list": "in one of the files of those who must not be contacted",
    "do-not-contact tag": "has a tag that keeps the customer out",
    "no consent": "did not agree to be contacted; not known counts as no",
    "no address": "nothing to write to, or nothing that can be read",
    "country": "the last order went elsewhere",
    "partial refund": "returned something lately",
    "recently contacted": "heard from the shop lately",
    "already bought": "has the product",
    "still held out": "held out of an earlier campaign for it, which is still being measured",
    "shares an address": "a likelier customer has the same address",
}
"""What each reason means, in a shop owner's words."""


def build_sections(plan: CampaignPlan, audience: Audience, places: Places) -> list[Section]:
    """The campaign in tables and sentences.

    Args:
        plan: What was decided.
        audience: Everyone scored.
        places: Where the campaign and its files are.
    """
    campaign = plan.campaign
    profit: list[Block] = []
    if plan.curve is not None:
        profit = [build_profit_table(plan.curve, campaign.list_length), *describe_profit_of_contacted(plan)]
    blocks: list[Block] = [
        build_exclusion_table(campaign),
        Sentence(describe_length(plan)),
        build_product_table(plan, audience),
        *(Sentence(f"{title}: {SOLD_OUT}") for title in list_sold_out(plan)),
        *profit,
        *_power_blocks(plan),
        Sentence(f"Campaign: {places.campaign}"),
        *_describe_files(places.files),
    ]
    return [Section("campaign", "", tuple(blocks))]


SOLD_OUT: Final = "its stock is expected to be gone without any contact, which earns nothing."


def build_closing_section(campaign: Campaign, places: Places) -> Section:
    """Whether the contacts are in the contact log, and how to record them.

    Args:
        campaign: What was planned.
        places: Where the campaign is, and whether its contacts were recorded.
    """
    if not places.recorded:
        command = f"frontrow contacted {places.shop} {places.campaign}"
        push = f"frontrow push {places.shop} {places.campaign} --to klaviyo"
        sentences = (
            f"When it has been sent, record it: {command}",
            f"Or bring it to a platform, counted first: {push}",
        )
        return Section("closing", "", tuple(map(Sentence, sentences)))
    recorded = f"{campaign.counts['contacted']:,} contacts recorded in the contact log."
    return Section("closing", "", (Sentence(recorded), *describe_held_out(campaign.counts["held_out"])))


def describe_held_out(held_out: int) -> list[Sentence]:
    """That nobody else may contact those held out; nothing where nobody is."""
    if not held_out:
        return []
    return [Sentence(f"{held_out:,} held out: no other campaign contacts them about it while this one is measured.")]


def page_values(plan: CampaignPlan, audience: Audience | None, currency: str) -> dict[str, Any]:
    """What a page shows of a campaign.

    Args:
        plan: What was decided.
        audience: Everyone scored.
        currency: The shop's.
    """
    campaign, message = plan.campaign, None if audience is None else audience.message
    counts = campaign.counts
    left_out = sum(row["customers"] for row in _exclusions(campaign))
    eligible = counts["considered"] - left_out
    return {
        "campaign": {
            "name": campaign.name,
            "titles": [product["title"] for product in campaign.products],
            "channel": CHANNELS[campaign.channel],
            "contacted": counts["contacted"],
            "held_out": _describe_number_held_out(counts["held_out"]),
            "kept_back": counts["held_out"],
            "buyers": sum_expected_buyers(campaign),
            "horizon": campaign.horizon_days,
            "message": message,
        },
        "considered": {
            "considered": counts["considered"],
            "excluded": left_out,
            "left": eligible,
            "chosen": counts["chosen"],
            "share": percent(counts["chosen"] / eligible, 0) if eligible else percent(None),
            "table": build_exclusion_table(campaign),
            "length": Sentence(describe_length(plan)).plain,
            "rules": describe_rules(campaign.contact_rules),
        },
        "expected": {
            "table": build_product_table(plan, audience),
            "chosen_by": _describe_choice(plan),
            "sold_out_anyway": list_sold_out(plan),
            "horizon": campaign.horizon_days,
            "has_numbers": sum_expected_buyers(campaign) is not None,
            "message": message,
        },
        "held_out": _hold_out_values(plan, currency),
    }


def analyse_power(plan: CampaignPlan) -> PowerAnalysis | None:
    """What the hold-out can detect; None where that is not known."""
    return PowerAnalysis.of(plan.campaign.assignment, _incremental_share(plan))


def _incremental_share(plan: CampaignPlan) -> IncrementalShare:
    return IncrementalShare() if plan.curve is None else plan.curve.economics.incremental_share


def build_exclusion_table(campaign: Campaign) -> Table:
    """Everyone considered, each reason for leaving customers out, and how many of the rest are chosen."""
    counts, exclusions = campaign.counts, _exclusions(campaign)
    eligible = counts["considered"] - sum(row["customers"] for row in exclusions)
    rows: list[Row] = [("considered", count(counts["considered"]), "")]
    for row in exclusions:
        reason = Cell(f"left out: {row['reason']}", MEANINGS[row["reason"]])
        rows.append((reason, count(row["customers"]), count(row["any_customers"])))
    rows.append(("may be contacted", count(eligible), ""))
    rows += [
        (name, count(counts[key]), "")
        for name, key in (("chosen", "chosen"), ("of these contacted", "contacted"), ("of these held out", "held_out"))
    ]
    title = "Customers, each counted once, under the first reason that holds"
    columns = ("Customers", "number", "reason holds for")
    return Table(title, columns, rows, columns[1:], highlighted=(len(exclusions) + 1,))


def build_product_table(plan: CampaignPlan, audience: Audience | None) -> Table:
    """One row a product: buyers expected among everyone scored with their interval, contacted, held out.

    Args:
        plan: What was decided.
        audience: Everyone scored.
    """
    campaign = plan.campaign
    sizes = {row[:2]: row[2] for row in campaign.assignment.group_by("product_id", "group").len().iter_rows()}
    sums = {row["product_id"]: row for row in campaign.expected_buyers}
    scored = {} if audience is None else _expected_of_everyone(audience)
    sales = {} if audience is None else _describe_sales(audience, campaign.horizon_days)
    rows: list[Row] = []
    for product in campaign.products:
        key = product["product_id"]
        buyers = sums.get(key, {"contacted": 0.0, "held_out": 0.0})
        groups = [
            _group_cell(sizes.get((key, group), 0), buyers[name])
            for group, name in ((CONTACTED, "contacted"), (HELD_OUT, "held_out"))
        ]
        title_cell = Cell(str(product["title"]), sales.get(key, ""))
        rows.append((title_cell, scored.get(key, Cell(ABSENT)), *groups))
    everyone = f"Buyers expected among all {count(campaign.counts['considered'])}, and 80 % interval"
    columns = ("New product", everyone, "Contacted", "Held out")
    title = f"Each customer hears of one product; buyers expected within {campaign.horizon_days} days"
    return Table(title, columns, rows, columns[1:])


def sum_expected_buyers(campaign: Campaign) -> float | None:
    """Buyers expected among those contacted, all products together; None where there are no probabilities."""
    buyers = [row["contacted"] for row in campaign.expected_buyers]
    return None if any(number is None for number in buyers) else float(sum(buyers))


def describe_length(plan: CampaignPlan) -> str:
    """Why the list is as long as it is."""
    return describe_origin(plan.origin, has_probabilities=sum_expected_buyers(plan.campaign) is not None)


def list_sold_out(plan: CampaignPlan) -> list[str]:
    """Titles of the products that sell out without any contact."""
    sold_out = [] if plan.curve is None else plan.curve.sold_out_anyway()
    return [str(product["title"]) for product in plan.campaign.products if product["product_id"] in sold_out]


def describe_rules(rules: Mapping[str, Any]) -> list[str]:
    """The shop's own rules in sentences; none where only consent, address and purchase count."""
    sentences = []
    if rules.get("countries"):
        sentences.append(f"Only customers whose last order went to {', '.join(rules['countries'])}.")
    if rules.get("not_countries"):
        sentences.append(f"Nobody whose last order went to {', '.join(rules['not_countries'])}.")
    if rules.get("not_tagged"):
        sentences.append(f"Nobody with a customer tag {' or '.join(f'“{tag}”' for tag in rules['not_tagged'])}.")
    if rules.get("not_contacted_days"):
        contacts = counted(rules.get("max_contacts", 1), "contact", "contacts")
        sentences.append(f"Nobody with {contacts} or more in {counted(rules['not_contacted_days'], 'day', 'days')}.")
    if rules.get("not_refunded_days"):
        days = counted(rules["not_refunded_days"], "day", "days")
        sentences.append(f"Nobody with a partial refund in {days}.")
    lists = rules.get("suppression_lists", ())
    if lists:
        # Not by name: somebody may have named a file after a person.
        entries = counted(sum(item["entries"] for item in lists), "entry", "entries")
        files = counted(len(lists), "suppression list", "suppression lists")
        sentences.append(f"Nobody who stands in {files} of {entries}.")
    return sentences


def _exclusions(campaign: Campaign) -> list[dict[str, Any]]:
    return [row for row in campaign.counts["excluded"] if row["any_customers"]]


def _describe_choice(plan: CampaignPlan) -> str:
    """Which product a customer hears of, as the end of a sentence."""
    by_value = plan.curve is not None and (plan.curve.economics.margins or plan.curve.economics.stocks)
    if by_value:
        return "that is worth most to the shop: probability times margin, while stock lasts"
    return "they are likeliest to buy"


def _expected_of_everyone(audience: Audience) -> dict[str, Cell]:
    expected = audience.expected_buyers().filter(pl.col("expected_buyers").is_not_null())
    return {
        row["product_id"]: Cell(
            count(row["expected_buyers"]), "" if row["low"] is None else buyers_between(row["low"], row["high"])
        )
        for row in expected.iter_rows(named=True)
    }


def _describe_sales(audience: Audience, horizon_days: int) -> dict[str, str]:
    """For each product that is on sale already, what its expected buyers are."""
    over = audience.sold.filter(~pl.col("under_way")).select("product_id", pl.col("first_day").cast(pl.Date))
    described = {product_id: f"on sale since {day}; counted as if it were new" for product_id, day in over.iter_rows()}
    for product_id, days in audience.sales_so_far.select("product_id", "days_on_sale").iter_rows():
        left = counted(horizon_days - days, "day", "days")
        described[product_id] = f"on sale for {counted(days, 'day', 'days')}; buyers of the {left} left"
    return described


def _group_cell(customers: int, expected: float | None) -> Cell:
    return Cell(count(customers), "" if expected is None or not customers else f"{count(expected)} buy")


def _describe_number_held_out(held_out: int) -> str:
    if not held_out:
        return "nobody is held out"
    return f"{counted(held_out, 'customer is', 'customers are')} held out by lot"


def _hold_out_values(plan: CampaignPlan, currency: str) -> dict[str, Any]:
    campaign, power = plan.campaign, analyse_power(plan)
    counts, group_share = campaign.counts, campaign.global_control_share
    effect = None if power is None else power.minimum_detectable_effect
    return {
        "number": counts["held_out"],
        "chosen": counts["chosen"],
        "share": percent(counts["held_out"] / counts["chosen"], 0),
        "global_control_group": None if group_share is None else percent(group_share, 0),
        "cost": _cost_of_hold_out(plan, currency),
        "uplift": None if effect is None else percent(effect),
        "table": None if power is None or not power.cases else _power_table(power),
        "undetectable": power is not None and effect is None,
        "advice": [] if power is None or not counts["held_out"] else _advise(plan, power),
    }


def _power_table(power: PowerAnalysis) -> Table:
    columns = (
        "If so many of the buyers would not have bought anyway",
        "Uplift",
        "Chance to detect it",
        "Held out to detect it 4 times in 5",
    )
    rows = [
        (
            percent(case.share),
            f"+{percent(case.uplift)}",
            percent(case.power),
            "more than half" if case.holdout_needed is None else count(case.holdout_needed),
        )
        for case in power.cases
    ]
    return Table("What the hold-out can detect", columns, rows, columns[1:])


def _power_blocks(plan: CampaignPlan) -> list[Block]:
    """What the hold-out can detect, said before the launch."""
    power = analyse_power(plan)
    if not plan.campaign.counts["held_out"]:
        return [Sentence("Nobody is held out: what the campaign earns cannot be measured.")]
    if power is None:
        return []
    effect = power.minimum_detectable_effect
    detectable = "no uplift at all"
    if effect is not None:
        detectable = f"an uplift of at least {percent(effect)} (that many more buyers than without)"
    sentence = Sentence(f"This hold-out can detect {detectable}, four times in five.")
    return [sentence, *([_power_table(power)] if power.cases else []), *map(Sentence, _advise(plan, power))]


def _advise(plan: CampaignPlan, power: PowerAnalysis) -> list[str]:
    """What the campaigns of its pool show together, or how many launches to plan together."""
    return advise_pool(plan, power, _incremental_share(plan))


def _cost_of_hold_out(plan: CampaignPlan, currency: str) -> str | None:
    """Profit expected to be lost by not contacting the held-out; None without money or where nothing is lost."""
    campaign, curve = plan.campaign, plan.curve
    if curve is None or not campaign.counts["held_out"]:
        return None
    everyone, contacted = curve.of_list(campaign.assignment)[0], curve.of_list(campaign.contacted)[0]
    return money(everyone - contacted, currency) if everyone > contacted else None


def _describe_files(files: Sequence[ExportFile]) -> list[Sentence]:
    sentences = []
    for name in dict.fromkeys(file.export for file in files):
        exported = [file for file in files if file.export == name and not file.held_out]
        several = f"{len(exported)} files, such as " if len(exported) > 1 else ""
        contacts = sum(file.rows for file in exported)
        sentences.append(Sentence(f"  {name}: {contacts:,} contacts in {several}{exported[0].path}"))
        held_out = [file for file in files if file.export == name and file.held_out]
        if held_out:
            customers = sum(file.rows for file in held_out)
            sentences.append(Sentence(f"  {name}: {customers:,} held out, not to be contacted, in {held_out[0].path}"))
    return sentences
