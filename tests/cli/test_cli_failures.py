"""How a command ends when it fails: exit codes, messages for a person and JSON for a program, never a traceback."""

from __future__ import annotations

import datetime as dt
import errno
import json
import os
import signal
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest

from frontrow.cli.application import main
from frontrow.cli.exit_codes import MEANINGS, ExitCode
from frontrow.cli.failure import Failure
from frontrow.cli.invocation import CURRENT, Invocation
from frontrow.cli.log import log_library_warnings
from frontrow.cli.terminal import progress
from frontrow.errors import InputError, SettingError, ShopLockedError
from frontrow.shop.shop import Shop
from frontrow.storage.shop_lock import lock_shop

START = "from frontrow.cli.start import main; main()"
PERSON = "anna.smith@example.com"


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """Run the command line in this process: exit code, standard output, standard error."""

    def run_main(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["frontrow", *map(str, arguments)])
        with pytest.raises(SystemExit) as stopped:
            main()
        assert isinstance(stopped.value.code, int)
        return stopped.value.code, *capsys.readouterr()

    return run_main


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> Callable[[BaseException], None]:
    """Let every command that reads a shop fail with an exception."""

    def fail_with(error: BaseException) -> None:
        def read(_: Path, **_options: bool) -> Shop:
            raise error

        monkeypatch.setattr(Shop, "read", read)

    return fail_with


class ArrayMemoryError(MemoryError):
    """What NumPy raises is of a class of its own."""


class Panic(BaseException):
    """What a library in Rust raises is no Exception."""


ENDINGS = [
    (ShopLockedError("Another command works on shop."), ExitCode.LOCKED, "Another command"),
    (InputError("is not a date", file="orders.csv", row=7, column="Created at"), ExitCode.REFUSED, "row 7"),
    (SettingError("top", "It is too small."), ExitCode.USAGE, "too small"),
    (MemoryError(), ExitCode.REFUSED, "not enough memory"),
    (ArrayMemoryError("Unable to allocate 9 TiB"), ExitCode.REFUSED, "not enough memory"),
    (PermissionError(errno.EACCES, "Permission denied", "shop/shop.json"), ExitCode.REFUSED, "permissions"),
    (OSError(errno.ENOSPC, "No space left on device"), ExitCode.REFUSED, "disk is full"),
    (RuntimeError("parquet: No space left on device (os error 28)"), ExitCode.REFUSED, "disk is full"),
    (KeyError(PERSON), ExitCode.DEFECT, "defect of frontrow"),
    (Panic(PERSON), ExitCode.DEFECT, "defect of frontrow"),
    (KeyboardInterrupt(), ExitCode.INTERRUPTED, "no file is half written"),
    (BrokenPipeError(), ExitCode.CLOSED_PIPE, ""),
]


@pytest.mark.parametrize(("error", "code", "message"), ENDINGS, ids=lambda value: type(value).__name__)
def test_each_way_to_fail_has_its_exit_code_and_one_message(run, failing, error, code, message, shop_folder) -> None:
    failing(error)
    exit_code, stdout, stderr = run("launches", shop_folder)
    assert (exit_code, stdout) == (code, "")
    assert message in stderr
    assert "Traceback" not in stderr
    assert PERSON not in stderr
    assert bool(stderr) == (code != ExitCode.CLOSED_PIPE)


@pytest.mark.parametrize(("error", "code", "message"), ENDINGS[:-1], ids=lambda value: type(value).__name__)
@pytest.mark.parametrize("options", [("--json",), ("--log-format", "json"), ("--json", "--quiet")], ids=" ".join)
def test_a_program_reads_the_error_as_json(run, failing, options, error, code, message, shop_folder) -> None:
    failing(error)
    exit_code, stdout, stderr = run("launches", shop_folder, *options)
    assert (exit_code, stdout) == (code, "")
    entry = json.loads(stderr.splitlines()[-1])
    assert entry["error"]["exit_code"] == code
    assert message in entry["error"]["message"]
    assert PERSON not in stderr
    if "--log-format" in options:
        assert [json.loads(line)["event"] for line in stderr.splitlines()] == ["error"]
        assert entry["shop"] == shop_folder.name


def test_the_json_of_an_error_names_file_row_column_and_setting(run, failing, shop_folder) -> None:
    failing(InputError("is not a date", file="exports/orders.csv", row=7, column="Created at"))
    error = json.loads(run("launches", shop_folder, "--json")[2])["error"]
    assert (error["kind"], error["file"], error["row"], error["column"]) == (
        "InputError",
        "exports/orders.csv",
        7,
        "Created at",
    )
    failing(SettingError("sales_days", "Days must lie within the horizon."))
    error = json.loads(run("launches", shop_folder, "--json")[2])["error"]
    assert (error["kind"], error["setting"]) == ("SettingError", "sales_days")
    error = json.loads(run("launches", shop_folder, "--top", "many", "--json")[2])["error"]
    assert (error["kind"], error["setting"], error["exit_code"]) == ("UsageError", "top", 2)


def test_a_defect_shows_where_and_no_value(run, failing, shop_folder) -> None:
    try:
        int(PERSON)
    except ValueError as error:
        failing(error)
    exit_code, _, stderr = run("launches", shop_folder)
    assert exit_code == ExitCode.DEFECT
    assert "ValueError in frontrow.service" in stderr
    assert len(stderr.splitlines()) == 1
    trace = json.loads(run("launches", shop_folder, "--log-format", "json")[2])["error"]["trace"]
    assert any(line.startswith("frontrow.service.launches, line ") for line in trace)
    assert "/" not in "".join(trace)
    assert PERSON in run("launches", shop_folder, "--verbose")[2]


def test_an_argument_too_many_is_not_repeated_where_it_may_be_a_person(run, shop_folder) -> None:
    for options in ((), ("--json",), ("--log-format", "json")):
        exit_code, stdout, stderr = run("forget", shop_folder, PERSON, "Anna", PERSON, *options)
        assert (exit_code, stdout) == (ExitCode.USAGE, "")
        assert "unexpected extra argument" in stderr
        assert "Anna" not in stderr
        assert PERSON not in stderr


def test_each_exit_code_is_stated_once() -> None:
    assert set(MEANINGS) == set(ExitCode)
    assert len({int(code) for code in ExitCode}) == len(ExitCode)
    assert Failure.describe(ShopLockedError("Wait.")).to_dict()["exit_code"] == 75


def test_a_log_for_a_program_has_notices_and_the_end(run, shop_folder) -> None:
    exit_code, stdout, stderr = run(
        "launches", shop_folder, "--horizon", 14, "--as-of", "2099-01-01", "--log-format", "json"
    )
    entries = [json.loads(line) for line in stderr.splitlines()]
    assert exit_code == ExitCode.DONE
    assert [entry["event"] for entry in entries] == ["notice", "finished"]
    assert {entry["command"] for entry in entries} == {"launches"}
    assert all(entry["time"].endswith("Z") for entry in entries)
    assert entries[-1]["seconds"] >= 0
    assert "What the first sales were" in stdout
    assert run("launches", shop_folder, "--as-of", "2099-01-01", "--log-format", "json", "--quiet") == (0, "", "")


def test_a_warning_about_a_file_is_in_the_log_and_on_the_screen(run, tmp_path) -> None:
    year = dt.date.today().year + 1
    file = tmp_path / "orders.csv"
    file.write_text(f"order_id,ordered_at,customer_id,product,quantity,price\n1,{year}-12-31 10:00,7,Pot,1,10\n")
    exit_code, stdout, stderr = run("import", tmp_path / "shop", file, "--time-zone", "UTC", "--log-format", "json")
    entries = [json.loads(line) for line in stderr.splitlines()]
    assert exit_code == ExitCode.DONE
    assert [entry["event"] for entry in entries] == ["warning", "finished"]
    assert "after today" in entries[0]["message"]
    assert entries[0]["level"] == "warning"
    assert entries[0]["message"] in stdout.replace("Warning: ", "")


@pytest.mark.parametrize(
    ("invocation", "lines"),
    [
        (Invocation(log_format="json"), 1),
        (Invocation(verbosity="verbose"), 1),
        (Invocation(), 0),
        (Invocation(verbosity="quiet", log_format="json"), 0),
    ],
)
def test_a_library_that_warns_shows_no_value(
    invocation: Invocation, lines: int, capsys: pytest.CaptureFixture[str]
) -> None:
    token = CURRENT.set(invocation)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            log_library_warnings()
            warnings.warn(f"{PERSON} is odd", stacklevel=1)
    finally:
        CURRENT.reset(token)
    stderr = capsys.readouterr().err
    assert len(stderr.splitlines()) == lines
    assert ("UserWarning in test_cli_failures.py, line " in stderr) == bool(lines)
    assert PERSON not in stderr


def test_milestones_are_each_quarter_once(capsys: pytest.CaptureFixture[str]) -> None:
    token = CURRENT.set(Invocation("audience", "shop", log_format="json"))
    try:
        with progress("Learning", quiet=True) as step:
            for done in range(101):
                step(done, 100)
    finally:
        CURRENT.reset(token)
    entries = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [entry["share"] for entry in entries] == [0.0, 0.25, 0.5, 0.75, 1.0]


# From here on in a process of its own, because signals and pipes belong to a process.


def start(*arguments: object, code: str = START, **streams: int) -> subprocess.Popen[str]:
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **streams}
    return subprocess.Popen([sys.executable, "-c", code, *map(str, arguments)], text=True, **pipes)


@pytest.mark.parametrize("options", [(), ("--json",)], ids=["table", "json"])
def test_a_reader_who_goes_away_ends_it_quietly(shop_folder: Path, options: tuple[str, ...]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    command = start("launches", shop_folder, "--all", "--top", 1000, *options, stdout=writing)
    os.close(writing)
    assert command.communicate(timeout=60)[1] == ""
    assert command.returncode == ExitCode.CLOSED_PIPE


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_output_that_finds_no_room_is_an_error(shop_folder: Path) -> None:
    with Path("/dev/full").open("w") as full:
        command = start("launches", shop_folder, "--json", stdout=full.fileno())
        stderr = command.communicate(timeout=60)[1]
    assert command.returncode == ExitCode.REFUSED
    assert "disk is full" in json.loads(stderr)["error"]["message"]


INTERRUPTED_AT_IMPORT = """
import os, signal, sys

class Interrupting:
    def find_spec(self, name, path=None, target=None):
        if name == "typer":
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Interrupting())
"""


def test_an_interruption_while_it_starts_ends_it_quietly(tmp_path: Path) -> None:
    command = start("launches", tmp_path, code=INTERRUPTED_AT_IMPORT + START)
    stdout, stderr = command.communicate(timeout=60)
    assert (command.returncode, stdout) == (ExitCode.INTERRUPTED, "")
    assert stderr == "Interrupted; no file is half written.\n"


SLOW = """
import sys, time
from pathlib import Path
from frontrow.service import launches
from frontrow.storage.folder import staging_folder

def list_slowly(folder, *args, **kwargs):
    with staging_folder(Path(folder) / "slow"):
        (Path(folder) / "begun").touch()
        time.sleep(60)

launches.list_launches = list_slowly
"""


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, ExitCode.INTERRUPTED), (signal.SIGTERM, ExitCode.TERMINATED)]
)
def test_a_signal_removes_what_was_staged(tmp_path: Path, number: signal.Signals, code: ExitCode) -> None:
    command = start("launches", tmp_path, "--json", code=SLOW + START)
    end = time.monotonic() + 60
    while not (tmp_path / "begun").exists():
        assert time.monotonic() < end
        time.sleep(0.02)
    command.send_signal(number)
    stdout, stderr = command.communicate(timeout=60)
    assert (command.returncode, stdout) == (code, "")
    assert json.loads(stderr)["error"]["exit_code"] == code
    assert [path.name for path in tmp_path.iterdir()] == ["begun"]


def test_a_shop_at_work_is_locked_for_other_commands(shop_folder: Path) -> None:
    # a lock of this process would not keep this process out
    with lock_shop(shop_folder, "import"):
        command = start("config", shop_folder, "margin", 12, "--wait", 0, "--json")
        stdout, stderr = command.communicate(timeout=60)
    assert (command.returncode, stdout) == (ExitCode.LOCKED, "")
    assert json.loads(stderr)["error"]["kind"] == "ShopLockedError"
