"""Commands in children forked from one process that has imported everything: each takes a moment and not seconds."""

from __future__ import annotations

import importlib
import json
import os
import pkgutil
import secrets
import signal
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import frontrow

KILLED = -signal.SIGKILL


def import_everything() -> None:
    """Import every module; the process must use Polars in its children only, whose threads a fork would not copy."""
    for module in pkgutil.walk_packages(frontrow.__path__, "frontrow."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)


def import_what_a_child_imported(function: Callable[[], Any]) -> None:
    """Call a function in a child, and import what it imported meanwhile: the next child need not."""

    def names() -> list[str]:
        function()
        return list(sys.modules)

    for name in call(names):
        if name not in sys.modules:
            with suppress(Exception):
                importlib.import_module(name)


def run_command(arguments: Sequence[str], output: Path) -> int:
    """Run a command line in this process; what it prints goes to a file, and its secrets are the same in every run.

    Returns:
        The exit code.
    """
    descriptor = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    for stream in (1, 2):
        os.dup2(descriptor, stream)
    os.close(descriptor)
    secrets.token_hex = _token_hex
    return run_main(["frontrow", *arguments])


def run_main(arguments: list[str]) -> int:
    """Run the program in this process, with its name as the first argument; returns the exit code."""
    from frontrow.cli.application import main

    sys.argv = arguments
    try:
        main()
    except SystemExit as stop:
        return int(stop.code or 0)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
    return 0


def _token_hex(length: int | None = None) -> str:
    """Return the same key in every run; shorter ones are parts of names, and random."""
    return "5e" * 32 if length == 32 else os.urandom(length or 32).hex()


def start(function: Callable[[], Any]) -> int:
    """Call a function in a child, whose exit code is what it returns; return the child's number."""
    sys.stdout.flush()
    sys.stderr.flush()
    child = os.fork()
    if child:
        return child
    try:
        code = function()
        os._exit(int(code or 0))
    except BaseException:
        traceback.print_exc()
        os._exit(70)


def finish(child: int) -> int:
    """Wait for a child; return its exit code, or the negative number of the signal that ended it."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def start_command(arguments: Sequence[str], output: Path, prepare: Callable[[], Any] = lambda: None) -> int:
    """Start a command line in a child, after something that only the child does; return the child's number."""

    def run() -> int:
        prepare()
        return run_command(arguments, output)

    return start(run)


def kill_after(child: int, seconds: float) -> int:
    """Kill a child after a time, unless it has ended by then; return how it ended."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.002)
    os.kill(child, signal.SIGKILL)
    return finish(child)


def call(function: Callable[[], Any]) -> Any:
    """Call a function in a child; return what it returns, as JSON values."""
    reading, writing = os.pipe()

    def send() -> int:
        os.close(reading)
        with os.fdopen(writing, "w") as file:
            json.dump(function(), file, default=str)
        return 0

    child = start(send)
    os.close(writing)
    with os.fdopen(reading) as file:
        text = file.read()
    if finish(child):
        raise RuntimeError("a child failed")
    return json.loads(text)
