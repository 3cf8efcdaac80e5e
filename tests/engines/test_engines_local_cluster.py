"""The cluster of the tests is a real one: two executors in processes of their own, and it goes on without one."""

import os
import signal
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pytest
from spark_sessions import executor_processes

pytestmark = pytest.mark.filterwarnings("ignore")


def _write_process(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """For each row: its number, the Python process that has it, and whether frontrow is there."""
    import frontrow

    for batch in batches:
        height = batch.num_rows
        yield pa.RecordBatch.from_pydict(
            {"id": batch["id"], "process": [os.getpid()] * height, "package": [frontrow.__name__] * height}
        )


def _work(session: Any) -> pa.Table:
    rows = session.range(0, 8, 1, 4).mapInArrow(_write_process, "id long, process long, package string")
    table: pa.Table = rows.toArrow()
    return table.sort_by("id")


def test_tasks_run_in_two_processes_and_go_on_without_an_executor(local_cluster: Any) -> None:
    before = _work(local_cluster)
    executors = executor_processes(local_cluster)
    assert len(executors) == 2
    assert len(set(before["process"].to_pylist())) == 2
    assert set(before["package"].to_pylist()) == {"frontrow"}
    os.kill(executors[0], signal.SIGKILL)
    after = _work(local_cluster)
    assert after["id"].equals(before["id"])
    assert executors[0] not in executor_processes(local_cluster)
