"""Engines that the tests share: a cluster takes long to start, so that there is one for all files of a process."""

import os
from collections.abc import Iterator
from typing import Any

import pytest
from spark_sessions import missing_for_java_spark, missing_for_sail, sail_session, spark_session

# Sail's client has threads that gRPC starts again in the child of a fork; there they can abort it before it is Java
os.environ["GRPC_ENABLE_FORK_SUPPORT"] = "0"


@pytest.fixture(scope="session")
def local_cluster() -> Iterator[Any]:
    """A Spark session on a standalone master with two workers, each a process of its own, on this machine."""
    reason = missing_for_java_spark()
    if reason is not None:
        pytest.skip(reason)
    with spark_session() as session:
        yield session


@pytest.fixture(scope="session")
def sail() -> Iterator[Any]:
    """A Spark Connect session of Sail, an engine written in Rust on DataFusion."""
    reason = missing_for_sail()
    if reason is not None:
        pytest.skip(reason)
    with sail_session() as session:
        yield session
