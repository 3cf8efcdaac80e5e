"""The process of a job: how it ends, how it reports, and that it ends once."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
from job_bench import Bench

from frontrow.web.jobs import child
from frontrow.web.jobs.job import Job
from frontrow.web.jobs.kind import Work, get_kind
from frontrow.web.store.jobs import JobStore

RULE = {"shop": "garden", "products": [{"title": "Blue Pot"}], "model": "order_lines"}


def start(bench: Bench) -> Job:
    job = bench.store.add("audience", "garden", RULE, created_by="test")
    started = bench.store.start(job.job_id)
    assert started is not None
    return started


def replace_work(monkeypatch: pytest.MonkeyPatch, run: Any) -> None:
    monkeypatch.setattr(type(get_kind("audience")), "run", lambda _, request, work: run(request, work))


@pytest.mark.parametrize(("is_cancelled", "state"), [(True, "cancelled"), (False, "running")])
def test_a_terminated_process_is_cancelled_only_where_somebody_cancelled_it(
    garden_bench: Bench, monkeypatch: pytest.MonkeyPatch, is_cancelled: bool, state: str
) -> None:
    job = start(garden_bench)

    def terminate(_request: Any, _work: Work) -> None:
        if is_cancelled:
            garden_bench.store.cancel(job.job_id)
        raise SystemExit(143)

    replace_work(monkeypatch, terminate)
    with pytest.raises(SystemExit):
        child.run_job(garden_bench.places, job.job_id)
    ended = garden_bench.store.get(job.job_id)
    assert ended is not None
    assert ended.state == state
    garden_bench.store.fail(job.job_id, 1, "The test is over.")


def test_what_was_cancelled_before_it_began_is_not_begun(garden_bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    job = start(garden_bench)
    garden_bench.store.cancel(job.job_id)
    replace_work(monkeypatch, lambda *_: pytest.fail("it was begun"))
    child.run_job(garden_bench.places, job.job_id)
    ended = garden_bench.store.get(job.job_id)
    assert ended is not None
    assert ended.state == "cancelled"


def test_progress_is_written_down_seldom_and_at_the_end(garden_bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    job, written = start(garden_bench), []

    def note(_store: JobStore, job_id: str, attempt: int, done: float, total: float) -> None:
        assert (job_id, attempt) == (job.job_id, 1)
        written.append((done, total))

    def work_long(_request: Any, work: Work) -> None:
        for step in range(1_001):
            work.progress(step, 1_000)
        raise MemoryError

    monkeypatch.setattr(JobStore, "report_progress", note)
    monkeypatch.setattr(child, "PROGRESS_SECONDS", 60.0)
    replace_work(monkeypatch, work_long)
    child.run_job(garden_bench.places, job.job_id)
    assert written[-1] == (1_000.0, 1_000.0)
    assert len(written) <= 2
    ended = garden_bench.store.get(job.job_id)
    assert ended is not None
    assert ended.error == child.NO_MEMORY


def test_a_process_does_its_job_and_says_nothing(garden_bench: Bench) -> None:
    job = start(garden_bench)
    command = [sys.executable, "-m", "frontrow.web.jobs.child", str(garden_bench.places.state), job.job_id]
    result = subprocess.run(command, capture_output=True, check=True)
    assert (result.stdout, result.stderr) == (b"", b"")
    ended = garden_bench.store.get(job.job_id)
    assert ended is not None
    assert (ended.state, ended.done, ended.total) == ("done", 3.0, 3.0)
    # a process that is late does nothing
    child.run_job(garden_bench.places, job.job_id)
    assert garden_bench.store.get(job.job_id) == ended
