"""What goes to standard error: sentences for a person, or with `--log-format json` one JSON object a line."""

from __future__ import annotations

import datetime as dt
import sys
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Literal, TextIO

from frontrow.cli.invocation import CURRENT

Level = Literal["info", "warning", "error"]

COLOURS: Final[Mapping[Level, str]] = {"info": "yellow", "warning": "yellow", "error": "red"}


def write_entry(level: Level, event: str, message: str, **facts: Any) -> None:
    """Write one entry in the format that the command was asked for; with --quiet errors only.

    Args:
        level: How much it matters.
        event: A short name for a program: `notice`, `warning`, `progress`, `finished` or `error`.
        message: The sentence a person reads; it names nobody.
        facts: Further JSON values, for a program only.
    """
    invocation = CURRENT.get()
    if invocation.verbosity == "quiet" and level != "error":
        return
    if invocation.log_format == "json":
        import json

        write_line(json.dumps(build_entry(level, event, message, **facts), default=str))
    else:
        import typer

        typer.secho(message, fg=COLOURS[level], err=True)


def write_fact(event: str, message: str, **facts: Any) -> None:
    """Write an entry that only a program reads; a person sees it on the screen already.

    Args:
        event: See `write_entry`.
        message: A sentence.
        facts: Further JSON values.
    """
    if CURRENT.get().log_format == "json":
        write_entry("warning" if event == "warning" else "info", event, message, **facts)


def build_entry(level: Level, event: str, message: str, **facts: Any) -> dict[str, Any]:
    """An entry as a program reads it.

    Args:
        level: See `write_entry`.
        event: See `write_entry`.
        message: See `write_entry`.
        facts: Further JSON values.

    Example:
        >>> [*build_entry("info", "progress", "Learning", share=0.25)]
        ['time', 'level', 'command', 'shop', 'event', 'message', 'share']
    """
    invocation = CURRENT.get()
    return {
        "time": dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "level": level,
        "command": invocation.command or None,
        "shop": invocation.shop or None,
        "event": event,
        "message": message,
        **facts,
    }


def write_line(line: str) -> None:
    """Write a line to standard error."""
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


def log_library_warnings() -> None:
    """Turn the warnings of libraries into entries of the log; they are for developers: on a screen with --verbose only.

    Their text may hold values and stays out.
    """

    def write_warning(
        message: Warning | str,
        category: type[Warning],
        filename: str,
        lineno: int,
        file: TextIO | None = None,
        line: str | None = None,
    ) -> None:
        del message, file, line
        place = f"{category.__name__} in {Path(filename).name}, line {lineno}"
        if CURRENT.get().verbosity == "verbose":
            write_entry("warning", "warning", place)
        else:
            write_fact("warning", place)

    warnings.showwarning = write_warning
