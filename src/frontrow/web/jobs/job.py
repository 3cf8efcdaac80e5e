"""A job as it stands in the database."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, Literal

State = Literal["waiting", "running", "done", "failed", "cancelled"]


@dataclass(frozen=True)
class Job:
    """One piece of work.

    Attributes:
        job_id: Its id, random; it names the folder of its results, too.
        kind: Name of its kind.
        shop: Name of the shop.
        request: What was asked for, as plain values.
        state: waiting, running, done, failed or cancelled; the last three are final.
        done: Steps done.
        total: Steps in all; 0 while that is not known.
        error: What went wrong, for a person; empty where nothing did.
        field: The setting at fault; empty where none is.
        created_at: When it was asked for, UTC.
        started_at: When its process started the last time; None while it waits.
        ended_at: When it reached a final state; None before.
        attempts: How often a process was started for it.
        created_by: Name of the token it was asked for with.
        cancelling: Whether somebody cancelled it; its process may still be undoing what it began.
    """

    job_id: str
    kind: str
    shop: str
    request: dict[str, Any]
    state: State
    done: float
    total: float
    error: str
    field: str
    created_at: dt.datetime
    started_at: dt.datetime | None
    ended_at: dt.datetime | None
    attempts: int
    created_by: str
    cancelling: bool = False

    @property
    def is_final(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.state in ("done", "failed", "cancelled")
