"""Sessions of Spark: how they are opened, how they are set, and whether the workers have what is needed."""

from __future__ import annotations

import atexit
import json
import os
import socket
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Final
from urllib.parse import urlsplit

from frontrow.engines.spark_failures import describe_failures
from frontrow.engines.spark_start import start_session
from frontrow.engines.worker import ONE_THREAD
from frontrow.errors import EngineError, require

CLUSTER_SETTINGS: Final[Mapping[str, str]] = {
    "spark.task.maxFailures": "4",
    "spark.speculation": "true",
    "spark.python.worker.reuse": "true",
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "ERROR",
    **{f"spark.executorEnv.{name}": value for name, value in ONE_THREAD.items()},
}
"""Settings of a session that frontrow opens on a master.

- `spark.task.maxFailures`: a task is tried four times, so that a job outlives three machines; what a step itself
  refuses is an answer, and is not tried again.
- `spark.speculation`: a task that takes much longer than the others is also started elsewhere, and the first answer
  counts. Steps do nothing but answer, and parts are written under another name first, so a second run does no harm.
- `spark.python.worker.reuse`: a worker keeps its Python, with Polars and the boosters that it has read.
- `spark.ui.showConsoleProgress`, `spark.log.level`: standard error belongs to the command.
- `spark.executorEnv.*`: one thread, see `worker.ONE_THREAD`.
"""

SESSION_SETTINGS: Final[Mapping[str, str]] = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.shuffle.partitions": "1",
    "spark.sql.execution.arrow.maxRecordsPerBatch": "1",
}
"""Settings of every session while frontrow works with it; afterwards they are what they were.

- `spark.sql.session.timeZone`: no instant passes through Spark, and if one did, it would be shifted by nothing.
- `spark.sql.shuffle.partitions`: nothing is shuffled, for the blocks are the partitions.
- `spark.sql.execution.arrow.maxRecordsPerBatch`: a row holds up to 16 MB of a result (`worker.PIECE_BYTES`), and the
  usual 10,000 of them in one batch would be more than a batch can hold.
"""

PACKAGES: Final = ("frontrow", "polars")
"""What has to be the same on the workers as here, for the same bits."""

_DEFAULT_PORTS: Final = {"spark": 7077, "sc": 15002}
_SECONDS_TO_ANSWER: Final = 5.0


@cache
def open_session(address: str) -> Any:
    """The session of this process on a cluster, opened and checked at the first call.

    Args:
        address: See `spark.SparkEngine`.

    Raises:
        MissingExtraError: pyspark is not installed.
        EngineError: Nothing answers there, or the workers are set up differently.
    """
    for package in ("pyspark", "pyarrow", *(["grpc"] if address.startswith("sc://") else [])):
        require(package, extra="spark")
    _require_answer(address)
    name = f"Spark at {address}"
    from pyspark.sql import SparkSession

    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    with describe_failures(name):
        if address.startswith("sc://"):
            session = SparkSession.builder.appName("frontrow").remote(address).getOrCreate()
        else:
            session = start_session(address, CLUSTER_SETTINGS)
    atexit.register(session.stop)
    return prepare_session(session, name)


def prepare_session(session: Any, name: str) -> Any:
    """Compare the workers with this machine, the first time that a session is used.

    Args:
        session: The `pyspark.sql.SparkSession`.
        name: Of the engine, for messages.

    Raises:
        EngineError: The workers are set up differently.
    """
    if not getattr(session, "_frontrow_is_prepared", False):
        with describe_failures(name), change_settings(session):
            versions = read_worker_versions(session)
        compare_versions(versions, name)
        session._frontrow_is_prepared = True
    return session


@contextmanager
def change_settings(session: Any) -> Iterator[None]:
    """Have `SESSION_SETTINGS` hold for some work: the session may be another program's as well.

    Args:
        session: The `pyspark.sql.SparkSession`.
    """
    before = {key: session.conf.get(key, None) for key in SESSION_SETTINGS}
    try:
        for key, value in SESSION_SETTINGS.items():
            session.conf.set(key, value)
        yield
    finally:
        for key, stated in before.items():
            session.conf.unset(key) if stated is None else session.conf.set(key, stated)


def read_worker_versions(session: Any) -> dict[str, str | None]:
    """The versions of `PACKAGES` on a worker; None for what it does not have."""
    packages = PACKAGES

    def report(batches: Iterator[Any]) -> Iterator[Any]:
        # sent as it stands here: a worker without frontrow can run it
        import json
        from importlib.metadata import PackageNotFoundError, version

        import pyarrow

        versions: dict[str, str | None] = {}
        for package in packages:
            try:
                versions[package] = version(package)
            except PackageNotFoundError:
                versions[package] = None
        for _ in batches:
            yield pyarrow.RecordBatch.from_pydict({"versions": [json.dumps(versions)]})

    rows = session.range(0, 1, 1, 1).mapInArrow(report, "versions string").toArrow()
    versions: dict[str, str | None] = json.loads(rows["versions"][0].as_py())
    return versions


def compare_versions(versions: Mapping[str, str | None], name: str) -> None:
    """Make sure that a worker computes what this machine would.

    Args:
        versions: Of the worker, by package; None for what it does not have.
        name: Of the engine, for messages.

    Raises:
        EngineError: A package is missing there, or is another version.
    """
    for package in PACKAGES:
        expected, actual = _read_version(package), versions.get(package)
        if actual == expected:
            continue
        state = f"have no {package}" if actual is None else f"have {package} {actual}"
        raise EngineError(
            f"The workers of {name} {state}, and this machine has {expected}: the results could differ. Install "
            f"frontrow[spark] and {package}=={expected} in the Python of every worker, and say with PYSPARK_PYTHON "
            "which Python that is."
        )


def _read_version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _require_answer(address: str) -> None:
    """Make sure that something listens: Spark itself would wait for minutes, and then say much."""
    parts = urlsplit(address)
    if parts.scheme not in _DEFAULT_PORTS:
        return
    hosts = [urlsplit(f"//{host}") for host in parts.netloc.split(",")]
    for host in hosts:
        try:
            place = (host.hostname or "", host.port or _DEFAULT_PORTS[parts.scheme])
            socket.create_connection(place, _SECONDS_TO_ANSWER).close()
        except (OSError, ValueError):
            continue
        return
    raise EngineError(
        f"Nothing answers at {address}. Is Spark running there, is the port right, and can this machine reach it? "
        "Without --engine the command runs on this machine."
    )
