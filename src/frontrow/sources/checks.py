"""Whether a source states what its connector needs, and nothing that should not be stored."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final
from urllib.parse import urlsplit

from frontrow.errors import SettingError
from frontrow.sources.connector import ConnectorSetting
from frontrow.sources.source import Source

TOKEN: Final = re.compile(r"^(shp[a-z]{2}_|c[ks]_[0-9a-f]{20}|pk_|sk_|AKIA|-----BEGIN)")
"""How tokens and keys of common services begin."""


def complete_source(source: Source, settings: Sequence[ConnectorSetting]) -> Source:
    """Check what a source states, and put defaults where it states nothing.

    Args:
        source: As a person stated it.
        settings: What its connector or platform needs to know.

    Raises:
        SettingError: Something is missing, or has a name that the connector does not know, or may be a secret.
    """
    _check_names(source.settings, [item for item in settings if not item.secret], source, option="set")
    _check_names(source.secrets, [item for item in settings if item.secret], source, option="secret")
    for name, value in source.settings.items():
        if may_be_secret(value):
            raise SettingError(
                "set",
                f"{name} seems to hold a token or a password, which would be stored. Give it as a secret: "
                f"--secret {name}=env:VARIABLE.",
            )
    missing = [item for item in settings if item.required and item.name not in {**source.settings, **source.secrets}]
    if missing:
        listed = "; ".join(f"{_example(item)} ({item.meaning})" for item in missing)
        raise SettingError("set", f"{source.kind} needs to know more. Add: {listed}.")
    defaults = {item.name: item.default for item in settings if not item.secret and item.default}
    return replace(source, settings={**defaults, **source.settings})


def may_be_secret(value: str) -> bool:
    """Whether a setting looks like a secret: a token of a common service, or an address with a password.

    Example:
        >>> may_be_secret("postgresql://me:pw@db/shop"), may_be_secret("shpat_123"), may_be_secret("garden")
        (True, True, False)
    """
    try:
        has_password = bool(urlsplit(value.strip()).password)
    except ValueError:
        has_password = False
    return has_password or TOKEN.search(value.strip()) is not None


def _check_names(
    stated: Mapping[str, object], items: Sequence[ConnectorSetting], source: Source, *, option: str
) -> None:
    names = [item.name for item in items]
    for name in stated:
        if name not in names:
            # a text without "=" was taken for a name, and may be a secret
            listed = ", ".join(names) or "none"
            raise SettingError(option, f"{source.kind} has no such setting. Those of --{option}: {listed}.")


def _example(item: ConnectorSetting) -> str:
    return f"--secret {item.name}=env:VARIABLE" if item.secret else f"--set {item.name}=…"
