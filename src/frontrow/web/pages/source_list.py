"""The sources of a shop as its page shows them: when each was last synced, and what came."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from frontrow.errors import FrontrowError
from frontrow.service.sources import list_sources


@dataclass(frozen=True)
class ListedSource:
    """A source of a shop.

    Attributes:
        name: What the shop calls it.
        title: What messages call the service.
        synced_at: When it was last synced, UTC; None for never.
        counts: What came then, by its name in the plural.
    """

    name: str
    title: str
    synced_at: dt.datetime | None
    counts: Mapping[str, int]


def describe_sources(folder: Path) -> tuple[ListedSource, ...]:
    """The sources that a shop states; none where that cannot be read, which the page says already.

    Where its secrets lie is nobody's business here.

    Args:
        folder: The shop's folder.
    """
    try:
        summaries = list_sources(folder).summaries()
    except FrontrowError:
        return ()
    return tuple(ListedSource(summary.name, summary.title, summary.synced_at, summary.counts) for summary in summaries)
