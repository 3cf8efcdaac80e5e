"""The cost model: it fits what runs measured, and a cluster shares what grows and not what is fixed."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))

import cost_model
from cost_model import Cluster, fit_cost, read_runs


def test_runs_on_a_line_are_fitted_exactly() -> None:
    cost = fit_cost([(lines, 3.5 * lines / 1e6 + 12) for lines in (100_000, 1_000_000, 10_000_000)])
    assert (cost.per_million, cost.fixed, cost.largest_error) == (3.5, 12.0, 0.0)


def test_the_fixed_part_is_never_negative() -> None:
    cost = fit_cost([(1_000_000, 1.0), (10_000_000, 40.0)])
    assert cost.fixed == 0.0
    assert cost.per_million > 1.0
    assert cost.largest_error > 0.2


def test_a_cluster_shares_what_grows_only() -> None:
    cost = fit_cost([(1_000_000, 3_600.0 + 60), (10_000_000, 36_000.0 + 60)])
    assert cost.hours_on(Cluster(1, 1, 1.0), 10_000_000) == pytest.approx(10 + 1 / 60)
    assert cost.hours_on(Cluster(5, 2, 1.0), 10_000_000) == pytest.approx(1 + 1 / 60)


def test_stopped_runs_do_not_count_and_later_files_do(tmp_path: Path) -> None:
    for name, seconds, outcome in (("first", 5.0, "done"), ("second", 4.0, "done"), ("third", 1.0, "stopped")):
        row = {"step": "launches", "lines": 1_000_000, "cpu_seconds": seconds, "outcome": outcome}
        (tmp_path / name).write_text(json.dumps(row) + "\n", "utf-8")
    runs = read_runs([tmp_path / "first", tmp_path / "second", tmp_path / "third"])
    assert runs == {"launches": {1_000_000: 4.0}}


def test_the_table_has_a_row_for_each_step_of_two_sizes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [("launches", 1_000_000, 7.0), ("launches", 10_000_000, 52.0), ("audience", 1_000_000, 60.0)]
    lines = [
        json.dumps({"step": step, "lines": lines, "cpu_seconds": seconds, "outcome": "done"})
        for step, lines, seconds in rows
    ]
    (tmp_path / "results").write_text("\n".join(lines), "utf-8")
    monkeypatch.setattr(sys, "argv", ["cost_model.py", str(tmp_path / "results"), "--lines", "1000000000"])
    cost_model.main()
    printed = capsys.readouterr().out.splitlines()
    assert printed[1].split()[:4] == ["launches", "5.00", "2.0", "0%"]
    assert len(printed) == 2
