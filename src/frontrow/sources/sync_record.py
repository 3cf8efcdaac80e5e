"""What `shop.json` says of each source: the bookmark that the next sync begins from, and when the last one was."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from frontrow.errors import ShopError
from frontrow.sources.source import Source
from frontrow.storage.pointer import POINTER, Pointer

SECTION: Final = "sources"
"""The section of `shop.json` that holds them, by the source's name."""


@dataclass(frozen=True)
class SyncRecord:
    """The last sync of a source that was imported.

    Attributes:
        digest: Of the source as it was stated then (`Source.digest`).
        bookmark: What the next sync begins from, as the connector gave it.
        synced_at: When it ended, UTC.
        counts: What came, by its name in the plural.

    Example:
        >>> record = SyncRecord("5f0c", {"page": 2}, dt.datetime(2026, 3, 1, tzinfo=dt.UTC), {"orders": 12})
        >>> SyncRecord.from_dict(record.to_dict()) == record
        True
    """

    digest: str
    bookmark: Mapping[str, Any]
    synced_at: dt.datetime
    counts: Mapping[str, int]

    @classmethod
    def from_dict(cls, values: Any) -> SyncRecord:
        """Make a record of what `shop.json` says.

        Raises:
            ValueError, KeyError, TypeError, AttributeError: It is no record.
        """
        synced_at = dt.datetime.fromisoformat(values["synced_at"])
        if synced_at.tzinfo is None or not isinstance(values["bookmark"], dict):
            raise ValueError("no record of a sync")
        counts = {str(name): int(count) for name, count in values["counts"].items()}
        return cls(str(values["digest"]), values["bookmark"], synced_at, counts)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "digest": self.digest,
            "bookmark": dict(self.bookmark),
            "synced_at": self.synced_at.isoformat(timespec="seconds"),
            "counts": dict(self.counts),
        }


def read_records(folder: Path) -> dict[str, SyncRecord]:
    """The records of a shop, by the source's name; none where there is no shop yet.

    Args:
        folder: The shop's folder.

    Raises:
        ShopError: The shop is damaged.
    """
    if not (folder / POINTER).exists():
        return {}
    section = Pointer.read(folder).sections.get(SECTION, {})
    try:
        return {str(name): SyncRecord.from_dict(values) for name, values in section.items()}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ShopError(
            f"{folder / POINTER} has a record of a sync that frontrow did not write. Repair it with: "
            f"frontrow check {folder} --repair"
        ) from error


def build_section(records: Mapping[str, SyncRecord]) -> dict[str, Any]:
    """The section of `shop.json`.

    Args:
        records: By the source's name.
    """
    return {name: record.to_dict() for name, record in sorted(records.items())}


def choose_bookmark(record: SyncRecord | None, source: Source) -> Mapping[str, Any]:
    """What a sync begins from: nothing where the source was never imported, or is stated otherwise since.

    Args:
        record: Of the last sync.
        source: As it is stated now.
    """
    return record.bookmark if record is not None and record.digest == source.digest() else {}
