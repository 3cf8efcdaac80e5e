"""The jobs of a server: what waits, what runs, what became of the rest; every change is one transaction."""

from __future__ import annotations

import datetime as dt
import json
import secrets
import sqlite3
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from frontrow.errors import SettingError
from frontrow.web.jobs.job import Job, State
from frontrow.web.settings import ServeSettings
from frontrow.web.store.database import Database

ID_BYTES: Final = 16
FINAL: Final = ("done", "failed", "cancelled")
COLUMNS: Final = (
    *("job_id", "kind", "shop", "request", "state", "done", "total", "error", "field"),
    *("created_at", "started_at", "ended_at", "attempts", "created_by", "cancelling"),
)
TABLE: Final = """
    CREATE TABLE IF NOT EXISTS jobs (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        job_id TEXT NOT NULL UNIQUE,
        kind TEXT NOT NULL,
        shop TEXT NOT NULL,
        request TEXT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('waiting', 'running', 'done', 'failed', 'cancelled')),
        done REAL NOT NULL DEFAULT 0,
        total REAL NOT NULL DEFAULT 0,
        error TEXT NOT NULL DEFAULT '',
        field TEXT NOT NULL DEFAULT '',
        created_at TEXT NOT NULL,
        started_at TEXT,
        ended_at TEXT,
        attempts INTEGER NOT NULL DEFAULT 0,
        created_by TEXT NOT NULL,
        cancelling INTEGER NOT NULL DEFAULT 0,
        pid INTEGER
    )
"""
INDEX: Final = "CREATE INDEX IF NOT EXISTS jobs_by_state ON jobs (state, number)"


class JobStore:
    """The table of jobs, used by the server and by the process of each job.

    A job is numbered in the order in which it was added. `attempt` is the number of the process that works on it: what
    an earlier process says late, of a job that was started again, changes nothing.
    """

    def __init__(self, database: Database, waiting_jobs: int = ServeSettings.waiting_jobs) -> None:
        """Make the table where there is none.

        Args:
            database: The server's.
            waiting_jobs: Most jobs that wait.
        """
        self._database = database
        self._waiting_jobs = waiting_jobs
        database.prepare(TABLE, INDEX)

    def add(self, kind: str, shop: str, request: dict[str, Any], *, created_by: str, job_id: str | None = None) -> Job:
        """Write down a job that is to be done.

        Args:
            kind: Name of its kind.
            shop: Name of the shop.
            request: What is asked for, as values that JSON knows.
            created_by: Name of the token it is asked for with.
            job_id: Its id, of a request that may be sent again: a job that has it already is returned as it is; None
                for a new one.

        Raises:
            SettingError: Too many jobs wait already.
        """
        before = None if job_id is None else self.get(job_id)
        if before is not None:
            return before
        job_id = job_id or secrets.token_hex(ID_BYTES)
        values = (job_id, kind, shop, json.dumps(request), "waiting", _now(), created_by)
        with self._database.write() as connection:
            (waiting,) = connection.execute("SELECT COUNT(*) FROM jobs WHERE state = 'waiting'").fetchone()
            if waiting >= self._waiting_jobs:
                raise SettingError("jobs", f"{waiting} jobs wait already. Try again when some of them are done.")
            connection.execute(
                "INSERT OR IGNORE INTO jobs (job_id, kind, shop, request, state, created_at, created_by) "
                "VALUES (?, ?, ?, ?, ?, ?, ?)",
                values,
            )
            return _select(connection, job_id)

    def get(self, job_id: str) -> Job | None:
        """The job of an id; None where there is none."""
        with self._database.connect() as connection:
            row = connection.execute(f"SELECT {', '.join(COLUMNS)} FROM jobs WHERE job_id = ?", (job_id,)).fetchone()
        return None if row is None else _read(row)

    def list(
        self,
        *,
        shop: str | None = None,
        kind: str | None = None,
        state: State | Collection[State] | None = None,
        limit: int = 100,
    ) -> Sequence[Job]:
        """Jobs, the newest first.

        Args:
            shop: Only those of this shop.
            kind: Only those of this kind.
            state: Only those in this state, or in one of these.
            limit: Most jobs.
        """
        states = (state,) if isinstance(state, str) else state
        conditions, values = ["1"], []
        for column, value in (("shop", shop), ("kind", kind)):
            if value is not None:
                conditions.append(f"{column} = ?")
                values.append(value)
        if states is not None:
            conditions.append(f"state IN ({', '.join('?' * len(states))})")
            values += [*states]
        query = f"SELECT {', '.join(COLUMNS)} FROM jobs WHERE {' AND '.join(conditions)} ORDER BY number DESC LIMIT ?"
        with self._database.connect() as connection:
            return [_read(row) for row in connection.execute(query, (*values, limit))]

    def cancel(self, job_id: str) -> Job:
        """Cancel a job: one that waits at once, one that runs as soon as its process has ended.

        A job that has ended stays as it is.

        Raises:
            SettingError: There is no such job.
        """
        with self._database.write() as connection:
            connection.execute(
                "UPDATE jobs SET state = 'cancelled', ended_at = ?, cancelling = 1 "
                "WHERE job_id = ? AND state = 'waiting'",
                (_now(), job_id),
            )
            connection.execute("UPDATE jobs SET cancelling = 1 WHERE job_id = ? AND state = 'running'", (job_id,))
            return _select(connection, job_id)

    def start(self, job_id: str) -> Job | None:
        """Mark a job that waits as running, by one process more; None where it does not wait any more."""
        with self._database.write() as connection:
            changed = connection.execute(
                "UPDATE jobs SET state = 'running', attempts = attempts + 1, started_at = ?, pid = NULL, done = 0, "
                "total = 0 WHERE job_id = ? AND state = 'waiting'",
                (_now(), job_id),
            )
            return _select(connection, job_id) if changed.rowcount else None

    def attach(self, job_id: str, pid: int) -> Job | None:
        """Note which process works on a job; None where it does not run, so that the process has nothing to do."""
        with self._database.write() as connection:
            changed = connection.execute(
                "UPDATE jobs SET pid = ? WHERE job_id = ? AND state = 'running'", (pid, job_id)
            )
            return _select(connection, job_id) if changed.rowcount else None

    def report_progress(self, job_id: str, attempt: int, done: float, total: float) -> None:
        """Note how far a job is."""
        self._update(job_id, attempt, {"done": done, "total": total})

    def finish(self, job_id: str, attempt: int) -> bool:
        """Mark a job as done, once its results are on the disk; whether it was running."""
        return self._end(job_id, attempt, "done", {})

    def fail(self, job_id: str, attempt: int, error: str, field: str = "") -> bool:
        """Mark a job as failed.

        Args:
            job_id: The job.
            attempt: Number of its process.
            error: What went wrong, for a person, without personal data.
            field: The setting at fault.
        """
        return self._end(job_id, attempt, "failed", {"error": error, "field": field})

    def mark_cancelled(self, job_id: str, attempt: int) -> bool:
        """Mark a job as cancelled, once its process has undone what it began."""
        return self._end(job_id, attempt, "cancelled", {})

    def put_back(self, job_id: str, attempt: int) -> bool:
        """Let a job wait again whose process died; it keeps its place before those that were added later."""
        return self._update(job_id, attempt, {"state": "waiting", "pid": None})

    def pid(self, job_id: str) -> int | None:
        """The process of a job, where it has noted itself."""
        with self._database.connect() as connection:
            row = connection.execute("SELECT pid FROM jobs WHERE job_id = ?", (job_id,)).fetchone()
        return None if row is None else row["pid"]

    def unfinished(self) -> Sequence[Job]:
        """The jobs that run or wait, the oldest first."""
        query = f"SELECT {', '.join(COLUMNS)} FROM jobs WHERE state IN ('waiting', 'running') ORDER BY number"
        with self._database.connect() as connection:
            return [_read(row) for row in connection.execute(query)]

    def remove(self, job_ids: Collection[str]) -> None:
        """Take jobs out of the table that have ended; the caller removes their results."""
        with self._database.write() as connection:
            connection.executemany(
                "DELETE FROM jobs WHERE job_id = ? AND state IN ('done', 'failed', 'cancelled')",
                [(job_id,) for job_id in job_ids],
            )

    def job_ids(self) -> set[str]:
        """The ids of all jobs."""
        with self._database.connect() as connection:
            return {row["job_id"] for row in connection.execute("SELECT job_id FROM jobs")}

    def count_by_state(self) -> dict[str, int]:
        """How many jobs are in each state; states without any are left out."""
        query = "SELECT state, COUNT(*) FROM jobs GROUP BY state ORDER BY state"
        with self._database.connect() as connection:
            return {row[0]: row[1] for row in connection.execute(query)}

    def _end(self, job_id: str, attempt: int, state: State, values: Mapping[str, Any]) -> bool:
        return self._update(job_id, attempt, {**values, "state": state, "ended_at": _now()})

    def _update(self, job_id: str, attempt: int, values: Mapping[str, Any]) -> bool:
        """Change a running job; whether it still runs by the process of that number."""
        changes = ", ".join(f"{name} = ?" for name in values)
        with self._database.write() as connection:
            changed = connection.execute(
                f"UPDATE jobs SET {changes} WHERE job_id = ? AND state = 'running' AND attempts = ?",
                (*values.values(), job_id, attempt),
            )
            return changed.rowcount > 0


def _select(connection: sqlite3.Connection, job_id: str) -> Job:
    row = connection.execute(f"SELECT {', '.join(COLUMNS)} FROM jobs WHERE job_id = ?", (job_id,)).fetchone()
    if row is None:
        raise SettingError("job", "There is no job of that id here. It may have been removed since.")
    return _read(row)


def _read(row: sqlite3.Row) -> Job:
    values = {name: row[name] for name in COLUMNS}
    for name in ("created_at", "started_at", "ended_at"):
        values[name] = None if values[name] is None else dt.datetime.fromisoformat(values[name])
    return Job(**{**values, "request": json.loads(values["request"]), "cancelling": bool(values["cancelling"])})


def _now() -> str:
    return dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds")
