"""Places that a shop states in its configuration: sources, which data comes from, and destinations of campaigns."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from frontrow.errors import SettingError, ShopError
from frontrow.present.section import Section, Sentence, Table
from frontrow.service.changing import change_shop
from frontrow.shop.config import SOURCES, ShopConfig
from frontrow.sources.connector import list_connectors
from frontrow.sources.source import Source
from frontrow.sources.sync_record import SyncRecord
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
    records: Mapping[str, SyncRecord] = field(default_factory=dict)
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


def state_place(folder: Path, key: str, place: Source, *, replacing: bool = False, wait: float = DEFAULT_WAIT) -> None:
    """Write a checked source or destination to a shop's configuration.

    Args:
        folder: The shop's folder, made if there is none.
        key: `sources` or `destinations`.
        place: What it is.
        replacing: Whether one of the same name is stated anew.
        wait: Seconds to wait for another command that is changing the shop.

    Raises:
        SettingError: The name is taken.
        ShopLockedError: Another command did not finish in time.
    """
    with change_shop(folder, key.removesuffix("s"), wait=wait, new=True):
        config = ShopConfig.read(folder)
        places = config.places(key)
        if place.name in places and not replacing:
            word = key.removesuffix("s")
            raise SettingError(
                word, f'There is "{place.name}" already. Give another --{word}, or state it anew with --replace.'
            )
        config.with_value(key, {**places, place.name: place}).write(folder)


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
