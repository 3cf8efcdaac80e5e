"""A planned campaign as a command prints it: who was considered, chosen and held out, profit, and what is to do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from frontrow.campaign.contacts import ExportFile
from frontrow.campaign.economics.profit_curve import ProfitCurve
from frontrow.campaign.experiment.power_analysis import PowerAnalysis
from frontrow.campaign.plan import CampaignPlan
from frontrow.campaign.record.campaign import Campaign
from frontrow.present.section import Block, Section, Sentence, Table
from frontrow.present.sections.next_steps import Places
from frontrow.present.wording import percent_plain


def build_sections(plan: CampaignPlan, power: PowerAnalysis | None, places: Places) -> list[Section]:
    """The campaign in tables and sentences.

    Args:
        plan: What was decided.
        power: What the hold-out can detect; None where that is not known.
        places: Where the campaign and its files are.
    """
    campaign = plan.campaign
    blocks = [
        _count_table(campaign.counts),
        _product_table(campaign),
        *_profit_blocks(plan),
        *_power_sentences(campaign.counts, power),
        Sentence(f"Campaign: {places.campaign}"),
        *_file_sentences(places.files),
    ]
    return [Section("campaign", "", tuple(blocks))]


def build_closing_section(campaign: Campaign, places: Places) -> Section:
    """Whether the contacts stand in the contact log, and how to record them.

    Args:
        campaign: What was planned.
        places: Where the campaign is, and whether its contacts were recorded.
    """
    if not places.noted:
        command = f"frontrow contacted {places.shop} {places.campaign}"
        return Section("closing", "", (Sentence(f"When it has been sent, record it: {command}"),))
    recorded = f"{campaign.counts['contacted']:,} contacts recorded in the contact log."
    return Section("closing", "", (Sentence(recorded), *describe_held_out(campaign.counts["held_out"])))


def describe_held_out(held_out: int) -> list[Sentence]:
    """That nobody else may contact those held out; nothing where nobody is."""
    if not held_out:
        return []
    return [Sentence(f"{held_out:,} held out: no other campaign contacts them about it while this one is measured.")]


def _count_table(counts: dict[str, Any]) -> Table:
    excluded = [row for row in counts["excluded"] if row["any_customers"]]
    eligible = counts["considered"] - sum(row["customers"] for row in excluded)
    rows: list[tuple[str, int, int | None]] = [
        ("considered", counts["considered"], None),
        *((f"excluded: {row['reason']}", row["customers"], row["any_customers"]) for row in excluded),
        ("may be contacted", eligible, None),
        ("chosen", counts["chosen"], None),
        ("of these contacted", counts["contacted"], None),
        ("of these held out", counts["held_out"], None),
    ]
    return Table(
        "Customers, each counted once, under the first reason that holds",
        ("", "customers", "whatever else holds"),
        [(name, f"{count:,}", "" if total is None else f"{total:,}") for name, count, total in rows],
        numeric=("customers", "whatever else holds"),
    )


def _product_table(campaign: Campaign) -> Table:
    sizes = {(row[0], row[1]): row[2] for row in campaign.assignment.group_by("product_id", "group").len().iter_rows()}
    expected = {row["product_id"]: row for row in campaign.expected_buyers}
    rows = []
    for product in campaign.products:
        key = product["product_id"]
        buyers = expected.get(key, {"contacted": 0.0, "held_out": 0.0})
        groups = [f"{sizes.get((key, group), 0):,}" for group in ("contacted", "held out")]
        sums = ["" if buyers[name] is None else f"{buyers[name]:,.1f}" for name in ("contacted", "held_out")]
        rows.append((str(product["title"]), *groups, *sums))
    columns = ("new product", "contacted", "held out", "expected buyers, contacted", "expected buyers, held out")
    title = f"Each customer hears of one product; buyers expected within {campaign.horizon_days} days"
    return Table(title, columns, rows, numeric=columns[1:])


def _profit_blocks(plan: CampaignPlan) -> list[Block]:
    if plan.curve is None:
        return []
    sold_out = plan.curve.sold_out_anyway()
    sentences = [
        Sentence(f"{product['title']}: its stock is expected to be gone without any contact, which earns nothing.")
        for product in plan.campaign.products
        if product["product_id"] in sold_out
    ]
    return [_profit_table(plan.curve, plan.campaign.list_length), *sentences, *_profit_of_contacted(plan)]


def _profit_table(curve: ProfitCurve, length: int) -> Table:
    share = curve.economics.incremental_share
    origin = "as a hold-out measured" if share.measured else "an assumption, until a hold-out has measured it"
    columns = ("list", "customers", "expected buyers", "profit", "low", "high")
    rows = [
        (
            row["list"],
            f"{row['chosen']:,}",
            f"{row['expected_buyers']:,.1f}",
            *("" if row[name] is None else f"{row[name]:,.2f}" for name in columns[3:]),
        )
        for row in curve.summary(length).iter_rows(named=True)
    ]
    shares = f"{percent_plain(share.low)} to {percent_plain(share.high)}"
    title = f"Expected profit, if {shares} of the buyers would not have bought anyway: {origin}"
    return Table(title, columns, rows, numeric=columns[1:])


def _profit_of_contacted(plan: CampaignPlan) -> list[Sentence]:
    counts, profit = plan.campaign.counts, plan.profit_of_contacted()
    if not counts["held_out"] or profit is None:
        return []
    return [
        Sentence(
            f"With {counts['held_out']:,} of the {counts['chosen']:,} held out, the {counts['contacted']:,} contacted "
            f"are expected to earn {profit['expected']:,.2f} [{profit['low']:,.2f}, {profit['high']:,.2f}]."
        )
    ]


def _power_sentences(counts: dict[str, Any], power: PowerAnalysis | None) -> list[Sentence]:
    """What the hold-out can detect, said before the launch."""
    if not counts["held_out"]:
        return [Sentence("Nobody is held out: what the campaign earns cannot be measured.")]
    if power is None:
        return []
    effect = power.minimum_detectable_effect
    detectable = "no uplift at all"
    if effect is not None:
        detectable = f"an uplift of at least {percent_plain(effect)} (that many more buyers than without)"
    sentences = [Sentence(f"This hold-out can detect {detectable}, four times in five.")]
    case = power.expected
    if case is not None:
        answer = (
            f"hold out {case.holdout_needed:,}"
            if case.holdout_needed is not None
            else "not even half of this list held out would do"
        )
        sentences.append(
            Sentence(
                f"To detect the uplift of {percent_plain(case.uplift)} that an incremental share of "
                f"{percent_plain(case.share)} means: {answer}."
            )
        )
    return sentences


def _file_sentences(files: Sequence[ExportFile]) -> list[Sentence]:
    sentences = []
    for name in dict.fromkeys(file.export for file in files):
        exported = [file for file in files if file.export == name]
        several = f"{len(exported)} files, such as " if len(exported) > 1 else ""
        contacts = sum(file.rows for file in exported)
        sentences.append(Sentence(f"  {name}: {contacts:,} contacts in {several}{exported[0].path}"))
    return sentences
