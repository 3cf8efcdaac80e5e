"""The runner starts, ends and finds processes; here these do nothing but what each test is about."""

from __future__ import annotations

import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from job_bench import Bench, open_bench

from frontrow.errors import ServerError
from frontrow.web.jobs import runner as runner_module
from frontrow.web.jobs.job import Job
from frontrow.web.jobs.places import LOCK, Places
from frontrow.web.jobs.runner import JobRunner
from frontrow.web.settings import ServeSettings
from frontrow.web.store.database import FILE

PROCESS = """
import os, signal, sqlite3, sys, time
database, folder, job_id, behaviour = sys.argv[1:]
if behaviour == "stubborn":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
ballast = bytearray(os.urandom(1_000_000) * 80) if behaviour == "grow" else b""
connection = sqlite3.connect(database, timeout=10, isolation_level=None)
connection.execute("UPDATE jobs SET pid = ? WHERE job_id = ?", (os.getpid(), job_id))
if behaviour == "descriptors":
    names = [name for name in os.listdir("/proc/self/fd") if os.path.lexists(f"/proc/self/fd/{name}")]
    links = [os.readlink(f"/proc/self/fd/{name}") for name in names]
    open(folder + "/descriptors", "w").write("\\n".join(links))
if behaviour in ("finish", "descriptors"):
    connection.execute("UPDATE jobs SET state = 'done', ended_at = started_at WHERE job_id = ?", (job_id,))
elif behaviour != "die":
    time.sleep(60)
"""

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="processes are watched by means of POSIX")


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    bench = open_bench(tmp_path)

    def build(places: Places, job_id: str) -> list[str]:
        job = bench.store.get(job_id)
        assert job is not None
        names = (str(places.state / FILE), str(places.jobs / job_id), job_id, job.request["behaviour"])
        return [sys.executable, "-S", "-c", PROCESS, *names]

    monkeypatch.setattr(runner_module, "build_command", build)
    for name in ("BUSY_SECONDS", "IDLE_SECONDS"):
        monkeypatch.setattr(runner_module, name, 0.02)
    return bench


@pytest.fixture
def start(bench: Bench) -> Iterator[Callable[..., JobRunner]]:
    runners = []

    def start_runner(**settings: Any) -> JobRunner:
        runner = JobRunner(ServeSettings(bench.places.shops, **settings), bench.store)
        runner.start()
        runners.append(runner)
        return runner

    yield start_runner
    for runner in runners:
        runner.stop()
    for job in bench.store.unfinished():
        pid = bench.store.pid(job.job_id)
        if pid is not None:
            os.kill(pid, signal.SIGKILL)


def ask(bench: Bench, behaviour: str, kind: str = "audience", shop: str = "garden") -> Job:
    return bench.store.add(kind, shop, {"shop": shop, "behaviour": behaviour}, created_by="test")


def wait(bench: Bench, job: Job, condition: Callable[[Job], bool]) -> Job:
    end = time.monotonic() + 30
    while time.monotonic() < end:
        current = bench.store.get(job.job_id)
        assert current is not None
        if condition(current):
            return current
        time.sleep(0.01)
    raise AssertionError(f"waited in vain: {current}")


def is_final(job: Job) -> bool:
    return job.is_final


def has_process(bench: Bench, attempts: int = 1) -> Callable[[Job], bool]:
    return lambda job: job.attempts == attempts and bench.store.pid(job.job_id) is not None


def test_a_quiet_server_removes_old_uploads_too(bench, start, monkeypatch):
    monkeypatch.setattr(runner_module, "SWEEP_SECONDS", 0.05)
    start()
    old, new = (bench.upload("orders.csv", b"a,b\n") for _ in range(2))
    os.utime(bench.places.uploads / old, (0, 0))
    end = time.monotonic() + 30
    while (bench.places.uploads / old).exists() and time.monotonic() < end:
        time.sleep(0.01)
    assert [folder.name for folder in bench.places.uploads.iterdir()] == [new]


def test_jobs_are_done_in_the_order_in_which_they_were_asked_for(bench, start):
    jobs = [ask(bench, "finish") for _ in range(3)]
    start()
    ended = [wait(bench, job, is_final) for job in jobs]
    assert [(job.state, job.attempts) for job in ended] == [("done", 1)] * 3
    assert [job.started_at for job in ended] == sorted(job.started_at for job in ended)


def test_a_job_whose_process_dies_is_run_three_times(bench, start):
    start()
    ended = wait(bench, ask(bench, "die"), is_final)
    assert (ended.state, ended.attempts) == ("failed", 3)
    assert ended.error.startswith("The process of this job ended 3 times")


def test_a_cancelled_job_ends_by_a_signal_and_a_stubborn_one_is_killed(bench, start, monkeypatch):
    monkeypatch.setattr(runner_module, "GRACE_SECONDS", 0.2)
    runner = start(running_jobs=2)
    for behaviour in ("sleep", "stubborn"):
        job = wait(bench, ask(bench, behaviour), has_process(bench))
        bench.store.cancel(job.job_id)
        runner.wake()
        assert wait(bench, job, is_final).state == "cancelled"


def test_a_job_that_needs_too_much_memory_is_ended_and_not_run_again(bench, start):
    start(job_megabytes=60)
    ended = wait(bench, ask(bench, "grow"), is_final)
    assert (ended.state, ended.attempts) == ("failed", 1)
    assert ended.error.startswith("This job needed more than 60 MB of memory")


def test_a_living_process_is_adopted_and_a_dead_one_run_again(bench, start):
    first = start()
    job = wait(bench, ask(bench, "sleep"), has_process(bench))
    pid = bench.store.pid(job.job_id)
    first.stop()
    second = start()
    time.sleep(0.2)
    assert bench.store.pid(job.job_id) == pid
    assert bench.store.get(job.job_id).attempts == 1
    second.stop()
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    start()
    assert wait(bench, job, has_process(bench, attempts=2)).state == "running"
    assert bench.store.pid(job.job_id) != pid


def test_what_was_started_and_never_became_a_process_is_run_again(bench, start):
    job = ask(bench, "finish")
    bench.store.start(job.job_id)
    start()
    assert wait(bench, job, is_final).attempts == 2


def test_one_runner_works_on_a_folder(start):
    start()
    with pytest.raises(ServerError, match="Another frontrow serve works on"):
        start()


def test_a_process_inherits_the_lock_of_its_job_and_no_socket(bench, start):
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        listening.set_inheritable(True)
        start()
        job = wait(bench, ask(bench, "descriptors"), is_final)
    links = (bench.folder_of(job) / "descriptors").read_text("utf-8").splitlines()
    assert str(bench.folder_of(job) / LOCK) in links
    assert not [link for link in links if link.startswith("socket:")]
    assert links.count("/dev/null") == 3


def test_a_job_waits_for_earlier_ones_that_change_its_shop(bench):
    runner = JobRunner(ServeSettings(bench.places.shops, running_jobs=10), bench.store)
    kinds = ("audience", "import_exports", "audience", "campaign")
    jobs = [ask(bench, "finish", kind) for kind in kinds]
    other = ask(bench, "finish", "campaign", "books")
    waiting = bench.store.unfinished()
    assert runner._choose(waiting) == [waiting[0], waiting[1], waiting[4]]
    bench.store.start(jobs[0].job_id)
    bench.store.start(jobs[1].job_id)
    bench.store.start(other.job_id)
    assert runner._choose(bench.store.unfinished()) == []
    bench.store.finish(jobs[1].job_id, 1)
    assert [job.kind for job in runner._choose(bench.store.unfinished())] == ["audience", "campaign"]
    narrow = JobRunner(ServeSettings(bench.places.shops, running_jobs=3), bench.store)
    assert [job.kind for job in narrow._choose(bench.store.unfinished())] == ["audience"]
