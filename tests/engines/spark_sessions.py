"""Sessions of other engines for tests: Spark on a real cluster of two workers on this machine, and Sail."""

import os
import shutil
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from frontrow.engines.spark_start import start_session

LOCAL_CLUSTER = "local-cluster[2,1,1024]"
"""A standalone master, and two workers of one core and 1,024 MB, each with an executor of its own process."""

# The tables are tiny: to compile for speed, or to collect rubbish in parallel, takes longer than to run.
_QUICK_JAVA = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xshare:auto"
_SETTINGS = {
    "spark.ui.enabled": "false",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.memory": "512m",
    "spark.executor.memory": "512m",
    "spark.driver.extraJavaOptions": _QUICK_JAVA,
    "spark.executor.extraJavaOptions": _QUICK_JAVA,
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.autoBroadcastJoinThreshold": "-1",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.ui.showConsoleProgress": "false",
}


_SAIL_SPARK = "4.2.0"
"""The newest Spark that Sail 0.7 knows the settings of; it refuses the name of any other."""


def missing_for_java_spark() -> str | None:
    """What keeps Spark from starting here, for the reason of a skip; None if it starts."""
    if find_spec("pyspark") is None or find_spec("py4j") is None:
        return "pyspark is not installed (frontrow[spark])"
    return None if shutil.which("java") else "Java is not installed"


@cache
def _home() -> TemporaryDirectory[str]:
    """Spark's home until this process ends: links to what is installed, since workers write beside it."""
    import pyspark

    home = TemporaryDirectory(prefix="spark-home-", ignore_cleanup_errors=True)
    for name in ("bin", "jars", "python"):
        (Path(home.name) / name).symlink_to(Path(pyspark.__file__).parent / name)
    return home


@contextmanager
def spark_session(master: str = LOCAL_CLUSTER, partitions: int = 2) -> Iterator[Any]:
    """A classic Spark session of its own; the one before must have been stopped.

    Args:
        master: Where it runs; everything in one Java process with `local[1]`.
        partitions: Partitions after a shuffle, and of a table that is made here.

    Yields:
        The `pyspark.sql.SparkSession`.
    """
    surroundings = {"PYSPARK_PYTHON": sys.executable, "SPARK_HOME": _home().name, "SPARK_LOCAL_IP": "127.0.0.1"}
    before = {name: os.environ.get(name) for name in surroundings}
    os.environ.update(surroundings)
    with TemporaryDirectory(prefix="spark-", ignore_cleanup_errors=True) as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of Spark's own code, about its dependencies
        settings = {**_SETTINGS, "spark.local.dir": folder}
        settings |= dict.fromkeys(("spark.sql.shuffle.partitions", "spark.default.parallelism"), str(partitions))
        # so that a worker finds the functions of the tests where this process does
        settings["spark.executorEnv.PYTHONPATH"] = os.pathsep.join(entry for entry in sys.path if Path(entry).is_dir())
        session = start_session(master, settings, name="frontrow tests")
        session.sparkContext.setLogLevel("OFF")
        try:
            yield session
        finally:
            session.stop()
            for name, value in before.items():
                os.environ.pop(name, None) if value is None else os.environ.update({name: value})


def missing_for_sail() -> str | None:
    """What keeps Sail from starting here, for the reason of a skip; None if it starts."""
    missing = [name for name in ("pysail", "pyspark", "grpc", "pandas") if find_spec(name) is None]
    return f"{', '.join(missing)}: not installed" if missing else None


@contextmanager
def sail_session() -> Iterator[Any]:
    """A Spark Connect session of a Sail server in this process: another engine that speaks as Spark does, without Java.

    Yields:
        The `pyspark.sql.connect.session.SparkSession`.
    """
    import pyspark

    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of Spark's own code, about its dependencies
        patch.setenv("RUST_LOG", "error")
        if pyspark.__version__.split(".")[:2] > _SAIL_SPARK.split(".")[:2]:
            patch.setattr(pyspark, "__version__", _SAIL_SPARK)
        from pysail.spark import SparkConnectServer
        from pyspark.sql.connect import functions
        from pyspark.sql.connect.session import SparkSession

        # Sail has try_divide for whole numbers and intervals only, and narwhals divides with it
        patch.setattr(functions, "try_divide", lambda left, right: functions.when(right != 0, left / right))
        server = SparkConnectServer()
        server.start(background=True)
        address = server.listening_address
        assert address is not None
        session = SparkSession.builder.remote(f"sc://{address[0]}:{address[1]}").getOrCreate()
        session.conf.set("spark.sql.session.timeZone", "UTC")
        try:
            yield session
        finally:
            session.stop()
            server.stop()


def executor_processes(session: Any) -> list[int]:
    """Process ids of the executors of a session on `LOCAL_CLUSTER`, to end one of them in the middle of its work."""
    driver = session.sparkContext._gateway.proc.pid
    return sorted(
        int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit() and _is_executor_of(entry, driver)
    )


def _is_executor_of(process: Path, driver: int) -> bool:
    """Whether a folder of /proc is an executor that this driver started."""
    try:
        parent = (process / "stat").read_text().rsplit(")", 1)[1].split()[1]
        return int(parent) == driver and b"CoarseGrainedExecutorBackend" in (process / "cmdline").read_bytes()
    except OSError:  # ended since
        return False
