"""State where a shop's data comes from and where its campaigns go to; see whether a source can be reached."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from frontrow.errors import SettingError, ShopError
from frontrow.present.section import Section, Sentence, Table
from frontrow.remote.client import ApiClient
from frontrow.remote.secrets import SecretReference
from frontrow.service.changing import change_shop
from frontrow.service.sync import open_source
from frontrow.shop.config import SOURCES, ShopConfig
from frontrow.sources.checks import complete_source
from frontrow.sources.connector import ConnectorSetting, FetchRequest, Opener, get_connector, list_connectors
from frontrow.sources.downloads import remove_downloads
from frontrow.sources.source import Source
from frontrow.sources.sync_record import SECTION, SyncRecord, build_section, read_records
from frontrow.storage.commit import commit
from frontrow.storage.pointer import POINTER
from frontrow.storage.waiting import DEFAULT_WAIT

NEVER: Final = "never"


@dataclass(frozen=True)
class SourceSummary:
    """A source as somebody sees it who need not know how it is reached.

    Attributes:
        name: What the shop calls it.
        kind: The name of its connector.
        title: What its connector calls the service.
        synced_at: When it was last synced, UTC; None for never.
        counts: What came then, by its name in the plural.
    """

    name: str
    kind: str
    title: str
    synced_at: dt.datetime | None
    counts: Mapping[str, int]

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self) | {"counts": dict(self.counts)}


@dataclass(frozen=True)
class PlacesResult:
    """The sources or destinations that a shop states.

    Attributes:
        folder: The shop's folder.
        key: `sources` or `destinations`.
        places: By name.
        records: Of the last sync of each source, by name.
        sentence: What was done; empty where they are only listed.
        notices: Sentences about what this run does differently from what was asked or stated.
    """

    folder: Path
    key: str
    places: Mapping[str, Source]
    records: Mapping[str, SyncRecord]
    sentence: str = ""
    notices: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Each place by name; of secrets where they lie."""
        return {
            self.key: {
                name: place.to_dict() | ({"synced_at": self._synced_at(name)} if self.key == SOURCES else {})
                for name, place in self.places.items()
            }
        }

    def sections(self) -> list[Section]:
        """What was done, and a table of the places."""
        blocks: list[Sentence | Table] = [Sentence(self.sentence)] if self.sentence else []
        if self.places:
            columns = ("name", "kind", "settings", "secrets", *(("last sync",) if self.key == SOURCES else ()))
            blocks.append(Table(f"The {self.key} of {self.folder}", columns, [*map(self._row, self.places.values())]))
        elif not self.sentence:
            blocks.append(Sentence(f"{self.folder} states no {self.key}."))
        return [Section(self.key, "", tuple(blocks))]

    def _row(self, place: Source) -> tuple[str, ...]:
        settings = "\n".join(f"{name}={value}" for name, value in place.settings.items())
        secrets = "\n".join(f"{name}={reference}" for name, reference in place.secrets.items())
        synced_at = self._synced_at(place.name)
        last = (NEVER if synced_at is None else f"{synced_at:%Y-%m-%d %H:%M} UTC",) if self.key == SOURCES else ()
        return (place.name, place.kind, settings, secrets, *last)

    def summaries(self) -> list[SourceSummary]:
        """The sources without their settings and without where their secrets lie."""
        titles = {name: connector.title for name, connector in list_connectors().items()}
        records = {name: self.records.get(name) for name in self.places}
        return [
            SourceSummary(
                place.name,
                place.kind,
                titles.get(place.kind, place.kind),
                self._synced_at(place.name),
                {} if (record := records[place.name]) is None else record.counts,
            )
            for place in self.places.values()
        ]

    def _synced_at(self, name: str) -> dt.datetime | None:
        record = self.records.get(name)
        return None if record is None else record.synced_at


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


def add_source(folder: Path, source: Source, *, replace: bool = False, wait: float = DEFAULT_WAIT) -> PlacesResult:
    """State a source; the service is not reached.

    Args:
        folder: The shop's folder, made if there is none.
        source: What it is.
        replace: Whether a source of the same name is stated anew.
        wait: Seconds to wait for another command that is changing the shop.

    Raises:
        SettingError: There is no such kind, something is missing, or the name is taken.
        ShopLockedError: Another command did not finish in time.
    """
    connector = get_connector(source.kind)
    complete_source(source, connector.settings)
    state_place(folder, SOURCES, source, replace=replace, wait=wait)
    notice = f"{folder} holds no shop yet; the first sync makes it."
    notices = () if (folder / POINTER).exists() else (notice,)
    sentence = (
        f'"{source.name}" is a source of {folder} now. See whether it can be reached with: '
        f"frontrow source test {folder} {source.name}"
    )
    config = ShopConfig.read(folder)
    return PlacesResult(folder, SOURCES, config.sources, read_records(folder), sentence, notices)


def state_place(folder: Path, key: str, place: Source, *, replace: bool = False, wait: float = DEFAULT_WAIT) -> None:
    """Write a checked source or destination to a shop's configuration.

    Args:
        folder: The shop's folder, made if there is none.
        key: `sources` or `destinations`.
        place: What it is.
        replace: Whether one of the same name is stated anew.
        wait: Seconds to wait for another command that is changing the shop.

    Raises:
        SettingError: The name is taken.
        ShopLockedError: Another command did not finish in time.
    """
    with change_shop(folder, key.removesuffix("s"), wait=wait, new=True):
        config = ShopConfig.read(folder)
        places = config.places(key)
        if place.name in places and not replace:
            raise SettingError(
                "name", f'There is "{place.name}" already. Give another --source, or state it anew with --replace.'
            )
        config.with_value(key, {**places, place.name: place}).write(folder)


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
        drop_place(folder, SOURCES, name)
        remove_downloads(folder, (name,))
        records = read_records(folder)
        if records.pop(name, None) is not None:
            commit(folder, {}, {SECTION: build_section(records)})
    sentence = f'"{name}" is no source of {folder} any more. What was imported from it stays.'
    return PlacesResult(folder, SOURCES, ShopConfig.read(folder).sources, records, sentence)


def drop_place(folder: Path, key: str, name: str) -> None:
    """Take a source or destination out of a shop's configuration; the caller has the shop's lock.

    Args:
        folder: The shop's folder.
        key: `sources` or `destinations`.
        name: Its name.

    Raises:
        ShopError: The shop states none of that name.
    """
    config = ShopConfig.read(folder)
    places = dict(config.places(key))
    if places.pop(name, None) is None:
        names = ", ".join(places) or "none"
        raise ShopError(f"{folder} has no {key.removesuffix('s')} of that name. It has: {names}.")
    config.with_value(key, places or None).write(folder)


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
        request = FetchRequest(source, {}, Path(place), dt.datetime.now(dt.UTC), opener=opener)
        return AccessResult(name, connector.check_access(request))


def parse_secrets(texts: Mapping[str, str]) -> dict[str, SecretReference]:
    """The places of secrets, by name.

    Args:
        texts: As a person typed them: `env:NAME` or `file:/PATH`.

    Raises:
        SettingError: One is no place of a secret.
    """
    return {name: SecretReference.parse(text) for name, text in texts.items()}
