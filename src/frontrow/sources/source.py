"""Sources and destinations as a shop's configuration states them: a kind, its settings, and where its secrets lie."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from frontrow.errors import SettingError
from frontrow.remote.secrets import SecretReference

NAME: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
LONGEST_VALUE: Final = 20_000
"""Characters of a setting, such as a query."""


@dataclass(frozen=True)
class Source:
    """A place that a shop's data comes from, or as a destination one that its campaigns go to.

    Attributes:
        name: What the shop calls it; also the name of its folder of downloads.
        kind: The name of a connector, or of a platform.
        settings: What the connector needs to know, by name.
        secrets: Where its secrets lie, by name.

    Example:
        >>> values = {"kind": "shopify", "settings": {"shop": "garden"}, "secrets": {"token": "env:SHOPIFY_TOKEN"}}
        >>> source = Source.from_dict("main", values)
        >>> source.to_dict() == values, str(source.secrets["token"])
        (True, 'env:SHOPIFY_TOKEN')
    """

    name: str
    kind: str
    settings: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, SecretReference] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not NAME.fullmatch(self.kind):
            raise SettingError("kind", "There is no such kind. A kind has small letters, such as shopify.")
        if not NAME.fullmatch(self.name):
            raise SettingError(
                "name", "A name has small letters, digits, - and _, at most 40 of them, such as main-shop."
            )

    @classmethod
    def from_dict(cls, name: str, values: Any) -> Source:
        """Make a source of what a configuration says.

        Args:
            name: What the shop calls it.
            values: `kind`, `settings` and `secrets`.

        Raises:
            SettingError: A name or a secret's place is not of its kind.
            TypeError: The values are of another shape.
        """
        if not isinstance(values, Mapping) or not {*values} <= {"kind", "settings", "secrets"}:
            raise TypeError("a source has a kind, settings and secrets")
        settings, secrets = values.get("settings", {}), values.get("secrets", {})
        for texts in (settings, secrets):
            if not isinstance(texts, Mapping) or not all(_is_text(value) for value in texts.values()):
                raise TypeError("settings and secrets are texts by name")
        if not isinstance(values.get("kind"), str):
            raise TypeError("a source has a kind")
        references = {str(key): SecretReference.parse(text) for key, text in secrets.items()}
        return cls(name, values["kind"], {str(key): str(text) for key, text in settings.items()}, references)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON; of secrets the places only."""
        secrets = {name: str(reference) for name, reference in self.secrets.items()}
        return {"kind": self.kind, "settings": dict(self.settings), "secrets": secrets}

    def digest(self) -> str:
        """What the data depends on: a source with other settings is fetched anew from the beginning."""
        text = json.dumps([self.kind, dict(self.settings)], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()


def _is_text(value: object) -> bool:
    return isinstance(value, str) and len(value) <= LONGEST_VALUE
