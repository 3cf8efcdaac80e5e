"""A sync that is killed at any moment loses nothing, repeats nothing, and leaves nothing."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from paged_shop import TOKEN, PagedShop

from frontrow.testing.loopback.server import LoopbackServer

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs fork, and numbers of files as Linux gives them")

SCRIPT = Path(__file__).with_name("kill_sync.py")


def test_a_killed_sync_loses_nothing_and_repeats_nothing(tmp_path):
    environment = {**os.environ, "POLARS_MAX_THREADS": "1", "FRONTROW_TEST_TOKEN": TOKEN}
    garden = PagedShop()
    with LoopbackServer() as server:
        garden.add_routes(server)
        command = [sys.executable, str(SCRIPT), str(tmp_path / "ground"), server.url, "3"]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    outcome = json.loads(done.stdout)
    assert outcome["wrong"] == []
    assert outcome["left"] == []
    assert outcome["without"] > 0
    assert outcome["without"] + outcome["with"] == 3
