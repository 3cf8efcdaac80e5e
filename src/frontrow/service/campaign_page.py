"""A campaign that was planned: what was decided, its files, and how far it is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from frontrow.campaign.contacts import HELD_OUT_STEM, product_stems
from frontrow.campaign.export import LIFTED, Export, export_names, get_export
from frontrow.campaign.record.campaign import EXPORTS, Campaign
from frontrow.campaign.record.lift import Lift
from frontrow.campaign.record.register import RegisteredCampaign, read_register
from frontrow.errors import CampaignError
from frontrow.present.section import Section, Sentence
from frontrow.present.sections.campaign import build_exclusion_table, describe_rules, sum_expected_buyers
from frontrow.present.wording import count, counted, long_date

NO_CAMPAIGN: Final = "The shop has no campaign of that id. Choose one from its list of campaigns."


@dataclass(frozen=True)
class CampaignFile:
    """A file that a platform takes.

    Attributes:
        path: The file.
        export: The platform.
        title: What its customers hear of: the product's title; empty for those held out.
        held_out: Whether its customers must not be contacted.
        bytes: Its size.
        lifted: Whether it takes the mark off those who were held out.
    """

    path: Path
    export: Export
    title: str
    held_out: bool
    bytes: int
    lifted: bool = False


@dataclass(frozen=True)
class CampaignPageResult:
    """A campaign as its page shows it.

    Attributes:
        campaign: What was decided.
        registered: How the shop's register has it.
        files: The files of each platform, those to contact first.
        until: The first day whose orders no longer count.
        lift: When its hold-out was lifted; None where it was not.
        notices: Always empty.
    """

    campaign: Campaign
    registered: RegisteredCampaign
    files: tuple[CampaignFile, ...]
    until: dt.date
    lift: Lift | None = None
    notices: tuple[str, ...] = ()

    @property
    def lift_platforms(self) -> list[Export]:
        """The platforms on which something is to be done once the hold-out was lifted."""
        return [get_export(name) for name in sorted(self.campaign.exports)]

    @property
    def platforms(self) -> list[Export]:
        """The platforms that files were written for."""
        return list({file.export.name: file.export for file in self.files}.values())

    def describe(self) -> str:
        """How many are contacted and held out, and how many are expected to buy."""
        counts, buyers = self.campaign.counts, sum_expected_buyers(self.campaign)
        text = f"Contact **{counted(counts['contacted'], 'customer', 'customers')}**"
        if counts["held_out"]:
            text += f", and leave **{count(counts['held_out'])}** alone"
        if buyers is None:
            return f"{text}."
        return (
            f"{text}: about **{count(buyers)}** of those contacted are expected to buy until {long_date(self.until)}."
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON; no personal data."""
        campaign = self.campaign
        return {
            "campaign_id": self.registered.campaign_id,
            "name": campaign.name,
            "created": self.registered.created,
            "recorded_in_contact_log": self.registered.recorded,
            "until": self.until,
            "lifted_on": None if self.lift is None else self.lift.lifted_on,
            "channel": campaign.channel,
            "products": list(campaign.products),
            "counts": campaign.counts,
            "expected_buyers": list(campaign.expected_buyers),
            "files": [
                {
                    "name": file.path.name,
                    "export": file.export.name,
                    "title": file.title,
                    "held_out": file.held_out,
                    "lifted": file.lifted,
                    "bytes": file.bytes,
                }
                for file in self.files
            ],
        }

    def sections(self) -> list[Section]:
        """How many are contacted, and who was left out and why."""
        rules = [Sentence(sentence) for sentence in describe_rules(self.campaign.contact_rules)]
        return [
            Section("answer", "", (Sentence(self.describe()),)),
            Section("eligible", "Who was left out, and why", (build_exclusion_table(self.campaign), *rules)),
        ]


def read_campaign_page(folder: Path, campaign_id: str) -> CampaignPageResult:
    """Read a campaign that was planned on a shop.

    Args:
        folder: The shop's folder.
        campaign_id: As somebody outside wrote it; it is looked up, never put into a path.

    Raises:
        CampaignError: The shop has no such campaign, or its folder is not where it was.
        ShopError: The folder holds no shop, or a damaged one.
    """
    registered = read_register(folder).get(campaign_id)
    if registered is None:
        raise CampaignError(NO_CAMPAIGN)
    place = Path(registered.folder)
    campaign = Campaign.read(place)
    until = max(campaign.window_end(product) for product in campaign.products)
    return CampaignPageResult(campaign, registered, tuple(_list_files(campaign, place)), until, Lift.read(place))


def _list_files(campaign: Campaign, place: Path) -> Iterator[CampaignFile]:
    """The files of a campaign's folder that a platform takes, those to contact first."""
    names, stems = export_names(), product_stems(campaign)
    titles = {stems[str(product["product_id"])]: str(product["title"]) for product in campaign.products}
    files = []
    for path in sorted((place / EXPORTS).glob("*")):
        export, _, rest = path.stem.partition("-")
        if export not in names or not path.is_file():
            continue
        stem = rest.partition("-part-")[0]
        held_out = stem.startswith(HELD_OUT_STEM)
        title = "" if held_out else titles.get(stem, "")
        lifted = stem.startswith(f"{HELD_OUT_STEM}-{LIFTED}")
        files.append(CampaignFile(path, get_export(export), title, held_out, path.stat().st_size, lifted))
    yield from sorted(files, key=lambda file: (file.export.name, file.held_out, file.path.name))
