"""A small version of the server that is killed at random moments."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "benchmarks"))

pytest.importorskip("pydantic", reason="requests need the extra web")
if sys.platform == "win32":
    pytest.skip("processes are killed by means of POSIX", allow_module_level=True)

import killed_server


def test_nothing_is_lost_and_nothing_is_done_twice(tmp_path, monkeypatch):
    monkeypatch.setattr(killed_server, "LONGEST_PAUSE", 1.0)
    monkeypatch.setattr(killed_server, "DOOMED", 0.0)
    outcome = killed_server.kill_server(tmp_path, kills=2, seed=2, customers=30)
    assert outcome.faults == []
    assert sum(outcome.kills.values()) == 2
    assert outcome.jobs["campaign", "done"] >= 1
    assert max(outcome.attempts) > 1
