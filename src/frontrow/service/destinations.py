"""Where a campaign is pushed to: a destination that the shop states, or a platform with its key in the environment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from frontrow.errors import FrontrowError, SettingError
from frontrow.push.platform import Connection, Platform, get_platform, platform_names
from frontrow.remote.secrets import SecretReference
from frontrow.shop.config import ShopConfig
from frontrow.sources.checks import complete_source
from frontrow.sources.source import Source


@dataclass(frozen=True)
class Destination:
    """A platform's account.

    Attributes:
        name: What the shop calls it; the platform's name where it states none.
        platform: The platform.
        settings: By name, defaults filled in.
        secrets: Where the keys lie, by name.
    """

    name: str
    platform: Platform
    settings: dict[str, str]
    secrets: Mapping[str, SecretReference] = field(default_factory=dict)

    def connect(self) -> Connection:
        """Read the keys, and say how to reach the account.

        Raises:
            CredentialError: A key is missing.
        """
        return self.platform.connect(
            self.settings, {name: reference.read() for name, reference in self.secrets.items()}
        )


def find_destination(folder: Path, name: str, settings: Sequence[str] = (), secrets: Sequence[str] = ()) -> Destination:
    """The destination that a person names.

    Args:
        folder: The shop's folder.
        name: Of a destination in the shop's configuration, or of a platform.
        settings: NAME=VALUE for this run, in the place of what the shop states.
        secrets: NAME=env:VARIABLE or NAME=file:/PATH for this run.

    Raises:
        CampaignError: There is no such platform.
        SettingError: A setting is unknown or missing, or a secret is given in the place of its place.
        ShopError: The shop's configuration is damaged.
    """
    stated = ShopConfig.read(folder).destinations.get(name)
    platform = get_platform(name if stated is None else stated.kind)
    source = stated or Source(name, platform.name)
    keys = [setting.name for setting in platform.settings if setting.secret]
    default = {keys[0]: SecretReference("env", platform.default_key)} if keys else {}
    given = {key: SecretReference.parse(place) for key, place in _split(secrets, "secret")}
    source = replace(
        source,
        settings={**source.settings, **dict(_split(settings, "set"))},
        secrets={**default, **source.secrets, **given},
    )
    source = complete_source(source, platform.settings)
    return Destination(source.name, platform, dict(source.settings), source.secrets)


@dataclass(frozen=True)
class DestinationSummary:
    """A destination as somebody sees it who need not know how it is reached.

    Attributes:
        name: What the shop calls it; the platform's name where it states none.
        title: What the platform is called.
        problem: Why nothing can be sent there; empty where it can.
    """

    name: str
    title: str
    problem: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {"name": self.name, "title": self.title, "is_ready": not self.problem, "problem": self.problem or None}


def describe_destinations(folder: Path) -> list[DestinationSummary]:
    """Where a shop's campaigns can be sent: what it states, then the other platforms; nothing is reached.

    Args:
        folder: The shop's folder.

    Raises:
        ShopError: The shop's configuration is damaged.
    """
    stated = ShopConfig.read(folder).destinations
    kinds = {place.kind for place in stated.values()}
    return [_summarize(folder, name) for name in (*stated, *(name for name in platform_names() if name not in kinds))]


def _summarize(folder: Path, name: str) -> DestinationSummary:
    try:
        destination = find_destination(folder, name)
    except FrontrowError as error:
        return DestinationSummary(name, name, str(error))
    try:
        destination.connect()
    except FrontrowError as error:
        return DestinationSummary(name, destination.platform.title, str(error))
    return DestinationSummary(name, destination.platform.title)


def _split(texts: Sequence[str], option: str) -> Iterator[tuple[str, str]]:
    for text in texts:
        name, sign, value = text.partition("=")
        if not sign or not name:
            raise SettingError(option, "Give it as NAME=VALUE.")
        yield name.strip(), value.strip()
