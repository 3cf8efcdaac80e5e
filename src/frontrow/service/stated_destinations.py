"""State where a shop's campaigns go to: an account of a platform, its settings and the places of its keys."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from frontrow.push.platform import get_platform
from frontrow.remote.secrets import SecretReference
from frontrow.service.changing import change_shop
from frontrow.service.places import PlacesResult, drop_place, state_place
from frontrow.shop.config import DESTINATIONS, ShopConfig
from frontrow.sources.checks import complete_source
from frontrow.sources.source import Source
from frontrow.storage.waiting import DEFAULT_WAIT


def list_destinations(folder: Path) -> PlacesResult:
    """The destinations that a shop states.

    Args:
        folder: The shop's folder.

    Raises:
        ShopError: The configuration cannot be read.
    """
    return PlacesResult(folder, DESTINATIONS, ShopConfig.read(folder).destinations)


def add_destination(
    folder: Path, destination: Source, *, replacing: bool = False, wait: float = DEFAULT_WAIT
) -> PlacesResult:
    """State a destination; the platform is not reached.

    Args:
        folder: The shop's folder.
        destination: What it is; a key that it does not place lies in the platform's own environment variable.
        replacing: Whether a destination of the same name is stated anew.
        wait: Seconds to wait for another command that is changing the shop.

    Raises:
        CampaignError: There is no such platform.
        SettingError: Something is missing, or the name is taken.
        ShopLockedError: Another command did not finish in time.
    """
    platform = get_platform(destination.kind)
    keys = [item.name for item in platform.settings if item.secret]
    default = {keys[0]: SecretReference("env", platform.default_key)} if keys else {}
    destination = replace(destination, secrets={**default, **destination.secrets})
    complete_source(destination, platform.settings)
    state_place(folder, DESTINATIONS, destination, replacing=replacing, wait=wait)
    sentence = (
        f'"{destination.name}" is a destination of {folder} now. Count what a campaign would bring there with: '
        f"frontrow push {folder} CAMPAIGN --to {destination.name}"
    )
    return replace(list_destinations(folder), sentence=sentence)


def remove_destination(folder: Path, name: str, *, wait: float = DEFAULT_WAIT) -> PlacesResult:
    """Take a destination back; what was pushed there stays there.

    Args:
        folder: The shop's folder.
        name: The destination's name.
        wait: Seconds to wait for another command that is changing the shop.

    Raises:
        ShopError: The shop states no such destination.
        ShopLockedError: Another command did not finish in time.
    """
    with change_shop(folder, "destination", wait=wait, new=True):
        drop_place(folder, DESTINATIONS, name)
    sentence = f'"{name}" is no destination of {folder} any more. What was pushed there stays there.'
    return replace(list_destinations(folder), sentence=sentence)
