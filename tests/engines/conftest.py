"""Engines that the tests of this folder share."""

from collections.abc import Iterator
from typing import Any

import pytest
from spark_sessions import LOCAL_CLUSTER, missing_for_java_spark, spark_session


@pytest.fixture(scope="module")
def local_cluster() -> Iterator[Any]:
    """A Spark session on a standalone master with two workers, each a process of its own, on this machine."""
    reason = missing_for_java_spark()
    if reason is not None:
        pytest.skip(reason)
    with spark_session(LOCAL_CLUSTER, partitions=2) as session:
        yield session
