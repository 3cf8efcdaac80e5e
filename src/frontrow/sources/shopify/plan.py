"""What a sync has done so far, so that one that was killed goes on instead of beginning anew."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Self

from frontrow.sources.shopify.operation import Started
from frontrow.storage.json_file import parse_json, write_json

PLAN: Final = "plan.json"
LONGEST_BREAK: Final = dt.timedelta(hours=20)
"""How long what was begun is gone on with. Shopify keeps the files for seven days."""


@dataclass
class Plan:
    """What was begun, and what is finished.

    Attributes:
        folder: Where it is kept, beside what was downloaded.
        queries: The bulk query of each kind; another one makes another plan.
        began: When.
        started: The operation of each kind.
        failures: How often an operation of a kind failed.
        counts: Of each finished kind what `export.write_export` returned.
    """

    folder: Path
    queries: Mapping[str, str]
    began: dt.datetime
    started: dict[str, Started] = field(default_factory=dict)
    failures: dict[str, int] = field(default_factory=dict)
    counts: dict[str, list[int]] = field(default_factory=dict)

    @classmethod
    def open(cls, folder: Path, queries: Mapping[str, str], now: dt.datetime) -> Self:
        """Go on with the plan in a folder, or make a new one there and remove everything else.

        Args:
            folder: A private folder.
            queries: The bulk query of each kind.
            now: The present instant.
        """
        plan = cls(folder, dict(queries), now)
        try:
            values = parse_json((folder / PLAN).read_text("utf-8"))
            began = dt.datetime.fromisoformat(values["began"])
            if values["queries"] == plan.queries and abs(now - began) < LONGEST_BREAK:
                return cls(
                    folder,
                    plan.queries,
                    began,
                    {kind: _read_started(value) for kind, value in values["started"].items()},
                    values["failures"],
                    values["counts"],
                )
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            # no plan, or a damaged one: nothing is lost but time
            pass
        _clear(folder)
        return plan

    def save(self) -> None:
        """Write the plan, in one step."""
        started = {kind: [value.id, value.created_at.isoformat()] for kind, value in self.started.items()}
        write_json(
            {
                "began": self.began.isoformat(),
                "queries": self.queries,
                "started": started,
                "failures": self.failures,
                "counts": self.counts,
            },
            self.folder / PLAN,
        )


def _read_started(value: Any) -> Started:
    return Started(value[0], dt.datetime.fromisoformat(value[1]))


def _clear(folder: Path) -> None:
    for path in folder.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
