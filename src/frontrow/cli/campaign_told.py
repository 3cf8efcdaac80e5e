"""What frontrow campaign prints: who was considered, excluded, chosen and held out, and what the hold-out can see."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from frontrow.cli import terminal
from frontrow.cli.terminal import percent

if TYPE_CHECKING:
    from frontrow.campaign.contacts import ExportFile
    from frontrow.campaign.economics.economics import IncrementalShare
    from frontrow.campaign.experiment.power_analysis import PowerAnalysis
    from frontrow.campaign.plan import CampaignPlan


@dataclass(frozen=True)
class Told:
    """A campaign that was written.

    Attributes:
        planned: What was decided.
        files: The exports.
        folder: The campaign's.
        shop: The shop's folder.
        contacted: Whether the contacts stand in the contact log.
        report: The page that was written with it.
    """

    planned: CampaignPlan
    files: tuple[ExportFile, ...]
    folder: Path
    shop: Path
    contacted: bool
    report: Path | None = None

    def to_dict(self) -> dict[str, Any]:
        """What `--json` prints; no personal data."""
        import json

        curve, sight = self.planned.curve, self.sight()
        return {
            "folder": str(self.folder),
            "campaign": json.loads(self.planned.campaign.to_json()),
            "minimum_detectable_effect": None if sight is None else sight.minimum_detectable_effect,
            "profit": None if curve is None else curve.summary(self.planned.campaign.list_length).to_dicts(),
            "profit_of_contacted": self.earned(),
            "files": [
                {"export": one.export, "product_id": one.product_id, "path": str(one.path), "rows": one.rows}
                for one in self.files
            ],
            "noted_in_contact_log": self.contacted,
            "report": None if self.report is None else str(self.report),
        }

    @property
    def share(self) -> IncrementalShare:
        """The incremental share reckoned with."""
        from frontrow.campaign.economics.economics import IncrementalShare

        curve = self.planned.curve
        return IncrementalShare() if curve is None else curve.economics.incremental_share

    def earned(self) -> dict[str, float] | None:
        """What contacting those who are contacted is expected to earn; None where no money was named."""
        curve = self.planned.curve
        if curve is None:
            return None
        return dict(zip(("expected", "low", "high"), curve.of_list(self.planned.campaign.contacted), strict=True))

    def sight(self) -> PowerAnalysis | None:
        """What the hold-out sees; None where that is not known."""
        from frontrow.campaign.experiment.power_analysis import PowerAnalysis

        return PowerAnalysis.of(self.planned.campaign.assignment, self.share)


def print_campaign(told: Told) -> None:
    """Tables and sentences for a person."""
    campaign = told.planned.campaign
    _print_counts(campaign.counts)
    _print_products(told)
    _print_profit(told)
    for line in _power(told):
        terminal.text(line)
    terminal.text(f"Campaign: {told.folder}")
    for name in dict.fromkeys(one.export for one in told.files):
        own = [one for one in told.files if one.export == name]
        many = f"{len(own)} files, such as " if len(own) > 1 else ""
        terminal.text(f"  {name}: {sum(one.rows for one in own):,} contacts in {many}{own[0].path}")
    if told.report is not None:
        terminal.text(f"Report: {told.report}")
    if told.contacted:
        terminal.text(f"{campaign.counts['contacted']:,} contacts noted in the contact log.")
        if held := campaign.counts["held_out"]:
            terminal.text(f"{held:,} held out: no other campaign tells them of it while this one is measured.")
    else:
        terminal.text(f"When it has been sent, note it: frontrow contacted {told.folder} --shop {told.shop}")


def _print_counts(counts: dict[str, Any]) -> None:
    chosen, excluded = counts["chosen"], [one for one in counts["excluded"] if one["any_customers"]]
    left = counts["considered"] - sum(one["customers"] for one in excluded)
    rows = [
        ("considered", counts["considered"], ""),
        *((f"excluded: {one['reason']}", one["customers"], one["any_customers"]) for one in excluded),
        ("may be contacted", left, ""),
        ("chosen", chosen, ""),
        ("of these contacted", counts["contacted"], ""),
        ("of these held out", counts["held_out"], ""),
    ]
    terminal.table(
        "Customers, each counted once, under the first reason that holds",
        ("", "customers", "whatever else holds"),
        [(name, f"{count:,}", f"{other:,}" if other != "" else "") for name, count, other in rows],
        numeric=("customers", "whatever else holds"),
    )


def _print_products(told: Told) -> None:
    campaign = told.planned.campaign
    sizes = {(row[0], row[1]): row[2] for row in campaign.assignment.group_by("product_id", "group").len().iter_rows()}
    expected = {one["product_id"]: one for one in campaign.expected_buyers}
    rows = []
    for product in campaign.products:
        key = product["product_id"]
        buyers = expected.get(key, {"contacted": 0.0, "held_out": 0.0})
        groups = [sizes.get((key, group), 0) for group in ("contacted", "held out")]
        figures = ["" if (sums := buyers[name]) is None else f"{sums:,.1f}" for name in ("contacted", "held_out")]
        rows.append((product["title"], *(f"{size:,}" for size in groups), *figures))
    names = ("new product", "contacted", "held out", "expected buyers, contacted", "expected buyers, held out")
    terminal.table(
        f"Each customer hears of one product; buyers expected within {campaign.horizon_days} days",
        names,
        rows,
        numeric=names[1:],
    )


def _print_profit(told: Told) -> None:
    curve = told.planned.curve
    if curve is None:
        return
    share = curve.economics.incremental_share
    known = "as a hold-out measured" if share.measured else "an assumption, until a hold-out has measured it"
    names = ("list", "customers", "expected buyers", "profit", "low", "high")
    terminal.table(
        f"Expected profit, if {percent(share.low)} to {percent(share.high)} of the buyers would not have "
        f"bought anyway: {known}",
        names,
        [
            (
                row["list"],
                f"{row['chosen']:,}",
                f"{row['expected_buyers']:,.1f}",
                *("" if row[name] is None else f"{row[name]:,.2f}" for name in names[3:]),
            )
            for row in curve.summary(told.planned.campaign.list_length).iter_rows(named=True)
        ],
        numeric=names[1:],
    )
    for product in told.planned.campaign.products:
        if product["product_id"] in curve.sold_out_anyway():
            terminal.text(
                f"{product['title']}: its stock is expected to be gone without any contact, which earns nothing."
            )
    counts, earned = told.planned.campaign.counts, told.earned()
    if counts["held_out"] and earned is not None:
        terminal.text(
            f"With {counts['held_out']:,} of the {counts['chosen']:,} held out, the {counts['contacted']:,} contacted "
            f"are expected to earn {earned['expected']:,.2f} [{earned['low']:,.2f}, {earned['high']:,.2f}]."
        )


def _power(told: Told) -> list[str]:
    """What the hold-out can see, said before the launch."""
    counts, sight = told.planned.campaign.counts, told.sight()
    if not counts["held_out"]:
        return ["Nobody is held out: what the campaign earns cannot be measured."]
    if sight is None:
        return []
    seen = sight.minimum_detectable_effect
    some = "" if seen is None else f"a lift of at least {percent(seen)} (that many more buyers than without)"
    can = some or "no lift at all"
    lines = [f"This hold-out can see {can}, four times in five."]
    case = sight.expected
    if case is not None:
        answer = (
            "not even half of this list held out would do"
            if case.holdout_needed is None
            else f"hold out {case.holdout_needed:,}"
        )
        lines.append(
            f"To see the lift of {percent(case.uplift)} that an incremental share of {percent(case.share)} "
            f"means: {answer}."
        )
    return lines
