"""Running it without a person: what schedulers are told is correct, and the image holds what frontrow needs."""

import ast
import configparser
import json
import re
import shlex
import subprocess
import sys
import tomllib

import pytest
from docs_commands import OPTIONS, find_commands
from docs_pages import ROOT, blocks

from frontrow.cli.exit_codes import ExitCode, format_exit_codes
from frontrow.present.shop_status import ShopStatus
from frontrow.service.status import StatusSettings, read_status
from frontrow.testing.shops import hand_made_shop

PAGE = ROOT / "docs" / "operations.md"
FILES = {block.file: block.text for block in blocks(PAGE) if block.file}


def service(name):
    unit = configparser.ConfigParser()
    unit.optionxform = str
    unit.read_string(FILES[name])
    return unit


def test_every_command_that_is_shown_has_these_options():
    # the DAG names the program by its path
    texts = [re.sub("[\"']", " ", block.text.replace("{FRONTROW}", "frontrow")) for block in blocks(PAGE)]
    shown = [command for text in texts for command in find_commands(text)]
    assert len(shown) >= 8
    for command, options in shown:
        assert options <= OPTIONS[command], command


def test_the_exit_codes_are_those_of_the_commands():
    assert format_exit_codes() in PAGE.read_text("utf-8")


def test_systemd_tries_again_where_that_helps():
    unit = service("frontrow.service")
    assert unit["Service"]["Restart"] == "on-failure"
    for_a_person = {ExitCode.REFUSED, ExitCode.USAGE, ExitCode.STALE, ExitCode.DEFECT}
    assert set(map(int, unit["Service"]["RestartPreventExitStatus"].split())) == for_a_person
    program = shlex.split(unit["Service"]["ExecStart"])
    assert program[0].endswith("/nightly.sh")
    assert len(program) == 3
    assert program[0].startswith(unit["Service"]["ReadWritePaths"])
    assert service("frontrow.timer")["Install"]["WantedBy"] == "timers.target"


def test_the_dag_is_python_and_uses_names_it_imports():
    tree = ast.parse(FILES["frontrow_dag.py"])
    imported = {
        (node.module, alias.name) for node in tree.body if isinstance(node, ast.ImportFrom) for alias in node.names
    }
    assert {
        ("airflow.sdk", "DAG"),
        ("airflow.providers.standard.operators.bash", "BashOperator"),
        ("datetime", "datetime"),
        ("datetime", "timedelta"),
    } == imported
    loaded = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    stored = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    assert loaded <= stored | {name for _, name in imported}
    assert stored - loaded == set()


def test_the_nightly_script_logs_json_and_ends_with_the_code_of_a_stale_shop(tmp_path):
    exports = tmp_path / "exports"
    exports.mkdir()
    (exports / "orders.csv").write_text(
        "order_id,ordered_at,customer_id,product,quantity,price\n1,2024-03-01 10:00,anna@example.com,Pot,1,10\n",
        "utf-8",
    )
    script = tmp_path / "nightly.sh"
    script.write_text(FILES["nightly.sh"].replace("/srv/frontrow/.venv/bin", str(tmp_path / "bin")), "utf-8")
    program = tmp_path / "bin" / "frontrow"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m frontrow.cli "$@"\n', "utf-8")
    program.chmod(0o755)
    night = subprocess.run(
        ["sh", script, tmp_path / "shop", exports], capture_output=True, text=True, check=False, timeout=120
    )
    assert night.returncode == ExitCode.STALE, night.stderr
    entries = [json.loads(line) for line in night.stderr.splitlines()]
    assert {entry["command"] for entry in entries} == {"status"}
    assert "No order since 2024-03-01" in entries[0]["message"]
    assert "anna@example.com" not in night.stderr + night.stdout


@pytest.fixture
def status(tmp_path) -> ShopStatus:
    hand_made_shop([(1, "pot", 0)]).write(tmp_path / "shop")
    return read_status(tmp_path / "shop", StatusSettings()).status


def test_the_page_names_every_key_of_the_status(status):
    text = PAGE.read_text("utf-8").partition("| key of the JSON |")[2].partition("**Why.**")[0]
    values = status.to_dict()
    keys = {*values, *values["freshness"], *values["holdings"], *values["tasks"][0]}
    assert {key for key in keys if f"`{key}`" not in text} == set()


def test_the_image_has_the_files_it_copies_and_the_extras_that_exist():
    lines = (ROOT / "Dockerfile").read_text("utf-8")
    copied = [path for line in re.findall(r"^COPY (.+) \S+$", lines, re.MULTILINE) for path in line.split()]
    assert {"pyproject.toml", "src"} <= set(copied)
    assert all((ROOT / path).exists() for path in copied)
    ignored = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    assert {f"!{path}" for path in copied} == {line for line in ignored if line.startswith("!")}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert {project["readme"], "pyproject.toml", "src"} <= set(copied)
    assert 'pip install --no-cache-dir "/build${EXTRAS:+[$EXTRAS]}"' in lines
    named = re.search(r"^# None by default; (.+?), with commas", lines, re.MULTILINE)[1]
    assert set(re.split(r", | and ", named)) == set(project["optional-dependencies"]) - {"dev"}
    python = re.search(r"^FROM python:(\d+)\.(\d+)-slim$", lines, re.MULTILINE)
    lowest = re.search(r">=(\d+)\.(\d+)", project["requires-python"])
    assert tuple(map(int, python.groups())) >= tuple(map(int, lowest.groups()))
    assert f'ENTRYPOINT ["{next(iter(project["scripts"]))}"]' in lines
    assert lines.index("USER frontrow") < lines.index("ENTRYPOINT")
