"""A folder of shops and the jobs on it; a job is done in the process of the test."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from frontrow.web.jobs.child import run_job
from frontrow.web.jobs.job import Job
from frontrow.web.jobs.places import Places
from frontrow.web.settings import STATE
from frontrow.web.store.database import Database
from frontrow.web.store.jobs import JobStore
from frontrow.web.store.uploads import new_upload


@dataclass(frozen=True)
class Bench:
    """A folder of shops, and what is needed to do jobs on them.

    Attributes:
        places: The folders of the server.
        store: The jobs.
    """

    places: Places
    store: JobStore

    @property
    def shop(self) -> Path:
        """The garden's folder."""
        return self.places.shops / "garden"

    def run(self, kind: str, shop: str = "garden", **request: Any) -> Job:
        """Do a job, and return it as it ended."""
        job = self.store.add(kind, shop, {"shop": shop, **request}, created_by="test")
        assert self.store.start(job.job_id) is not None
        run_job(self.places, job.job_id)
        ended = self.store.get(job.job_id)
        assert ended is not None
        return ended

    def done(self, kind: str, **request: Any) -> Path:
        """Do a job that does not fail, and return the folder of its results."""
        job = self.run(kind, **request)
        assert job.state == "done", job.error
        return self.folder_of(job)

    def folder_of(self, job: Job) -> Path:
        """The folder of a job's results."""
        return self.places.jobs / job.job_id

    def upload(self, name: str, content: bytes) -> str:
        """Upload a file, and return its id."""
        with new_upload(self.places.uploads, name) as (upload_id, file):
            file.write(content)
        return upload_id


def open_bench(shops: Path) -> Bench:
    """A bench over a folder of shops."""
    return Bench(Places(shops / STATE), JobStore(Database(shops / STATE)))
