"""What a connector is: one file of `sources/connectors` fetches from one kind of service.

To add one, add a file `connectors/NAME.py` that ends in `CONNECTOR = MyConnector()`, an instance of a subclass of
`Connector`. It appears in `frontrow source add` and in the contract tests without another edit. Importing it loads
no library beyond those of frontrow: what the service needs is imported in `fetch`.

A connector writes what the service's own export holds, in the layout of that export, so that the import reads it with
the format of the file that a person would bring. It may be killed at any moment, and is then called again with the same
folder and the same bookmark: it goes on from what lies in the folder, or begins anew, and the import counts nothing
twice.
"""

from __future__ import annotations

import datetime as dt
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Final

import frontrow.sources.connectors
from frontrow.discovery import load_plugins
from frontrow.errors import SettingError
from frontrow.progress import Progress, no_progress
from frontrow.remote.client import EXTRA, ApiClient, ClientSettings
from frontrow.remote.secrets import Secret
from frontrow.sources.source import Source

Opener = Callable[[ClientSettings], ApiClient]
"""Makes a client; a test hands over one whose clock does not wait."""


@dataclass(frozen=True)
class ConnectorSetting:
    """Something a connector needs to know.

    Attributes:
        name: As it is typed: `--set NAME=VALUE`, or `--secret NAME=env:VARIABLE`.
        meaning: In a few words, with an example.
        required: Whether there is no default.
        default: What holds where nothing is said; empty for nothing.
        secret: Only the place of its value is stored.
    """

    name: str
    meaning: str
    required: bool = True
    default: str = ""
    secret: bool = False


@dataclass(frozen=True)
class FetchRequest:
    """What a connector is asked to fetch.

    Attributes:
        source: The source, its settings complete: defaults stand where nothing was said.
        bookmark: What the last sync that was imported left; empty the first time.
        folder: A private folder for what is downloaded; after a kill it holds what had come.
        now: When the first attempt at this sync began; after a kill the same again.
        progress: Told how far it is.
        opener: Makes a client.
    """

    source: Source
    bookmark: Mapping[str, Any]
    folder: Path
    now: dt.datetime
    progress: Progress = no_progress
    opener: Opener = ApiClient

    def setting(self, name: str) -> str:
        """The value of a setting; empty where there is none."""
        return self.source.settings.get(name, "")

    def secret(self, name: str) -> Secret:
        """Read a secret.

        Raises:
            CredentialError: It is not where the source says.
            SettingError: The source states no such secret.
        """
        if name not in self.source.secrets:
            raise SettingError(
                "secret", f'The source "{self.source.name}" states no {name}. Add it with --secret {name}=env:VARIABLE.'
            )
        return self.source.secrets[name].read()


@dataclass(frozen=True)
class Fetched:
    """What a connector fetched.

    Attributes:
        files: In the layouts of exports; none where nothing is new.
        bookmark: What the next sync begins from: plain JSON values, no secret and nothing about a person.
        format: The name of the format of all files; None to recognise each by its header.
        mapping: Field to column, for tables of order lines.
        counts: What came, by its name in the plural: {"orders": 12}.
        warnings: Sentences about what a person should do, such as that a scope is missing.
        time_zone: Of the shop as the service states it; used where a new shop states none.
        currency: The same.
    """

    files: tuple[Path, ...]
    bookmark: Mapping[str, Any]
    format: str | None = None
    mapping: Mapping[str, str] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    time_zone: str | None = None
    currency: str | None = None


class Connector(ABC):
    """Fetches from one kind of service.

    Attributes:
        name: As it is typed, the same as the file's.
        title: What messages call the service.
        settings: What it needs to know.
        packages: What it needs beyond frontrow itself: the extra that brings it, by import name.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    settings: ClassVar[tuple[ConnectorSetting, ...]]
    packages: ClassVar[Mapping[str, str]] = {"httpx": EXTRA}

    @abstractmethod
    def fetch(self, request: FetchRequest) -> Fetched:
        """Fetch what is new since the bookmark, with some overlap; everything without one.

        Raises:
            RemoteError: The service cannot be reached, or refuses.
            CredentialError: A secret is missing, expired or lacks a scope.
            SettingError: A setting cannot be used.
        """

    @abstractmethod
    def check_access(self, request: FetchRequest) -> tuple[str, ...]:
        """Reach the service once, change nothing, and fetch no person's data.

        Returns:
            Sentences about what was reached and what is missing.

        Raises:
            RemoteError: The service cannot be reached, or refuses.
            CredentialError: A secret is missing, expired or lacks a scope.
            SettingError: A setting cannot be used.
        """


CONNECTOR: Final = "CONNECTOR"


def list_connectors() -> dict[str, Connector]:
    """Every connector by name."""
    return load_plugins(frontrow.sources.connectors, CONNECTOR)


def get_connector(kind: str) -> Connector:
    """The connector for a kind of source.

    Raises:
        SettingError: There is none.
    """
    connectors = list_connectors()
    if kind not in connectors:
        raise SettingError(
            "kind", f'There is no kind of source named "{kind}". Available: {", ".join(sorted(connectors))}.'
        )
    return connectors[kind]
