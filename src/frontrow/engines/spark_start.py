"""Starts Spark's Java beside this process, so quietly that standard error still belongs to the command."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from typing import Any


def start_session(address: str, settings: Mapping[str, str], *, name: str = "frontrow") -> Any:
    """The session of this process on a master; one that is there already, as in a notebook, is taken as it is.

    What Java prints while it starts goes to a file that nobody sees: what matters of it comes as an exception.

    Args:
        address: Of the master, such as `spark://HOST:7077`.
        settings: Of Spark, by name.
        name: Of the application, for Spark's own pages.

    Returns:
        The `pyspark.sql.SparkSession`.

    Raises:
        pyspark.errors.PySparkException: Java does not start.
    """
    from pyspark import SparkConf, SparkContext
    from pyspark.java_gateway import launch_gateway
    from pyspark.sql import SparkSession

    running = SparkSession.getActiveSession()
    if running is not None:
        return running
    conf = SparkConf().setMaster(address).setAppName(name).setAll(list(settings.items()))
    with tempfile.TemporaryFile() as printed:  # Java goes on writing to it, and it is gone when Java is
        gateway = launch_gateway(conf, {"stderr": printed})  # type: ignore[no-untyped-call]
    return SparkSession(SparkContext(conf=conf, gateway=gateway))
