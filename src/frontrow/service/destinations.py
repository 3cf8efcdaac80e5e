"""Where a campaign is pushed to: a destination that the shop states, or a platform with its key in the environment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from frontrow.errors import SettingError
from frontrow.push.platform import Connection, Platform, get_platform
from frontrow.remote.secrets import SecretReference
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


def find_destination(name: str, settings: Sequence[str] = (), secrets: Sequence[str] = ()) -> Destination:
    """The destination that a person names.

    Args:
        name: Of a destination in the shop's configuration, or of a platform.
        settings: NAME=VALUE for this run, in the place of what the shop states.
        secrets: NAME=env:VARIABLE or NAME=file:/PATH for this run.

    Raises:
        CampaignError: There is no such platform.
        SettingError: A setting is unknown or missing, or a secret is given in the place of its place.
    """
    source = Source(name, name)
    platform = get_platform(source.kind)
    source = replace(
        source,
        settings={**source.settings, **dict(_split(text, "setting") for text in settings)},
        secrets={
            **source.secrets,
            **{key: SecretReference.parse(place) for key, place in (_split(text, "secret") for text in secrets)},
        },
    )
    return Destination(name, platform, _fill_settings(platform, source), _fill_secrets(platform, source))


def _split(text: str, option: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign or not name:
        raise SettingError(option, f"--{option} is given as NAME=VALUE.")
    return name.strip(), value.strip()


def _fill_settings(platform: Platform, source: Source) -> dict[str, str]:
    expected = {setting.name: setting for setting in platform.settings if not setting.secret}
    for name in source.settings:
        if name not in expected:
            raise SettingError(
                "setting", f"{platform.title} has no setting of that name. Available: {', '.join(sorted(expected))}."
            )
    values = {name: source.settings.get(name) or setting.default for name, setting in expected.items()}
    for name, setting in expected.items():
        if setting.required and not values[name]:
            raise SettingError(
                "setting", f"{platform.title} needs {name}: {setting.meaning}. Give it with --setting {name}=VALUE."
            )
    return values


def _fill_secrets(platform: Platform, source: Source) -> dict[str, SecretReference]:
    names = [setting.name for setting in platform.settings if setting.secret]
    for name in source.secrets:
        if name not in names:
            raise SettingError("secret", f"{platform.title} has no secret of that name. Available: {', '.join(names)}.")
    default = {names[0]: SecretReference("env", platform.default_key)} if names else {}
    return {**default, **source.secrets}
