"""The table of jobs: every change is one transaction, and what an earlier process says late changes nothing."""

from pathlib import Path

import pytest

from frontrow.errors import SettingError
from frontrow.web.store.database import Database
from frontrow.web.store.jobs import JobStore

REQUEST = {"shop": "garden", "products": [{"title": "Blue Pot"}]}


@pytest.fixture
def store(tmp_path: Path) -> JobStore:
    return JobStore(Database(tmp_path / ".frontrow"), waiting_jobs=3)


def test_a_job_goes_its_way(store):
    job = store.add("audience", "garden", REQUEST, created_by="office")
    assert (job.state, job.request, job.created_by, job.attempts) == ("waiting", REQUEST, "office", 0)
    started = store.start(job.job_id)
    assert (started.state, started.attempts) == ("running", 1)
    assert started.started_at >= job.created_at
    store.report_progress(job.job_id, 1, 2, 3)
    assert store.finish(job.job_id, 1)
    done = store.get(job.job_id)
    assert (done.state, done.done, done.total, done.is_final) == ("done", 2.0, 3.0, True)
    assert done.ended_at >= started.started_at


def test_a_job_is_started_once(store):
    job = store.add("audience", "garden", REQUEST, created_by="office")
    assert store.start(job.job_id) is not None
    assert store.start(job.job_id) is None


def test_what_an_earlier_process_says_late_changes_nothing(store):
    job = store.add("audience", "garden", REQUEST, created_by="office")
    store.start(job.job_id)
    assert store.put_back(job.job_id, 1)
    assert store.start(job.job_id).attempts == 2
    assert not store.finish(job.job_id, 1)
    assert not store.fail(job.job_id, 1, "late")
    assert store.get(job.job_id).state == "running"
    assert store.finish(job.job_id, 2)
    assert not store.fail(job.job_id, 2, "later still")
    assert store.get(job.job_id).state == "done"


def test_a_process_of_a_job_that_does_not_run_has_nothing_to_do(store):
    job = store.add("audience", "garden", REQUEST, created_by="office")
    assert store.attach(job.job_id, 7) is None
    store.start(job.job_id)
    assert store.attach(job.job_id, 7).job_id == job.job_id
    assert store.pid(job.job_id) == 7


def test_a_job_that_waits_is_cancelled_at_once_and_one_that_runs_by_its_process(store):
    waiting, running = (store.add("audience", "garden", REQUEST, created_by="office") for _ in range(2))
    store.start(running.job_id)
    assert store.cancel(waiting.job_id).state == "cancelled"
    cancelled = store.cancel(running.job_id)
    assert (cancelled.state, cancelled.cancelling) == ("running", True)
    assert store.mark_cancelled(running.job_id, 1)
    assert store.cancel(running.job_id).state == "cancelled"
    with pytest.raises(SettingError, match="no job of that id"):
        store.cancel("0" * 24)


def test_too_many_that_wait_are_refused(store):
    for _ in range(3):
        store.add("audience", "garden", REQUEST, created_by="office")
    with pytest.raises(SettingError, match="3 jobs wait already"):
        store.add("audience", "garden", REQUEST, created_by="office")
    assert len(store.list()) == 3


def test_jobs_are_listed_newest_first_by_shop_kind_and_state(store):
    first = store.add("audience", "garden", REQUEST, created_by="office")
    second = store.add("campaign", "garden", REQUEST, created_by="office")
    third = store.add("audience", "books", REQUEST, created_by="office")
    store.start(first.job_id)
    assert [job.job_id for job in store.list()] == [third.job_id, second.job_id, first.job_id]
    assert [job.job_id for job in store.list(shop="garden", kind="audience")] == [first.job_id]
    assert [job.job_id for job in store.list(state="running")] == [first.job_id]
    assert [job.job_id for job in store.list(state=("running", "waiting"), limit=2)] == [third.job_id, second.job_id]
    assert [job.job_id for job in store.unfinished()] == [first.job_id, second.job_id, third.job_id]


def test_only_jobs_that_ended_are_removed(store):
    first, second = (store.add("audience", "garden", REQUEST, created_by="office") for _ in range(2))
    store.start(first.job_id)
    store.fail(first.job_id, 1, "It could not be done.", "products.0.price")
    assert store.get(first.job_id).field == "products.0.price"
    store.remove([first.job_id, second.job_id])
    assert store.job_ids() == {second.job_id}
