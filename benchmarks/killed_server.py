"""Kill a server's runner and the processes of its jobs at random moments, and judge what is left.

Imports, audiences and campaigns of one shop are asked for. Again and again, at a random moment, the runner, a job or
both at once are killed with SIGKILL; a new runner is started each time. In the end:

* every job that was asked for has reached a final state, once;
* the shop has the tables, by their SHA-256, that one undisturbed import of the same files gives;
* each campaign stands in the shop's register once, has its folder, and its contacts are recorded once;
* what each job that is done has left can be read.

A job whose process was killed three times has failed, and says so.

With `--http`, the runner is that of a real `frontrow serve`; each job is asked for over HTTP with an idempotency key.
A request that the server was killed in is sent again. Every request makes one job; sent once more at the end, it is
answered with the same one.

python benchmarks/killed_server.py [--kills 100] [--seed 0] [--customers 200] [--http]
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import random
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from frontrow.campaign.record.campaign import Campaign
from frontrow.campaign.record.contact_log import ContactLog, HeldOutLog
from frontrow.campaign.record.register import read_register
from frontrow.service.shop_data import import_exports
from frontrow.shop.import_settings import ImportSettings
from frontrow.storage.commit import digest_of
from frontrow.storage.pointer import Pointer
from frontrow.synthetic import SyntheticShop
from frontrow.web.jobs.locks import is_locked
from frontrow.web.jobs.places import LOCK, Places
from frontrow.web.jobs.results import read_result, read_sections
from frontrow.web.jobs.runner import MOST_ATTEMPTS, JobRunner
from frontrow.web.settings import STATE, ServeSettings
from frontrow.web.store.database import FILE, Database
from frontrow.web.store.jobs import FINAL, JobStore
from frontrow.web.store.tokens import TokenStore
from frontrow.web.store.uploads import new_upload

SHOP = "garden"
LOGS = ("contact_log", "held_out_log", "forgotten")
"""Tables that campaigns write, or persons who asked to be forgotten."""

LONGEST_PAUSE = 5.0
"""Seconds before a kill: about as long as a job takes."""

FEWEST_UNFINISHED = 3
"""More is asked for where fewer jobs have not ended."""

LONGEST_REQUEST = 0.1
"""Seconds between a request and a kill that may cut it."""

DOOMED = 0.1
"""Share of the jobs whose last process may be killed too, so that they fail."""

ENDINGS = """
    CREATE TABLE IF NOT EXISTS endings (job_id TEXT NOT NULL, before TEXT NOT NULL, after TEXT NOT NULL);
    CREATE TRIGGER IF NOT EXISTS note_endings AFTER UPDATE OF state ON jobs
    WHEN NEW.state IN ('done', 'failed', 'cancelled')
    BEGIN INSERT INTO endings VALUES (NEW.job_id, OLD.state, NEW.state); END;
"""


@dataclass
class Outcome:
    """What became of a server that was killed many times.

    Attributes:
        kills: How often what was killed: the runner, a job, or both.
        jobs: Jobs that were asked for, by kind and state in the end.
        attempts: Number of jobs, by the number of processes that they took.
        faults: What was lost or done twice; empty where nothing was.
        seconds: How long it took.
    """

    kills: Counter[str] = field(default_factory=Counter)
    jobs: Counter[tuple[str, str]] = field(default_factory=Counter)
    attempts: Counter[int] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    seconds: float = 0.0


class Trial:
    """A folder of shops, the process of its runner, and what is asked of it."""

    def __init__(self, shops: Path, files: Sequence[Path], seed: int) -> None:
        """Make the folder and upload the exports.

        Args:
            shops: An empty folder.
            files: Exports of the shop, imported by the first half of them, then by all.
            seed: Of every moment.
        """
        self.shops = shops
        self.places = Places(shops / STATE)
        self.store = JobStore(Database(self.places.state))
        self.random = random.Random(seed)
        self.outcome = Outcome()
        self.doomed: set[str] = set()
        self.runner: subprocess.Popen[bytes] | None = None
        with sqlite3.connect(self.places.state / FILE) as connection:
            connection.executescript(ENDINGS)
        self.uploads = []
        for path in files:
            with new_upload(self.places.uploads, path.name) as (upload_id, file):
                file.write(path.read_bytes())
            self.uploads.append(upload_id)

    def ask(self, kind: str, **request: Any) -> str:
        """Ask for a job, and return its id."""
        job_id = self.store.add(kind, SHOP, {"shop": SHOP, **request}, created_by="benchmark").job_id
        if self.random.random() < DOOMED:
            self.doomed.add(job_id)
        return job_id

    def start_runner(self) -> None:
        """Start the process of a runner."""
        self.runner = subprocess.Popen([sys.executable, __file__, "--serve", str(self.shops)])

    def kill(self) -> None:
        """Kill the runner, a job or both at a random moment, and start another runner where it is needed."""
        victim = self.random.choice(("runner", "job", "job", "both"))
        if victim != "runner":
            self._wait_for_processes()
        time.sleep(self.random.uniform(0, LONGEST_PAUSE))
        if victim != "job":
            self.ask_meanwhile()
        pids = [] if victim == "runner" else self._processes()
        if victim == "job" and not pids:
            return
        victim = victim if pids else "runner"
        if victim != "job" and self.runner is not None:
            self.runner.kill()
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.outcome.kills[victim] += 1
        if victim != "job" and self.runner is not None:
            self.runner.wait()
            self.start_runner()

    def ask_meanwhile(self) -> None:
        """Ask for something at the moment of a kill, where a request can be cut."""

    def _processes(self) -> list[int]:
        """The processes of jobs that live and may be killed: the last one of a job rarely, so that most jobs end."""
        running = [job for job in self.store.unfinished() if job.state == "running"]
        mortal = [job.job_id for job in running if job.attempts < MOST_ATTEMPTS or job.job_id in self.doomed]
        living = [job_id for job_id in mortal if is_locked(self.places.jobs / job_id / LOCK)]
        return [pid for pid in map(self.store.pid, living) if pid is not None]

    def _wait_for_processes(self) -> None:
        end = time.monotonic() + 10
        while not self._processes() and time.monotonic() < end:
            time.sleep(0.02)

    def finish(self, seconds: float = 300.0) -> None:
        """Let everything that was asked for end."""
        end = time.monotonic() + seconds
        while self.store.unfinished() and time.monotonic() < end:
            time.sleep(0.1)

    def stop(self) -> None:
        """End the process of the runner."""
        if self.runner is not None:
            self.runner.terminate()
            self.runner.wait()


class HttpTrial(Trial):
    """The same with a real server, which is asked over HTTP."""

    def __init__(self, shops: Path, files: Sequence[Path], seed: int) -> None:
        super().__init__(shops, files, seed)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        token = TokenStore(Database(self.places.state)).add("benchmark", ("read", "plan"))
        self.headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        self.requests: dict[str, tuple[str, bytes]] = {}
        self.answers: dict[str, str] = {}
        self.threads: list[threading.Thread] = []
        self.cut = 0

    def start_runner(self) -> None:
        """Start a server."""
        command = [sys.executable, "-m", "frontrow.cli", "serve", str(self.shops), "--port", str(self.port)]
        silent = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self.runner = subprocess.Popen([*command, "--no-browser", "--tokens-only"], **silent)

    def ask(self, kind: str, **request: Any) -> str:
        """Ask for a job until the server answers, and return its id."""
        path = {"import_exports": "imports", "audience": "audiences", "campaign": "campaigns"}[kind]
        key = self.random.randbytes(12).hex()
        self.requests[key] = (path, json.dumps({"shop": SHOP, **request}).encode())
        return self.send(key)

    def send(self, key: str) -> str:
        """Send a request until it is answered, and return the id of the job.

        Raises:
            RuntimeError: It is refused, or not answered within ten minutes.
        """
        path, body = self.requests[key]
        headers = {**self.headers, "Idempotency-Key": key}
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/v1/{path}", body, headers)
        end = time.monotonic() + 600
        while time.monotonic() < end:
            try:
                with urllib.request.urlopen(request, timeout=20) as response:
                    job_id = json.load(response)["job_id"]
                self.answers[key] = job_id
                return str(job_id)
            except urllib.error.HTTPError as error:
                # 404: the first import is not done yet
                if error.code not in (404, 409, 429, 503):
                    raise RuntimeError(f"{path} is refused: {error.read().decode()}") from error
            except urllib.error.URLError as error:
                self.cut += not isinstance(error.reason, ConnectionRefusedError)
            except (ConnectionError, http.client.HTTPException, TimeoutError):
                self.cut += 1
            time.sleep(0.05)
        raise RuntimeError(f"{path} was not answered.")

    def ask_meanwhile(self) -> None:
        """Send a request to the server once it answers, and go on while the request is under way."""
        self._wait_for_server()
        product = {"title": f"Pot {len(self.requests)}"}
        ask = {"products": [product], "model": "order_lines"}
        thread = threading.Thread(target=self.ask, args=("audience",), kwargs=ask, daemon=True)
        thread.start()
        self.threads.append(thread)
        time.sleep(self.random.uniform(0, LONGEST_REQUEST))

    def _wait_for_server(self) -> None:
        end = time.monotonic() + 120
        while time.monotonic() < end:
            with suppress(OSError, http.client.HTTPException):
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=10).close()
                return
            time.sleep(0.05)

    def finish(self, seconds: float = 300.0) -> None:
        """Let everything end; every request made one job, and makes no other when it is sent again."""
        for thread in self.threads:
            thread.join(600)
        first = dict(self.answers)
        for key in self.requests:
            if key not in first or self.send(key) != first[key]:
                self.outcome.faults.append(f"the request {key} was answered with another job, or not at all")
        made = {job.job_id for job in self.store.list(limit=sys.maxsize)}
        if made != {*first.values()} or len(made) != len(self.requests):
            self.outcome.faults.append(f"{len(self.requests)} requests made {len(made)} jobs")
        self.outcome.kills["requests cut"] = self.cut
        super().finish(seconds)


def kill_server(folder: Path, *, kills: int, seed: int, customers: int, trial_of: type[Trial] = Trial) -> Outcome:
    """Kill a server many times while it works, and judge what is left.

    Args:
        folder: An empty folder.
        kills: How often something is killed.
        seed: Of the shop and of every moment.
        customers: Size of the shop.
        trial_of: How jobs are asked for and run.
    """
    start = time.monotonic()
    garden = SyntheticShop(customers=customers, seed=seed, lines_a_year=4.0)
    files = garden.write_shopify(folder / "exports")
    settings = ImportSettings(time_zone=garden.time_zone)
    import_exports(folder / "undisturbed", files, settings)
    (folder / "shops").mkdir()
    trial = trial_of(folder / "shops", files, seed)
    request = {"uploads": trial.uploads, "time_zone": garden.time_zone}
    try:
        _ask_and_kill(trial, kills, request)
    finally:
        trial.stop()
    _judge(trial, folder / "undisturbed")
    trial.outcome.seconds = time.monotonic() - start
    return trial.outcome


def _ask_and_kill(trial: Trial, kills: int, request: dict[str, Any]) -> None:
    trial.start_runner()
    trial.ask("import_exports", **request)
    audience = trial.ask("audience", products=[{"title": "Blue Pot"}], model="order_lines")
    # whatever else is asked for needs these two
    trial.doomed.clear()
    number = 0
    while sum(trial.outcome.kills.values()) < kills:
        if len(trial.store.unfinished()) < FEWEST_UNFINISHED:
            number += 1
            _ask_for_more(trial, number, audience, request)
        trial.kill()
    trial.finish()


def _ask_for_more(trial: Trial, number: int, audience: str, request: dict[str, Any]) -> None:
    trial.ask("campaign", audience=audience, name=f"Campaign {number}", length=10, contacted=True, exports=["klaviyo"])
    if number % 2:
        trial.ask("import_exports", **request)
    else:
        trial.ask("audience", products=[{"title": f"Pot {number}"}], model="order_lines")


def _judge(trial: Trial, undisturbed: Path) -> None:
    outcome, jobs = trial.outcome, trial.store.list(limit=sys.maxsize)
    with sqlite3.connect(trial.places.state / FILE) as connection:
        endings = Counter(job_id for (job_id,) in connection.execute("SELECT job_id FROM endings"))
    for job in jobs:
        outcome.jobs[job.kind, job.state] += 1
        outcome.attempts[job.attempts] += 1
        if job.state not in FINAL or endings[job.job_id] != 1:
            outcome.faults.append(f"{job.kind} {job.job_id} is {job.state} and ended {endings[job.job_id]} times")
        if job.state == "failed" and "3 times" not in job.error:
            outcome.faults.append(f"{job.kind} {job.job_id} failed: {job.error}")
        if job.state == "done":
            try:
                read_result(trial.places.jobs / job.job_id)
                read_sections(trial.places.jobs / job.job_id)
            except Exception as error:
                outcome.faults.append(f"{job.kind} {job.job_id} left nothing to read: {error}")
    shop = trial.shops / SHOP
    if _tables(shop) != _tables(undisturbed):
        outcome.faults.append("the shop has other tables than one undisturbed import gives")
    campaigns = [job for job in jobs if job.kind == "campaign"]
    _judge_campaigns(outcome, shop, {str(job.request["name"]): job.state for job in campaigns})


def _judge_campaigns(outcome: Outcome, shop: Path, states: dict[str, str]) -> None:
    """Each campaign that was done is registered once and its folder is whole, and its contacts are recorded once."""
    register = list(read_register(shop).values())
    names = Counter(campaign.name for campaign in register)
    for name, state in states.items():
        if names[name] > 1 or (state == "done" and names[name] != 1):
            outcome.faults.append(f"{name} is {state} and stands in the register {names[name]} times")
    logs = {log: log.read(shop).rows for log in (ContactLog, HeldOutLog)}
    for registered in register:
        if not Path(registered.folder).is_dir():
            # the next command that changes the shop moves it there
            outcome.faults.append(f"{registered.name} has no folder")
            continue
        planned = Campaign.read(registered.folder)
        for log, group in ((ContactLog, planned.contacted), (HeldOutLog, planned.held_out)):
            recorded = logs[log].filter(logs[log]["campaign_id"] == registered.campaign_id).height
            if recorded != group.height:
                outcome.faults.append(
                    f"{registered.name} has {group.height} customers and {recorded} in {log.__name__}"
                )


def _tables(shop: Path) -> dict[str, str]:
    """The SHA-256 of the tables that exports become, each compared with what is on the disk."""
    tables = {name: table for name, table in Pointer.read(shop).tables.items() if name not in LOGS}
    return {name: digest_of(shop / table.file) for name, table in tables.items()}


def serve(shops: Path) -> None:
    """Run the jobs of a folder until this process is ended."""
    settings = ServeSettings(shops)
    runner = JobRunner(settings, JobStore(Database(settings.state)))
    runner.start()
    signal.pause()


def main() -> None:
    """Kill, judge, and print what was counted."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--customers", type=int, default=200)
    parser.add_argument("--http", action="store_true", help="a real server, asked over HTTP")
    parser.add_argument("--serve", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.serve is not None:
        serve(arguments.serve)
        return
    with tempfile.TemporaryDirectory() as folder:
        outcome = kill_server(
            Path(folder),
            kills=arguments.kills,
            seed=arguments.seed,
            customers=arguments.customers,
            trial_of=HttpTrial if arguments.http else Trial,
        )
    print(f"killed: {dict(outcome.kills)} in {outcome.seconds:.0f} seconds, seed {arguments.seed}")
    for (kind, state), count in sorted(outcome.jobs.items()):
        print(f"{kind:16} {state:10} {count:4}")
    print("jobs by the number of their processes:", dict(sorted(outcome.attempts.items())))
    print(f"faults: {len(outcome.faults)}")
    for fault in outcome.faults:
        print(f"  {fault}")
    sys.exit(bool(outcome.faults))


if __name__ == "__main__":
    main()
