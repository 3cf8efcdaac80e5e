"""The register of a shop's campaigns in `shop.json`, and how a campaign's folder appears: after the logs or never.

A campaign is staged inside the shop. One commit records it, with the logs where it is to be sent, and names what is
staged; then the folder is moved to its place. Whatever interrupts this, the next command moves what a commit named, and
removes what none did.
"""

from __future__ import annotations

import errno
import re
import shutil
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

import polars as pl

from frontrow.campaign.record.campaign import Campaign, check_free
from frontrow.errors import CampaignError, FrontrowError, ShopError
from frontrow.storage.commit import STAGING, commit
from frontrow.storage.durable import make_parents, make_private, sync_folder, sync_tree
from frontrow.storage.folder import new_folder
from frontrow.storage.json_types import require_types
from frontrow.storage.pointer import STAGED, Pointer

# never a path out of the shop
NAME: Final = re.compile(r"campaign-[A-Za-z0-9-]*")
REGISTER: Final = "campaigns"
"""The section of `shop.json` that holds it."""


@dataclass(frozen=True)
class RegisteredCampaign:
    """A campaign that was planned on a shop.

    Attributes:
        campaign_id: See `Campaign.campaign_id`.
        name: Its name.
        folder: Where it was written, as an absolute path.
        created: When it was planned, UTC, in ISO 8601.
        recorded: Whether it is in the shop's logs.
    """

    campaign_id: str
    name: str
    folder: str
    created: str
    recorded: bool


def read_register(folder: Path) -> dict[str, RegisteredCampaign]:
    """The campaigns planned on the shop in `folder`, by id.

    Raises:
        ShopError: The folder holds no shop, or a damaged one.
    """
    records = Pointer.read(folder).sections.get(REGISTER, [])
    try:
        for record in records:
            require_types(RegisteredCampaign, record)
        campaigns = [RegisteredCampaign(**record) for record in records]
    except (TypeError, ValueError, AttributeError) as error:
        raise ShopError(f"{folder} has a damaged register of campaigns. frontrow check {folder} says more.") from error
    return {campaign.campaign_id: campaign for campaign in campaigns}


def register_section(campaigns: Iterable[RegisteredCampaign]) -> list[dict[str, Any]]:
    """The section of `shop.json` that holds the register."""
    return [asdict(campaign) for campaign in campaigns]


def with_campaign(folder: Path, campaign: Campaign, place: Path, *, recorded: bool) -> list[dict[str, Any]]:
    """The register with one campaign more, or with what is new of one that it has.

    Args:
        folder: The shop's folder.
        campaign: As it was planned.
        place: Its folder.
        recorded: Whether it is in the shop's logs now.
    """
    register = read_register(folder)
    before = register.get(campaign.campaign_id)
    register[campaign.campaign_id] = RegisteredCampaign(
        campaign_id=campaign.campaign_id,
        name=campaign.name,
        folder=str(place),
        created=campaign.created.isoformat() if before is None else before.created,
        recorded=recorded or (before is not None and before.recorded),
    )
    return register_section(register.values())


def staged_name(campaign: Campaign | RegisteredCampaign) -> str:
    """The name of the folder in which a campaign is staged."""
    return f"campaign-{campaign.campaign_id}"


def staged_place(folder: Path, campaign: RegisteredCampaign) -> Path:
    """The folder in which a campaign waits to be moved to its place, if it does.

    Args:
        folder: The shop's folder.
        campaign: The campaign.
    """
    return folder / STAGING / staged_name(campaign)


def check_same_plan(folder: Path, campaign: Campaign, place: Path) -> None:
    """Make sure that a campaign which was planned before would contact the same customers now.

    Args:
        folder: The shop's folder.
        campaign: As it is planned now.
        place: Its folder.

    Raises:
        CampaignError: Other campaigns were recorded since, and leave it other customers.
    """
    for written in (place, folder / STAGING / staged_name(campaign)):
        if not holds_campaign(written, campaign.campaign_id):
            continue
        before = Campaign.read(written)
        if not before.assignment.equals(campaign.assignment):
            raise CampaignError(
                f"{place} holds this campaign as it was planned on {before.created:%Y-%m-%d}. Other campaigns were "
                "recorded since, so that the same command would choose other customers now. Nothing was changed. If "
                f"its files were sent, record that with: frontrow contacted {folder} {place}. Else delete {place}, "
                "and run this command again."
            )


def publish_campaign(
    folder: Path, campaign: Campaign, place: Path, tables: Mapping[str, pl.LazyFrame], sections: Mapping[str, Any]
) -> None:
    """Record a campaign that is staged in a shop, then move it to its place; the caller has the shop's lock.

    Args:
        folder: The shop's folder.
        campaign: As it was planned; its files are in the shop's staging folder `staged_name`.
        place: Where it is to lie. The same campaign may be there already: then it stays.
        tables: The shop's logs, where the campaign is recorded in them.
        sections: Other sections of `shop.json` that change with it.

    Raises:
        CampaignError: The place holds something else.
    """
    staged = folder / STAGING / staged_name(campaign)
    place = place.absolute()
    if not holds_campaign(place, campaign.campaign_id):
        check_free(place)
    make_private(staged)
    sync_tree(staged)
    sync_folder(folder / STAGING)
    register = with_campaign(folder, campaign, place, recorded=bool(tables))
    waiting = [name for name in _staged(folder) if name != staged.name]
    commit(folder, tables, {**sections, REGISTER: register, STAGED: [*waiting, staged.name]})
    if place in complete_campaigns(folder):
        raise CampaignError(
            f"{place} cannot be written to. The campaign is recorded in {folder}, and its files wait there: the next "
            "command that changes the shop writes them. Make room, or allow writing, and run this command again."
        )


def complete_campaigns(folder: Path) -> list[Path]:
    """Move every campaign that a commit recorded to its place; the caller has the shop's lock.

    Args:
        folder: The shop's folder.

    Returns:
        Places that cannot be written to at the moment; the campaigns stay staged.
    """
    register = {staged_name(campaign): campaign for campaign in read_register(folder).values()}
    waiting = _staged(folder)
    left = []
    for name in waiting:
        try:
            if (folder / STAGING / name).is_dir():
                _move(folder / STAGING / name, register[name])
        except (OSError, FrontrowError):
            left.append(name)
    if left != waiting:
        commit(folder, {}, {STAGED: left})
    return [Path(register[name].folder) for name in left]


def _staged(folder: Path) -> list[str]:
    names = Pointer.read(folder).sections.get(STAGED, [])
    if not isinstance(names, list) or not all(isinstance(name, str) and NAME.fullmatch(name) for name in names):
        raise ShopError(f"{folder} has a damaged register of campaigns. frontrow check {folder} says more.")
    return names


def _move(staged: Path, campaign: RegisteredCampaign) -> None:
    place = Path(campaign.folder)
    if holds_campaign(place, campaign.campaign_id):
        shutil.rmtree(staged)
        return
    check_free(place)
    make_parents(place)
    try:
        if place.exists():
            place.rmdir()
        staged.rename(place)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        with new_folder(place) as copy:
            shutil.copytree(staged, copy, dirs_exist_ok=True)
        shutil.rmtree(staged)
    sync_folder(place.parent)


def holds_campaign(place: Path, campaign_id: str) -> bool:
    """Whether a folder holds a campaign already.

    Args:
        place: The folder.
        campaign_id: The campaign's id.
    """
    with suppress(CampaignError):
        return bool(campaign_id) and Campaign.read(place).campaign_id == campaign_id
    return False


def mark_recorded(folder: Path, campaign: Campaign) -> list[dict[str, Any]] | None:
    """The register with a campaign marked as recorded in the logs; None where the register does not have it."""
    register = read_register(folder)
    if campaign.campaign_id not in register:
        return None
    register[campaign.campaign_id] = replace(register[campaign.campaign_id], recorded=True)
    return register_section(register.values())
