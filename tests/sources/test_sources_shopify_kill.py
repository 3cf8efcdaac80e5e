"""A sync from Shopify that is killed loses nothing and repeats nothing; a benchmark kills it more often."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from messy_shopify import write_messy_exports
from shopify_shops import make_nodes

from frontrow.testing.loopback.shopify import LoopbackShopify

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs fork, and numbers of files as Linux gives them")

SCRIPT = Path(__file__).with_name("kill_sync.py")


def test_a_killed_sync_from_shopify_loses_nothing_and_repeats_nothing(tmp_path):
    files = write_messy_exports(tmp_path)
    nodes = make_nodes([files["server"]], files["products"], files["customers"])
    with LoopbackShopify(nodes, time_zone="Europe/Berlin", currency="EUR") as server:
        environment = {**os.environ, "POLARS_MAX_THREADS": "1", "FRONTROW_TEST_TOKEN": server.token}
        command = [sys.executable, str(SCRIPT), str(tmp_path / "ground"), server.url, "2", "shopify", "shop"]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        started = server.started
    assert done.returncode == 0, done.stderr
    outcome = json.loads(done.stdout)
    assert (outcome["wrong"], outcome["left"]) == ([], [])
    assert outcome["without"] + outcome["with"] == 2
    # two syncs to begin with, and two for each kill
    assert started <= 3 * 6
