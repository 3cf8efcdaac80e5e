"""Sync a shop: fetch from its sources what is new, import it, and commit the bookmarks with the rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from frontrow.errors import FrontrowError, SettingError, ShopError, require
from frontrow.present.section import Section
from frontrow.present.sections.sync import build_sections
from frontrow.progress import Progress, no_progress
from frontrow.remote.client import ApiClient
from frontrow.service.changing import change_shop
from frontrow.shop.config import ShopConfig
from frontrow.shop.import_report import DataReport
from frontrow.shop.import_settings import ImportSettings
from frontrow.shop.update import import_files
from frontrow.sources.checks import complete_source
from frontrow.sources.connector import Connector, Fetched, FetchRequest, Opener, get_connector
from frontrow.sources.downloads import open_downloads
from frontrow.sources.source import Source
from frontrow.sources.sync_record import SECTION, SyncRecord, build_section, choose_bookmark, read_records
from frontrow.storage.commit import commit
from frontrow.storage.pointer import POINTER
from frontrow.storage.waiting import DEFAULT_WAIT


@dataclass(frozen=True)
class SyncSettings:
    """How to sync.

    Attributes:
        source: The name of the only source; None for all.
        from_start: Fetch everything again, not only what is new.
        new_shop: What a person decides about a shop that does not exist yet, such as its time zone.
        opener: Makes clients of services.
        now: The present instant; None for the clock's.
    """

    source: str | None = None
    from_start: bool = False
    new_shop: ImportSettings = field(default_factory=ImportSettings)
    opener: Opener = ApiClient
    now: dt.datetime | None = None


@dataclass(frozen=True)
class SourceSync:
    """What a sync of one source did.

    Attributes:
        name: The source's name.
        title: What its connector calls the service.
        counts: What came, by its name in the plural.
        is_first: Whether everything was fetched, not only what is new.
        report: What became of every row; None where nothing came, or the sync failed.
        warnings: Sentences about what a person should do.
        problem: Why the sync failed; empty where it did not.
    """

    name: str
    title: str
    counts: Mapping[str, int] = field(default_factory=dict)
    is_first: bool = False
    report: DataReport | None = None
    warnings: tuple[str, ...] = ()
    problem: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "source": self.name,
            "counts": dict(self.counts),
            "is_first": self.is_first,
            "warnings": list(self.warnings),
            "problem": self.problem or None,
            "import": None if self.report is None else self.report.to_dict(),
        }


@dataclass(frozen=True)
class SyncResult:
    """What a sync did.

    Attributes:
        folder: The shop's folder.
        sources: One entry a source, in the order of the configuration.
        notices: Sentences about what this run does differently from what was asked or stated.
    """

    folder: Path
    sources: tuple[SourceSync, ...]
    notices: tuple[str, ...] = ()

    @property
    def is_done(self) -> bool:
        """Whether no source failed."""
        return not any(source.problem for source in self.sources)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a person should know, for the log."""
        return tuple(
            sentence
            for source in self.sources
            for sentence in (*([source.problem] if source.problem else []), *source.warnings)
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {"is_done": self.is_done, "sources": [source.to_dict() for source in self.sources]}

    def sections(self) -> list[Section]:
        """What came from each source, and the data report."""
        return build_sections(self.sources, self.folder)


def sync_shop(
    folder: Path,
    settings: SyncSettings | None = None,
    *,
    progress: Progress = no_progress,
    wait: float = DEFAULT_WAIT,
) -> SyncResult:
    """Fetch from a shop's sources what is new, and import it.

    Each source is fetched and imported by itself: what is fetched lies in the shop until it is imported, so that an
    interrupted sync goes on where it was, and the bookmark is committed together with the rows. Where one of several
    sources fails, the others are synced all the same.

    Args:
        folder: The shop's folder, in which sources are stated; the first sync makes the shop.
        settings: How to sync.
        progress: Told how far it is.
        wait: Seconds to wait for another command that is changing the shop.

    Raises:
        ShopError: The shop states no such source, or is damaged.
        ShopLockedError: Another command did not finish in time, or fetches from the source at this moment.
        RemoteError: The only source cannot be reached, or refuses.
        CredentialError: Its secret is missing, expired or lacks a scope.
        InputError: What came cannot be imported.
    """
    settings = settings or SyncSettings()
    sources = _choose_sources(folder, settings.source)
    results = []
    for number, source in enumerate(sources):

        def step(done: float, total: float, number: int = number) -> None:
            progress(number + (done / total if total else 0.0), len(sources))

        try:
            results.append(_sync_source(folder, source, settings, progress=step, wait=wait))
        except FrontrowError as error:
            if len(sources) == 1:
                raise
            results.append(SourceSync(source.name, source.kind, problem=str(error)))
    progress(1.0, 1.0)
    return SyncResult(folder, tuple(results))


def open_source(folder: Path, name: str) -> tuple[Source, Connector]:
    """A source with its defaults, and its connector, ready to be used.

    Args:
        folder: The shop's folder.
        name: The source's name.

    Raises:
        ShopError: The shop states no such source, or not all that its connector needs.
        MissingExtraError: What its connector needs is not installed.
    """
    (source,) = _choose_sources(folder, name)
    try:
        connector = get_connector(source.kind)
        complete = complete_source(source, connector.settings)
    except SettingError as error:
        raise ShopError(f'The source "{name}" cannot be used: {error} {_how_to_change(folder, source)}') from error
    for package, extra in connector.packages.items():
        require(package, extra=extra)
    return complete, connector


def _choose_sources(folder: Path, name: str | None) -> list[Source]:
    sources = ShopConfig.read(folder).sources
    if not sources:
        raise ShopError(
            f"{folder} states no source. State where its data lives with: frontrow source add {folder} KIND. The kinds "
            "are listed by: frontrow source kinds"
        )
    if name is not None and name not in sources:
        raise ShopError(f"{folder} has no source of that name. It has: {', '.join(sources)}.")
    return [*sources.values()] if name is None else [sources[name]]


def _sync_source(
    folder: Path, stated: Source, settings: SyncSettings, *, progress: Progress, wait: float
) -> SourceSync:
    """Sync one source, as the configuration states it."""
    source, connector = open_source(folder, stated.name)
    now = settings.now or dt.datetime.now(dt.UTC)
    record = read_records(folder).get(source.name)
    bookmark = {} if settings.from_start else choose_bookmark(record, stated)
    with open_downloads(folder, source, bookmark, now=now) as downloads:
        request = FetchRequest(source, bookmark, downloads.folder, downloads.started_at, progress, settings.opener)
        try:
            fetched = connector.fetch(request)
        except SettingError as error:
            raise ShopError(f'The source "{source.name}": {error} {_how_to_change(folder, source)}') from error
        downloads.close_to_others()
        new_record = SyncRecord(stated.digest(), fetched.bookmark, now, fetched.counts)
        report = _import(folder, stated, fetched, new_record, settings.new_shop, wait=wait)
        downloads.remove()
    return SourceSync(source.name, connector.title, fetched.counts, not bookmark, report, fetched.warnings)


def _import(
    folder: Path, stated: Source, fetched: Fetched, record: SyncRecord, new_shop: ImportSettings, *, wait: float
) -> DataReport | None:
    """Import what came, and commit the bookmark with it; None where nothing came."""
    with change_shop(folder, "sync", wait=wait, new=True):
        if ShopConfig.read(folder).sources.get(stated.name) != stated:
            raise ShopError(
                f'The source "{stated.name}" was removed or stated anew while it was being synced. Nothing was '
                f"imported; sync again with: frontrow sync {folder}"
            )
        is_new = not (folder / POINTER).exists()
        sections = {SECTION: build_section({**read_records(folder), stated.name: record})}
        if not fetched.files:
            if not is_new:
                commit(folder, {}, sections)
            return None
        return import_files(
            fetched.files, folder, settings=_import_settings(fetched, new_shop, is_new), sections=sections
        )


def _import_settings(fetched: Fetched, new_shop: ImportSettings, is_new: bool) -> ImportSettings:
    """How the files are read; what the service says of a shop counts where nobody says otherwise."""
    return ImportSettings(
        format=fetched.format,
        mapping=fetched.mapping,
        time_zone=new_shop.time_zone or (fetched.time_zone if is_new else None),
        currency=new_shop.currency or (fetched.currency if is_new else None),
        grain=new_shop.grain,
        parent_sku=new_shop.parent_sku,
        exchange_rates=new_shop.exchange_rates,
    )


def _how_to_change(folder: Path, source: Source) -> str:
    return f"State it again with: frontrow source add {folder} {source.kind} --source {source.name} --replace"
