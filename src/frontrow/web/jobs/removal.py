"""Which jobs of the past stay.

A campaign that was written keeps its job and its audience, and its latest measurement; a shop keeps its latest
back-test: pages refer to them. Of the other jobs that have ended, the newest stay. A job's results go with it.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from frontrow.web.jobs.job import Job
from frontrow.web.jobs.locks import is_locked
from frontrow.web.jobs.places import LOCK, Places
from frontrow.web.store.jobs import FINAL, JobStore
from frontrow.web.store.uploads import sweep_uploads

MOST_JOBS: Final = 200
"""Jobs that have ended and stay, beside those that pages refer to."""

SHOWN_UNTIL_THE_NEXT: Final = ("measure", "backtest")
"""Kinds whose latest result a page shows until there is another one."""


def remove_old_jobs(store: JobStore, places: Places, most: int = MOST_JOBS) -> list[str]:
    """Remove the oldest jobs that have ended, with their results, and uploads that nobody needs.

    Args:
        store: The jobs.
        places: The folders of the server.
        most: How many stay, beside those that pages refer to.

    Returns:
        The ids of the jobs that were removed.
    """
    ended = store.list(state=FINAL, limit=sys.maxsize)
    unfinished = store.unfinished()
    referred = _referred_to([*ended, *unfinished]) | _latest_answers(ended)
    removable = [job.job_id for job in ended if job.job_id not in referred]
    old = removable[most:]
    if old:
        store.remove(old)
    _sweep_folders(places.jobs, store)
    sweep_uploads(places.uploads, {text for job in unfinished for text in _texts(job.request)})
    return old


def _referred_to(jobs: Sequence[Job]) -> set[str]:
    """The jobs of campaigns that were written or are to be, and their audiences."""
    campaigns = [job for job in jobs if job.kind == "campaign" and job.state not in ("failed", "cancelled")]
    return {job.job_id for job in campaigns} | {str(job.request.get("audience")) for job in campaigns}


def _latest_answers(ended: Sequence[Job]) -> set[str]:
    """The latest measurement of each campaign and the latest back-test of each shop, among jobs the newest first."""
    latest: dict[tuple[str, str, str], str] = {}
    for job in ended:
        if job.kind in SHOWN_UNTIL_THE_NEXT and job.state == "done":
            latest.setdefault((job.kind, job.shop, str(job.request.get("campaign"))), job.job_id)
    return set(latest.values())


def _sweep_folders(jobs: Path, store: JobStore) -> None:
    """Remove the folders of jobs that are gone, also where that was interrupted."""
    # the folders first: a job that is added meanwhile has none yet
    folders = [folder for folder in jobs.glob("*") if folder.is_dir()]
    job_ids = store.job_ids()
    for folder in folders:
        if folder.name not in job_ids and not is_locked(folder / LOCK):
            shutil.rmtree(folder, ignore_errors=True)


def _texts(request: dict[str, object]) -> set[str]:
    """The texts of a request, and those in its lists."""
    values = [part for value in request.values() for part in (value if isinstance(value, list) else [value])]
    return {value for value in values if isinstance(value, str)}
