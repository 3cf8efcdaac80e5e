"""What a sync did: what came from each source, and what became of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from frontrow.present.section import Section, Sentence
from frontrow.present.sections.imports import build_sections as build_import_sections
from frontrow.shop.import_report import DataReport


class SyncedSource(Protocol):
    """What a sync of one source did; `service.sync.SourceSync`."""

    @property
    def name(self) -> str:
        """The source's name."""

    @property
    def title(self) -> str:
        """What its connector calls the service."""

    @property
    def counts(self) -> Mapping[str, int]:
        """What came."""

    @property
    def is_first(self) -> bool:
        """Whether everything was fetched."""

    @property
    def report(self) -> DataReport | None:
        """What became of every row."""

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a person should do."""

    @property
    def problem(self) -> str:
        """Why it failed."""


def build_sections(sources: Sequence[SyncedSource], folder: Path) -> list[Section]:
    """What a person reads of a sync.

    Args:
        sources: What the sync of each did.
        folder: The shop's folder.
    """
    return [section for source in sources for section in _build_source(source, folder)]


def _build_source(source: SyncedSource, folder: Path) -> Iterator[Section]:
    if source.problem:
        yield Section(f"sync-{source.name}", "", (Sentence(f"{source.name}: not synced. {source.problem}", "bad"),))
        return
    warnings = [Sentence(f"Warning: {warning}", "bad") for warning in source.warnings]
    yield Section(f"sync-{source.name}", "", (Sentence(describe_counts(source)), *warnings))
    if source.report is not None:
        for section in build_import_sections(source.report, folder):
            yield replace(section, name=f"{section.name}-{source.name}")


def describe_counts(source: SyncedSource) -> str:
    """What came from a source, as a sentence.

    Args:
        source: What its sync did.
    """
    came = ", ".join(f"{count:,} {name}" for name, count in source.counts.items() if count)
    since = "" if source.is_first else " since the last sync"
    return f"{source.name} ({source.title}): {came or 'nothing'} came{since}."
