"""Lift a campaign's hold-out once its window is over: those held out are customers like others again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from frontrow.campaign.contacts import HELD_OUT_STEM, ExportFile, campaign_tag, collect_held_out
from frontrow.campaign.eligibility.contact_rules import ContactRules
from frontrow.campaign.export import LIFTED, get_export
from frontrow.campaign.properties import read_properties, with_properties
from frontrow.campaign.record.campaign import EXPORTS, Campaign
from frontrow.campaign.record.campaign_folders import was_planned_on
from frontrow.campaign.record.contact_log import HeldOutLog
from frontrow.campaign.record.lift import Lift
from frontrow.errors import CampaignError
from frontrow.present.section import Block, Section, Sentence
from frontrow.present.sections.platform_guide import number_steps
from frontrow.present.wording import counted, long_date
from frontrow.push.guarded_client import GuardedClient, open_account
from frontrow.remote.client import ApiClient
from frontrow.service.changing import change_shop
from frontrow.service.destinations import find_destination
from frontrow.shop.shop import Shop
from frontrow.sources.connector import Opener
from frontrow.storage.commit import commit
from frontrow.storage.folder import staging_folder
from frontrow.storage.pointer import HELD_OUT_LOG
from frontrow.storage.waiting import DEFAULT_WAIT

LIFTED_STEM = f"{HELD_OUT_STEM}-{LIFTED}"


@dataclass(frozen=True)
class LiftSettings:
    """How a hold-out is lifted.

    Attributes:
        early: Lift it although the window is not over.
        exports: Platforms whose steps are shown, besides those that files were written for.
        today: The day it is; None for today, on the shop's calendar.
        to: A platform or destination on which the tag of those held out is taken off too; None for none.
        settings: NAME=VALUE of the destination, for this run.
        secrets: NAME=env:VARIABLE or NAME=file:/PATH, for this run.
    """

    early: bool = False
    exports: tuple[str, ...] = ()
    today: dt.date | None = None
    to: str | None = None
    settings: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()


@dataclass(frozen=True)
class LiftResult:
    """A hold-out that was lifted.

    Attributes:
        campaign: What was planned.
        place: The campaign's folder.
        lift: When it was lifted.
        until: The first day whose orders no longer count.
        platforms: Names of the platforms on which something is to be done.
        files: The files that were written for them.
        removed: Customers who had the tag on a platform and lost it; None where no platform was to be asked.
        notices: Sentences about what this run does differently from what was asked or stated.
    """

    campaign: Campaign
    place: Path
    lift: Lift
    until: dt.date
    platforms: tuple[str, ...]
    files: tuple[ExportFile, ...] = ()
    removed: int | None = None
    notices: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON; no personal data."""
        return {
            "campaign": self.campaign.name,
            "campaign_id": self.campaign.campaign_id,
            "lifted_on": self.lift.lifted_on,
            "early": self.lift.early,
            "until": self.until,
            "held_out": self.campaign.held_out.height,
            "files": [{"export": file.export, "path": str(file.path), "rows": file.rows} for file in self.files],
            "removed_tags": self.removed,
            "steps": {name: list(get_export(name).lift_steps) for name in self.platforms},
            "notices": list(self.notices),
        }

    def sections(self) -> list[Section]:
        """That frontrow holds nobody out any more, and what is to do on each platform."""
        held_out = counted(self.campaign.held_out.height, "customer", "customers")
        blocks: list[Block] = [
            Sentence(f"**{held_out}** of {self.campaign.name} are no longer held out: campaigns may contact them.")
        ]
        if self.lift.early:
            blocks.append(Sentence(_describe_early(self.until), "open"))
        if self.removed is not None:
            had = counted(self.removed, "customer had", "customers had")
            blocks.append(Sentence(f"{had} the tag of those held out on the platform; it was taken off."))
        if not self.platforms and self.removed is None:
            blocks.append(Sentence("No file of them was written for a platform, so nothing is to do there."))
        sections = [Section("lift", "", tuple(blocks))]
        for name in self.platforms:
            files = [Sentence(f"  File: {file.path}") for file in self.files if file.export == name]
            export = get_export(name)
            steps = (*number_steps(export.lift_steps), *files)
            sections.append(Section(f"lift-{name}", f"{export.title}: what to do there", steps))
        return sections


def lift_hold_out(
    folder: Path,
    campaign: Path,
    settings: LiftSettings | None = None,
    *,
    wait: float = DEFAULT_WAIT,
    opener: Opener = ApiClient,
) -> LiftResult:
    """Lift a campaign's hold-out, and write what its platforms need for that; lifted again, nothing changes.

    After the window frontrow holds nobody out anyway; what is left to do is on the platforms. Before its end the shop's
    log of those held out is changed too, so that later campaigns may contact them.

    Args:
        folder: The shop's folder.
        campaign: The campaign's folder.
        settings: Whether it is lifted early.
        wait: Seconds to wait for another command that is changing the shop.
        opener: Makes the client; a test hands over one whose clock does not wait.

    Raises:
        RemoteError: The platform cannot be reached, or refuses; the hold-out is lifted in the shop.
        CampaignError: The folder holds no campaign, one of another shop, one that held nobody out, or one whose window
            is not over. Nothing was changed then.
        ShopError: The folder holds no shop, or its log is damaged.
        ShopLockedError: Another command did not finish in time.
    """
    settings = settings or LiftSettings()
    planned = Campaign.read(campaign)
    for name in settings.exports:
        get_export(name)
    with change_shop(folder, "lift", wait=wait):
        shop = Shop.read(folder)
        _check(planned, campaign, was_planned_here=was_planned_on(planned, shop.settings.imports))
        today = settings.today or dt.datetime.now(shop.time_zone).date()
        until = max(planned.window_end(product) for product in planned.products)
        earlier = Lift.read(campaign)
        if earlier is None and today < until and not settings.early:
            raise CampaignError(_refuse_early(campaign, until, today))
        lift = earlier or Lift(today, early=today < until)
        platforms = sorted({*planned.exports, *settings.exports})
        files = _write_files(planned, campaign, shop, platforms)
        if lift.early and (log := HeldOutLog.read(folder)).rows.height:
            commit(folder, {HELD_OUT_LOG: log.ended(planned, lift.lifted_on).rows.lazy()}, {})
        lift.write(campaign)
    removed = None if settings.to is None else _take_tag_off(folder, planned, settings.to, settings, opener)
    return LiftResult(planned, campaign, lift, until, tuple(platforms), tuple(files), removed)


def _take_tag_off(folder: Path, planned: Campaign, to: str, settings: LiftSettings, opener: Opener) -> int:
    """Take the tag of those held out off on a platform; how many had it."""
    destination = find_destination(folder, to, settings.settings, settings.secrets)
    tag = campaign_tag(planned.name, HELD_OUT_STEM)
    with open_account(destination.platform, destination.connect(), opener) as client:
        return destination.platform.lift(GuardedClient(client), tag, destination.settings)


def _check(planned: Campaign, place: Path, *, was_planned_here: bool) -> None:
    if not was_planned_here:
        raise CampaignError(
            f"{place} was planned on another shop, where customer numbers are not the same. Give the folder of that "
            "shop."
        )
    if not planned.held_out.height:
        raise CampaignError(f"{place} held nobody out: there is nothing to lift.")


def _refuse_early(place: Path, until: dt.date, today: dt.date) -> str:
    left = counted((until - today).days, "day", "days")
    return (
        f"The window of {place} is open until {long_date(until)}, {left} from now. Whoever is held out and hears of "
        "the product until then spoils the measurement. Nothing was changed. Lift it then; or now, with --early, if "
        "you do without the rest of the measurement."
    )


def _describe_early(until: dt.date) -> str:
    return (
        f"It was lifted early: the window is open until {long_date(until)}. As soon as one of them hears of the "
        "product, what the campaign caused can no longer be measured. Measure it first, with frontrow measure."
    )


def _write_files(planned: Campaign, place: Path, shop: Shop, platforms: Sequence[str]) -> list[ExportFile]:
    """The files that take a mark off those held out, where a platform needs one."""
    properties = read_properties(place)
    chosen = None if properties is None else properties.select("customer_id", pl.col("^group$"))
    rules = ContactRules(channel=planned.channel, phone_region=planned.contact_rules.get("phone_region"))
    held_out = with_properties(collect_held_out(planned, shop.as_of(), rules), chosen)
    written = []
    for name in platforms:
        table = get_export(name).lift_table(held_out, planned.channel)
        if table is None or not table.height:
            continue
        (place / EXPORTS).mkdir(exist_ok=True)
        with staging_folder(place / EXPORTS / name) as staged:
            for path, rows in get_export(name).write_table(table, staged, f"{name}-{LIFTED_STEM}"):
                final = path.replace(place / EXPORTS / path.name)
                written.append(ExportFile(name, "", final, rows, held_out=True))
    return written
