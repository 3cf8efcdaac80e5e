"""frontrow status for a monitor: exit code, JSON, log."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from frontrow.cli.application import build
from frontrow.cli.exit_codes import ExitCode

YEARS = 10_000
"""Days: the shop of these tests ends in 2025, and has to be fresh whenever they run."""


@pytest.mark.parametrize(("days", "code"), [(None, ExitCode.DONE), (0, ExitCode.STALE), (YEARS, ExitCode.DONE)])
def test_a_monitor_reads_the_exit_code(shop_folder: Path, days: int | None, code: ExitCode) -> None:
    options = [] if days is None else ["--fail-if-stale", str(days)]
    result = CliRunner().invoke(build(), ["status", str(shop_folder), "--json", *options])
    assert result.exit_code == code
    freshness = json.loads(result.stdout)["freshness"]
    assert freshness["is_stale"] == (days != YEARS)
    assert result.stderr == ""


def test_quiet_leaves_the_exit_code_alone(shop_folder: Path) -> None:
    result = CliRunner().invoke(build(), ["status", str(shop_folder), "--quiet", "--fail-if-stale", "0"])
    assert (result.exit_code, result.output) == (ExitCode.STALE, "")


def test_the_log_has_what_needs_doing(shop_folder: Path) -> None:
    result = CliRunner().invoke(build(), ["status", str(shop_folder), "--log-format", "json", "--fail-if-stale", "0"])
    entries = [json.loads(line) for line in result.stderr.splitlines()]
    assert result.exit_code == ExitCode.STALE
    assert [entry["event"] for entry in entries] == ["warning", "finished"]
    assert "No order since" in entries[0]["message"]
    assert entries[0]["shop"] == shop_folder.name
