"""State where a shop's data comes from, and see whether it can be reached."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

from frontrow.errors import ShopLockedError
from frontrow.present.section import Section, Sentence, Table
from frontrow.remote.client import ApiClient, ClientSettings
from frontrow.service.changing import change_shop
from frontrow.service.places import PlacesResult, drop_place, state_place
from frontrow.service.sync import open_source
from frontrow.shop.config import SOURCES, ShopConfig
from frontrow.sources.checks import complete_source
from frontrow.sources.connector import ConnectorSetting, FetchRequest, Opener, get_connector, list_connectors
from frontrow.sources.downloads import remove_downloads
from frontrow.sources.source import Source
from frontrow.sources.sync_record import SECTION, build_section, read_records
from frontrow.storage.commit import commit
from frontrow.storage.pointer import POINTER
from frontrow.storage.waiting import DEFAULT_WAIT

ATTEMPTS: Final = 2
"""How often a service is asked whether it can be reached."""


@dataclass(frozen=True)
class KindsResult:
    """The kinds of sources that there are, and what each needs to know.

    Attributes:
        kinds: Title and settings by name.
        notices: Sentences about what this run does differently from what was asked or stated.
    """

    kinds: Mapping[str, tuple[str, Sequence[ConnectorSetting]]]
    notices: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            name: {"title": title, "settings": [asdict(item) for item in settings]}
            for name, (title, settings) in self.kinds.items()
        }

    def sections(self) -> list[Section]:
        """A table of the kinds."""
        rows = [
            (
                name if not number else "",
                f"--{'secret' if item.secret else 'set'} {item.name}",
                item.meaning,
                "needed" if item.required else item.default or "not needed",
            )
            for name, (_, settings) in self.kinds.items()
            for number, item in enumerate(settings)
        ]
        table = Table("Kinds of sources", ("kind", "option", "what it says", "default"), rows)
        return [Section("kinds", "", (table,) if rows else (Sentence("There is no kind of source."),))]


@dataclass(frozen=True)
class AccessResult:
    """Whether a source can be reached.

    Attributes:
        name: The source's name.
        sentences: What was reached and what is missing.
        notices: Sentences about what this run does differently from what was asked or stated.
    """

    name: str
    sentences: tuple[str, ...]
    notices: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {"source": self.name, "sentences": list(self.sentences)}

    def sections(self) -> list[Section]:
        """The sentences."""
        return [Section("access", "", tuple(map(Sentence, self.sentences)))]


def list_kinds(kind: str | None = None) -> KindsResult:
    """The kinds of sources, and what each needs to know.

    Args:
        kind: The only one; None for all.

    Raises:
        SettingError: There is no such kind.
    """
    connectors = list_connectors() if kind is None else {kind: get_connector(kind)}
    return KindsResult({name: (connector.title, connector.settings) for name, connector in sorted(connectors.items())})


def list_sources(folder: Path) -> PlacesResult:
    """The sources that a shop states, and when each was last synced.

    Args:
        folder: The shop's folder.

    Raises:
        ShopError: The configuration cannot be read.
    """
    return PlacesResult(folder, SOURCES, ShopConfig.read(folder).sources, read_records(folder))


def add_source(folder: Path, source: Source, *, replacing: bool = False, wait: float = DEFAULT_WAIT) -> PlacesResult:
    """State a source; the service is not reached.

    Args:
        folder: The shop's folder, made if there is none.
        source: What it is.
        replacing: Whether a source of the same name is stated anew.
        wait: Seconds to wait for another command that is changing the shop.

    Raises:
        SettingError: There is no such kind, something is missing, or the name is taken.
        ShopLockedError: Another command did not finish in time.
    """
    connector = get_connector(source.kind)
    complete_source(source, connector.settings)
    state_place(folder, SOURCES, source, replacing=replacing, wait=wait)
    notice = f"{folder} holds no shop yet; the first sync makes it."
    notices = () if (folder / POINTER).exists() else (notice,)
    sentence = (
        f'"{source.name}" is a source of {folder} now. See whether it can be reached with: '
        f"frontrow source test {folder} {source.name}"
    )
    config = ShopConfig.read(folder)
    return PlacesResult(folder, SOURCES, config.sources, read_records(folder), sentence, notices)


def remove_source(folder: Path, name: str, *, wait: float = DEFAULT_WAIT) -> PlacesResult:
    """Take a source back: its statement, its bookmark, and what an interrupted sync left; imported orders stay.

    Args:
        folder: The shop's folder.
        name: The source's name.
        wait: Seconds to wait for another command that is changing the shop.

    Raises:
        ShopError: The shop states no such source.
        ShopLockedError: Another command did not finish in time, or fetches from the source at this moment.
    """
    with change_shop(folder, "source", wait=wait, new=True):
        if remove_downloads(folder, (name,)):
            raise ShopLockedError(
                f'"{name}" of {folder} is being synced at this moment. Nothing was done. Wait until that has finished.'
            )
        drop_place(folder, SOURCES, name)
        records = read_records(folder)
        if records.pop(name, None) is not None:
            commit(folder, {}, {SECTION: build_section(records)})
    sentence = f'"{name}" is no source of {folder} any more. What was imported from it stays.'
    return PlacesResult(folder, SOURCES, ShopConfig.read(folder).sources, records, sentence)


def _be_impatient(opener: Opener) -> Opener:
    """Somebody waits for the answer: a service that does not answer is asked once more, and not for half a minute."""

    def open_client(settings: ClientSettings) -> ApiClient:
        return opener(replace(settings, retries=replace(settings.retries, attempts=ATTEMPTS)))

    return open_client


def check_source(folder: Path, name: str, *, opener: Opener = ApiClient) -> AccessResult:
    """Reach a source once; nothing is changed and no person's data is fetched.

    Args:
        folder: The shop's folder.
        name: The source's name.
        opener: Makes clients of services.

    Raises:
        ShopError: The shop states no such source.
        RemoteError: The service cannot be reached, or refuses.
        CredentialError: A secret is missing, expired or lacks a scope.
    """
    source, connector = open_source(folder, name)
    with tempfile.TemporaryDirectory(prefix="frontrow-") as place:
        request = FetchRequest(source, {}, Path(place), dt.datetime.now(dt.UTC), opener=_be_impatient(opener))
        return AccessResult(name, connector.check_access(request))
