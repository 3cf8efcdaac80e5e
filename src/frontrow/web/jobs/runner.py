"""Starts the processes of jobs, watches them, and finds them again after a crash or a restart of the server."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from frontrow.errors import ServerError
from frontrow.storage.durable import make_private_folder
from frontrow.web.jobs.job import Job
from frontrow.web.jobs.kind import kinds
from frontrow.web.jobs.locks import is_locked, take_lock
from frontrow.web.jobs.memory import read_megabytes
from frontrow.web.jobs.places import LOCK, Places
from frontrow.web.jobs.removal import remove_old_jobs
from frontrow.web.settings import ServeSettings
from frontrow.web.store.jobs import JobStore

BUSY_SECONDS: Final = 0.25
IDLE_SECONDS: Final = 5.0
"""How often jobs are looked at, while there are some and while there are none."""

SWEEP_SECONDS: Final = 3600.0
"""How often old uploads are looked for while no job ends: they hold addresses, and go after a week on any server."""

GRACE_SECONDS: Final = 10.0
"""How long a cancelled job may take to undo what it began."""

MOST_ATTEMPTS: Final = 3
DIED: Final = (
    "The process of this job ended {attempts} times before the job was done. The server may have too little memory, or "
    "it was restarted each time. Nothing is half written. You can ask for the job again."
)
TOO_LARGE: Final = (
    "This job needed more than {megabytes:,} MB of memory, the most that this server gives to one, and was ended. "
    "Nothing is half written. Whoever runs the server can allow more."
)
LOGGER: Final = logging.getLogger(__name__)


class JobRunner:
    """Runs the jobs of a server, a thread beside the answers; at most one server works on a folder.

    A job's process has the lock of the job as long as it lives, from before it is started. So a job is never done by
    two processes at once, and a process is found again by whoever runs the server next.
    """

    def __init__(self, settings: ServeSettings, store: JobStore) -> None:
        """Prepare; nothing runs before `start`.

        Args:
            settings: How the server runs.
            store: The jobs.
        """
        self._settings = settings
        self._store = store
        self._places = Places(settings.state.absolute())
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._cancelled_at: dict[str, float] = {}
        self._too_large: set[str] = set()
        self._swept_at = 0.0
        self._woken = threading.Event()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._lock: int | None = None

    @property
    def places(self) -> Places:
        """The folders of the server."""
        return self._places

    def folder_of(self, job_id: str) -> Path:
        """The folder of a job's results."""
        return self._places.jobs / job_id

    def start(self) -> None:
        """Find again what an earlier server began, and run what waits.

        Raises:
            ServerError: Another server works on the same folder, or the system is Windows.
        """
        if sys.platform == "win32":
            raise ServerError("frontrow serve runs on Linux and macOS. On Windows, use it in WSL.")
        make_private_folder(self._places.jobs)
        self._lock = take_lock(self._places.state / "runner.lock")
        if self._lock is None:
            raise ServerError(f"Another frontrow serve works on {self._places.shops}. Stop that one first.")
        self._sweep()
        self._stopping.clear()
        self._thread = threading.Thread(target=self._run, name="jobs", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop looking after jobs; those that run go on, and the next server finds them."""
        self._stopping.set()
        self.wake()
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        for process in self._processes.values():
            if process.poll() is None:
                # it goes on without this server, which Python would take for a mistake
                process.returncode = 0
        self._processes.clear()
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def wake(self) -> None:
        """Look at the jobs now: one was added or cancelled."""
        self._woken.set()

    def _run(self) -> None:
        while not self._stopping.is_set():
            is_busy = True
            try:
                is_busy = self.tend()
            except Exception as error:
                # whatever it is, such as a full disk or a busy database, jobs are looked at again
                LOGGER.warning("The jobs could not be looked at: %s", type(error).__name__)
            self._woken.wait(BUSY_SECONDS if is_busy else IDLE_SECONDS)
            self._woken.clear()

    def tend(self) -> bool:
        """Look at every job once: end, start again and start what is to be; whether any job has not ended."""
        running = [job for job in self._store.unfinished() if job.state == "running"]
        ended = [job for job in running if not self._tend_running(job)]
        if ended or time.monotonic() - self._swept_at > SWEEP_SECONDS:
            self._sweep()
        unfinished = self._store.unfinished()
        for job in self._choose(unfinished):
            self._start(job)
        return bool(unfinished)

    def _sweep(self) -> None:
        # noted first, so that a sweep that fails is not tried again at once
        self._swept_at = time.monotonic()
        remove_old_jobs(self._store, self._places)

    def _choose(self, unfinished: Sequence[Job]) -> list[Job]:
        """The jobs that wait and may run now: a job waits for earlier ones that change its shop."""
        room = self._settings.running_jobs - sum(job.state == "running" for job in unfinished)
        changing: set[str] = set()
        chosen = []
        for job in unfinished:
            if job.state == "waiting" and job.shop not in changing:
                chosen.append(job)
            kind = kinds().get(job.kind)
            if kind is not None and kind.changes_shop:
                changing.add(job.shop)
        return chosen[: max(room, 0)]

    def _start(self, job: Job) -> None:
        folder = make_private_folder(self.folder_of(job.job_id))
        lock = take_lock(folder / LOCK)
        if lock is None:
            return
        try:
            if self._store.start(job.job_id) is not None:
                # its output could hold values of a file; it writes its own log. No socket of the server is inherited
                self._processes[job.job_id] = subprocess.Popen(
                    build_command(self._places, job.job_id),
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    pass_fds=(lock,),
                    start_new_session=True,
                )
        finally:
            os.close(lock)

    def _tend_running(self, job: Job) -> bool:
        """Look at a job that runs; whether its process lives."""
        process = self._processes.get(job.job_id)
        if process is not None:
            process.poll()
        if is_locked(self.folder_of(job.job_id) / LOCK):
            self._watch(job)
            return True
        self._settle(job.job_id)
        return False

    def _watch(self, job: Job) -> None:
        """End a process that was cancelled, or that has too much memory."""
        pid = self._store.pid(job.job_id)
        if pid is None:
            return
        if job.cancelling:
            since = self._cancelled_at.get(job.job_id)
            if since is None:
                self._cancelled_at[job.job_id] = time.monotonic()
                _send(pid, signal.SIGTERM)
            elif time.monotonic() - since > GRACE_SECONDS:
                _send(pid, signal.SIGKILL)
        elif read_megabytes(pid) > self._settings.job_megabytes:
            self._too_large.add(job.job_id)
            _send(pid, signal.SIGKILL)

    def _settle(self, job_id: str) -> None:
        """Decide what becomes of a job whose process has ended, unless the process has said it itself."""
        process = self._processes.pop(job_id, None)
        if process is not None:
            process.wait()
        # read only now: the process may have ended its job since it was looked at
        job = self._store.get(job_id)
        if job is not None and job.state == "running":
            if job.cancelling:
                self._store.mark_cancelled(job_id, job.attempts)
            elif job_id in self._too_large:
                message = TOO_LARGE.format(megabytes=self._settings.job_megabytes)
                self._store.fail(job_id, job.attempts, message)
            elif job.attempts >= MOST_ATTEMPTS:
                self._store.fail(job_id, job.attempts, DIED.format(attempts=job.attempts))
            else:
                self._store.put_back(job_id, job.attempts)
        self._cancelled_at.pop(job_id, None)
        self._too_large.discard(job_id)


def build_command(places: Places, job_id: str) -> list[str]:
    """The command line of the process that does a job.

    Args:
        places: The folders of the server.
        job_id: The job.
    """
    return [sys.executable, "-m", "frontrow.web.jobs.child", str(places.state), job_id]


def _send(pid: int, number: signal.Signals) -> None:
    """Send a signal to the process of a job, or to all of its session where it is ended at once."""
    with suppress(ProcessLookupError, PermissionError):
        if number == signal.SIGKILL:
            os.killpg(pid, number)
        else:
            os.kill(pid, number)
