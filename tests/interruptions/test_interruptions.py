"""Commands that are killed, lose power, run out of disk or meet another: before or after, and nothing else."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs fork, and numbers of files as Linux gives them")

SCRIPT = Path(__file__).with_name("quick_campaign.py")


@pytest.fixture(scope="module")
def results() -> dict[str, Any]:
    """What became of a few commands, in a process of its own: one that has used Polars cannot be forked."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else None) as folder:
        environment = {**os.environ, "POLARS_MAX_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
        command = [sys.executable, str(SCRIPT), str(Path(folder).resolve() / "ground")]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    parts: dict[str, Any] = json.loads(done.stdout)
    return parts


@pytest.mark.parametrize("part", ["kill campaign", "full disk", "power loss"])
def test_a_command_that_is_interrupted_has_done_everything_or_nothing(results: dict[str, Any], part: str) -> None:
    outcome = results[part]
    assert outcome["examples"] == []
    assert outcome["before"] > 0
    assert outcome["before"] + outcome["after"] == outcome["points"]
    assert part == "full disk" or outcome["after"] > 0


def test_two_commands_at_once_are_one_after_the_other(results: dict[str, Any]) -> None:
    outcome = results["pair"]
    assert outcome["examples"] == []
    assert outcome["first"] + outcome["second"] == outcome["times"] == 2
